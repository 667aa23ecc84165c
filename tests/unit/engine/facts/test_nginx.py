from __future__ import annotations

import os
import subprocess

import pytest

from gpustrap.engine.facts.nginx import LoadedConfiguration

FACT = LoadedConfiguration()


@pytest.mark.parametrize(("said", "identity"), [(["welcome", "loaded abc"], "abc"), (["welcome"], None), ([], None)])
def test_what_is_loaded(said, identity):
    assert FACT.process(said) == identity


def test_a_pid_that_is_another_program_s_by_now_is_passed_over(tmp_path):
    (tmp_path / "abc.pid").write_text(f"{os.getpid()}\n")
    (tmp_path / "def.pid").write_text("")
    done = subprocess.run(["sh", "-c", FACT.command(str(tmp_path))], capture_output=True, text=True, timeout=10)
    assert (done.stdout, done.stderr) == ("", "")
