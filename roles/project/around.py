"""A project that asks for torch goes around the torch that role torch has chosen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gpustrap.errors import InstanceFailed
from gpustrap.language import mark, tr
from gpustrap.laptop.tree import Tree
from gpustrap.resolve.environment import Environment
from gpustrap.resolve.torch.asked import OtherTorch, others_than, torch_asked

if TYPE_CHECKING:
    from packaging.requirements import Requirement

    from roles.project.settings import Settings


def asked_of_torch(file: str, tree: Tree) -> tuple[Requirement, ...]:
    """What a project's file asks of torch. Raises InstanceFailed for one that cannot be read."""

    def read(name: str) -> str:
        return (tree.root / name).read_text(encoding="utf-8")

    try:
        return torch_asked(file, read)
    except (OSError, ValueError) as error:
        raise InstanceFailed(
            tr("{file} cannot be read: {reason}", file=tree.root / file, reason=error), operation="environment"
        ) from error


def on_torch(
    base: Environment, settings: Settings, torch: Any, asked: tuple[Requirement, ...]
) -> tuple[Environment, tuple[str, ...]]:
    """Role torch's environment, and why. Raises InstanceFailed for what asks for another torch."""
    others = others_than(asked, torch.packages)
    if others and settings.other_torch == "refuse":
        raise _other_torch(base.file, others)
    made = replace(_beside(base, torch), overrides=bool(others))
    words = {"file": made.file, "python": made.python}
    why = tr("{file} asks for torch, so it is installed beside role torch's, into {python}", **words)
    stays = mark("{asked} in {file} is passed over: {chosen} stays")
    return made, (why, *(tr(stays, asked=one.asked, file=made.file, chosen=one.chosen) for one in others))


def around_torch(base: Environment, settings: Settings, torch: Any) -> tuple[Environment, tuple[str, ...]]:
    """Of a repository nobody knows yet whether it asks for torch: uv refuses another one by name."""
    made = replace(_beside(base, torch), overrides=settings.other_torch == "override")
    return made, (tr("what it asks for is installed beside role torch's, into {python}", python=made.python),)


def _beside(base: Environment, torch: Any) -> Environment:
    pins = tuple(f"{name}=={min(right, key=len)}" for name, right in torch.packages.items())
    return replace(base, python=torch.python, pins=pins, cache=f"{torch.place}/uv-cache")


def _other_torch(file: str, others: tuple[OtherTorch, ...]) -> InstanceFailed:
    asked, chosen = ", ".join(one.asked for one in others), ", ".join(one.chosen for one in others)
    return InstanceFailed(
        tr("{file} asks for {asked}, and role torch has chosen {chosen}", file=file, asked=asked, chosen=chosen),
        operation="environment",
        hint=tr(
            "set torch.version to what it asks for, or project.other_torch: override, which installs the rest around it"
        ),
    )
