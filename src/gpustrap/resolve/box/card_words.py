"""The words of a card's name, in whichever form a driver, a shop or a person writes it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

# Words that a maker or a shop adds and that tell no card from another.
NOISE = frozenset(
    """
    nvidia corporation gpu gpus graphics card edition generation gen design series
    workstation server tensor core active oem ac lc dc hgx dgx grid vgpu cloud
    """.split()
)
MEMORY = re.compile(r"\b(\d+)\s*g(?:i?b)?\b")
FORM = re.compile(r"\b(sxm|pcie|nvl)\d*\b")
# The memory's kind: HBM3, HBM2e, GDDR6X.
MEMORY_KIND = re.compile(r"\b(?:hbm|gddr)\d\w?\b")
# A MIG device (`NVIDIA A100-SXM4-40GB MIG 1g.5gb`) and a vGPU (`GRID A100D-40C`, `GRID A100-1-5CME`): the size is
# that of the share, so it tells nothing of the card.
SHARE = re.compile(r"\bmig\b.*|(?<=\w)-(?:\d+-)?\d+[abcq](?:me)?$")
# A board's own number, and what a maker adds behind the size: `A100-PG509-200`, `V100-SXM2-32GB-LS`.
BOARD = re.compile(r"(?<=\w)-pg\d{3}-\d{3}\b|(?<=gb)-(?:ls|h|n)$")
# `8x RTX 4090`, `4090*2`
COUNT = re.compile(r"^\d{1,2} ?[x×*] ?|(?: x|[×*]) ?\d{1,2}$")
# `rtx4090`, `rtxa6000`, `rtxpro6000`, `titanxp`: a brand that stands right before the model.
BRAND = "nvidia|geforce|quadro|tesla|titan|rtx|gtx|pro|ada"
GLUED = re.compile(
    rf"(?:\b|(?<=nvidia)|(?<=geforce)|(?<=quadro)|(?<=rtx)|(?<=gtx))({BRAND})(?={BRAND}|(?:xp|[xv])\b|[a-z]{{0,2}}\d)"
)
# `3080ti`, `4070tis`, `4090d`, `6000ada`, `4090laptop`: what stands right behind its number.
TAIL = re.compile(r"\b(\d{3,4}|a\d{4})(?: ?(ti))?(?: ?(super|laptop|mobile|ada|blackwell|sff|d|s|m))?\b")
PHRASES = (
    # `Quadro RTX 6000` (Turing) is another card than `RTX 6000 Ada`; a vGPU of it is called `GRID RTX6000-24Q`.
    (re.compile(r"\b(?:quadro|grid) rtx (?=\d)"), "quadrortx "),
    (re.compile(r"\btitan rtx\b"), "titanrtx"),
    (re.compile(r"\bgtx titan\b"), "gtxtitan"),
    (re.compile(r"\bmax q workstation\b"), " "),
    (re.compile(r"\b(?:with )?max q\b"), "laptop"),
)
# What says the same in other words; `4080 S` is the SUPER, `4090M` the laptop's.
SAME = {"mobile": "laptop", "notebook": "laptop", "embedded": "laptop", "s": "super", "m": "laptop", "lovelace": "ada"}


@dataclass(frozen=True)
class CardWords:
    """`NVIDIA A100-SXM4-80GB` → {"a100"}, 80 GiB, "sxm". None: the name does not say."""

    words: frozenset[str]
    memory_gib: int | None
    form: str | None


@lru_cache(maxsize=1024)  # each card's own names are asked for with every name that is looked up
def words_of(name: str) -> CardWords:
    """The words that tell the card, without those that every card has."""
    text = re.sub(r"[™®]|\((?:tm|r)\)", " ", name.strip().lower())
    text = COUNT.sub("", BOARD.sub("", SHARE.sub("", text)))
    text = GLUED.sub(r"\1 ", re.sub(r"[-_/(),+]+", " ", text))
    memory, form = MEMORY.search(text), FORM.search(text)
    for noise in (MEMORY, FORM, MEMORY_KIND):
        text = noise.sub(" ", text)
    text = TAIL.sub(_spaced, re.sub(r"\s+", " ", text).strip())
    for phrase, word in PHRASES:
        text = phrase.sub(word, text)
    words = frozenset(SAME.get(word, word) for word in text.split()) - NOISE
    return CardWords(words, int(memory[1]) if memory else None, form[1] if form else None)


def _spaced(found: re.Match[str]) -> str:
    return " ".join(part for part in found.groups() if part)
