"""The mirrors measured from a box, in one exec: what each candidate answered, and how fast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gpustrap.engine.facts.doctor import probe, probes_of
from gpustrap.engine.facts.fields import number
from gpustrap.engine.facts.survey import CONDA_PREFIXES
from gpustrap.engine.scripts import script, text_of
from gpustrap.resolve.net.candidates import Candidate
from gpustrap.resolve.net.causes import cause_of
from gpustrap.resolve.net.measured import GOOD, NO_FILES, Row, merged
from gpustrap.resolve.net.probe import Probe
from gpustrap.resolve.net.seen import Seen

PROBE_SECONDS, RATE_SECONDS, CLIENT_SECONDS = 3, 3, 1  # one after the other, for all at the same time
WHOLE_SECONDS = 7  # what begins when names came late gets what is left of these, one second at least
RATE_BYTES = 2_000_000
WRONG = "wrong_digest"  # a file that is not the one its index speaks of
PIP = "from pip._internal.models.index import PyPI; print(PyPI.simple_url)"


def command(found: Sequence[Candidate]) -> str:
    """A script that asks all of them."""
    lines = "\n".join(each.line(number) for number, each in enumerate(found))
    prefixes = " ".join(CONDA_PREFIXES)
    limits = {"patience": CLIENT_SECONDS, "whole": WHOLE_SECONDS, "rate_seconds": RATE_SECONDS}
    return (
        text_of("limited")
        + probe(PROBE_SECONDS)
        + script("measure", candidates=lines, pip=PIP, conda_prefixes=prefixes, rate_bytes=RATE_BYTES, **limits)
    )


def read_rows(output: str, found: Sequence[Candidate]) -> list[Row]:
    """What each candidate that was asked answered, in their order."""
    lines = [line.partition("\t")[::2] for line in output.split("\n")]
    probes = {_at(one.service): one for one in probes_of([rest for key, rest in lines if key == "probe"])}
    rates = dict(_rate(rest) for key, rest in lines if key == "rate")
    wrong = {_at(rest.partition("\t")[0]) for key, rest in lines if key == "digest"}
    clock, timed = number(_one(lines, "now")), asker(output) == "curl"  # others are not asked for a large file
    own = tuple(probe.name for at, probe in probes.items() if at in range(len(found)) and _is_default(found[at]))
    seen = Seen(ca="asked without looking", clock=clock, upstreams=own)
    rows = ((at, _row(each, probes[at], rates.get(at, 0), seen)) for at, each in enumerate(found) if at in probes)
    return merged(_judged(row, at in wrong, timed and bool(found[at].files.large)) for at, row in rows)


def _is_default(candidate: Candidate) -> bool:
    """Whether the client has named it; apt's is the image's, which may be its provider's own."""
    return candidate.url is None and candidate.kind != "apt"


def _judged(row: Row, wrong: bool, timed: bool) -> Row:
    """By its large file too, where that was asked for."""
    cause = WRONG if wrong else NO_FILES if timed and not row.rate else row.cause
    return row if row.cause not in GOOD or cause == row.cause else replace(row, cause=cause, rate=0)


def asker(output: str) -> str:
    """Which program has asked; empty where the script did not run."""
    return _one([line.partition("\t")[::2] for line in output.split("\n")], "asker")[:10]


def _one(lines: Sequence[tuple[str, str]], wanted: str) -> str:
    return next((rest for key, rest in lines if key == wanted), "")


def _at(name: str) -> int:
    found = number(name.rpartition(".")[2])
    return -1 if found is None else found


def _rate(rest: str) -> tuple[int, int]:
    """`ID TAB STATUS BYTES RATE`; an error has none."""
    name, _, told = rest.partition("\t")
    words = told.split(" ")
    good = len(words) == 3 and words[0] in ("200", "206") and words[1] not in ("", "0")
    return _at(name), (number(words[2].partition(".")[0]) or 0) if good else 0


def _row(candidate: Candidate, asked: Probe, rate: int, seen: Seen) -> Row:
    cause = cause_of(asked, seen)
    return Row(candidate.kind, candidate.url, cause.word, asked.first, rate)
