from __future__ import annotations

from gpustrap.resolve.torch.answer import Choice, Refusal, Source, TorchRefused, as_json


def test_a_choice_is_told_with_every_key(build):
    chosen = Choice(build("2.9.1+cu128"), ("torch==2.9.1",), (Source("default", None),), ("because",), ())
    told = as_json(chosen)
    assert (told["ok"], told["torch"], told["cuda"], told["refused"]) == (True, "2.9.1", "12.8", None)
    assert told["sources"] == [{"kind": "default", "url": None}]


def test_a_refusal_has_the_same_keys(build):
    refusal = Refusal("driver", "too old")
    chosen = Choice(build("2.9.1+cpu"), (), (), (), ())
    told = as_json(refusal)
    assert told.keys() == as_json(chosen).keys()
    assert (told["ok"], told["refused"]) == (False, {"constraint": "driver", "message": "too old"})


def test_a_refused_instance_names_the_constraint_and_keeps_the_refusal():
    refusal = Refusal("driver", "too old")
    failure = TorchRefused(refusal, "look")
    assert (str(failure), failure.refusal) == ("driver: too old\nhint: look", refusal)
