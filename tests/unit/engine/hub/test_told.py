from __future__ import annotations

import json
from dataclasses import asdict

from gpustrap.resolve.hub import Store, Wanted


def test_arguments_are_read_as_they_are_given() -> None:
    from gpustrap.engine.hub import arguments
    from gpustrap.engine.hub.told import read_arguments

    store, one = Store("/c", "/r"), Wanted("model", "org/name", allow=("*.json",))
    assert read_arguments(arguments(store, [one])) == (store, [one])
    assert json.loads(arguments(store, [one]))["store"] == asdict(store)
