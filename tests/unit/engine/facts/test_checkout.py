"""What a box says of a checkout; the scripts themselves run in ../operations/test_checkout.py."""

from __future__ import annotations

import pytest

from gpustrap.engine.facts.checkout import CheckoutFolder, CheckoutState

HEAD = "0123456789" * 4


@pytest.mark.parametrize(
    ("output", "state"),
    [
        (["place absent"], CheckoutState()),
        (["noise", "place there"], CheckoutState("there")),
        ([f"head {HEAD}", "place checkout"], CheckoutState("checkout", HEAD)),
        (["head nonsense", "place checkout"], CheckoutState("checkout")),
        (
            [
                "changed  M a b.py",
                "changed R  x -> y",
                "commit 1a2 their \x1b]0;title\x07fix",
                "module 00 sub",
                "pointer sub/a b.bin",
                "place checkout",
            ],
            CheckoutState("checkout", "", ("a b.py", "x -> y"), ("1a2 their fix",), ("00 sub",), ("sub/a b.bin",)),
        ),
    ],
)
def test_each_line_is_read(output: list[str], state: CheckoutState) -> None:
    assert CheckoutFolder().process(output) == state


def test_another_user_looks_himself() -> None:
    assert CheckoutFolder().command("/app", "ubuntu").startswith("runuser -u ubuntu -- /bin/sh -c ")


def test_git_is_told_which_key_and_which_settings_are_its_own() -> None:
    from gpustrap.engine.facts.checkout import checkout_script

    lines = checkout_script("fetch", "", "/a key", "/its config", url="u").splitlines()
    assert {"key='/a key'", "config='/its config'", "url=u"} <= {*lines}


def test_an_answer_that_was_cut_off_is_none() -> None:
    with pytest.raises(ValueError, match=r"^the answer was cut off$"):
        CheckoutFolder().process([f"head {HEAD}"])
