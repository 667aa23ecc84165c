"""What a person reads who wrote a bad value for the role `hub`, and what may be written."""

from __future__ import annotations

import pytest

REPO = "expected ORG/NAME, as it stands in the address of its page"
CACHE = "expected auto or a folder such as /data/huggingface, without spaces and quotes"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{prefetch: ['https://huggingface.co/a/b']}", f"4: hub.prefetch.0: {REPO}"),
        ("{prefetch: [a/b, {dataset: a/b/c}]}", f"4: hub.prefetch.1.dataset: {REPO}"),
        ("{prefetch: [{model: a/b, dataset: a/b}]}", "4: hub.prefetch.0: expected one of model and dataset"),
        ("{prefetch: [{revision: v1}]}", "4: hub.prefetch.0: expected one of model and dataset"),
        ("{prefetch: [{model: a/b, allow: '*.bin'}]}", "4: hub.prefetch.0.allow: expected a list, got '*.bin'"),
        ("{prefetch: [{model: a/b, revison: v1}]}", "4: hub.prefetch.0.revison: unknown key; nearest: 'revision'"),
        (
            "{prefetch: [{model: a/b, revision: ../x}]}",
            "4: hub.prefetch.0.revision: expected the name of a branch or a tag, or a commit",
        ),
        ("{cache: data/hf}", f"4: hub.cache: {CACHE}"),
        ("{cache: '/a b'}", f"4: hub.cache: {CACHE}"),
        ("{cache: /a/../b}", f"4: hub.cache: {CACHE}"),
        ("{workers: 99}", "4: hub.workers: expected a number from 1 to 16, got 99"),
        ("{tokn: {env: T}}", "4: hub.tokn: unknown key; nearest: 'token'"),
    ],
)
def test_a_bad_value_is_named_by_line_and_key(refusal, text: str, message: str) -> None:
    assert refusal("hub", text) == [message]


def test_a_token_in_the_clear_is_refused_and_not_repeated(refusal) -> None:
    (said,) = refusal("hub", "{token: hf_s3cret}")
    assert said.startswith("4: hub.token: a secret in the clear ends up in backups and commits")
    assert "s3cret" not in said


def test_a_name_alone_is_a_model_at_its_main_branch(load) -> None:
    settings = load(
        "hub", "{prefetch: [org/name, gpt2, {dataset: org/data, revision: v1.0, ignore: ['*.bin']}], cache: /d/}"
    )
    first, short, data = settings.prefetch
    assert (first.model, first.dataset, first.revision, short.model) == ("org/name", None, "main", "gpt2")
    assert (data.dataset, data.revision, data.ignore) == ("org/data", "v1.0", ("*.bin",))
    assert settings.cache == "/d"
