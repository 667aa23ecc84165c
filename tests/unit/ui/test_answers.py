from __future__ import annotations

import pytest

from gpustrap.ui.answers import meant, neither


@pytest.mark.parametrize(
    ("answer", "default", "means"),
    [
        ("y\n", False, True),
        (" YES ", False, True),
        ("是", False, True),
        ("n", True, False),
        ("否\n", True, False),
        ("", True, True),
        ("\n", False, False),
        ("yep", True, None),
        ("y n", True, None),
    ],
)
def test_an_answer_is_yes_no_or_neither(answer, default, means):
    assert meant(answer, default=default) is means


def test_what_is_neither_is_said_without_what_a_terminal_would_obey():
    assert neither("ye\x1b[31mp\n") == "'yep' is neither yes nor no"
