"""The mirrors measured from a box, in one exec: what each candidate answered, and how fast."""

from __future__ import annotations

from collections.abc import Sequence

from gpustrap.engine.facts.doctor import probe, probes_of
from gpustrap.engine.facts.fields import number
from gpustrap.engine.scripts import script, text_of
from gpustrap.resolve.net.candidates import Candidate
from gpustrap.resolve.net.causes import cause_of
from gpustrap.resolve.net.measured import Row
from gpustrap.resolve.net.probe import Probe
from gpustrap.resolve.net.seen import Seen

PROBE_SECONDS, RATE_SECONDS, CLIENT_SECONDS = 3, 3, 1  # one after the other, for all at the same time
RATE_BYTES = 2_000_000
PIP = "from pip._internal.models.index import PyPI; print(PyPI.simple_url)"


def command(found: Sequence[Candidate]) -> str:
    """A script that asks all of them."""
    lines = "\n".join(each.line(number) for number, each in enumerate(found))
    limits = {"patience": CLIENT_SECONDS, "rate_seconds": RATE_SECONDS, "rate_bytes": RATE_BYTES}
    return text_of("limited") + probe(PROBE_SECONDS) + script("measure", candidates=lines, pip=PIP, **limits)


def read_rows(output: str, found: Sequence[Candidate]) -> list[Row]:
    """What each candidate that was asked answered, in their order."""
    lines = [line.partition("\t")[::2] for line in output.split("\n")]
    probes = {_at(one.service): one for one in probes_of([rest for key, rest in lines if key == "probe"])}
    rates = dict(_rate(rest) for key, rest in lines if key == "rate")
    clock = number(_one(lines, "now"))
    return [_row(each, probes[at], rates.get(at, 0), clock) for at, each in enumerate(found) if at in probes]


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


def _row(candidate: Candidate, asked: Probe, rate: int, clock: int | None) -> Row:
    cause = cause_of(asked, Seen(ca="asked without looking", clock=clock))
    return Row(candidate.kind, candidate.url, cause.word, asked.first, rate)
