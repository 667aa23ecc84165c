"""Which provider an instance was rented from, told by what is seen on it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from gpustrap.catalog.providers import Provider
from gpustrap.language import tr

LAB = "lab"


@dataclass(frozen=True)
class Traces:
    """What was found on the box of all that the catalog's rows ask about."""

    files: frozenset[str]
    commands: frozenset[str]
    env: frozenset[str]  # names of variables
    hostname: str


@dataclass(frozen=True)
class Recognised:
    """A provider's name, how it was told, and its paths that survive a stop or do not."""

    name: str
    reason: str
    survives: tuple[str, ...] = ()
    wiped: tuple[str, ...] = ()


def recognise(providers: Iterable[Provider], traces: Traces) -> Recognised:
    """The first provider, in the catalog's order, of which a trace is there; `plain` when none is.

    A lab box made as another provider's says so in its reason.
    """
    found = [
        Recognised(provider.name, reason, provider.survives, provider.wiped)
        for provider in providers
        if (reason := _trace_of(provider, traces)) is not None
    ]
    match found:
        case []:
            return Recognised("plain", tr("no trace of a known provider"))
        case [Recognised(name=name) as lab, flavour, *_] if name == LAB:
            like = tr("; it looks like {flavour.name}: {flavour.reason}", flavour=flavour)
            return replace(lab, reason=lab.reason + like)
        case _:
            return found[0]


def _trace_of(provider: Provider, traces: Traces) -> str | None:
    """A sentence naming the first trace of `provider`, or None. Variables tell more than paths, paths than names."""
    for name in provider.detect.env:
        if name in traces.env:
            return tr("variable {name} is set", name=name)
    for path in provider.detect.files:
        if path in traces.files:
            return tr("{path} exists", path=path)
    for command in provider.detect.commands:
        if command in traces.commands:
            return tr("command {command} is there", command=command)
    if provider.detect.hostname and re.fullmatch(provider.detect.hostname, traces.hostname):
        return tr("the host name is {hostname}", hostname=traces.hostname)
    return None
