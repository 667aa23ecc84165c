"""The JSON form of a result is what programs read: its keys and its values stay."""

from __future__ import annotations

import json

from gpustrap.errors import InstanceFailed
from gpustrap.run.report import Change, Result, ServiceState


def test_an_untouched_instance_has_every_key():
    assert Result().as_json() == {
        "ok": True,
        "reasons": {},
        "changed": [],
        "unchanged": 0,
        "checks": {"passed": 0, "failed": 0},
        "execs": 0,
        "uploads": 0,
        "seconds": 0.0,
        "services": {},
        "notes": [],
        "failed": None,
    }


def test_all_that_a_run_did_is_in_it():
    result = Result(
        [Change("alpha", "packages", ("+ git",))],
        unchanged=3,
        execs=2,
        uploads=1,
        seconds=1.23456,
        services={"web": ServiceState("http://out", "http://127.0.0.1:8080", False)},
        reasons={"alpha": ["why"]},
    )
    assert json.loads(json.dumps(result.as_json())) == {
        "ok": True,
        "reasons": {"alpha": ["why"]},
        "changed": [{"role": "alpha", "operation": "packages"}],
        "unchanged": 3,
        "checks": {"passed": 0, "failed": 0},
        "execs": 2,
        "uploads": 1,
        "seconds": 1.235,
        "services": {"web": {"url": "http://out", "local_url": "http://127.0.0.1:8080", "healthy": False}},
        "notes": [],
        "failed": None,
    }


def test_a_failure_names_role_operation_and_error():
    failed = InstanceFailed("the disk is full", role="alpha", operation="packages", hint="df")
    report = Result(failed=failed).as_json()
    assert report["ok"] is False
    assert report["failed"] == {"role": "alpha", "operation": "packages", "error": "the disk is full"}
    assert Result(failed=InstanceFailed("no")).as_json()["failed"] == {"role": None, "operation": None, "error": "no"}


def test_a_no_is_not_a_failure():
    assert Result(declined=True).as_json() == Result().as_json()


def test_two_results_share_nothing():
    one, other = Result(), Result()
    one.changed.append(Change("alpha", "packages"))
    one.services["web"] = ServiceState(None, None, True)
    one.reasons["alpha"] = []
    assert other.as_json() == Result().as_json()
