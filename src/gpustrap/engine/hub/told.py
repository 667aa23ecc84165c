"""What the programs are told. Runs on the instance."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from gpustrap.resolve.hub import Store, Wanted


def read_arguments(text: str) -> tuple[Store, Sequence[Wanted]]:
    told = json.loads(text)
    return Store(**told["store"]), [_wanted(one) for one in told["wanted"]]


def _wanted(told: dict[str, Any]) -> Wanted:
    return Wanted(**{key: _tuple(value) for key, value in told.items()})


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
