from __future__ import annotations

import pytest

from gpustrap.engine.facts.detached import Job, JobState
from gpustrap.engine.operations.detached import LOG_BYTES, awaited
from gpustrap.engine.operations.torch import mismatches
from gpustrap.engine.scripts import script

RIGHT = {"python": ("3.11",), "torch": ("2.9.1+cu128", "2.9.1"), "torchvision": ("0.24.1",)}


@pytest.mark.parametrize(
    ("there", "wrong"),
    [
        ({"python": "3.11", "torch": "2.9.1+cu128", "torchvision": "0.24.1"}, []),
        ({"python": "3.11", "torch": "2.9.1", "torchvision": "0.24.1"}, []),
        ({"python": "3.11", "torch": "2.9.1+cu126", "torchvision": "0.24.1"}, ["torch: 2.9.1+cu126 → 2.9.1+cu128"]),
        ({"python": "3.11", "torch": "2.9.1"}, ["torchvision: none → 0.24.1"]),
        ({"python": "3.12", "torch": "2.9.1", "torchvision": "0.24.1"}, ["python: 3.12 → 3.11"]),
        ({}, ["python: none → 3.11", "torch: none → 2.9.1+cu128", "torchvision: none → 0.24.1"]),
    ],
)
def test_each_package_that_has_none_of_its_right_versions_is_named(there, wrong):
    assert mismatches(RIGHT, there) == wrong


@pytest.mark.parametrize(
    ("state", "mode"),
    [
        (JobState(), "start"),
        (JobState("2d71", running=True), "join"),
        (JobState("other", running=True), "start"),
        (JobState("2d71", status=1), "start"),
        (JobState("2d71"), "start"),
    ],
    ids=["never started", "at work", "at work for something else", "failed", "cut short"],
)
def test_a_job_at_work_for_the_same_is_joined_and_any_other_is_started(state, mode):
    command = awaited(Job("torch", "/data/it's mine"), "2d71", state).get_raw_value()
    given = {"job": "torch", "d": "/data/it's mine", "identity": "2d71", "mode": mode}
    assert script("job-await", **given, most=LOG_BYTES) in command
