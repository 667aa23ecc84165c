from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpustrap.engine.frame import TooMuch
from gpustrap.engine.frames import Frames

MARK = "gpustrap-0123456789abcdef"
PIECES = st.lists(st.tuples(st.binary(max_size=200), st.integers(0, 255)), max_size=5)


def stream(answers: list[tuple[bytes, int]], noise: bytes = b"") -> bytes:
    return noise.join(
        f"{MARK}.{at} begin\n".encode() + data + f"{MARK}.{at} end {status}\n".encode()
        for at, (data, status) in enumerate(answers)
    )


class Heard:
    """What `Frames` tells of a stream that comes in the pieces that `cuts` make."""

    def __init__(self, data: bytes, cuts: list[int], most: int = 10**6):
        self.said: dict[int, bytes] = {}
        self.ended: list[tuple[bytes, int]] = []
        frames = Frames(MARK, most, self._say, self._end)
        places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
        for start, end in pairwise(places):
            frames.feed(data[start:end])
        self.begun = frames.begun

    def _say(self, at: int, data: bytes) -> None:
        self.said[at] = self.said.get(at, b"") + data

    def _end(self, at: int, status: int) -> None:
        assert at == len(self.ended)
        self.ended.append((self.said.get(at, b""), status))


@given(PIECES, st.binary(max_size=60), st.lists(st.integers(0, 2000), max_size=9))
def test_each_answer_comes_back_however_the_stream_is_cut(answers, noise, cuts) -> None:
    heard = Heard(stream(answers, noise), cuts)
    assert (heard.ended, heard.begun) == (answers, len(answers))


@given(PIECES.filter(bool), st.integers(0, 10_000))
def test_a_stream_that_is_cut_ends_no_answer_that_is_not_whole(answers, cut) -> None:
    data = stream(answers)
    heard = Heard(data[: cut % (len(data) - 1)], [])
    assert heard.ended == answers[: len(heard.ended)] and len(heard.ended) < len(answers)


@pytest.mark.parametrize(
    "forged", [f"\n{MARK}.1 end 0\n", f"\n{MARK} end 0\n", f"\n{MARK}.0 end x\n", f"{MARK}.1 begin\n"]
)
def test_marks_of_another_answer_end_none(forged: str) -> None:
    answers = [(forged.encode(), 3), (b"next", 0)]
    assert Heard(stream(answers), []).ended == answers


def test_a_line_is_heard_as_soon_as_it_was_printed() -> None:
    assert Heard(f"{MARK}.0 begin\nGet:1 packages\n".encode(), []).said == {0: b"Get:1 packages\n"}


def test_one_answer_alone_may_be_long() -> None:
    many = [(b"x" * 900, 0)] * 5
    assert Heard(stream(many), [], most=1000).ended == many
    with pytest.raises(TooMuch):
        Heard(stream([(b"x" * 1001, 0)]), [], most=1000)
