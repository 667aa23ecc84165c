"""Which card a person or a driver means by a name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import chain

from gpustrap.catalog.cards import Card
from gpustrap.errors import BadInput, Fault, nearest
from gpustrap.language import mark, tr
from gpustrap.resolve.box.card_words import CardWords, words_of
from gpustrap.resolve.box.makers import not_a_card

# What may be said of a card of each line, or left out.
BRANDS = {
    "geforce": frozenset({"geforce", "rtx", "gtx"}),
    "workstation": frozenset({"quadro", "rtx"}),
    "datacenter": frozenset({"tesla"}),
    "titan": frozenset({"geforce"}),
    "mining": frozenset({"geforce"}),
}
BRAND_WORDS = frozenset(chain.from_iterable(BRANDS.values()))
KNOWN = mark("`gpustrap gpus` lists the cards; a compute capability such as 8.9 is taken too")


def find_card(name: str, cards: Iterable[Card]) -> Card:
    """The card meant by `4090`, `RTX 4090-24G`, `A100-SXM4-80GB`, `6000 Ada`, `GRID A100D-40C` …

    All that the name says must be true of the card; what it leaves out must leave one compute capability.
    Memory and form (SXM, PCIe) choose among variants where they can; the first in file order wins.
    Raises BadInput: for another maker's card, for a name of several cards, else with the nearest name.
    """
    rows, said = tuple(cards), words_of(name)
    whole = [card for card in rows if any(_names(said, words, card) for words in _all_words(card))]
    meant = whole or _meant_in_part(said, rows)
    if not meant or len({card.compute_capability for card in meant}) > 1:
        raise BadInput(_fault(name, said, meant, rows))
    fitting = [card for card in meant if said.memory_gib in (None, *card.vram_gib)] or meant
    return next((card for card in fitting if said.form and said.form in card.name.lower()), fitting[0])


def capability_of(name: str, cards: Iterable[Card]) -> tuple[str, tuple[int, int]]:
    """The full name of a card and its compute capability; `sm_89` or `8.9` stands for itself."""
    bare = re.fullmatch(r"(?:sm_?(\d+)(\d)[af]?|(\d+)\.(\d))", name.strip(), re.IGNORECASE)
    if bare:
        major, minor = (int(part) for part in bare.groups() if part is not None)
        return tr("a card of compute capability {major}.{minor}", major=major, minor=minor), (major, minor)
    card = find_card(name, cards)
    return card.name, card.compute_capability


def host_arch_of(name: str, cards: Iterable[Card]) -> str:
    """aarch64 for a card whose host processor is soldered to it, else x86_64, unknown names too."""
    try:
        return find_card(name, cards).host_arch or "x86_64"
    except BadInput:
        return "x86_64"


def _all_words(card: Card) -> list[frozenset[str]]:
    return [words_of(name).words for name in (card.name, *card.aliases)]


def _names(said: CardWords, words: frozenset[str], card: Card) -> bool:
    """Whether nothing but the brand is left out, and nothing is said that is not so."""
    return words - BRAND_WORDS <= said.words and _fits(said.words, words, card)


def _fits(said: frozenset[str], words: frozenset[str], card: Card) -> bool:
    return bool(said - BRAND_WORDS) and said <= words | BRANDS[card.line] | {_architecture(card)}


def _architecture(card: Card) -> str:
    return card.architecture.split()[0].lower()


def _meant_in_part(said: CardWords, cards: Iterable[Card]) -> list[Card]:
    """Cards of which all is true that is said, but not all is said: `RTX 6000`, `5880`."""
    if not any(character.isdigit() for word in said.words for character in word):
        return []
    return [card for card in cards if any(_fits(said.words, words, card) for words in _all_words(card))]


def _fault(name: str, said: CardWords, meant: Sequence[Card], cards: Sequence[Card]) -> Fault:
    if meant:
        several = ", ".join(_told(card) for card in meant)
        return Fault(
            tr("'{name}' is the name of several cards: {several}", name=name, several=several),
            key="gpu",
            hint=tr("write the whole name"),
        )
    if other := not_a_card(name):
        return Fault(other, key="gpu", hint=tr("'none' asks for a CPU build"))
    return Fault(
        tr("no card '{name}' in the catalog", name=name), key="gpu", nearest=_nearest(said.words, cards), hint=tr(KNOWN)
    )


def _told(card: Card) -> str:
    major, minor = card.compute_capability
    return f"{card.name} ({card.architecture}, {major}.{minor})"


def _nearest(said: frozenset[str], cards: Sequence[Card]) -> str | None:
    """The most like one of the same series, and of the architecture and brand where the name says them."""
    model = _model(said)
    if model is None:
        return None
    rest = said - {model}
    alike = {
        other: card.name
        for card in reversed(cards)
        for words in _all_words(card)
        if (other := _model(words)) and _series(other) == _series(model) and _fits(rest | {other}, words, card)
    }
    swapped = next((other for other in alike if sorted(other) == sorted(model)), None)  # 4900 for 4090
    like = swapped or nearest(model, alike)
    return alike[like] if like else None


def _model(words: frozenset[str]) -> str | None:
    """The word with the number: `4900` of {rtx, 4900, ti}."""
    return max((word for word in words if re.search(r"\d", word)), key=len, default=None)


def _series(model: str) -> str:
    """What tells the generation: the letters of `h150`, the first digit of `4900`."""
    letters = re.match(r"[a-z]+", model)
    return letters[0] if letters else model[:1]
