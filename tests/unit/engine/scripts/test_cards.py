"""The script that asks nvidia-smi, run against a nvidia-smi that plays a card: no GPU machine was at hand."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

import pytest

from gpustrap.engine.facts import nvidia_smi
from gpustrap.engine.facts.nvidia_smi import read
from gpustrap.engine.scripts import script, text_of

ROW = "570.124.06, 24564, 8.9, NVIDIA GeForce RTX 4090"
TOOLS = ("sh", "cut", "env", "grep", "head", "printf", "sed", "sleep", "tr")


@pytest.fixture
def ask(tmp_path):
    """`ask("echo …; exit 14")`: the cards that the script finds where that is nvidia-smi."""

    def ask(body: str | None, seconds: int = 5, timeout: bool = True, name: str = "nvidia-smi"):
        folder = tmp_path / "bin"
        folder.mkdir(exist_ok=True)
        for tool in (*TOOLS, *(("timeout",) if timeout else ())):
            (folder / tool).unlink(missing_ok=True)
            (folder / tool).symlink_to(str(shutil.which(tool)))
        if body is not None:
            (folder / name).write_text(f"#!/bin/sh\n{body}\n")
            (folder / name).chmod(0o755)
        done = subprocess.run(
            [
                "sh",
                "-c",
                text_of("limited") + script("cards", seconds=seconds, others="rocm-smi npu-smi", folders=str(tmp_path)),
            ],
            env={"PATH": str(folder)},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        said: dict[str, list[str]] = {}
        for line in done.stdout.splitlines():
            key, _, value = line.partition("\t")
            said.setdefault(key, []).append(value)
        return read(said)

    return ask


@pytest.mark.parametrize(
    ("body", "cards", "words"),
    [
        (f"echo '{ROW}'", 1, None),
        (f"echo 'WARNING: infoROM is corrupted' >&2; echo '{ROW}'; exit 14", 1, "infoROM"),
        (f"echo '{ROW}'; echo 'GPU is lost' >&2; exit 255", 1, "GPU is lost"),
        (f"echo '{ROW}'; echo '570.124.06, ERR!, ERR!, ERR!'", 1, "ERR!"),
        ("echo 'Failed to initialize NVML: Driver/library version mismatch'; exit 18", 0, "version mismatch"),
        ("echo 'No devices were found'; exit 6", 0, None),
        ("exit 3", 0, "ended with 3"),
        ("yes flood | head -n 100000; exit 1", 0, "ended with 1"),
        (
            "case $* in *compute_cap*) echo 'Field \"compute_cap\" is not a valid field to query.'; exit 2 ;;"
            " *driver_version*) echo '470.82.01, 8192, GRID T4-8C' ;; esac",
            1,
            None,
        ),
    ],
)
def test_what_nvidia_smi_answers_is_cards_or_trouble(ask, body, cards, words):
    found = ask(body)
    assert len(found.visible) == cards
    assert (found.trouble is None) == (words is None)
    assert words is None or words in found.trouble


@pytest.mark.parametrize("timeout", [True, False], ids=["with timeout", "without timeout"])
def test_a_nvidia_smi_that_hangs_and_heeds_no_signal_is_ended(ask, monkeypatch, timeout):
    monkeypatch.setattr(nvidia_smi, "SECONDS", 1)
    began = time.monotonic()
    found = ask("trap '' TERM HUP INT; while :; do sleep 0.2; done", seconds=1, timeout=timeout)
    assert time.monotonic() - began < 20
    assert found.visible == ()
    assert "gave no answer in 1 s" in found.trouble


@pytest.mark.skipif(Path("/dev/nvidia0").exists() or Path("/proc/driver/nvidia").exists(), reason="a card is here")
def test_a_box_without_nvidia_smi_and_without_a_trace_has_no_card(ask):
    assert ask(None) == nvidia_smi.Cards()


@pytest.mark.parametrize(("tool", "whose"), [("rocm-smi", "AMD's"), ("npu-smi", "Huawei's")])
def test_a_card_of_another_maker_is_told_by_its_tool(ask, tool, whose):
    cards = ask("exit 1", name=tool)
    assert (cards.visible, cards.driver) == ((), None)
    assert (
        cards.trouble == f"it is {whose} ({tool} is there), and gpustrap chooses CUDA builds for PCs and servers only"
    )


def test_beside_an_nvidia_card_the_tools_of_others_say_nothing(ask):
    ask("exit 1", name="rocm-smi")
    assert (len(ask(f"echo '{ROW}'").visible), ask(f"echo '{ROW}'").trouble) == (1, None)


def test_a_tool_that_is_in_no_folder_of_path_is_found_where_it_may_be(ask, tmp_path):
    (tmp_path / "nvidia-smi").write_text(f"#!/bin/sh\necho '{ROW}'\n")
    (tmp_path / "nvidia-smi").chmod(0o755)
    assert [card.name for card in ask(None).visible] == ["NVIDIA GeForce RTX 4090"]


@pytest.mark.parametrize(("text", "words"), [("#!/bin/sh\n", "Permission denied"), ("", None)])
def test_one_that_may_not_be_run_is_told_and_an_empty_one_is_none(ask, tmp_path, text, words):
    """A container runtime leaves an empty file where it had laid the host's tool."""
    (tmp_path / "nvidia-smi").write_text(text)
    (tmp_path / "nvidia-smi").chmod(0o644)
    found = ask(None)
    assert found.visible == ()
    assert (words in found.trouble) if words else (found.trouble is None)
