"""Services under a real tmux, in a folder that stands for an instance: started, held, crashed, orphaned, ended."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from gpustrap.engine import services
from gpustrap.engine.facts.tmux import Running, look_script, services_script
from gpustrap.engine.operations.tmux import moving, reason_to_start
from gpustrap.inventory.reveal import revealed
from gpustrap.inventory.secrets import Secret
from gpustrap.resolve.service import Need
from service_box import Box, command_line

pytestmark = pytest.mark.skipif(not shutil.which("tmux") or not shutil.which("ss"), reason="no tmux or no ss here")


def test_a_service_that_answers_is_ready_and_left_alone(box: Box) -> None:
    service = box.serves(health="/200")
    assert box.start(service) == ""
    assert box.reason(service) is None
    assert (box.folder / "run").stat().st_mode & 0o777 == 0o700
    assert (box.folder / "log" / f"{box.name}.log").stat().st_mode & 0o777 == 0o640


def test_a_health_path_that_answers_an_error_is_not_ready(box: Box) -> None:
    service = box.serves(health="/500")
    assert box.start(service, 2) == f"{box.name} is not ready: its health path answers 500"
    assert box.reason(service) == "not ready: its health path answers 500"


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.5"])
def test_a_service_that_listens_for_itself_alone_is_not_ready(box: Box, address: str) -> None:
    said = f"listens on {address} only, which the provider cannot reach: bind 0.0.0.0"
    assert box.start(box.serves(address), 2) == f"{box.name} {said}"
    assert box.reason(box.serves(address)) == f"not ready: it {said}"


SIX = """exec {python} -c '
import socket, time
one = socket.socket(socket.AF_INET6); one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, {only})
one.bind(("::", {port})); one.listen(); time.sleep(600)'"""


@pytest.mark.skipif(not Path("/proc/net/if_inet6").exists(), reason="no IPv6 here")
@pytest.mark.parametrize("only", [0, 1], ids=["both", "IPv6 alone"])
def test_a_service_that_takes_ipv6_alone_is_not_ready(box: Box, only: int) -> None:
    said = f"{box.name} listens on IPv6 only (::), which a mapped port does not reach: bind 0.0.0.0, or both"
    service = box.service(SIX.format(python=sys.executable, only=only, port=box.port))
    assert box.start(service, 2) == (said if only else "")


def test_a_service_held_by_a_signal_is_seen_and_started_again(box: Box) -> None:
    """tmux itself lets the session's first process go on; the service is one below it."""
    service = box.serves()
    box.start(service)
    held = [pid for pid in box.marked() if "http.server" in command_line(pid)]
    assert held
    for pid in held:
        os.kill(pid, signal.SIGSTOP)
    assert box.reason(service) == "is held by a signal (SIGSTOP)"
    assert box.start(service) == ""
    assert not set(held) & set(box.marked())


def test_what_a_service_left_behind_does_not_keep_its_port(box: Box) -> None:
    """Its session is gone, its child lives on in a session of its own and holds the port."""
    service = box.service(f"setsid {sys.executable} -m http.server {box.port} & wait")
    assert box.start(service) == ""
    subprocess.run(["tmux", "-S", str(box.folder / "run" / "services.sock"), "kill-server"], check=True)
    box.until(lambda: box.look(service) is None)
    orphans = box.marked()
    assert orphans
    assert box.start(service) == ""
    assert not set(orphans) & set(box.marked())


def test_ending_a_service_ends_all_that_it_started(box: Box) -> None:
    service = box.service(f"trap '' TERM HUP; setsid nohup sleep 600 & exec {sys.executable} -m http.server {box.port}")
    assert box.start(service) == ""
    assert len(box.marked()) >= 3
    box.run(
        services_script("service-remove", service=box.name, folder=str(box.folder / "services"), units=str(box.units))
    )
    assert box.marked() == []
    assert not (box.folder / "services" / box.name).exists()


def test_a_stranger_on_the_port_is_named_and_left(box: Box) -> None:
    with socket.create_server(("0.0.0.0", box.port)):
        said = box.start(box.serves())
    assert re.fullmatch(rf"port {box.port} is taken by \S+ \(PID {os.getpid()}: .+\)", said)
    assert box.reason(box.serves()) == f"not running: {said}"
    assert box.start(box.serves()) == "", "once the port is free"


