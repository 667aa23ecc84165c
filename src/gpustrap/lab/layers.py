"""The images of flavours: each is a layer on a release's image, or on that of another flavour, and shares it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from gpustrap.lab.engine import Engine
from gpustrap.lab.flavour import PRELUDE, Flavour
from gpustrap.lab.images import Recipe, check_release, ensure, is_built, run_and_commit
from gpustrap.lab.state import Say, locked, silent
from gpustrap.language import tr


@dataclass(frozen=True)
class Layer:
    """What a flavour's image is made of: its script, on the image below."""

    below: Recipe | Layer
    flavour: Flavour

    @property
    def release(self) -> Recipe:
        return self.below if isinstance(self.below, Recipe) else self.below.release

    @property
    def tag(self) -> str:
        return f"{self.release.tag}-{self.flavour.name}"

    @property
    def script(self) -> str:
        return PRELUDE.read_text(encoding="utf-8") + self.flavour.script

    @property
    def digest(self) -> str:
        return hashlib.sha256(f"{self.below.digest}\n{self.script}".encode()).hexdigest()[:16]


def layer_of(release: Recipe, flavour: Flavour) -> Layer:
    return Layer(layer_of(release, flavour.on) if flavour.on else release, flavour)


def ensure_flavour(engine: Engine, release: str, flavour: Flavour, say: Say = silent) -> str:
    """The tag of the flavour's image on a release, which is built first where there is none of today's recipe.

    Raises BadInput for an unknown release, InstanceFailed when it cannot be built.
    """
    check_release(release)
    return ensure_layer(engine, layer_of(Recipe(release), flavour), say)


def ensure_layer(engine: Engine, layer: Layer, say: Say) -> str:
    if is_built(engine, layer):
        return layer.tag
    below = layer.below
    source = ensure_layer(engine, below, say) if isinstance(below, Layer) else ensure(engine, below, say)
    kind = f"{layer.release.release}-{layer.flavour.name}"
    with locked(f"image-{kind}", say):
        if not is_built(engine, layer):  # by whoever held the lock
            say(tr("building {kind}, once, some seconds", kind=kind))
            run_and_commit(engine, layer, source, ("sh", "-c", layer.script))
            engine.run("image", "prune", "-f", "--filter", "label=gpustrap.lab=image")
    return layer.tag
