"""A broken promise is a sentence: no role's proof has an assertion that leaves its words to pytest."""

from __future__ import annotations

import ast

import pytest

from gpustrap import content

PROOFS = sorted(content.builtin_root().glob("roles/*/verify.py"))


def test_every_role_that_can_be_proved_is_looked_at() -> None:
    assert {"base", "mirrors", "network", "python", "services", "torch"} <= {file.parent.name for file in PROOFS}


@pytest.mark.parametrize("file", PROOFS, ids=lambda file: file.parent.name)
def test_each_assertion_has_words(file) -> None:
    bare = [
        node.lineno
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Assert) and node.msg is None
    ]
    assert bare == []
