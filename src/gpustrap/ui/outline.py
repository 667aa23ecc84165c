"""A plan as it is read: a heading for each role with what it downloads, below it why, and what would change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gpustrap.language import mark, tr
from gpustrap.ui.sizes import fetches_in_words

if TYPE_CHECKING:
    from gpustrap.run.report import Change

WOULD, NOTHING = mark("would change"), mark("nothing to change")


@dataclass(frozen=True)
class Line:
    """One line of a plan. A heading has a sign; `indent` is in columns."""

    text: str
    indent: int = 0
    style: str = ""
    sign: str = ""


def outline(
    instance: str,
    changes: Sequence[Change],
    reasons: Mapping[str, Sequence[str]],
    details: Callable[[Change], Sequence[str]],
) -> Iterator[Line]:
    """The roles in the order of `reasons`, then those that have none. `details` are the lines that a change shows."""
    for role in dict.fromkeys([*reasons, *(change.role for change in changes)]):
        its = [_less(change, reasons.get(role, ())) for change in changes if change.role == role]
        yield _heading(instance, role, its)
        yield from _whys(reasons.get(role, ()))
        for change in its:
            yield Line(f"- {change.operation}", 2)
            yield from (Line(detail, 6, "dim") for detail in details(change))


def _less(change: Change, said: Sequence[str]) -> Change:
    """Without the reasons that stand above already."""
    return replace(change, details=tuple(detail for detail in change.details if detail not in said))


def _whys(reasons: Sequence[str]) -> Iterator[Line]:
    """One stands behind its word, several each in a line of its own below it."""
    if len(reasons) == 1:
        yield Line(tr("why: {reason}", reason=reasons[0]), 2, "dim")
        return
    for number, reason in enumerate(reasons):
        if number == 0:
            yield Line(tr("why:"), 2, "dim")
        yield Line(reason, 4, "dim")


def of_changing_roles(changes: Sequence[Change], reasons: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    """The reasons of the roles that change something."""
    return {role: its for role, its in reasons.items() if any(change.role == role for change in changes)}


def details_of(change: Change, most: int | None) -> list[str]:
    """The lines that tell of one change; with `most` the first ones, and how many more there are."""
    lines = [line for detail in change.details for line in detail.split("\n")]
    hidden = len(lines) - most if most is not None else 0
    return [*lines[:most], tr("and {hidden} more", hidden=hidden)] if hidden > 0 else lines


def _heading(instance: str, role: str, changes: Sequence[Change]) -> Line:
    fetches = [fetch for change in changes for fetch in change.fetches]
    said = ", ".join([f"{instance}: {role}", *fetches_in_words(fetches)])
    return Line(said, sign=WOULD if changes else NOTHING)


def counted(changes: Sequence[Change]) -> str:
    """`5 changes: mirrors 3, services 2`."""
    roles = Counter(change.role for change in changes)
    counted = ", ".join(f"{role} {count}" for role, count in roles.items())
    if len(changes) == 1:
        return tr("1 change: {roles}", roles=counted)
    return tr("{count} changes: {roles}", count=len(changes), roles=counted)
