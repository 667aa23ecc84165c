"""What `up` would install on an instance, in a few lines and as JSON. Pure."""

from __future__ import annotations

from gpustrap.language import tr
from gpustrap.resolve.torch.answer import Choice, Explained, Refusal, as_json


def lines_of(told: Explained) -> list[str]:
    """`torch==2.15.0+cu132: chosen; …`, then what else runs here; a refusal is one sentence."""
    return [*told.notes, *_lines(told)]


def _lines(told: Explained) -> list[str]:
    answer = told.answer
    if answer is None:
        return [tr("chosen by the project's own resolver of the role torch"), *told.reasons]
    if isinstance(answer, Refusal):
        return [tr("none: {message}", message=answer.message)]
    first = tr("{requirements}: chosen; {place}", requirements=answer.requirements[0], place=_place(answer))
    return [first, *(f"{other.requirements[0]}: {other.why}" for other in answer.alternatives)]


def _place(choice: Choice) -> str:
    if not choice.sources:
        return tr("it is there already")
    build = choice.build
    return (
        tr("any pip mirror has it as torch=={version}", version=build.version)
        if build.default
        else tr("from a wheel mirror")
    )


def json_of(told: Explained) -> dict[str, object]:
    """The object that `torch explain --json` prints: the answer, or the reasons of a project's own resolver."""
    answer = as_json(told.answer) if told.answer else {"ok": True, "reasons": list(told.reasons)}
    return {**answer, "notes": list(told.notes)}
