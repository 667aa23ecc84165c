from __future__ import annotations

from gpustrap.resolve.service import Service, Services

WEB = Service("web", "serve", 8080, "/ping", "/srv", ready_seconds=7, restart="on-failure")
JOB = Service("job", "work", None, None, "/srv")


def test_what_is_left_over_ends_first_then_each_service_gets_its_files_and_runs(lined_up) -> None:
    lined = lined_up("services", Services((WEB, JOB)))
    assert [(each.operation, each.name) for each in lined] == [
        ("tmux.only", "nothing else runs"),
        ("files.managed", "web: files"),
        ("files.managed", "job: files"),
        ("files.managed", "they come back after a restart"),
        ("tmux.service", "web: runs and is ready"),
        ("tmux.service", "job: runs and is ready"),
    ]
    assert lined[0].arguments["services"] == ["web", "job"]


def test_a_session_is_told_its_files_its_probe_and_its_policy(lined_up) -> None:
    from gpustrap.engine.facts.tmux import Probe
    from gpustrap.engine.services import identity

    only, files, _, web = lined_up("services", Services((WEB,)))
    probes = (Probe("web", 8080, "/ping"),)
    assert web.arguments == {
        "service": "web",
        "identity": identity(files.arguments["files"]),
        "run": "/etc/gpustrap/services/web/run",
        "probe": probes[0],
        "probes": probes,
        "identities": {"web": identity(files.arguments["files"])},
        "restart": "on-failure",
        "beside": (),
    }
    assert (only.arguments["probes"], only.arguments["folder"]) == (probes, "/etc/gpustrap/services")


def test_without_services_only_what_is_left_over_ends(lined_up) -> None:
    only, files = lined_up("services", Services(()))
    assert only.arguments["services"] == []
    assert [file.content for file in files.arguments["files"]] == [None, None]
