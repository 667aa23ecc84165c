"""Where the role `python` puts uv, and which uv another role finds. Pure."""

from __future__ import annotations

from gpustrap.errors import InstanceFailed
from gpustrap.language import tr
from gpustrap.resolve.box.survey import Survey
from gpustrap.resolve.context import Context

UV = "/usr/local/bin/uv"


def uv_of(survey: Survey, context: Context, role: str) -> str:
    """uv's path for a long step of `role`. It and tmux are there, or earlier roles bring them; else InstanceFailed."""
    brought = {"tmux"} & context.packages_before(role)
    brought |= {"uv"} if "python" in context.roles_before(role) else set()
    missing = [tool for tool in ("uv", "tmux") if tool not in survey.tools and tool not in brought]
    if missing:
        raise InstanceFailed(
            tr(
                "this instance has no {missing}, which the role {role} needs",
                missing=tr(" and no ").join(missing),
                role=role,
            ),
            operation="environment",
            hint=tr("put the roles `base` and `python` before `{role}`", role=role),
        )
    return UV if "uv" in brought else survey.tools["uv"]
