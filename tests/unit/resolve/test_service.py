from __future__ import annotations

from gpustrap.resolve.service import Service


def test_a_service_has_its_places_by_its_name() -> None:
    service = Service("web", "serve", 8080)
    assert (service.directory, service.log, service.log_directory, service.local_url) == (
        "/etc/gpustrap/services/web",
        "/var/log/gpustrap/web.log",
        "/var/log/gpustrap",
        "http://127.0.0.1:8080",
    )


def test_one_without_a_port_has_no_address() -> None:
    assert Service("job", "work").local_url is None
