"""No import runs from a lower layer to a higher one, none in a circle, and src imports no role."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# From the top down (docs/design-decisions.md). What stands on one line does not know of its neighbours.
LAYERS = (
    ("cli",),
    ("ui", "reference"),
    ("run",),
    ("verify",),
    ("roles",),
    ("engine",),
    ("resolve",),
    ("inventory",),
    ("lab",),
    ("catalog",),
    ("laptop",),
    ("content",),
    ("errors",),
    ("language",),
)
HEIGHT = {name: -index for index, layer in enumerate(LAYERS) for name in layer}
# The package's own faces, which every layer may be started from.
FACES = ("gpustrap", "gpustrap.__main__")


def sources() -> dict[str, Path]:
    files = {"src": ROOT / "src", "roles": ROOT}
    found = [*(files["src"] / "gpustrap").rglob("*.py"), *(ROOT / "roles").rglob("*.py")]
    return {name_of(path): path for path in found}


def name_of(path: Path) -> str:
    root = ROOT / "src" if path.is_relative_to(ROOT / "src") else ROOT
    return ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path, known: set[str]) -> Iterator[str]:
    """Every module of ours that a file imports, also for types alone and inside functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if name in known else str(node.module) for name in inner]
        yield from (name for name in names if name.partition(".")[0] in ("gpustrap", "roles"))


def layer(module: str) -> str:
    first, _, rest = module.partition(".")
    return first if first == "roles" else rest.partition(".")[0]


ARROWS = {name: set(imports(path, set(sources()))) - {name} for name, path in sources().items() if name not in FACES}


@pytest.mark.parametrize("module", sorted(ARROWS))
def test_imports_run_downwards_only(module: str) -> None:
    own = layer(module)
    upwards = [
        name
        for name in ARROWS[module]
        if name not in FACES and layer(name) != own and HEIGHT[layer(name)] >= HEIGHT[own]
    ]
    assert upwards == []


def test_no_module_of_src_imports_a_role() -> None:
    assert [
        name for name in ARROWS if layer(name) != "roles" and any(layer(one) == "roles" for one in ARROWS[name])
    ] == []


def test_no_import_is_part_of_a_circle() -> None:
    try:
        tuple(TopologicalSorter(ARROWS).static_order())
    except CycleError as circle:
        pytest.fail(" → ".join(circle.args[1]))
