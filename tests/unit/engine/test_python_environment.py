from __future__ import annotations

import shlex

from gpustrap.engine.facts.detached import Job
from gpustrap.engine.python_environment import script_of
from gpustrap.resolve.environment import Environment

JOB = Job("project", "/data/it's mine")
OWN = Environment("/uv", "/a b", "uv.lock", "/a b/.venv/bin/python", "/a b/.venv", version="3.12")


def test_the_job_makes_the_environment_that_is_decided() -> None:
    file = script_of(OWN, JOB)
    assert (file.dest, file.mode) == ("/data/it's mine/run", "755")
    assert file.text.startswith("#!/bin/sh\n# Managed by gpustrap: makes the environment of /a b.\n")
    for line in ("project='/a b'", "file=uv.lock", "venv='/a b/.venv'", "version=3.12", "listed && installed"):
        assert f"\n{line}\n" in file.text


def test_one_of_another_user_is_made_by_him() -> None:
    from dataclasses import replace

    *_, last = script_of(replace(OWN, user="ubuntu"), JOB).text.split("\n", 2)
    words = shlex.split(last)
    assert words[:6] == ["runuser", "-u", "ubuntu", "--", "/bin/sh", "-c"]
    assert words[6].endswith("listed && installed\n")
