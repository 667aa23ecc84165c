"""Whatever of a service is killed: one instance of it is there afterwards, by itself or by `up`, and nothing beside it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from gpustrap.engine import services
from gpustrap.engine.facts import tmux as fact
from gpustrap.engine.facts.tmux import TmuxServices, services_script
from gpustrap.engine.scripts import script
from service_box import SERVE, Box, command_line


def having(box: Box, text: str) -> list[int]:
    return [pid for pid in box.marked() if text in command_line(pid)]


def servers(box: Box) -> list[int]:
    """Those that serve; the shell that leads them has their words among its own."""
    return [pid for pid in having(box, "http.server") if command_line(pid).startswith(sys.executable)]


def tmux_servers(box: Box) -> list[int]:
    found = subprocess.run(["pgrep", "-f", f"{box.folder}/run/services.sock"], capture_output=True, text=True).stdout
    return [int(pid) for pid in found.split() if "server" in Path(f"/proc/{pid}/comm").read_text()]


def kill(find: Callable[[Box], list[int]]) -> Callable[[Box], None]:
    def one(box: Box) -> None:
        pids = find(box)
        assert pids
        for pid in pids:
            with suppress(ProcessLookupError):  # an end of one may be the end of another
                os.kill(pid, signal.SIGKILL)

    return one


def end_server(box: Box) -> None:
    subprocess.run(["tmux", "-S", f"{box.folder}/run/services.sock", "kill-server"], check=True)


def no_socket(box: Box) -> None:
    (box.folder / "run" / "services.sock").unlink()


def no_folder(box: Box) -> None:
    no_socket(box)
    (box.folder / "run").rmdir()


# What is harmed, and whether the service is back by itself, without `up`.
HARMS: dict[str, tuple[Callable[[Box], None], bool]] = {
    "its leading process": (kill(lambda box: having(box, "leads")), True),
    "its child, the server": (kill(servers), False),
    "the script that runs it": (kill(lambda box: [pid for pid in having(box, f"{box.name}/run")]), False),
    "tmux's server": (kill(tmux_servers), False),
    "tmux kill-server": (end_server, False),
    "the socket": (no_socket, False),
    "the folder of the socket": (no_folder, False),
    "all of it": (kill(lambda box: [*tmux_servers(box), *box.marked()]), False),
}


@pytest.mark.parametrize("harm", HARMS, ids=str)
def test_one_instance_is_there_afterwards_and_nothing_beside_it(box: Box, harm: str) -> None:
    does, by_itself = HARMS[harm]
    leads = f": leads; {sys.executable} -m http.server {box.port} & wait; sleep 600 & wait"
    service = box.service(f"exec sh -c {leads!r}")
    assert box.start(service) == ""
    box.until(lambda: "works" in (box.folder / "services" / box.name / "state").read_text())
    before = servers(box)

    does(box)

    box.until(lambda: box.reason(service) is not None or servers(box) not in ([], before))
    if by_itself:
        box.until(lambda: box.reason(service) is None and servers(box) != before)
    else:
        assert box.start(service) == ""
    assert box.reason(service) is None
    after = servers(box)
    assert len(after) == 1 and after != before
    assert len(tmux_servers(box)) == 1
    assert len(having(box, "leads")) == 1


ASKER = "import subprocess, sys; subprocess.run(['sh', '-c', sys.argv[1]], stdin=subprocess.DEVNULL)"


def test_who_asks_no_more_is_waited_for_no_longer(box: Box) -> None:
    """The next `up` waits for what a dead one has begun: here a wait of ten minutes for a port."""
    service = box.service("exec sleep 600")
    box.start(service, 0)
    folder, logs, told = str(box.folder / "services"), str(box.folder / "log"), box.folder / "told"
    text = TmuxServices().command([services.probe(service)], folder, logs, ready={box.name: 600})
    words = [sys.executable, "-c", ASKER, f"{{ {text}\necho over; }} >{told}"]
    with subprocess.Popen(words, start_new_session=True) as asker:
        waits = ["pgrep", "-s", str(asker.pid), "-x", "sleep"]
        box.until(lambda: subprocess.run(waits, capture_output=True).stdout)
        asker.kill()
    box.until(lambda: told.read_text().endswith("over\n"), seconds=60)


@pytest.mark.parametrize("name", ["beginning", "sh", "0"])
def test_starting_one_leaves_another_whose_name_or_window_is_called_alike(box: Box, name: str) -> None:
    box.start(box.service("exec sleep 600", port=None), 0)
    box.until(lambda: having(box, "sleep 600"))
    before = having(box, "sleep 600")
    other, mine = box.name[:-1] if name == "beginning" else name, box.name

    remove = services_script("service-remove", service=other, folder=f"{box.folder}/services", units=str(box.units))
    assert (done := box.run(remove)).returncode == 0, done.stderr

    assert having(box, "sleep 600") == before, f"{other} took {mine} with it"


def test_what_another_service_of_ours_answers_is_not_ones_own(box: Box) -> None:
    service = box.service("exec sleep 600")
    box.start(service, 0)
    serve = [sys.executable, "-m", "http.server", str(box.port)]
    with subprocess.Popen(
        serve, env={"GPUSTRAP_SERVICE": "another"}, stderr=subprocess.DEVNULL, cwd=box.folder
    ) as other:
        try:
            box.until(lambda: (seen := box.look(service)) and "of the service another" in seen.trouble)
        finally:
            other.kill()


def test_a_daemon_that_kept_no_mark_of_its_service_is_named_when_that_is_stopped(box: Box) -> None:
    serve = SERVE.format(python=sys.executable, port=box.port, address="127.0.0.5").removeprefix("exec ")
    service = box.service(f"setsid env -i {serve} </dev/null >/dev/null 2>&1 &", restart="never")
    box.start(service, 0)
    asks = fact.tmux_script("tmux-common", "services") + script("services-common") + f"holders {box.port}\n"
    box.until(lambda: box.run(asks).stdout.strip())
    daemon = box.run(asks).stdout.strip()
    try:
        stop = services_script("service-stop", service=box.name, units=str(box.units), port=str(box.port))
        first, second = box.run(stop).stdout.splitlines(), box.run(stop).stdout.splitlines()
        assert (first[0], second[0]) == ("stopped", "none")
        assert first[1:] == second[1:] and first[1].startswith("taken python") and f"(PID {daemon}: " in first[1]
    finally:
        os.kill(int(daemon), signal.SIGKILL)
    box.until(lambda: box.run(stop).stdout == "none\n")
