from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, RootModel, StringConstraints

from gpustrap.reference import settings

Name = Annotated[str, StringConstraints(pattern="^[a-z]+$")]


class Inner(BaseModel):
    """A form inside another."""

    word: str


class Names(RootModel[dict[Name, Inner]]):
    """Forms by name."""


class Empty(BaseModel):
    """Nothing to set."""


@pytest.mark.parametrize(
    ("kind", "field", "row"),
    [
        (str, ..., ("text", "must be given", "–")),
        (str | None, None, ("text", "–", "–")),
        (str, "", ("text", '`""`', "–")),
        (int, Field(60, ge=1, le=3600), ("whole number", "`60`", "1 to 3600")),
        (float, Field(0.5, gt=0), ("number", "`0.5`", "above 0")),
        (bool, True, ("true or false", "`true`", "–")),
        (Literal["a", "b", "c"], "a", ("`a`, `b` or `c`", "`a`", "–")),
        (tuple[Name, ...], ("x", "y"), ("list of text", "`[x, y]`", "each: form `^[a-z]+$`")),
        (Inner | list[bool], [True], ("<Inner> or list of true or false", "`[true]`", "–")),
        (
            dict[Name, int],
            Field(default_factory=dict),
            ("mapping of name to whole number", "`{}`", "names of the form `^[a-z]+$`"),
        ),
        (dict[str, Any], Field(default_factory=lambda: {"k": 1}), ("mapping of name to anything", '`{"k": 1}`', "–")),
        (str | None, Field(None, pattern="^/", max_length=9), ("text", "–", "at most 9 characters; form `^/`")),
    ],
)
def test_each_type_default_and_bound_is_said_in_words(kind, field, row):
    model = type("Model", (BaseModel,), {"__annotations__": {"key": kind}} | ({} if field is ... else {"key": field}))
    shown = settings.form(settings.schema_of(model), lambda name: f"<{name}>").splitlines()[-1]
    cells = [cell.strip() for cell in shown.strip("|").split("|")]
    wanted = row if row[2] != "–" else row[:2]  # no key has a bound: no such column
    assert cells == ["`key`", *wanted, ""]


def test_a_form_says_what_it_is_for_and_its_keys():
    class Model(BaseModel):
        """First line,
        and its end.
        """

        word: str = Field("a|b", description="What *it* is")

    assert settings.form(settings.schema_of(Model), str) == (
        "First line, and its end.\n\n"
        "| key    | type | default | meaning |\n"
        "| ------ | ---- | ------- | ------- |\n"
        r"| `word` | text | `a\|b`  | What \*it\* is |"
    )


def test_a_mapping_says_what_stands_in_it():
    schema = settings.schema_of(Names)
    assert (
        settings.form(schema, str)
        == "Forms by name.\n\nIt is a mapping of name to Inner (names of the form `^[a-z]+$`)."
    )
    assert list(settings.forms_in(schema)) == ["Inner"]


def test_a_form_without_keys_says_so():
    assert settings.form(settings.schema_of(Empty), str) == "Nothing to set.\n\nIt has no keys."
