"""The sentence about a service; each reason is read in test_tmux.py."""

from __future__ import annotations

import pytest

from gpustrap.engine.facts.service_troubles import sentence


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        ("it has ended with 3", "web has ended with 3"),
        ("port 80 is taken by nginx", "port 80 is taken by nginx"),
        ("tmux: no space left", "web is not ready: tmux: no space left"),
        ("tmux cannot start it", "tmux cannot start it"),
        ("nothing listens on its port", "web is not ready: nothing listens on its port"),
    ],
)
def test_a_reason_becomes_a_sentence_about_the_service(trouble: str, said: str) -> None:
    assert sentence("web", trouble) == said
