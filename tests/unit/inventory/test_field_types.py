from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field, RootModel

from gpustrap.inventory.field_types import known_keys, number_range, types_at


class Port(BaseModel):
    number: int = Field(1, ge=1, le=65535)
    share: Annotated[float, Field(gt=0)] = 1
    protocol: str = Field("tcp", alias="proto")


class Service(BaseModel):
    port: Port | None = None
    ports: list[Port] = []
    weight: Annotated[int, Field(ge=3)] | None = None


class Services(RootModel[dict[str, Service]]): ...


@pytest.mark.parametrize(
    ("loc", "keys"),
    [
        (("web",), ["port", "ports", "weight"]),
        (("web", "port"), ["number", "share", "proto"]),
        (("web", "ports", 0), ["number", "share", "proto"]),
        (("web", "port", "number"), []),
        (("web", "port", "a member of a union"), ["number", "share", "proto"]),
    ],
)
def test_the_keys_that_are_known_at_a_place(loc: Any, keys: list[str]) -> None:
    assert known_keys(types_at(Services, loc)) == keys


@pytest.mark.parametrize(
    ("loc", "bounds"),
    [
        (("web", "port", "number"), (1, 65535)),
        (("web", "weight"), (3, None)),
        (("web", "port", "share"), (None, None)),
        (("web", "port", "proto"), (None, None)),
    ],
)
def test_the_bounds_of_a_number(loc: Any, bounds: tuple[Any, Any]) -> None:
    assert number_range(types_at(Services, loc)) == bounds
