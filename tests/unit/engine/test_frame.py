from __future__ import annotations

import subprocess
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpustrap.engine.frame import ERRORS, Frame, TooMuch, framed

MARK = "gpustrap-0123456789abcdef"


def read(stream: bytes, cuts: list[int] | None = None, most: int = 10**6, mark: str = MARK) -> tuple[bytes, Frame]:
    """The answer in `stream`, fed in the pieces that `cuts` make."""
    taken: list[bytes] = []
    frame = Frame(mark, most, taken.append)
    places = [0, *sorted(cut % (len(stream) + 1) for cut in cuts or ()), len(stream)]
    for start, end in pairwise(places):
        frame.feed(stream[start:end])
    frame.close()
    return b"".join(taken), frame


def of(payload: bytes, status: int = 0) -> bytes:
    return f"{MARK} begin\n".encode() + payload + f"{MARK} end {status}\n".encode()


NOISE = st.binary(max_size=80)


@given(NOISE, st.binary(max_size=300), NOISE, st.integers(0, 255), st.lists(st.integers(0, 800), max_size=8))
def test_the_answer_comes_back_whatever_stands_around_it_and_however_it_is_cut(
    before: bytes, payload: bytes, after: bytes, status: int, cuts: list[int]
) -> None:
    got, frame = read(before + of(payload, status) + after, cuts)
    assert (got, frame.status, frame.begun) == (payload, status, True)


@given(st.binary(min_size=1, max_size=200), st.integers(0, 1000))
def test_an_answer_that_is_cut_has_no_status(payload: bytes, cut: int) -> None:
    whole = of(payload)
    _, frame = read(whole[: cut % (len(whole) - 1)])
    assert frame.status is None


def test_what_was_printed_instead_of_an_answer_is_kept_for_a_sentence() -> None:
    _, frame = read(b"Error: Your SSH client doesn't support PTY\n")
    assert (frame.begun, frame.noise) == (False, b"Error: Your SSH client doesn't support PTY\n")


@given(st.lists(st.integers(0, 5000), max_size=5))
def test_endless_output_is_cut_off(cuts: list[int]) -> None:
    with pytest.raises(TooMuch):
        read(f"{MARK} begin\n".encode() + b"x" * 5000, cuts, most=1000)


def test_endless_noise_takes_no_memory() -> None:
    _, frame = read(b"x" * 100_000, list(range(0, 100_000, 1000)))
    assert len(frame.noise) <= 2000


@pytest.mark.parametrize(
    ("command", "status", "out", "err"),
    [
        ("printf 'no newline'", 0, b"no newline", b""),
        ("echo out; echo err >&2; exit 3", 3, b"out\n", b"err\n"),
        ("cat", 0, b"given", b""),
        ("kill -9 $$", 137, b"", b""),
    ],
)
@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_a_real_shell_frames_both_outputs_and_the_status(shell, command, status, out, err) -> None:
    script = framed(f"sh -c {command!r}" if "'" not in command else command, MARK)
    done = subprocess.run([shell, "-c", script], input=b"given", capture_output=True)
    got, frame = read(done.stdout)
    got_err, err_frame = read(done.stderr, mark=MARK + ERRORS)
    assert (frame.status, err_frame.status, got) == (status, status, out)
    assert got_err == err or status == 137  # a shell says that it was killed


def test_a_shell_that_was_started_with_noise_gives_the_same_answer(tmp_path) -> None:
    (tmp_path / "rc").write_text("echo welcome; echo welcome >&2; trap 'echo bye' EXIT\n")
    done = subprocess.run(
        ["bash", "-c", framed("echo hi", MARK)], capture_output=True, env={"BASH_ENV": str(tmp_path / "rc")}
    )
    got, frame = read(done.stdout)
    assert (got, frame.status, frame.noise) == (b"hi\n", 0, b"welcome\n")


@pytest.mark.parametrize(("size", "whole"), [(999, True), (1000, True), (1001, False)])
@pytest.mark.parametrize("cuts", [[], [500, 700]])
def test_an_answer_may_be_just_as_long_as_is_taken(size: int, whole: bool, cuts: list[int]) -> None:
    if whole:
        assert read(of(b"x" * size), cuts, most=1000)[0] == b"x" * size
    else:
        with pytest.raises(TooMuch, match=r"^more than 1000 bytes$"):
            read(of(b"x" * size), cuts, most=1000)


def test_a_long_answer_in_small_pieces_comes_back_once() -> None:
    payload = bytes(range(256)) * 8
    assert read(of(payload), list(range(0, 2100, 7)))[0] == payload


@pytest.mark.parametrize("size", [10, 1990, 3000, 9000])
def test_the_noise_before_is_kept_from_its_beginning(size: int) -> None:
    noise = b"".join(b"%04d\n" % at for at in range(size // 5))
    for stream in (noise, noise + of(b"x")):
        _, frame = read(stream, list(range(0, len(stream), 97)))
        assert frame.noise == noise[:2000]


def test_what_comes_after_the_end_is_no_part_of_it() -> None:
    taken: list[bytes] = []
    frame = Frame(MARK, 1000, taken.append)
    frame.feed(of(b"x", 3))
    frame.feed(of(b"y", 4) + b"z" * 5000)
    frame.close()
    assert (b"".join(taken), frame.status) == (b"x", 3)


def test_an_answer_that_was_cut_gives_what_came() -> None:
    taken: list[bytes] = []
    frame = Frame(MARK, 1000, taken.append)
    frame.feed(f"{MARK} begin\nabc{MARK} e".encode())
    assert taken == [b"abc"]  # the rest is held back: it may become the end mark
    frame.close()
    frame.close()
    assert (b"".join(taken), frame.status) == (f"abc{MARK} e".encode(), None)


@pytest.mark.parametrize("payload", [b"", b"g", b"gg", b"ggg", f"{MARK[:-1]}g".encode()])
def test_an_answer_that_ends_as_its_mark_begins_is_known_however_it_is_cut(payload: bytes) -> None:
    stream = of(payload, 7)
    for cut in range(len(stream)):
        got, frame = read(stream, [cut])
        assert (got, frame.status) == (payload, 7)
