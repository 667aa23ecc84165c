from __future__ import annotations

import pytest


@pytest.mark.parametrize("name", ["org/name", "gpt2", "Qwen/Qwen3-0.6B", "a_b/c.d-e"])
def test_names_of_repositories_are_taken(name: str) -> None:
    from roles.hub.names import is_repo

    assert is_repo(name) == name


@pytest.mark.parametrize("name", ["", "a/b/c", "a b", "a--b/c", "../x", "a/..", "/a", "a/", "https://h/a", "a/$(id)"])
def test_what_is_none_is_refused(name: str) -> None:
    from roles.hub.names import is_repo

    with pytest.raises(ValueError, match="expected ORG/NAME"):
        is_repo(name)
