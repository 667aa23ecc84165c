"""The environment that conda makes from a project's environment.yml, in a prefix of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gpustrap.errors import InstanceFailed
from gpustrap.language import tr
from gpustrap.laptop.tree import Tree
from gpustrap.resolve.box.survey import Survey
from gpustrap.resolve.conda import torch_lines
from gpustrap.resolve.context import Context
from gpustrap.resolve.environment import CONDA, Environment

if TYPE_CHECKING:
    from roles.project.settings import Settings


def by_conda(
    settings: Settings, tree: Tree | None, dest: str, user: str, survey: Survey, context: Context
) -> tuple[Environment, tuple[str, ...]]:
    """The environment, and why. Raises InstanceFailed for one that has a torch beside role torch's, and without tmux.

    Whether the instance has conda is known once it is looked for there.
    """
    if "tmux" not in survey.tools and "tmux" not in context.packages_before("project"):
        raise InstanceFailed(
            tr("this instance has no {missing}, which making its environment needs", missing="tmux"),
            operation="environment",
            hint=tr("put the role `base` before `project`, or set project.environment: none"),
        )
    prefix = f"{dest}/.conda-env"
    made = Environment("", dest, CONDA, f"{prefix}/bin/python", prefix, user=user)
    why = [tr("its environment {venv} is made from {file}, by conda", venv=prefix, file=CONDA)]
    if settings.python:
        why.append(tr("project.python does not count: {file} says which Python", file=CONDA))
    torch = context.decided("torch") if "torch" in context.roles_before("project") else None
    return made, (*why, *(_beside(settings, tree, torch) if torch is not None else ()))


def _beside(settings: Settings, tree: Tree | None, torch: Any) -> tuple[str, ...]:
    """What is said of another torch than role torch's: conda's prefix can only have one of its own."""
    asked = _asked(tree) if tree is not None else ()
    if asked and settings.other_torch == "refuse":
        chosen = f"torch {torch.packages['torch'][0]}"
        raise InstanceFailed(
            tr(
                "{file} asks for {asked}, and role torch has chosen {chosen}",
                file=CONDA,
                asked=", ".join(asked),
                chosen=chosen,
            ),
            operation="environment",
            hint=tr(
                "conda cannot use that one: take torch out of the file or the role out of hosts.yml; or"
                " project.other_torch: override lets conda install its own beside"
            ),
        )
    return (tr("what it asks of torch is conda's own, beside role torch's"),) if asked or tree is None else ()


def _asked(tree: Tree) -> tuple[str, ...]:
    try:
        return torch_lines((tree.root / CONDA).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InstanceFailed(
            tr("{file} cannot be read: {reason}", file=tree.root / CONDA, reason=error), operation="environment"
        ) from error
