from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any, Literal

import pytest
import typeguard

from gpustrap.engine.type_checks import TypeCheckError, check_type, instead_of_typeguard

TYPES = [str, int, bool, float, bytes, dict, list, list[str], dict[str, int], str | None, Literal["a"], Path, Any]
VALUES = ["a", "", 1, True, 1.5, b"x", {}, {"a": 1}, {"a": "b"}, [], ["a"], [1], None, Path("a"), type]


@pytest.mark.parametrize("expected", TYPES, ids=str)
@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_it_says_the_same_as_typeguard_in_its_words(value, expected) -> None:
    try:
        typeguard.check_type(value, expected)
    except typeguard.TypeCheckError as error:
        with pytest.raises(TypeCheckError) as ours:
            check_type(value, expected)
        assert str(ours.value) == str(error)
    else:
        assert check_type(value, expected) == value


WRONG = """
import sys
import gpustrap.engine
assert "typeguard" not in sys.modules
from gpustrap.engine.session import Session
try:
    Session("box", {"ssh_port": "22x"})
except Exception as error:
    print(type(error).__name__, error)
import typeguard
print(typeguard.__file__ is not None)
"""


def test_pyinfra_still_refuses_host_data_of_another_type() -> None:
    done = subprocess.run([sys.executable, "-c", WRONG], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1:] == ["True"], done.stderr
    assert "ConnectorDataTypeError Invalid connector data `ssh_port`:" in done.stdout


def test_what_is_imported_inside_gets_ours_unless_typeguard_is_there(monkeypatch) -> None:
    with instead_of_typeguard():
        assert sys.modules["typeguard"] is typeguard
    monkeypatch.delitem(sys.modules, "typeguard")
    with pytest.raises(ZeroDivisionError), instead_of_typeguard():
        stand_in = sys.modules["typeguard"]
        assert (stand_in.check_type, stand_in.TypeCheckError) == (check_type, TypeCheckError)
        raise ZeroDivisionError
    assert "typeguard" not in sys.modules
