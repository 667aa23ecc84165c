"""Output as the lab boxes debian-12 and debian-11 gave it (the same) on 2026-11-24."""

from __future__ import annotations

import pytest

from gpustrap.engine.facts.files import FileState, FileStates

A_NEWLINE = "87428fc522803d31065e7bce3cf03fe475096631e5e07bbd7a0fde60c4cf25c7"  # of b"a\n"
BLOCK = "04422d552ce203fb5111e468a5b63d238d37a51fde7b7e5c24aca46d0324839d"
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
RECORDED = f"""\
file 640 {A_NEWLINE} ours
dir - - -
file 640 {A_NEWLINE} -
absent - - -
file 644 {BLOCK} -
file 600 {EMPTY} -
absent - - -
/root/f/plain
/root/f/dir
/root/f/link
/root/f/broken
/root/f/block
/root/f/sp ace
/root/f/none
"""


def test_each_path_has_the_state_that_its_line_says() -> None:
    assert FileStates().process(RECORDED.splitlines()) == {
        "/root/f/plain": FileState("file", "640", A_NEWLINE, ours=True),
        "/root/f/dir": FileState("dir"),
        "/root/f/link": FileState("file", "640", A_NEWLINE),
        "/root/f/broken": FileState("absent"),
        "/root/f/block": FileState("file", "644", BLOCK),
        "/root/f/sp ace": FileState("file", "600", EMPTY),
        "/root/f/none": FileState("absent"),
    }


def test_no_paths_no_states() -> None:
    assert FileStates().process([]) == {}


def test_an_answer_that_lacks_a_line_is_not_taken_for_one() -> None:
    with pytest.raises(ValueError):
        FileStates().process(RECORDED.splitlines()[1:])
