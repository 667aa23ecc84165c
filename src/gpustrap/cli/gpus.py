"""`gpustrap gpus`: the cards, what PyTorch there is for them, and whether a model fits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from gpustrap.cli.complete import card_names
from gpustrap.cli.output import print_json, say
from gpustrap.language import mark, tr
from gpustrap.ui.table import aligned, wrapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpustrap.catalog.cards import Card
    from gpustrap.resolve.box.fit import Fit, Need, Support

NOT_KNOWN = "?"
HEADS = (mark("card"), mark("architecture"), mark("VRAM GiB"), "GB/s", mark("link"), "CUDA", "torch")


def gpus(
    name: Annotated[
        str | None, typer.Argument(help="One card, such as 'RTX 4090'; default: all.", autocompletion=card_names)
    ] = None,
    fits: Annotated[str | None, typer.Option(help="A model, such as '7B fp16 inference'.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Cards: architecture, VRAM, bandwidth, link, first and last CUDA and torch; and does a model fit.

    A figure for which no source was found is shown as ?.
    """
    from gpustrap.catalog.cards import load_cards
    from gpustrap.resolve.box.cards import find_card
    from gpustrap.resolve.box.fit import estimate, read_workload

    cards = (find_card(name, load_cards()),) if name else load_cards()
    need = estimate(read_workload(fits)) if fits else None
    if as_json:
        print_json(_json(cards, need))
    else:
        say(_text(cards, need))


def _text(cards: Sequence[Card], need: Need | None) -> str:
    heads = [*map(tr, HEADS), *([tr("fits")] if need else [])]
    table = aligned((_row(card, need) for card in cards), heads)
    notes = [f"{card.name}: {card.note}" for card in cards if card.note] if len(cards) == 1 else []
    return "\n".join([table, *map(wrapped, (*notes, *_need_lines(need)))])


def _row(card: Card, need: Need | None) -> tuple[str, ...]:
    support = _support(card)
    cells = (
        card.name,
        f"{card.architecture} {'.'.join(map(str, card.compute_capability))}",
        "/".join(map(str, card.vram_gib)),
        str(card.bandwidth_gb_s or NOT_KNOWN),
        _link(card),
        _span(support.cuda),
        _span(support.torch),
    )
    return (*cells, _fits(card, need)) if need else cells


def _support(card: Card) -> Support:
    from gpustrap.catalog.torch import load_catalog
    from gpustrap.resolve.box.fit import support

    return support(card, load_catalog())


def _link(card: Card) -> str:
    if not card.nvlink_gb_s:
        return NOT_KNOWN if card.nvlink_gb_s is None else "PCIe"
    return f"NVLink {card.nvlink_gb_s:g}" + (tr(" by bridge") if card.nvlink_bridge else "")


def _span(ends: tuple[tuple[int, ...], tuple[int, ...]] | None) -> str:
    from gpustrap.resolve.versions import dotted

    return f"{dotted(ends[0])} to {dotted(ends[1])}" if ends else "none"


def _fits(card: Card, need: Need) -> str:
    from gpustrap.resolve.box.fit import fit

    answers = fit(need, card)
    if len(answers) == 1:
        return _cards(answers[0])
    return ", ".join(f"{each.vram_gib}: {_cards(each)}" for each in answers)


def _cards(answer: Fit) -> str:
    return tr("yes") if answer.fits else tr("{count} cards", count=answer.cards)


def _need_lines(need: Need | None) -> list[str]:
    if need is None:
        return []
    return [
        tr(
            "needs about {gib:.1f} GiB = {formula}; of each card 1 GiB goes to CUDA and PyTorch",
            gib=need.gib,
            formula=need.formula,
        ),
        tr("not in it: activations, and the cache of a long context"),
        tr("formula: {source}", source=need.source),
    ]


def _json(cards: Sequence[Card], need: Need | None) -> dict[str, object]:
    return {
        "gpus": [_card_json(card, need) for card in cards],
        "need": {"gib": round(need.gib, 2), "formula": need.formula, "source": need.source} if need else None,
    }


def _card_json(card: Card, need: Need | None) -> dict[str, object]:
    from gpustrap.resolve.box.fit import fit
    from gpustrap.resolve.versions import dotted

    support = _support(card)
    told = card.model_dump(mode="json", exclude={"aliases"})
    return {
        **told,
        "compute_capability": dotted(card.compute_capability),
        "cuda": [dotted(version) for version in support.cuda or ()],
        "torch": [dotted(version) for version in support.torch or ()],
        "fits": [vars(each) for each in fit(need, card)] if need else None,
    }
