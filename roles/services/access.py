"""Whom a service lets in: what gives strangers a shell or a model is refused unless it asks for a login. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from gpustrap.catalog.exposed import exposed_by
from gpustrap.language import mark, tr

GIVES = (mark("a shell"), mark("its models"))  # what the catalog says of its programs


def refusal(command: str, cwd: str, env: Mapping[str, object], port: int | None) -> str | None:
    """Why a service may not be started so, and what to write instead; None where it may."""
    program = exposed_by(command, cwd) if port else None
    if program is None or not program.is_open(command, env):
        return None
    told = tr(
        "{program} gives {what} to everybody who reaches port {port}, and asks for no login",
        program=program.name,
        what=tr(program.gives),
        port=port,
    )
    ways = [tr("env.{variable} closes it", variable=program.variable)] if program.variable else []
    ways.append(tr("without `port`, on 127.0.0.1, it is reached by `gpustrap tunnel`"))
    ways.append(tr("`open: true` where it is meant so"))
    return f"{told}; {'; '.join(ways)}"


def reason(command: str, cwd: str, env: Mapping[str, object], port: int | None) -> str:
    """What a person should know who sees the plan, as the end of a sentence; often nothing."""
    program = exposed_by(command, cwd) if port else None
    if program is None:
        return ""
    if program.is_open(command, env):
        return tr("; OPEN TO EVERYBODY, as hosts.yml says: it gives {what}", what=tr(program.gives))
    if program.variable in env:
        told = tr("; asks for the secret in {variable}", variable=program.variable)
        return told if program.asks else told + _note(program.note)
    return tr("; asks for a login") + _note(program.note)


def _note(note: str | None) -> str:
    return f" ({note})" if note else ""
