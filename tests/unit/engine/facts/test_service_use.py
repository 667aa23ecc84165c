"""What processes use, asked by the script itself of processes of this machine; nvidia-smi is a stand-in."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager

import pytest

from gpustrap.engine.facts.service_use import ServiceUse, Use

HOLDS = "import sys,time; data=bytearray(40_000_000); data[::4096]=b'x'*len(data[::4096]); f=[open(p) for p in sys.argv[1:]]; print(flush=True); sys.stdin.read()"

A, B = f"use-a-{os.getpid()}", f"use-b-{os.getpid()}"  # other workers have their own


@contextmanager
def running(service, *opened):
    """A process of the service with 40 MB of its own, which holds these files open."""
    env = {**os.environ, "GPUSTRAP_SERVICE": service}
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS, *opened], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env
    ) as process:
        process.stdout.readline()
        yield process
        process.stdin.close()


@pytest.fixture
def asked(tmp_path):
    """`asked("web", smi="…")`: what the script finds; `smi` is a stand-in for nvidia-smi, a card is any file `card…`."""

    def ask(*names, smi=None):
        if smi is not None:
            (tmp_path / "nvidia-smi").write_text(f"#!/bin/sh\n{smi}\n")
            (tmp_path / "nvidia-smi").chmod(0o755)
        card = str(tmp_path / "card").replace("/", "\\/")
        command = ServiceUse().command(names).replace("\\/dev\\/nvidia[0-9]", card)
        env = {**os.environ, "PATH": f"{os.environ['PATH']}:{tmp_path}"}
        done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=30, env=env)
        assert done.stderr == ""
        return ServiceUse().process(done.stdout.splitlines())

    return ask


def test_the_processes_of_a_service_are_counted_together_and_no_others(asked):
    with running(A), running(A), running(B):
        found = asked(A, B, "nobody")
    assert {name: use.processes for name, use in found.items()} == {A: 2, B: 1}
    assert 80_000_000 < found[A].memory_bytes < 200_000_000
    assert not found[A].on_card


@pytest.mark.parametrize(
    ("smi", "told"),
    [
        ("echo '{pid}, 512'; echo '{pid}, 256'; echo '1, 4000'", 768),
        ("echo '{pid}, [N/A]'", None),
        ("echo '999999, 512'", None),
        ("echo 'No running processes found'", None),
        ("echo 'Failed to initialize NVML'; exit 9", None),
        (None, None),
    ],
)
def test_what_a_card_holds_is_what_nvidia_smi_tells_of_a_process_that_has_it_open(asked, tmp_path, smi, told):
    (tmp_path / "card0").touch()
    with running(A, str(tmp_path / "card0")) as process, running(B):
        found = asked(A, B, smi=smi and smi.replace("{pid}", str(process.pid)))
    assert (found[A].on_card, found[A].card_mib) == (True, told)
    assert (found[B].on_card, found[B].card_mib) == (False, None)


def test_lines_that_are_none_are_passed_over():
    said = [
        "use web 2 100 512",
        "use job 1 50 -",
        "use gpu 1 50 ?",
        "use x y 1 1",
        "use a 1",
        "welcome",
        "used web2 2 100 512",
        "use b 1 -5 -",
    ]
    assert ServiceUse().process(said) == {
        "web": Use(2, 102400, True, 512),
        "job": Use(1, 51200),
        "gpu": Use(1, 51200, True),
    }
    assert ServiceUse.default() == {}
