"""Whose turn it is: a run that waits says for whom.

`lock.sh` runs here in a folder of its own. The process that serves as the ssh server is a Python that runs `sh`.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from awaiting import awaited
from gpustrap.engine.wire import OURS
from gpustrap.errors import InstanceFailed
from gpustrap.run import lock


def take_lock(work, project):
    opening = lock.lock(work, project)
    opening.judge(work.session.connector.change(opening.text, on_line=opening.hear))


def test_a_free_lock_is_taken_in_silence_and_the_facts_stand(world):
    take_lock(world.work(), world.project)
    assert world.sessions["one"].log == ["lock"]
    assert world.watcher.said == {}


def test_the_box_hears_who_holds_it_and_whose_it_is(world, monkeypatch):
    monkeypatch.setenv("USER", "it's me")
    take_lock(world.work(), world.project)
    (text,) = world.sessions["one"].connector.scripts
    assigned = dict(re.findall("^(folder|holder|owner)=(.*)$", text, re.MULTILINE))
    assert shlex.split(assigned["holder"])[0].startswith("it's me@")
    assert f"(process {os.getpid()})" in assigned["holder"]
    assert (assigned["owner"], assigned["folder"]) == ("shop/one", "/var/lib/gpustrap")


@pytest.mark.parametrize(
    ("line", "whom"), [("waiting me@laptop (process 7)", "me@laptop (process 7)"), ("waiting ", "another run")]
)
def test_a_run_that_waits_says_for_whom(world, line, whom):
    world.sessions["one"].connector.answers = [([line, "noise"], 0, "")]
    take_lock(world.work(), world.project)
    assert world.watcher.said["one"] == [f"waits for {whom}, who works on it"]
    assert world.sessions["one"].log == ["lock"]


@pytest.mark.parametrize(("answer", "sentence"), [
    ((["waiting me"], 75, ""), "lock: still worked on by another run after 30 minutes\nhint: `cat /var/lib/gpustrap/lock.holder` there says whose it is"),
    (([], 1, "mkdir: Read-only file system\n"), "lock: the file system is read-only (mkdir: Read-only file system)\nhint: `mount` on the instance shows it; a provider's disk fault needs a restart there"),
    (([], 1, ""), "lock: the command failed and said nothing"),
])  # fmt: skip
def test_a_lock_that_is_not_had_is_a_sentence(world, answer, sentence):
    world.sessions["one"].connector.answers = [answer]
    with pytest.raises(InstanceFailed) as failed:
        take_lock(world.work(), world.project)
    assert str(failed.value) == sentence


SERVER = """
import subprocess, sys
print(subprocess.run(["sh"], input=sys.argv[1].encode(), stdout=subprocess.PIPE).returncode, flush=True)
sys.stdin.read()
"""


@contextmanager
def server(folder, holder, owner="shop/one", seconds=60):
    """A process that takes the lock as an ssh server's shell does and lives on; its first line is the script's exit."""
    text = lock.lock_script(holder, owner, str(folder), seconds)
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, text], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def asked(folder, holder, seconds):
    """What a run that asks for the lock hears, and its exit status."""
    text = lock.lock_script(holder, "shop/one", str(folder), seconds)
    done = subprocess.run(["sh"], input=text, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout


def test_the_box_keeps_who_holds_it_and_whose_it_is(tmp_path):
    folder = tmp_path / "state"
    with server(folder, "me@laptop (process 7)", "it's/one") as process:
        assert process.stdout.readline() == "0\n"
        assert (folder / "lock.holder").read_text() == "me@laptop (process 7)\n"
        assert (folder / "owner").read_text() == "it's/one\n"
        assert sorted(path.name for path in folder.iterdir()) == ["lock", "lock.holder", "owner"]
        assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_a_second_one_hears_whom_it_waits_for_and_gives_up_in_time(tmp_path):
    with server(tmp_path, "me@laptop") as first:
        assert first.stdout.readline() == "0\n"
        assert asked(tmp_path, "you@laptop", seconds=0) == (lock.STILL_HELD, "waiting me@laptop\n")
        assert (tmp_path / "lock.holder").read_text() == "me@laptop\n"


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_the_lock_is_free_when_the_server_ends_however_it_ends(tmp_path, how):
    with server(tmp_path, "me@laptop") as first:
        assert first.stdout.readline() == "0\n"
        with server(tmp_path, "you@laptop") as second:
            first.send_signal(how)
            first.wait(timeout=30)
            assert second.stdout.readline() == "0\n"
            assert (tmp_path / "lock.holder").read_text() == "you@laptop\n"


BEGUN = """
import subprocess, sys
subprocess.run(["sh"], input=sys.argv[1].encode(), check=True)
environment = {"PATH": "/usr/bin:/bin", "SSH_CONNECTION": sys.argv[3]}
begun = subprocess.Popen(["sh", "-c", sys.argv[2]], start_new_session=True, env=environment)
print(begun.pid, flush=True)
sys.stdin.read()
"""
CONNECTION = "192.0.2.7 50000 192.0.2.8 22"


@pytest.mark.parametrize(
    ("shell", "connection", "waits"),
    [(OURS, CONNECTION, True), ("", CONNECTION, False), (OURS, "192.0.2.7 50001 192.0.2.8 22", False)],
    ids=["ours", "a daemon", "another connection's"],
)
def test_what_a_dead_run_had_begun_ends_before_the_next_one_works(tmp_path, shell, connection, waits):
    """A command goes on when its connection has ended, until it has something to say."""
    state, ends = tmp_path / "state", tmp_path / "ends"
    os.mkfifo(ends)
    text = lock.lock_script("me@laptop", "shop/one", str(state), 60)
    words = [sys.executable, "-c", BEGUN, text, f"{shell}read _ <{ends}", connection]
    environment = {**os.environ, "SSH_CONNECTION": CONNECTION}
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as first:
        assert first.stdout.readline()
        first.kill()
        first.wait(timeout=30)
        awaited(lambda: not any(name_of(one) == "tail" for one in holders(state)))
        try:
            if waits:
                assert asked(state, "you@laptop", seconds=1) == (lock.STILL_HELD, "waiting me@laptop\n")
                ends.write_text("\n")
            with server(state, "you@laptop") as second:
                assert second.stdout.readline() == "0\n"
        finally:
            os.close(os.open(ends, os.O_RDWR))


def test_what_holds_the_lock_starts_no_program_while_it_waits(tmp_path):
    """The box has few processors, and a run may last an hour."""
    with server(tmp_path, "me@laptop") as process:
        assert process.stdout.readline() == "0\n"
        held = awaited(lambda: [one for one in holders(tmp_path) if name_of(one) == "tail"])
        looked = uptime()
        awaited(lambda: uptime() > looked + 1)
        assert [one for one in holders(tmp_path) if name_of(one) != "sh"] == held


def holders(folder):
    """The processes that have the lock open, each as its folder in /proc."""
    lock_file = folder / "lock"
    return [process for process in Path("/proc").glob("[0-9]*") if opens(process, lock_file)]


def opens(process, file):
    with suppress(OSError):
        return (process / "fd/9").samefile(file)
    return False


def name_of(process):
    with suppress(OSError):
        return (process / "comm").read_text().strip()
    return ""


def uptime():
    return float(Path("/proc/uptime").read_text().split()[0])


def test_who_waited_for_a_run_that_took_the_lock_away_holds_the_one_that_counts(tmp_path):
    """`revert` removes the folder with the lock: the one that was waited for is then nobody's."""
    folder, aloud = tmp_path / "state", SERVER.replace("stdout=subprocess.PIPE", "stdout=None")
    text = lock.lock_script("you@laptop", "shop/one", str(folder), 60)
    with server(folder, "me@laptop") as first:
        assert first.stdout.readline() == "0\n"
        words = [sys.executable, "-c", aloud, text]
        with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as second:
            assert second.stdout.readline() == "waiting me@laptop\n"
            shutil.rmtree(folder)
            first.kill()
            first.wait(timeout=30)
            assert second.stdout.readline() == "0\n"
            assert asked(folder, "third@laptop", seconds=0) == (lock.STILL_HELD, "waiting you@laptop\n")
            second.kill()


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    assert asked(tmp_path / "file" / "state", "me", seconds=0)[0] == 1


