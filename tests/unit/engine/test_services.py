from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from gpustrap.engine import services, templates
from gpustrap.engine.operations.files import ManagedFile
from gpustrap.inventory import reveal
from gpustrap.inventory.secrets import Secret
from gpustrap.resolve.service import Service

WEB = Service("web", "exec python3 -m http.server 8080", 8080, "/", "/srv", {"MODE": "fast"})


def texts(service: Service) -> dict[str, str]:
    return {file.dest: file.text for file in services.files_of(service)}


def test_a_unit_is_its_script_its_command_and_its_environment() -> None:
    files = services.files_of(WEB)
    assert [(file.dest, file.octal) for file in files] == [
        ("/etc/gpustrap/services/web/run", "755"),
        ("/etc/gpustrap/services/web/command", "644"),
        ("/etc/gpustrap/services/web/env", "600"),
    ]
    assert files[1].text == "exec python3 -m http.server 8080\n"
    assert isinstance(files[2].content, SecretStr)


def test_one_that_starts_beside_itself_and_one_with_a_check_of_its_own_have_those_commands_too() -> None:
    more = services.files_of(replace(WEB, beside="serve {port}", check="ask {port}"))[3:]
    assert [(file.dest, file.octal) for file in more] == [
        ("/etc/gpustrap/services/web/beside", "644"),
        ("/etc/gpustrap/services/web/health", "644"),
    ]
    assert more[0].text == "serve {port}\n" and "'ask {port}'" in more[1].text


def test_a_presets_files_lie_in_the_units_folder() -> None:
    hello = replace(WEB, files={"hello.py": "services/hello.py.j2"})
    assert services.files_of(hello)[-1].dest == "/etc/gpustrap/services/web/files/hello.py"


def test_a_secret_of_the_environment_is_written_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEB_TOKEN", "canary")
    reveal.revealed.cache_clear()
    files = services.files_of(replace(WEB, env={"TOKEN": Secret(env="WEB_TOKEN")}))
    assert "TOKEN=canary\n" in files[2].text
    assert "canary" not in repr(files)


@pytest.mark.parametrize(
    "change",
    [
        {"command": "true"},
        {"cwd": "/tmp"},
        {"env": {"MODE": "slow"}},
        {"env": {}},
        {"restart": "never"},
        {"files": {"hello.py": "services/hello.py.j2"}},
        {"name": "web2"},
    ],
    ids=str,
)
def test_whatever_the_session_runs_with_changes_the_identity(change: dict[str, object]) -> None:
    assert services.identity(services.files_of(replace(WEB, **change))) != services.identity(services.files_of(WEB))


@pytest.mark.parametrize("change", [{"health": "/ping"}, {"ready_seconds": 5}, {"url": "http://x"}], ids=str)
def test_what_the_session_does_not_see_leaves_it_running(change: dict[str, object]) -> None:
    assert services.identity(services.files_of(replace(WEB, **change))) == services.identity(services.files_of(WEB))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([ManagedFile("/a", "x")], [ManagedFile("/b", "x")]),
        ([ManagedFile("/a", "x")], [ManagedFile("/a", "x", "755")]),
        ([ManagedFile("/a", "x"), ManagedFile("/b", "y")], [ManagedFile("/b", "y"), ManagedFile("/a", "x")]),
        ([ManagedFile("/a", "x\n/b")], [ManagedFile("/a", "x"), ManagedFile("/b", "")]),
    ],
)
def test_an_identity_tells_paths_modes_and_contents_apart(one: list[ManagedFile], other: list[ManagedFile]) -> None:
    assert services.identity(one) != services.identity(other)


@pytest.fixture(params=["dash", "bash"])
def run(request: pytest.FixtureRequest, tmp_path: Path):
    """Run a service's script in a folder of ours and give what its log holds; `sleep` does not wait."""
    shell = shutil.which(request.param) or pytest.skip(f"no {request.param} here")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "sleep").write_text("#!/bin/sh\n")
    (tmp_path / "bin" / "sleep").chmod(0o755)

    def one(service: Service, logged: str = "") -> str:
        folder = tmp_path / "log"
        folder.mkdir(exist_ok=True)
        if logged:
            (folder / f"{service.name}.log").write_text(logged)
        for place, text in texts(service).items():
            here = tmp_path / Path(place).name
            text = text.replace(service.directory, str(tmp_path)).replace("/var/log/gpustrap", str(folder))
            here.write_text(text.replace("/etc/profile.d", str(tmp_path)))
        environment = {"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin"}
        subprocess.run([shell, tmp_path / "run"], env=environment, capture_output=True, check=True, timeout=600)
        return (folder / f"{service.name}.log").read_text()

    return one


