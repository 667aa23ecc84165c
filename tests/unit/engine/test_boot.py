"""Services after a restart of the instance, under a real tmux: each comes back once, whoever asks and however often."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from gpustrap.engine.boot import BOOT, boot_files, boot_script
from gpustrap.engine.facts.tmux import services_script
from gpustrap.resolve.service import Service, Services
from service_box import Box, command_line


def boot(box: Box) -> str:
    return boot_script(*box.places, str(box.folder))


def restarted(box: Box) -> None:
    """Nothing of it runs any more; nobody was asked, and the state of the service is as it was while it ran."""
    for pid in box.marked():
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    subprocess.run(["tmux", "-S", str(box.folder / "run" / "services.sock"), "kill-server"], capture_output=True)
    box.until(lambda: box.marked() == [] and box.look(box.serves()) is None)


def leading(box: Box) -> list[int]:
    """The processes that are the server itself."""
    return [pid for pid in box.marked() if "http.server" in command_line(pid)]


def test_a_service_comes_back_once_as_it_was_however_many_ask(box: Box) -> None:
    service = box.serves()
    assert box.start(service) == ""
    restarted(box)
    with ThreadPoolExecutor(4) as many:
        codes = [one.returncode for one in many.map(box.run, [boot(box)] * 4)]
    assert codes == [0] * 4
    box.until(lambda: box.reason(service) is None)
    assert len(leading(box)) == 1
    restarted(box)
    assert box.run(boot(box)).returncode == 0 and box.look(service) is None, (
        "once a start of the instance; the rest is up's"
    )


@pytest.mark.parametrize("lock", ["other-boot 1 1", "", "{boot} 999999 1", "{boot} {pid} 1"])
def test_a_lock_that_a_restart_or_a_kill_left_blocks_nobody(box: Box, lock: str) -> None:
    began = Path("/proc/1/stat").read_text().rpartition(")")[2].split()[19]
    now = f"{Path('/proc/sys/kernel/random/boot_id').read_text().strip()}-{began}"
    assert box.start(box.serves()) == ""
    restarted(box)
    (box.folder / "boot.lock").write_text(lock.format(boot=now, pid=os.getpid()) + "\n")
    assert box.run(boot(box)).returncode == 0
    assert box.look(box.serves()) is not None
    assert (box.folder / "boot.done").read_text() == f"{now}\n"
    assert sorted(path.name for path in box.folder.glob("boot.*")) == ["boot.done"]


@pytest.mark.parametrize("kind", ["stopped", "never", "ended", "not started"])
def test_what_did_not_run_is_not_started(box: Box, kind: str) -> None:
    service = box.service("exit 0", port=None, restart="on-failure") if kind == "ended" else box.serves()
    service = replace(service, restart="never") if kind == "never" else service
    if kind == "not started":
        box.write(service)
    else:
        box.start(service, 0 if kind == "ended" else 15)
    if kind == "ended":
        box.until(lambda: (seen := box.look(service)) and seen.ended)
    if kind == "stopped":
        stop = services_script("service-stop", service=box.name, units=str(box.units), port="")
        assert box.run(stop).stdout == "stopped\n"
    restarted(box)
    assert box.run(boot(box)).returncode == 0
    assert box.look(service) is None and box.marked() == []


def test_what_up_has_started_since_the_instance_was_is_left_to_it(box: Box) -> None:
    """Else a login would start it beside a later `up`, which may be about to say what is wrong."""
    assert box.up(box.serves()) == ""
    restarted(box)
    assert box.run(boot(box)).returncode == 0 and box.look(box.serves()) is None


def test_a_login_with_nothing_to_start_runs_no_program(box: Box) -> None:
    """A box has many logins, each `ssh` of a run among them."""
    assert box.up(box.serves()) == ""
    spies, ran = box.folder / "spies", box.folder / "ran"
    spies.mkdir()
    for program in ("awk", "cat", "cut", "env", "flock", "grep", "id", "ls", "sed", "stat", "sudo", "timeout", "tr"):
        (spies / program).write_text(f"#!/bin/sh\necho {program} >>{ran}\n")
        (spies / program).chmod(0o755)
    asked = box.folder / "boot"
    text = re.sub(r"(?m)^export PATH=.*$", f"PATH={spies}", boot(box))
    asked.write_text(f"#!/bin/sh\necho asked >>{ran}\n{text}echo more >>{ran}\n")
    asked.chmod(0o755)
    hook = boot_files(replace(WEB, boot=("login",)))[1].text.replace(BOOT, str(asked))
    waited = hook.replace(">/dev/null 2>&1 &)", ")")
    assert waited != hook and box.run(f"PATH={spies}\n{waited}").stderr == ""
    assert ran.read_text() == ("asked\n" if os.getuid() == 0 else "id\n")


def test_while_up_is_at_work_that_is_left_to_it(box: Box) -> None:
    assert box.start(box.serves()) == ""
    restarted(box)
    (box.folder / "lock").touch()
    assert box.run(_held(box)).returncode == 0
    assert box.look(box.serves()) is None and not (box.folder / "boot.done").exists()
    assert box.run(boot(box)).returncode == 0 and box.look(box.serves()) is not None


def test_whoever_waits_for_it_is_told_its_name_and_no_other(box: Box) -> None:
    assert box.start(box.serves()) == ""
    restarted(box)
    (box.folder / "lock.holder").write_text("somebody@laptop (process 1)\n")
    (box.folder / "boot").write_text(boot(box))
    assert box.run(f"sh {box.folder}/boot").returncode == 0
    holder = (box.folder / "lock.holder").read_text()
    assert re.fullmatch(rf"\S+@{os.uname().nodename} \({box.folder}/boot, process \d+\)\n", holder)


def _held(box: Box) -> str:
    (box.folder / "boot").write_text(boot(box))
    return f"exec 9>>{box.folder}/lock; flock 9; sh {box.folder}/boot 9>&-"


WEB = Services((Service("web", "x"),))
LOGIN = ("/etc/profile.d/zzzz-gpustrap-services.sh", "")


@pytest.mark.parametrize(
    ("ways", "places"),
    [
        (("login",), [LOGIN]),
        (("login", "supervisor"), [LOGIN, ("/etc/supervisor/conf.d/gpustrap.conf", "")]),
        (("login", "zsh"), [LOGIN, ("/etc/zsh/zprofile", "services")]),
        (("login", "fish"), [LOGIN, ("/etc/fish/conf.d/zzzz-gpustrap-services.fish", "")]),
        (("onstart",), [("/root/onstart.sh", "services")]),
        (("post_start",), [("/post_start.sh", "services")]),
    ],
)
def test_the_script_and_who_calls_it_are_there_as_long_as_there_are_services(
    ways: tuple[str, ...], places: list[tuple[str, str]]
) -> None:
    boot, *hooks = boot_files(replace(WEB, boot=ways))
    assert (boot.dest, boot.octal, [(hook.dest, hook.block) for hook in hooks]) == (BOOT, "755", places)
    assert boot_script() in boot.text and all(BOOT in hook.text or LOGIN[0] in hook.text for hook in hooks)
    gone = boot_files(Services((), boot=ways))
    assert [(file.dest, file.block, file.content) for file in gone] == [
        (dest, block, None) for dest, block in [(BOOT, ""), *places]
    ]


def test_the_script_is_told_all_its_places() -> None:
    assert {"folder=/f", "logs=/l", "units=/u", "state=/s"} <= {*boot_script("/f", "/l", "/u", "/s").splitlines()}
