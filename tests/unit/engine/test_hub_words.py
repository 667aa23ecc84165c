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


TOLD = {name: name.upper() for name in "repo revision status file host said asked gb needed place free".split()}
LATER = "run the same command again later: it goes on where it was"
PLACE = (
    "`gpustrap doctor` shows where it breaks; `mirrors.measure: true` takes another place that works; ModelScope is "
    "another source, which does not fill this cache"
)
GATED = (
    "accept its terms at https://huggingface.co/REPO and set hub.token to a token of that account; behind a mirror "
    "mirrors.hf_token_to_mirror: true too, or mirrors.hf: upstream"
)


@pytest.mark.parametrize(
    ("word", "error", "hint"),
    [
        ("gated", "REPO is gated: its owner lets in only accounts that have accepted its terms", GATED),
        ("repository", "there is no REPO that this token may see (HTTP STATUS)",
         "is the name right, the token still valid, a dataset written as dataset: …? a private one needs hub.token"),
        ("revision", "REPO has no revision REVISION", "https://huggingface.co/REPO/tree/main lists its branches, tags and commits"),
        ("forbidden", "the hub refuses REPO to this token (HTTP STATUS)", GATED),
        ("rate", "the hub has had too many requests from here (HTTP 429), also after waiting as it asked", LATER),
        ("http", "the hub answered HTTP STATUS for FILE of REPO", PLACE),
        ("unreached", "HOST cannot be reached from the instance: SAID", PLACE),
        ("redirected", "ASKED sends for FILE of REPO to HOST, which cannot be reached: SAID", PLACE),
        ("length", "FILE of REPO came with another length than the hub says, and with no error", LATER),
        ("digest", "what was sent as FILE of REPO is another file: its digest is not the hub's; it was removed", PLACE),
        ("missing", "FILE of REPO did not arrive", LATER),
        ("large", "FILE of REPO has GB GB, and Hugging Face's client refuses files over 50 GB without Xet",
         "set mirrors.xet: on; its transfers go to Hugging Face's own hosts"),
        ("room", "REPO needs NEEDED GiB more in PLACE, and FREE GiB are free: nothing was fetched",
         "set hub.cache to a larger disk, or fetch less by allow and ignore"),
        ("full", "the disk became full while FILE of REPO was fetched", "set hub.cache to a larger disk"),
        ("taken", "another program is writing FILE", LATER),
        ("other", "REPO could not be fetched: SAID", LATER),
    ],
)  # fmt: skip
def test_what_was_in_the_way_is_told_with_what_to_do(word: str, error: str, hint: str) -> None:
    from gpustrap.engine.hub_words import failure_of

    told = failure_of(["noise", line(word, **TOLD), line("missing", repo="other")], "hub")
    assert str(told) == f"hub | prefetch: {error}\n? of other did not arrive\nhint: {hint}"