@pytest.mark.parametrize(
    ("restart", "command", "log"),
    [
        ("never", "echo once; exit 3", "once\n[gpustrap] web ended with 3\n"),
        ("on-failure", "echo fine", "fine\n[gpustrap] web ended with 0\n"),
        (
            "on-failure",
            "echo try; [ -e again ] || { touch again; exit 7; }",
            "try\n[gpustrap] web ended with 7, starts again in 1 s\ntry\n[gpustrap] web ended with 0\n",
        ),
    ],
)
def test_a_service_is_started_again_as_its_policy_says(
    run, tmp_path: Path, restart: str, command: str, log: str
) -> None:
    assert run(replace(WEB, command=command, cwd=str(tmp_path), restart=restart)) == log


def test_always_starts_again_ever_later(run, tmp_path: Path) -> None:
    """The seventh start ends the script, which else would run on."""
    command = "echo x >>runs; [ $(wc -l <runs) -lt 7 ] || kill $PPID"
    log = run(replace(WEB, command=command, cwd=str(tmp_path), restart="always"))
    assert [line.split()[-2] for line in log.splitlines()] == ["1", "2", "4", "8", "16", "30"]


def test_one_that_never_works_is_given_up(run, tmp_path: Path) -> None:
    log = run(replace(WEB, command="echo boom; exit 3", cwd=str(tmp_path), restart="on-failure", tries=3))
    assert log.splitlines()[::2] == ["boom"] * 3
    assert log.splitlines()[-1] == "[gpustrap] web ended with 3, 3 times before it worked: it is not started again"
    words = [line.split()[::2] for line in (tmp_path / "state").read_text().splitlines()]
    assert words == [["starts"], ["waits", "3"], ["again", "1"], ["waits", "3"], ["again", "2"], ["gave-up", "3"]]


LISTEN = """exec {python} -ISc '
import socket
socket.create_server(("127.0.0.1", {port})).accept()'"""
# As an unkind person: SIGKILL as soon as it has been seen to work, again and again.
KILLER = """
import os, signal, sys, time
os.chdir(sys.argv[1])
before = ""
while os.path.exists("."):
    lines = open("state").read().splitlines() if os.path.exists("state") else []
    if lines and lines[-1].startswith("works") and (pid := open("pid").read().strip()) != before:
        before = pid
        os.kill(int(pid), signal.SIGKILL)
    time.sleep(0.005)
"""


@pytest.mark.parametrize("run", ["dash"], indirect=True)
def test_a_hundred_kills_are_no_crash_loop_where_it_works_in_between(run, tmp_path: Path) -> None:
    """Nobody waits between the starts here, but the service works each time: the hundredth kill is as the first."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    serves = LISTEN.format(python=sys.executable, port=port)
    command = f"echo $$ >pid; echo x >>starts; [ $(wc -l <starts) -le 100 ] || {{ echo the end; exit 0; }}; {serves}"
    with subprocess.Popen([sys.executable, "-ISc", KILLER, tmp_path]) as killer:
        try:
            log = run(replace(WEB, command=command, port=port, cwd=str(tmp_path), restart="on-failure", tries=2))
        finally:  # else a failure would wait for it for ever
            killer.kill()
    lines = log.splitlines()
    assert lines.count("[gpustrap] web ended with 137, starts again in 1 s") == 100
    assert lines[-2:] == ["the end", "[gpustrap] web ended with 0"]


def test_a_service_has_its_environment_and_folder(run, tmp_path: Path) -> None:
    (tmp_path / "gpustrap-network.sh").write_text("export PROXY=p MODE=slow\n")
    (tmp_path / "it's a folder").mkdir()
    service = replace(WEB, command='echo "$PROXY|$MODE|$(pwd)"', cwd=f"{tmp_path}/it's a folder", restart="never")
    assert run(service).splitlines()[0] == f"p|fast|{tmp_path}/it's a folder"


@pytest.mark.parametrize("name", ["log", "delay", "code", "started", "file"])
def test_no_variable_of_the_script_hides_one_of_the_service(run, tmp_path: Path, name: str) -> None:
    service = replace(WEB, command=f'echo "[${name}]"', cwd=str(tmp_path), env={name: "mine"}, restart="never")
    assert run(service).splitlines()[0] == "[mine]"


EAT = f"{sys.executable} -ISc 'x = bytearray(300 * 1024**2); print(len(x))'"


@pytest.mark.parametrize(
    ("limits", "command", "said"),
    [
        ({"nofile": 100}, "ulimit -n", "100"),
        ({"memory_kib": 200 * 1024}, EAT, "MemoryError"),
        ({"memory_kib": 600 * 1024}, EAT, str(300 * 1024**2)),
    ],
)
def test_a_service_has_its_limits(run, tmp_path: Path, limits: dict[str, int], command: str, said: str) -> None:
    assert said in run(replace(WEB, command=command, cwd=str(tmp_path), restart="never", **limits)).splitlines()


def test_a_limit_that_the_instance_does_not_allow_is_said(run, tmp_path: Path) -> None:
    log = run(replace(WEB, command="echo runs", cwd=str(tmp_path), restart="never", nofile=2**40))
    assert log.startswith("[gpustrap] web cannot have a limit of 1099511627776 open files: this instance allows ")
    assert "runs" not in log


def test_a_log_above_10_mib_makes_room(run, tmp_path: Path) -> None:
    log = run(replace(WEB, command="echo new", cwd=str(tmp_path), restart="never"), logged="x" * (10 * 1024**2 + 1))
    assert log == "new\n[gpustrap] web ended with 0\n"
    assert (tmp_path / "log" / "web.log.1").stat().st_size == 10 * 1024**2 + 1


def test_what_comes_piece_by_piece_is_no_loss(run, tmp_path: Path) -> None:
    """dd's own warning of short pieces is none of what keeps a log from being written."""
    pieces = "for piece in a b c; do echo $piece; /bin/sleep 0.05; done"
    log = run(replace(WEB, command=pieces, cwd=str(tmp_path), restart="never"))
    assert log == "a\nb\nc\n[gpustrap] web ended with 0\n"
    assert not (tmp_path / "log-lost").exists()


