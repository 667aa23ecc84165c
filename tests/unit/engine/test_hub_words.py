from __future__ import annotations

import json

import pytest

from gpustrap.errors import InstanceFailed


def test_each_word_is_a_sentence_with_what_to_do() -> None:
    from gpustrap.engine.hub_words import SENTENCES, failure

    for word in SENTENCES:
        failed = failure(word, {"repo": "org/name", "file": "a.bin"})
        assert failed.error and failed.hint and "{" not in failed.error + failed.hint


def test_a_gated_model_says_where_its_terms_are_accepted() -> None:
    from gpustrap.engine.hub_words import failure

    failed = failure("gated", {"repo": "org/name"})
    assert failed.error == "org/name is gated: its owner lets in only accounts that have accepted its terms"
    assert failed.hint is not None
    assert failed.hint.startswith("accept its terms at https://huggingface.co/org/name and set hub.token to a token")


def line(word: str, **fields: str) -> str:
    return "hub-trouble " + json.dumps([word, fields])


def test_a_job_that_failed_is_told_by_its_lines_each_repository_once() -> None:
    from gpustrap.engine.failures import of_operation

    lines = ["x", line("digest", repo="a/b", file="f"), line("revision", repo="c/d", revision="v\x1b9")]
    failed = of_operation(lines, True, "hub", "prefetch", "ran")
    first = "what was sent as f of a/b is another file: its digest is not the hub's; it was removed"
    assert (failed.role, failed.operation, failed.error) == ("hub", "prefetch", f"{first}\nc/d has no revision v9")


@pytest.mark.parametrize("said", ["hub-trouble [", "hub-trouble [1]", 'hub-trouble ["x", 1]', "hub-trouble []", "x"])
def test_what_is_no_such_line_is_not_taken_for_one(said: str) -> None:
    from gpustrap.engine.hub_words import failure_of

    assert failure_of([said], "hub") is None


def test_a_word_of_another_version_is_still_a_failure() -> None:
    from gpustrap.engine.hub_words import failure_of

    failed = failure_of([line("new", repo="a/b", said="x")], None)
    assert isinstance(failed, InstanceFailed)
    assert failed.error == "a/b could not be fetched: x"
