"""Why services are not as wanted once they have been waited for, and what runs in their place. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from gpustrap.engine.facts.service_troubles import sentence
from gpustrap.engine.facts.tmux import Running
from gpustrap.engine.operations.tmux import reason_to_start
from gpustrap.engine.service_versions import Again, Settled
from gpustrap.engine.services import identity_of
from gpustrap.errors import log_lines
from gpustrap.language import tr
from gpustrap.resolve.service import Service


def unready(wanted: Sequence[Service], seen: Settled) -> dict[str, str]:
    """Service → why it is not as wanted and what runs in its place, with the end of its log."""
    found: dict[str, str] = {}
    for one in wanted:
        running = seen.sessions.get(one.name)
        if reason_to_start(running, identity_of(one), one.restart) is not None:
            written = log_lines(one.name, running.log) if running else []
            found[one.name] = "\n".join([why_not(one.name, running) + instead(seen.again.get(one.name)), *written])
    return found


def why_not(service: str, running: Running | None) -> str:
    if running is None:
        return tr("{service} has no session any more", service=service)
    if running.stopped:
        return tr("{service} is held by a signal (SIGSTOP)", service=service)
    return sentence(service, running.trouble or tr("it is not as `up` starts it"))


def instead(again: Again | None) -> str:
    """What runs in its place now, as the rest of a sentence; nothing where it was not gone back."""
    if again is None:
        return ""
    kept = tr("; its files and log are kept on the instance in {folder}", folder=again.evidence)
    if again.trouble:
        return tr("; the version before was started again and does not get ready: {why}", why=again.trouble) + kept
    if again.gap_seconds == 0:
        return tr("; the version before has answered all along (`beside: false` where two cannot run at once)") + kept
    if again.gap_seconds is None:
        return tr("; the version before runs again") + kept
    return tr("; the version before runs again, nobody answered for {seconds} s", seconds=again.gap_seconds) + kept
