"""What is decided for an instance: each role's decision is made once, when it is first needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib.util import find_spec
from typing import Any

from gpustrap import content
from gpustrap.engine import failures
from gpustrap.errors import InstanceFailed, nearest
from gpustrap.inventory.instance import Instance
from gpustrap.language import tr
from gpustrap.resolve.box.survey import Survey
from gpustrap.resolve.context import Context


class Decisions:
    """The decisions of one instance.

    A role is decided by `choose(settings, survey, context)` in its `resolve.py`, the project's own before the
    built-in one; a role without a resolver gets its settings. Through `context.decided` a resolver reads
    another role's decision, which is then made first.
    """

    def __init__(self, survey: Survey, context: Context):
        self._survey = survey
        self.context = replace(context, decided=self.of)
        self._made: dict[str, Any] = {}
        self._being_made: list[str] = []

    def all(self) -> Mapping[str, Any]:
        """Role → decision, in the order in which the roles are applied. Raises InstanceFailed naming the role."""
        return {role: self.of(role) for role in self.context.roles}

    def of(self, role: str) -> Any:
        """One role's decision; None where it is not among the instance's. Raises InstanceFailed naming the role."""
        if role not in self.context.roles:
            _must_be_known(role)
            return None
        if role not in self._made:
            if role in self._being_made:
                circle = " → ".join((*self._being_made[self._being_made.index(role) :], role))
                raise InstanceFailed(
                    tr("roles that wait for each other's decision: {circle}", circle=circle), role=role
                )
            self._being_made.append(role)
            try:
                self._made[role] = self._make(role)
            finally:
                self._being_made.pop()
        return self._made[role]

    def _make(self, role: str) -> Any:
        settings = self.context.settings[role]
        if find_spec(f"roles.{role}.resolve") is None:
            return settings
        with failures.in_role(role):
            decision = content.role_module(role, "resolve").choose(settings, self._survey, self.context)
            if decision is None:
                raise InstanceFailed(
                    tr("roles/{role}/resolve.py: choose returns None, expected what was decided", role=role),
                    hint=tr("does each way through it end with `return`?"),
                )
            return decision


def _must_be_known(role: str) -> None:
    """A role that nobody has is a slip of whoever asks for it: it would be None for ever."""
    known = content.known_roles()
    if role not in known:
        near = nearest(role, known)
        raise InstanceFailed(
            tr("context.decided('{role}'): there is no role of this name", role=role)
            + (tr("; nearest: '{nearest}'", nearest=near) if near else "")
        )


def reasons_of(decision: Any) -> tuple[str, ...]:
    """Why it was decided so, a sentence each; none for a decision that gives none."""
    reasons = getattr(decision, "reasons", ())
    return (reasons,) if isinstance(reasons, str) else tuple(reasons)


def who_decides(role: str) -> tuple[str, ...]:
    """Of a decision without reasons: the role's resolver, nobody where hosts.yml alone says it."""
    if find_spec(f"roles.{role}.resolve") is None:
        return ()
    return (tr("decided by roles/{role}/resolve.py, which gives no reasons", role=role),)


def set_before(instance: Instance, survey: Survey) -> list[str]:
    """A sentence for each role that is not among the instance's any more, and whose files still stand there."""
    gone = [role for role in survey.wrote if role not in instance.roles and role in content.known_roles()]
    return [
        tr(
            "{role} is not among the roles any more; what it set stays until `gpustrap revert {name} --roles {role}`",
            role=role,
            name=instance.typed,
        )
        for role in gone
    ]


def left_over(instance: Instance, survey: Survey) -> list[str]:
    """A sentence for each service that still runs where the role that would end it is not the instance's any more."""
    if "services" in instance.roles:
        return []
    return [
        tr("{service} still runs; the role services is not among the roles", service=service)
        for service in survey.services
    ]
