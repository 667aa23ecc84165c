from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, RootModel, ValidationError, model_validator

from gpustrap.inventory.document import parse
from gpustrap.inventory.faults import faults_of


class Service(BaseModel):
    model_config = ConfigDict(extra="forbid")
    command: str | list[str] | None = None
    port: int = Field(default=8080, ge=1, le=65535)
    weight: Annotated[float, Field(ge=0)] = 1
    spare: Annotated[int, Field(le=9)] | None = None
    open: bool = False

    @model_validator(mode="after")
    def _open_has_port(self) -> Service:
        if self.open and self.port == 1:
            raise ValueError("port 1 is never open")
        return self


class Services(RootModel[dict[Annotated[str, Field(pattern="^[a-z]+$")], Service]]):
    pass


class Settings(BaseModel):
    model_config = ConfigDict(extra="forbid")
    services: Services = Services({})
    color: Literal["red", "green"] | int = "red"
    names: tuple[str, ...] = ()
    file: Path = Path()
    ports: list[Annotated[int, Field(ge=1, le=9)]] = []
    size: int | None = None
    ratio: float = Field(default=0.5, gt=0, lt=1)
    name: str = Field(default="a", max_length=3)
    from_: str = Field(default="", alias="from")


class Required(BaseModel):
    repo: str


def faults(text: str, model: type[BaseModel] = Settings) -> list[str]:
    written = parse(text, "f.yml")
    assert written is not None
    with pytest.raises(ValidationError) as refused:
        model.model_validate(written.plain())
    return [str(fault) for fault in faults_of(refused.value, model, written, "f.yml")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("size: big", "size: expected a whole number, got 'big'"),
        ("size: 1.5", "size: expected a whole number, got 1.5"),
        ("size: [1]", "size: expected a whole number, got a list"),
        ("size: {a: 1}", "size: expected a whole number, got a mapping"),
        ("name: ", "name: expected text, got nothing"),
        ("name: 2.10", 'name: expected text, got 2.10; write it in quotes: "2.10"'),
        ("name: true", 'name: expected text, got true; write it in quotes: "true"'),
        ("name: 2026-01-01", 'name: expected text, got 2026-01-01; write it in quotes: "2026-01-01"'),
        ("file: 5", 'file: expected text, got 5; write it in quotes: "5"'),
        ("name: abcd", "name: string should have at most 3 characters"),
        ("names: a", "names: expected a list, got 'a'"),
        ("names: [a, 5]", 'names.1: expected text, got 5; write it in quotes: "5"'),
        (f"names: {'x' * 70}", f"names: expected a list, got '{'x' * 60}…'"),
        ("services: []", "services: expected a mapping (key: value), got a list"),
        ("services: {a: 5}", "services.a: expected a mapping (key: value), got 5"),
        ("services: {A: {}}", "services.A: expected text of the form ^[a-z]+$, got 'A'"),
        ("services: {a: {open: 5}}", "services.a.open: expected true or false, got 5"),
        ("services: {a: {weight: x}}", "services.a.weight: expected a number, got 'x'"),
    ],
)
def test_a_wrong_type_names_what_was_expected_and_what_was_written(text: str, message: str) -> None:
    assert faults(text) == [f"f.yml:1: {message}"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("services: {a: {port: 0}}", "services.a.port: expected a number from 1 to 65535, got 0"),
        ("services: {a: {port: 65536}}", "services.a.port: expected a number from 1 to 65535, got 65536"),
        ("services: {a: {weight: -1}}", "services.a.weight: expected a number of at least 0, got -1"),
        ("services: {a: {spare: 10}}", "services.a.spare: expected a number of at most 9, got 10"),
        ("ratio: 0", "ratio: expected a number greater than 0, got 0"),
        ("ratio: 1", "ratio: expected a number less than 1, got 1"),
        ("ports: [1, 10]", "ports.1: expected a number from 1 to 9, got 10"),
    ],
)
def test_a_number_out_of_range_names_the_bounds(text: str, message: str) -> None:
    assert faults(text) == [f"f.yml:1: {message}"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("colour: red", "colour: unknown key; nearest: 'color'"),
        ("zzz: 1", "zzz: unknown key"),
        ("form: a", "form: unknown key; nearest: 'from'"),
        ("services: {a: {comand: x}}", "services.a.comand: unknown key; nearest: 'command'"),
    ],
)
def test_an_unknown_key_names_the_nearest_key_of_its_model(text: str, message: str) -> None:
    assert faults(text) == [f"f.yml:1: {message}"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("color: gren", "color: expected red, green or a whole number, got 'gren'; nearest: 'green'"),
        (
            "services: {a: {command: 5}}",
            'services.a.command: expected text or a list, got 5; write it in quotes: "5"',
        ),
    ],
)
def test_a_union_expects_what_its_members_do(text: str, message: str) -> None:
    assert faults(text) == [f"f.yml:1: {message}"]


def test_a_missing_key_is_named_at_the_mapping_that_lacks_it() -> None:
    assert faults("{}", Required) == ["f.yml:1: repo: missing, and it has no default"]


def test_a_models_own_sentence_is_kept() -> None:
    text = "services:\n  a: {open: true, port: 1}"
    assert faults(text) == ["f.yml:2: services.a: port 1 is never open"]


def test_all_faults_come_at_once_in_the_order_of_the_lines() -> None:
    assert faults("services:\n  a: {port: 0,\n      prt: 1}\nsize: x\nzzz: 1\n") == [
        "f.yml:2: services.a.port: expected a number from 1 to 65535, got 0",
        "f.yml:3: services.a.prt: unknown key; nearest: 'port'",
        "f.yml:4: size: expected a whole number, got 'x'",
        "f.yml:5: zzz: unknown key",
    ]
