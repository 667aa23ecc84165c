"""What a box tells of its worth is read, whatever it is; the script leaves nothing behind and is bounded.

No card is here: nvidia-smi is a fake that prints rows after `nvidia-smi --help-query-gpu`.
"""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpustrap.engine.facts import worth
from gpustrap.resolve.net.worth import CardUse, Parts

LINES = """avx2\tno
shm\t65536
pids\tmax
disk\t134217728 100.00 102.00
card\t0, 3, 0, [N/A]
card\t1, [N/A], [N/A], 2
card\tNo devices were found
"""


def test_what_it_prints_is_read() -> None:
    cards = (CardUse(0, 3, 0, None), CardUse(1, None, None, 2))
    assert worth.read_parts(LINES) == Parts(None, 67108864, False, 65536, None, cards)


def test_of_two_lines_the_first_counts_and_a_card_is_a_line_of_its_own() -> None:
    told = worth.read_parts("pids\t100\npids\t200\nshm\t1\nshm\t2\nother\t3, 1, 2, 3\ncard\t3, 1, 2, 3\n")
    assert told == Parts(shm_kib=1, pids=100, cards=(CardUse(3, 1, 2, 3),))


@pytest.mark.parametrize(
    ("said", "rate"),
    [
        ("5000000 1.00 1.00", 500_000_000),
        ("5000000 1.00 1.50", 10_000_000),
        ("0 1.00 2.00", None),
        ("5000000 1.00", None),
    ],
)
def test_the_rate_is_by_the_time_that_the_machine_tells(said: str, rate: int | None) -> None:
    assert worth.read_parts(f"disk\t{said}\n").disk == rate


@pytest.mark.parametrize("row", ["3", "3, 1", "3, 1, 2, 3, 4", "x, 1, 2, 3", ""])
def test_a_row_that_is_no_card_is_passed_over(row: str) -> None:
    assert worth.read_parts(f"card\t{row}\n").cards == ()


@pytest.mark.parametrize(("said", "known"), [("yes", True), ("no", False), ("", None), ("perhaps", None)])
def test_what_a_processor_can_is_said_or_not_known(said: str, known: bool | None) -> None:
    assert worth.read_parts(f"avx2\t{said}\n").avx2 is known


@given(st.text(max_size=200).map(lambda text: LINES.replace("0", text)) | st.text())
def test_whatever_it_prints_nothing_is_raised_and_all_is_bounded(text) -> None:
    assert len(worth.read_parts(text).cards) <= worth.MOST_CARDS


@pytest.fixture
def run(tmp_path):
    """Runs the script in a home of its own, with a fake nvidia-smi; a file of 1 MiB is written."""
    home, tool = tmp_path / "home", tmp_path / "nvidia-smi"
    home.mkdir()

    def of(smi: str, path: bool = True, **limits: int) -> str:
        tool.write_text(f"#!/bin/sh\n{smi}\n")
        tool.chmod(0o755)
        text = worth.command().replace("mib=128\n", "mib=1\n")
        for name, value in limits.items():
            text = text.replace(f"{name}={getattr(worth, name.upper(), worth.ROOM_KIB)}\n", f"{name}={value}\n")
        environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}" if path else os.environ["PATH"], "HOME": str(home)}
        done = subprocess.run(["sh"], input=text, env=environment, capture_output=True, text=True, timeout=60)
        assert (done.returncode, list(home.iterdir())) == (0, []), done.stderr
        return done.stdout

    return of


def test_the_script_measures_and_leaves_no_file(run) -> None:
    parts = worth.read_parts(run("echo '0, 12, 0, 0'"))
    assert parts.disk and parts.shm_kib and parts.cards == (CardUse(0, 12, 0, 0),)


@pytest.mark.skipif(shutil.which("nvidia-smi") is not None, reason="it is on the PATH of this machine")
def test_nvidia_smi_is_found_in_each_of_the_folders_where_images_have_it(run, tmp_path, monkeypatch) -> None:
    (tmp_path / "cards").mkdir()
    monkeypatch.setattr(worth, "FOLDERS", (str(tmp_path / "cards"), str(tmp_path / "none")))
    (tmp_path / "cards" / "nvidia-smi").symlink_to(tmp_path / "nvidia-smi")
    monkeypatch.setattr(worth, "ROOM_KIB", 10**15)
    assert worth.read_parts(run("echo '0, 12, 0, 0'", path=False)).cards == (CardUse(0, 12, 0, 0),)


def test_a_disk_without_room_is_left_alone(run) -> None:
    assert worth.read_parts(run("true", room=10**15)).disk is None


def test_a_tool_that_hangs_is_given_up(run) -> None:
    assert worth.read_parts(run("sleep 50", seconds=1)).cards == ()
