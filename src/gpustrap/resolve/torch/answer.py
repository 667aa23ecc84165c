"""What choosing a build answers: a choice or a refusal, and its JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gpustrap.catalog.torch import Build
from gpustrap.errors import InstanceFailed
from gpustrap.resolve.torch.rules import Constraint
from gpustrap.resolve.versions import dotted


@dataclass(frozen=True)
class Source:
    """Where wheels come from. `url` None is the client's own default index."""

    kind: Literal["index", "find-links", "default"]
    url: str | None


@dataclass(frozen=True)
class Alternative:
    """Another build that runs here, and what speaks for it."""

    why: str
    build: Build
    requirements: tuple[str, ...]


@dataclass(frozen=True)
class Choice:
    """One build, its pinned requirements (torch first), where they come from, and why, a sentence a step."""

    build: Build
    requirements: tuple[str, ...]
    sources: tuple[Source, ...]
    reasons: tuple[str, ...]
    alternatives: tuple[Alternative, ...]


@dataclass(frozen=True)
class Refusal:
    """Nothing that was asked for runs here: the constraint that binds, and what does run, nearest first."""

    constraint: Constraint
    message: str
    reasons: tuple[str, ...] = ()
    alternatives: tuple[Alternative, ...] = ()


class TorchRefused(InstanceFailed):
    """No torch that an instance asks for runs there; `refusal` also says what does."""

    def __init__(self, refusal: Refusal, hint: str):
        super().__init__(refusal.message, operation=refusal.constraint, hint=hint)
        self.refusal = refusal


@dataclass(frozen=True)
class Explained:
    """The answer of the role's decision, and what has to be known to read it, a sentence each.

    `answer` is None where the project's own resolver decides and gives none; then `reasons` are what it says.
    """

    answer: Choice | Refusal | None
    notes: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


def as_json(answer: Choice | Refusal) -> dict[str, object]:
    """The object that `torch explain --json` prints."""
    build = answer.build if isinstance(answer, Choice) else None
    return {
        "ok": build is not None,
        **_build_json(build),
        "requirements": list(answer.requirements) if isinstance(answer, Choice) else [],
        "sources": [vars(source) for source in answer.sources] if isinstance(answer, Choice) else [],
        "reasons": list(answer.reasons),
        "refused": {"constraint": answer.constraint, "message": answer.message}
        if isinstance(answer, Refusal)
        else None,
        "alternatives": [
            {"why": each.why, **_build_json(each.build), "requirements": list(each.requirements)}
            for each in answer.alternatives
        ],
    }


def _build_json(build: Build | None) -> dict[str, object]:
    if build is None:
        return {"torch": None, "cuda": None, "download_bytes": None}
    cuda = dotted(build.cuda) if build.cuda else None
    return {"torch": build.version, "cuda": cuda, "download_bytes": build.download_bytes}
