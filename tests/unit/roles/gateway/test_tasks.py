from __future__ import annotations

from gpustrap.resolve.gateway import Gateway, Route

OPEN = Gateway(8080, (Route("/", "web", 8081),))


def test_nginx_is_there_before_it_takes_the_configuration_that_was_written(lined_up) -> None:
    from gpustrap.engine.gateway import configuration_identity, gateway_files

    installed, secured, written, loaded = lined_up("gateway", OPEN)
    assert (installed.operation, installed.name) == ("packages.installed", "packages")
    assert installed.arguments == {"packages": ("curl", "nginx")}
    assert (secured.operation, secured.name) == ("files.managed", "certificate")
    assert [file.content for file in secured.arguments["files"]] == [None, None]
    assert (written.operation, written.name, written.arguments) == (
        "files.managed",
        "configuration",
        {"files": gateway_files(OPEN)},
    )
    assert (loaded.operation, loaded.name) == ("nginx.loaded", "routes")
    assert loaded.arguments == {
        "configuration": "/etc/gpustrap/gateway/nginx.conf",
        "identity": configuration_identity(OPEN),
        "folder": "/run/gpustrap-gateway",
        "copy": "/var/lib/gpustrap/gateway.conf",
    }
