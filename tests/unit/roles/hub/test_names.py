from __future__ import annotations

import pytest


@pytest.mark.parametrize("name", ["org/name", "gpt2", "Qwen/Qwen3-0.6B", "a_b/c.d-e"])
def test_names_of_repositories_are_taken(name: str) -> None:
    from roles.hub.names import is_repo

    assert is_repo(name) == name


@pytest.mark.parametrize(
    "name", ["", "a/b/c", "a b", "a--b/c", "../x", "a/..", "a..b/c", "/a", "a/", "https://h/a", "a/$(id)"]
)
def test_what_is_none_is_refused(name: str) -> None:
    from roles.hub.names import is_repo

    with pytest.raises(ValueError, match="expected ORG/NAME"):
        is_repo(name)


@pytest.mark.parametrize("name", ["main", "v1.0", "refs/pr/1", "0" * 40, "_a+b"])
def test_names_of_revisions_are_taken(name: str) -> None:
    from roles.hub.names import is_revision

    assert is_revision(name) == name


@pytest.mark.parametrize("name", ["", "-x", "a..b", "../x", "a b", "/a", "a$b"])
def test_what_is_no_revision_is_refused(name: str) -> None:
    from roles.hub.names import is_revision

    with pytest.raises(ValueError, match=r"^expected the name of a branch or a tag, or a commit$"):
        is_revision(name)


@pytest.mark.parametrize(
    ("written", "place"), [("auto", "auto"), ("/data/hf", "/data/hf"), ("/d/..x/X//", "/d/..x/X"), ("/X", "/X")]
)
def test_places_of_a_cache_are_taken_without_the_slash_at_their_end(written: str, place: str) -> None:
    from roles.hub.names import is_cache

    assert is_cache(written) == place
