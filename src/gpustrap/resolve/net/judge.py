"""The doctor's verdicts: one a service, one for each trouble of the box itself, each with cause and mend. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from gpustrap.language import tr
from gpustrap.resolve.net.causes import State, cause_of, sentence
from gpustrap.resolve.net.mends import Place, mend_of
from gpustrap.resolve.net.probe import Probe
from gpustrap.resolve.net.room import troubles
from gpustrap.resolve.net.seen import BY_NOBODY, Seen
from gpustrap.resolve.net.services import title_of

ASKS = {
    "apt": "apt-get --print-uris update",
    "npm": "npm config get registry",
    "conda": "conda config --show channels",
}
ORDER = ("apt", "pip", "npm", "conda", "github", "hf", "hf-files", "torch", "python-build")


@dataclass(frozen=True)
class Verdict:
    """`subject` is a service's name, or "box"; `cause` a word for programs; `mend` empty where nothing is to do."""

    subject: str
    title: str
    host: str
    state: State
    cause: str
    sentence: str
    mend: str = ""
    seconds: float | None = None


def verdicts(seen: Seen, place: Place) -> list[Verdict]:
    """What is wrong with the box itself first, then the services in the order in which `up` needs them."""
    own = [
        Verdict("box", tr("the box"), one.place, one.state, one.word, one.sentence, one.mend) for one in troubles(seen)
    ]
    probes = sorted(seen.probes, key=lambda one: (_rank(one), one.service))
    asked = [] if seen.asker == BY_NOBODY else [_verdict(one, seen, place) for one in probes]
    return [*own, *_silent(seen), *asked]


def _rank(probe: Probe) -> int:
    name = probe.service.partition(".")[0]
    return ORDER.index(name) if name in ORDER else len(ORDER)


def _verdict(probe: Probe, seen: Seen, place: Place) -> Verdict:
    cause = cause_of(probe, seen)
    return Verdict(
        probe.service,
        title_of(probe.service),
        probe.host,
        cause.state,
        cause.word,
        sentence(cause, probe, seen),
        mend_of(cause.word, probe, seen, place),
        round(probe.total, 3),
    )


def _silent(seen: Seen) -> list[Verdict]:
    """Clients that name no place to ask: their own configuration is broken."""
    said = tr("it names no place to ask in time: its configuration is missing or cannot be read")
    told = [(name, _asked(ASKS[name])) for name in seen.silent if name in ASKS]
    return [Verdict(name, title_of(name), "", "blocked", "no_source", said, mend) for name, mend in told]


def _asked(asks: str) -> str:
    return tr("on the box: `{asks}` says what is wrong; the role mirrors writes its configuration anew", asks=asks)