@pytest.mark.parametrize("port", [True, False])
def test_a_health_command_tells_by_how_it_ends_with_the_services_own_environment_and_folder(
    box: Box, port: bool
) -> None:
    """It gets the port too; what it says is no part of an answer."""
    asks = (
        '[ "$MODE" = fast ] && echo noise && [ "$(pwd)" = ' + str(box.folder) + ' ] && [ -z "$CANARY" ] && test -e fine'
    )
    asks += f" && [ '{{port}}' = {box.port} ]" if port else ""
    wanted = {"check": asks, "env": {"MODE": "fast"}}
    service = box.serves(**wanted) if port else box.service("exec sleep 600", port=None, **wanted)
    assert box.start(service, 2) == f"{box.name} is not ready: its health command ends with 1"
    (box.folder / "fine").touch()
    assert box.reason(service) is None
    (box.folder / "fine").unlink()
    assert box.reason(service) == "not ready: its health command ends with 1"


def test_a_crash_loop_without_a_port_is_not_healthy(box: Box) -> None:
    service = box.service("echo boom; exit 3", port=None)
    said = box.start(service, 20)
    assert re.match(rf"{box.name} ends again and again \(crash loop\): 3 times in \d+ s, the last time with 3\n", said)
    assert "\n  boom\n" in said
    assert str(box.reason(service)).startswith("it ends again and again (crash loop): ")


def test_one_that_is_given_up_has_failed_and_gets_a_new_start(box: Box) -> None:
    """Also where it is to be started again on failure alone: what made it fail may have been mended since."""
    mended = box.folder / "mended"
    command = f"[ -e {mended} ] || {{ echo boom; exit 3; }}; {box.serves().command}"
    service = box.service(command, tries=2, restart="on-failure")
    box.start(service, 0)
    why = "it was given up: it ended 2 times before it worked, the last time with 3"
    box.until(lambda: (seen := box.look(service)) and seen.ended and seen.trouble == why)
    assert (
        box.look(service).log[-1]
        == f"[gpustrap] {box.name} ended with 3, 2 times before it worked: it is not started again"
    )
    assert [process for process in box.marked() if process] == []
    assert box.reason(service) == why
    mended.touch()
    assert box.start(service) == "" and box.reason(service) is None


def test_one_whose_server_is_gone_gets_a_new_start(box: Box) -> None:
    """Its leading process lives on and serves nothing: no time mends that."""
    service = box.service(f"{sys.executable} -m http.server {box.port} & wait; exec sleep 600")
    assert box.start(service) == ""
    servers = [pid for pid in box.marked() if "http.server" in command_line(pid)]
    box.until(lambda: "works" in (box.folder / "services" / box.name / "state").read_text())
    os.kill(servers[-1], signal.SIGKILL)
    gone = "nothing listens on its port any more"
    box.until(lambda: box.reason(service) == gone)
    assert box.start(service) == ""


def test_a_service_without_a_port_that_runs_is_ready(box: Box) -> None:
    service = box.service("exec sleep 600", port=None)
    assert box.start(service) == ""
    assert box.reason(service) is None


@pytest.mark.parametrize(
    ("listens", "before", "ready"),
    [
        (True, "starts 1 ", "works 2 "),
        (True, "waits 3 1", "works 4 "),
        (True, "", "works 2 "),
        (False, "waits 3 1", "again 4 1"),
        (False, "ended 5 3", "ended 5 0"),
        (False, "starts 99999999999 ", "starts 1 "),
    ],
)
def test_one_that_depends_on_another_starts_once_that_is_ready(
    box: Box, listens: bool, before: str, ready: str
) -> None:
    service = box.serves(depends_on=(Need("db", listens),))
    state = box.folder / "services" / "db" / "state"
    state.parent.mkdir(parents=True)
    state.write_text(f"{before}\n")
    box.start(service, 1)
    box.until(lambda: box.look(service).trouble == "it has not been started: it waits until db is ready")
    assert not any("http.server" in command_line(pid) for pid in box.marked())
    state.write_text(f"{before}\n{ready}\n")
    box.until(lambda: box.reason(service) is None)
    assert box.look(service).trouble == ""


