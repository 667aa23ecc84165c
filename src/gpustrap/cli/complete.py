"""What the shell may complete a word to. Whatever is wrong, the answer is that there is nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path


def role_names(incomplete: str) -> list[str]:
    """Roles, the last of several after a comma: `base,mir` → `base,mirrors`."""
    from gpustrap import content
    from gpustrap.errors import BadInput
    from gpustrap.inventory.hosts import find_project

    try:
        project = find_project(Path.cwd())
    except BadInput:
        project = content.builtin_root()
    before, comma, last = incomplete.rpartition(",")
    taken = before.split(",")
    return [f"{before}{comma}{name}" for name in _starting(content.role_names(project), last) if name not in taken]


def card_names(incomplete: str) -> list[str]:
    from gpustrap.catalog.cards import load_cards

    return _starting((card.name for card in load_cards()), incomplete)


def flavours(incomplete: str) -> list[str]:
    from gpustrap.lab.flavour import flavour_names

    return _starting(flavour_names(), incomplete)


def releases(incomplete: str) -> list[str]:
    from gpustrap.lab.flavour import RELEASES

    return _starting(RELEASES, incomplete)


def words(*known: str) -> Callable[[str], list[str]]:
    """A completion to one of a few words."""
    return lambda incomplete: _starting(known, incomplete)


def _starting(known: Iterable[str], incomplete: str) -> list[str]:
    return [name for name in known if name.casefold().startswith(incomplete.casefold())]