@pytest.mark.parametrize(
    ("run", "last"),
    [("dash", 120_000_000), ("bash", 4_000_000)],
    ids=["dash, a gigabyte: its log begins anew a hundred times", "bash, 31 MB"],
    indirect=["run"],
)
def test_of_a_service_that_talks_a_lot_the_end_is_kept_and_nothing_in_between_is_lost(run, tmp_path, last) -> None:
    log = run(replace(WEB, command=f"exec seq {last}", cwd=str(tmp_path), restart="never"))
    files = [tmp_path / "log" / name for name in ("web.log.1", "web.log")]
    assert all(file.stat().st_size <= 10 * 1024**2 for file in files)
    *numbers, end = (files[0].read_text() + log).splitlines()[1:]  # the first line may be a part of one
    assert end == "[gpustrap] web ended with 0"
    assert numbers == [str(number) for number in range(last - len(numbers) + 1, last + 1)]
    assert len(numbers) > 1_000_000


def test_a_folder_that_is_not_there_is_said_in_the_log(run, tmp_path: Path) -> None:
    log = run(replace(WEB, cwd=f"{tmp_path}/none", restart="never"))
    assert log.startswith(f"[gpustrap] web cannot run in {tmp_path}/none: there is no such folder\n")


def test_a_probe_names_the_variables_that_are_secret() -> None:
    env = {"OPEN": "x", "TOKEN": Secret(env="X")}
    assert services.probe(replace(WEB, env=env)).asks(1, 2) == "ask web 8080 / 1 2 TOKEN\n"


def test_probes_are_of_all_units_in_their_order() -> None:
    job = Service("job", "true")
    assert [(each.service, each.port, each.path) for each in services.probes([WEB, job])] == [
        ("web", 8080, "/"),
        ("job", None, None),
    ]


def test_an_identity_stays_the_same_so_that_a_new_gpustrap_restarts_no_service() -> None:
    from gpustrap.engine.services import identity

    assert identity([ManagedFile("/a", "x\n"), ManagedFile("/b", "y", "755")]) == "05c02d7d416b84ca"


def test_a_presets_files_know_their_service() -> None:
    from gpustrap.engine.services import files_of

    files = {
        file.dest.rpartition("/")[2]: file
        for file in files_of(Service("web", "x", 81, "/p", "/c", {}, files={"hello.py": "services/hello.py.j2"}))
    }
    assert {name: file.octal for name, file in files.items()} == {
        "run": "755",
        "command": "644",
        "env": "600",
        "hello.py": "644",
    }
    assert files["hello.py"].text.strip()


def test_a_presets_file_knows_its_service(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "x.j2").write_text("{{ service.name }} {{ service.port }}\n")
    templates.use_project(tmp_path)
    try:
        assert services.files_of(replace(WEB, files={"x": "x.j2"}))[-1].text == "web 8080\n"
    finally:
        templates.use_project(Path())


def test_other_code_of_a_project_is_another_identity_and_none_changes_nothing() -> None:
    files = services.files_of(WEB)
    assert services.identity(files) == services.identity(files, "")
    assert len({services.identity(files, code) for code in ("", "a", "b")}) == 3
