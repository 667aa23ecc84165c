from __future__ import annotations

from gpustrap.catalog.cards import load_cards


def test_cards_come_in_file_order_with_what_no_source_tells_as_none(small_catalog: None) -> None:
    cards = {card.name: card for card in load_cards()}
    assert next(iter(cards)) == "RTX 3080 Ti"
    assert (cards["GB10"].compute_capability, cards["GB10"].host_arch) == ((12, 1), "aarch64")
    assert (cards["T4"].nvlink_gb_s, cards["A10G"].nvlink_gb_s) == (0, None)