@pytest.mark.parametrize(("restart", "again"), [("never", None), ("always", "has ended")])
def test_one_that_ended_and_is_not_to_run_is_left(box: Box, restart: str, again: str | None) -> None:
    service = box.service("echo once", port=None, restart="never")
    assert box.start(service) == ""
    box.until(lambda: (seen := box.look(service)) and seen.ended)
    assert box.reason(replace(service, restart="never")) is None
    assert reason_to_start(box.look(service), services.identity(services.files_of(service)), restart) == again


def test_one_that_ended_and_left_a_process_behind_has_ended(box: Box) -> None:
    service = box.service("setsid sleep 60 & exit 0", port=None, restart="never")
    assert box.start(service) == ""
    box.until(lambda: (seen := box.look(service)) and seen.ended, seconds=8)
    assert box.look(service).trouble == ""
    failed = box.service("setsid sleep 60 & exit 3", port=None, restart="never")
    box.start(failed)
    box.until(lambda: (seen := box.look(failed)) and seen.trouble == "it has ended with 3", seconds=8)


def test_the_configuration_and_the_shell_of_a_person_decide_nothing(box: Box) -> None:
    (box.folder / "home" / ".tmux.conf").write_text("set -g destroy-unattached on\nset -g default-shell /bin/false\n")
    (box.folder / "home" / ".curlrc").write_text("--fail-early\n--proxy http://127.0.0.1:1\n")
    service = box.serves(health="/200")
    assert box.start(service) == ""
    assert box.reason(service) is None


def test_a_service_gets_a_clean_environment_and_the_roles_variables(box: Box) -> None:
    (box.folder / "profile" / "gpustrap-network.sh").write_text("export PROXY=p\n")
    service = box.service("env | sort >seen; exec sleep 600", port=None, env={"OWN": "a b"})
    assert box.start(service) == ""
    seen = (box.folder / "seen").read_text().splitlines()
    assert {"PROXY=p", "OWN=a b", f"GPUSTRAP_SERVICE={box.name}"} <= set(seen)
    assert not [line for line in seen if line.startswith(("CANARY=", "TMUX=", "PYTEST"))]


@pytest.mark.parametrize("text", ["export PROXY=q\n", None], ids=["changed", "taken away"])
def test_other_variables_start_it_again(box: Box, text: str | None) -> None:
    file = box.folder / "profile" / "gpustrap-network.sh"
    file.write_text("export PROXY=p\n")
    service = box.serves()
    box.start(service)
    assert box.reason(service) is None
    file.unlink()
    if text:
        file.write_text(text)
    assert box.reason(service) == "runs with an older environment"
    assert box.start(service) == "" and box.reason(service) is None


def test_a_file_of_variables_that_is_somebody_elses_is_not_run(box: Box) -> None:
    if os.geteuid():
        pytest.skip("only root gives files away")
    file = box.folder / "profile" / "gpustrap-network.sh"
    file.write_text("touch harmed\n")
    os.chown(file, 31337, 31337)
    assert box.start(box.serves()) == ""
    assert not (box.folder / "harmed").exists()


def test_a_session_of_an_older_gpustrap_is_ended(box: Box) -> None:
    """It had its socket in /tmp, and the service in it no mark."""
    old = ["tmux", "-f", "/dev/null", "-L", box.older]
    subprocess.run(
        [*old, "new-session", "-d", "-s", box.name, sys.executable, "-m", "http.server", str(box.port)], check=True
    )
    box.until(lambda: box.run(look_script("/none", "/none") + f"listening {box.port}").stdout.count("0.0.0.0"))
    service = box.serves()
    assert box.reason(service) == "its files have changed since it was started"
    assert box.start(service) == "" and box.reason(service) is None
    assert box.run(f"tmux -L {box.older} list-sessions -F '#{{session_name}}'").stdout == f"{box.name}\n", (
        "a link to ours now"
    )
    assert Path(f"/tmp/tmux-{os.getuid()}/{box.older}").is_symlink()


def test_processes_that_end_while_it_is_looked_at_change_nothing(box: Box) -> None:
    """What the kernel tells of them can then be opened and not be read, which ends mawk."""
    service = box.serves()
    assert box.start(service) == ""
    churn = subprocess.Popen(["sh", "-c", "while :; do for n in 1 2 3 4; do true & done; wait; (:); done"])
    try:
        assert [box.reason(service) for _ in range(20)] == [None] * 20
    finally:
        churn.kill()
        churn.wait()


