"""Which service waits for which: what is wrong with that as it is written, and the order of the starts. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from gpustrap.errors import nearest
from gpustrap.language import tr

Needs = Mapping[str, Sequence[str]]  # name → those that it depends on


def wrong(needs: Needs) -> Iterator[tuple[str, str]]:
    """Service and sentence of each fault. A circle is told once, at one of those in it."""
    for name, others in needs.items():
        for other in others:
            if other not in needs:
                word = nearest(other, list(needs))
                near = tr("; nearest: '{word}'", word=word) if word else ""
                yield name, tr("no service '{service}'", service=other) + near
    circle = _circle(needs)
    if circle:
        yield circle[0], tr("they wait for each other: {circle}", circle=" → ".join(circle))


def _circle(needs: Needs) -> list[str]:
    """From one over the others back to it; empty where there is none."""
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as found:
        return list(reversed(found.args[1]))  # graphlib has it from the one that is needed on
    return []


def in_order(needs: Needs) -> list[str]:
    """All of them, each after those that it depends on, else as they are written."""
    done: dict[str, None] = {}

    def take(name: str) -> None:
        for other in needs[name]:
            if other not in done:
                take(other)
        done.setdefault(name)

    for name in needs:
        take(name)
    return list(done)