def test_without_flock_there_is_no_lock_and_no_failure(tmp_path):
    (tmp_path / "bin").mkdir()
    for tool in ("sh", "mkdir", "stat", "id", "chown", "chmod", "mv"):
        (tmp_path / "bin" / tool).symlink_to(
            subprocess.check_output(["sh", "-c", f"command -v {tool}"], text=True).strip()
        )
    text = lock.lock_script("me", "shop/one", str(tmp_path / "state"), 0)
    done = subprocess.run(
        ["sh"], input=text, env={"PATH": str(tmp_path / "bin")}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")
    assert (tmp_path / "state" / "owner").read_text() == "shop/one\n"


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
@pytest.mark.parametrize("file", ["lock", "lock.holder", "owner"])
def test_what_is_no_file_in_the_locks_place_is_named_and_not_waited_for(tmp_path, file, make):
    make(tmp_path / file)
    text = lock.lock_script("me", "shop/one", str(tmp_path), 0)
    done = subprocess.run(["sh"], input=text, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (1, f"{tmp_path}/{file} is no file: remove it there\n")


@pytest.mark.skipif(os.getuid() != 0, reason="gives a folder away")
def test_a_folder_that_was_given_away_is_taken_back(tmp_path):
    """It keeps what stood on the box before, secrets too."""
    folder = tmp_path / "state"
    folder.mkdir()
    os.chown(folder, 1234, 1234)
    folder.chmod(0o777)
    assert asked(folder, "me", seconds=0) == (0, "")
    assert (folder.stat().st_uid, folder.stat().st_mode & 0o777) == (0, 0o700)
