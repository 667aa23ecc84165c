"""Where the role `python` puts uv, and which uv another role finds. Pure."""

from __future__ import annotations

from collections.abc import Callable

from gpustrap.errors import InstanceFailed
from gpustrap.language import tr
from gpustrap.resolve.box.survey import Survey
from gpustrap.resolve.context import Context

UV = "/usr/local/bin/uv"


def uv_of(survey: Survey, context: Context, role: str, refusal: Callable[[str], InstanceFailed] | None = None) -> str:
    """uv's path for a long step of `role`. It and tmux are there, or earlier roles bring them.

    Raises InstanceFailed else: what `refusal` makes of the names of what is missing.
    """
    brought = {"tmux"} & context.packages_before(role)
    brought |= {"uv"} if "python" in context.roles_before(role) else set()
    missing = [tool for tool in ("uv", "tmux") if tool not in survey.tools and tool not in brought]
    if missing:
        names = tr(" and no ").join(missing)
        raise refusal(names) if refusal else _refusal(names, role)
    return UV if "uv" in brought else survey.tools["uv"]


def _refusal(missing: str, role: str) -> InstanceFailed:
    return InstanceFailed(
        tr("this instance has no {missing}, which the role {role} needs", missing=missing, role=role),
        operation="environment",
        hint=tr("put the roles `base` and `python` before `{role}`", role=role),
    )
