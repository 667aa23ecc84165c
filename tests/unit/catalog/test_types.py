from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from gpustrap.catalog.types import Numbers, Pair


@pytest.mark.parametrize(("text", "numbers"), [("12", (12,)), ("12.8", (12, 8)), ("525.60.13", (525, 60, 13))])
def test_a_version_is_text_in_a_file_and_numbers_here(text, numbers):
    assert TypeAdapter(Numbers).validate_python(text) == numbers


@pytest.mark.parametrize("value", ["", "12.", "R525", "12.x", None, 12.8])
def test_what_is_no_version_is_refused(value):
    with pytest.raises(ValidationError):
        TypeAdapter(Numbers).validate_python(value)


@pytest.mark.parametrize("value", ["12", "12.8.1"])
def test_a_pair_is_two_numbers(value):
    with pytest.raises(ValidationError):
        TypeAdapter(Pair).validate_python(value)
