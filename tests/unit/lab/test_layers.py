from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gpustrap.errors import BadInput
from gpustrap.lab import layers
from gpustrap.lab.flavour import find_flavour, flavour_names
from gpustrap.lab.images import Recipe
from gpustrap.lab.layers import Layer, ensure_flavour, layer_of

DEBIAN = Recipe("debian-12")
FLAVOURS = {name: find_flavour(name) for name in flavour_names()}


def test_every_flavour_is_on_its_release_by_as_many_layers_as_it_names() -> None:
    for flavour in FLAVOURS.values():
        layer = layer_of(DEBIAN, flavour)
        assert (layer.release, layer.tag) == (DEBIAN, f"{DEBIAN.tag}-{flavour.name}")
        assert isinstance(layer.below, Layer) == bool(flavour.on)


def test_each_flavour_of_each_release_has_an_image_of_its_own() -> None:
    made = [layer_of(Recipe(release), one) for release in ("debian-12", "ubuntu-22.04") for one in FLAVOURS.values()]
    assert len({layer.digest for layer in made}) == len({layer.tag for layer in made}) == len(made)


def test_a_changed_script_below_renews_what_stands_on_it() -> None:
    flavour = next(iter(FLAVOURS.values()))
    below = replace(flavour, script=flavour.script + "# more\n")
    above = replace(flavour, name="above")
    assert Layer(Layer(DEBIAN, flavour), above).digest != Layer(Layer(DEBIAN, below), above).digest


def test_an_image_of_todays_recipe_is_not_built_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layers, "is_built", lambda _engine, _layer: True)
    monkeypatch.setattr(layers, "run_and_commit", lambda *_: pytest.fail("built again"))
    flavour = next(iter(FLAVOURS.values()))
    engine: Any = None
    assert ensure_flavour(engine, "debian-12", flavour) == f"{DEBIAN.tag}-{flavour.name}"


def test_an_unknown_release_is_bad_input() -> None:
    engine: Any = None
    with pytest.raises(BadInput):
        ensure_flavour(engine, "debian-1", next(iter(FLAVOURS.values())))