def test_a_session_whose_name_ends_with_the_services_is_another(box: Box) -> None:
    server = ["tmux", "-f", "/dev/null", "-S", str(box.folder / "run" / "services.sock")]
    assert box.start(box.serves()) == ""
    subprocess.run([*server, "rename-session", "-t", f"={box.name}", f"a {box.name}"], check=True)
    assert box.look(box.serves()) is None


def test_a_log_never_grows_beyond_its_bound(box: Box) -> None:
    service = box.service("head -c 40000000 /dev/zero; echo; echo the end; exec sleep 600", port=None)
    assert box.start(service) == ""
    log = box.folder / "log" / f"{box.name}.log"
    box.until(lambda: "the end" in log.read_text())
    assert sum(file.stat().st_size for file in log.parent.iterdir()) <= 2 * 10 * 1024**2


@pytest.mark.parametrize(
    ("running", "restart", "why"),
    [
        (None, "always", "not running"), (Running("x", True), "always", "its files have changed since it was started"),
        (Running("id", True), "always", None), (Running("id", True, ended=True), "always", "has ended"),
        (Running("id", True, ended=True), "on-failure", None), (Running("id", False, ended=True), "never", None),
        (Running("id", True, other_environment=True), "never", "runs with an older environment"),
        (Running("id", False, trouble="it ends again and again", stuck=True), "always", "it ends again and again"),
        (Running("id", False, stopped=True), "always", "is held by a signal (SIGSTOP)"),
        (Running("id", False), "always", "not ready"),
        (Running("id", False, trouble="nothing listens on its port"), "always", "not ready: nothing listens on its port"),
        (Running("x", True, ended=True), "never", "its files have changed since it was started"),
        (Running("id", True, ended=True, other_environment=True), "never", None),
        (Running("id", False, ended=True, trouble="it has ended with 3"), "never", "not ready: it has ended with 3"),
    ],
)  # fmt: skip
def test_why_a_service_has_to_be_started(running: Running | None, restart: str, why: str | None) -> None:
    assert reason_to_start(running, "id", restart) == why


def test_no_log_tells_a_secret_that_the_instance_has_and_the_laptop_does_not(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rotated on the laptop, the old value is in force on the instance; after `up`, it is only in the older log."""
    revealed.cache_clear()
    monkeypatch.setenv("OLD", "old-value /'$x")
    secrets = {"TOKEN": Secret(env="OLD"), "OPEN": "readable", "hidden": Secret(env="OLD")}
    service = box.service('echo "token $TOKEN, $OPEN"; sleep 600', port=None, env=secrets)
    box.start(service, 0)
    log = box.folder / "log" / f"{box.name}.log"
    box.until(lambda: "readable" in log.read_text())
    seen = box.look(service)
    assert seen is not None and seen.log[-1] == "token ***, readable"
    monkeypatch.setenv("NEW", "new-value")
    service = replace(service, env={"TOKEN": Secret(env="NEW"), "OPEN": "new"})
    box.start(service, 0)
    box.until(lambda: "new-value" in log.read_text())
    seen = box.look(service)
    assert seen is not None and seen.log == ("token ***, new",)
    assert "old-value" in log.read_text()


OLD, FRONT = Running("old", True), Running("g", True)


@pytest.mark.parametrize(
    ("web", "front", "moves"),
    [
        (OLD, FRONT, True),
        (replace(OLD, identity="new", other_environment=True), FRONT, True),
        (replace(OLD, identity="new"), FRONT, False),
        (replace(OLD, ready=False, unanswered=True), FRONT, True),
        (replace(OLD, ready=False), FRONT, False),
        (replace(OLD, stopped=True), FRONT, False),
        (replace(OLD, ended=True), FRONT, False),
        (OLD, replace(FRONT, ready=False), False),
        (OLD, replace(FRONT, identity="other"), False),
        (OLD, replace(FRONT, other_environment=True), False),
        (OLD, None, False),
        (None, FRONT, False),
    ],
)
def test_what_starts_beside_the_one_that_answers(web: Running | None, front: Running | None, moves: bool) -> None:
    seen = {name: one for name, one in {"web": web, "gateway": front}.items() if one is not None}
    assert moving(seen, {"web": "new", "gateway": "g"}, ["web"]) == (("web",) if moves else ())
