"""Which card a person or a driver means by a name."""

from __future__ import annotations

import re
from collections.abc import Iterable

from gpustrap.catalog.cards import Card
from gpustrap.errors import BadInput, Fault, nearest

NOISE = re.compile(
    r"\b(nvidia|geforce|tesla|quadro|gpu|server|workstation|edition|generation|hbm\d\w?|gddr\d\w?|vgpu)\b|\brtx",
    re.IGNORECASE,
)
MEMORY = re.compile(r"\b(\d+)\s*g(?:i?b)?\b", re.IGNORECASE)
FORM = re.compile(r"\b(sxm\d?|pcie|nvl)\b", re.IGNORECASE)


def find_card(name: str, cards: Iterable[Card]) -> Card:
    """The card meant by `4090`, `RTX 4090-24G`, `A100-SXM4-80GB`, `Tesla V100-SXM2-32GB`, `sm_89` …

    Memory and form (SXM, PCIe) choose among variants where they can; the first in file order wins.
    Raises BadInput with the nearest name.
    """
    all_cards = tuple(cards)
    model, memory, form = _parts(name)
    same = [card for card in all_cards if model and model in _models(card)]
    if not same:
        raise BadInput(_unknown(name, all_cards))
    fitting = [card for card in same if memory is None or memory in card.vram_gib] or same
    return next((card for card in fitting if form and form in card.name.upper()), fitting[0])


def capability_of(name: str, cards: Iterable[Card]) -> tuple[str, tuple[int, int]]:
    """The full name of a card and its compute capability; `sm_89` or `8.9` stands for itself."""
    bare = re.fullmatch(r"(?:sm_?(\d+)(\d)|(\d+)\.(\d))", name.strip(), re.IGNORECASE)
    if bare:
        major, minor = (int(part) for part in bare.groups() if part is not None)
        return f"a card of compute capability {major}.{minor}", (major, minor)
    card = find_card(name, cards)
    return card.name, card.compute_capability


def host_arch_of(name: str, cards: Iterable[Card]) -> str:
    """aarch64 for a card whose host processor is soldered to it, else x86_64, unknown names too."""
    model = _parts(name)[0]
    return next((card.host_arch for card in cards if card.host_arch and model in _models(card)), "x86_64")


def _parts(name: str) -> tuple[str, int | None, str | None]:
    """`NVIDIA A100-SXM4-80GB` → (`A100`, 80, `SXM`)."""
    spaced = re.sub(r"[-_/()]+", " ", name)
    memory, form = MEMORY.search(spaced), FORM.search(spaced)
    model = re.sub(r"\s+", "", FORM.sub(" ", MEMORY.sub(" ", NOISE.sub(" ", spaced)))).upper()
    return model, int(memory[1]) if memory else None, form[1].upper().rstrip("0123456789") if form else None


def _models(card: Card) -> set[str]:
    return {_parts(name)[0] for name in (card.name, *card.aliases)}


def _unknown(name: str, cards: tuple[Card, ...]) -> Fault:
    names = [card.name for card in cards]
    short = {_parts(each)[0]: each for each in reversed(names)}
    like = nearest(_parts(name)[0], short)
    return Fault(
        f"no card '{name}' in the catalog",
        key="gpu",
        nearest=short[like] if like else names[0],
        hint="`gpustrap gpus` lists the cards; a compute capability such as 8.9 is taken too",
    )
