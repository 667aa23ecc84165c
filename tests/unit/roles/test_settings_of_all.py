"""What holds for the settings of every role."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from gpustrap import content

ROLES = ("base", "hub", "mirrors", "network", "python", "torch")
INSIDE = {
    "services": ({"web": {"command": "x", "nonsense": 1}}, lambda one: setattr(one.root["web"], "command", "y")),
    "torch": ({"wheel_mirrors": [{"kind": "index", "url": "https://a/{tag}", "nonsense": 1}]},
              lambda one: setattr(one.wheel_mirrors[0], "url", "y")),
}  # fmt: skip


@pytest.mark.parametrize("role", ROLES)
def test_a_key_that_a_role_does_not_know_is_refused(role: str) -> None:
    with pytest.raises(ValidationError, match="nonsense\n  Extra inputs are not permitted"):
        content.role_module(role, "settings").Settings.model_validate({"nonsense": 1})


@pytest.mark.parametrize("role", ROLES)
def test_settings_are_what_was_written_and_stay_it(role: str) -> None:
    one = content.role_module(role, "settings").Settings.model_validate({})
    name = next(iter(type(one).model_fields))
    with pytest.raises(ValidationError, match="frozen"):
        setattr(one, name, getattr(one, name))


@pytest.mark.parametrize("role", INSIDE)
def test_the_same_holds_inside(role: str) -> None:
    values, change = INSIDE[role]
    settings = content.role_module(role, "settings").Settings
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        settings.model_validate(values)
    (inner,) = values.values()
    (inner[0] if isinstance(inner, list) else inner).pop("nonsense", None)
    one = settings.model_validate(values)
    with pytest.raises(ValidationError, match="frozen"):
        change(one)
