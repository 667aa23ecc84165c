"""What a role's resolver may look at besides its own settings and the survey. Values only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


def _nothing_decided(_role: str) -> None:
    """Without other roles there is no decision to read."""


@dataclass(frozen=True)
class Context:
    """The rest of what is known about an instance when its roles are decided.

    `settings` holds every role's settings by role name; `region` is as written in hosts.yml;
    `public_urls` maps a port on the instance to the address that reaches it from outside; `allow_listening` is what may
    listen there besides what gpustrap knows.

    `decided(role)` is what was decided for another role of this instance: made at the first need, and the same
    object for every reader. It is None where that role is not among the instance's; the reader then does
    without it, as if it did not exist, and says so in its reasons where that changes anything.
    """

    instance: str
    region: str
    roles: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    public_urls: Mapping[int, str] = field(default_factory=dict)
    allow_listening: tuple[int | str, ...] = ()
    decided: Callable[[str], Any] = field(default=_nothing_decided, compare=False, repr=False)

    def roles_before(self, role: str) -> tuple[str, ...]:
        """The roles that are applied before `role`; all of them where it is not among them."""
        return self.roles[: self.roles.index(role)] if role in self.roles else self.roles

    def packages_before(self, role: str) -> frozenset[str]:
        """The packages that are there when `role` is applied, because the role `base` comes before it."""
        base = self.decided("base") if "base" in self.roles_before(role) else None
        return frozenset(base.names) if base is not None else frozenset()
