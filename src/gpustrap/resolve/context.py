"""What a role's resolver may look at besides its own settings and the survey. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Context:
    """The rest of what is known about an instance when its roles are decided.

    `settings` holds every role's settings by role name; `region` is as written in hosts.yml;
    `public_urls` maps a port on the instance to the address that reaches it from outside.
    """

    instance: str
    region: str
    roles: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    public_urls: Mapping[int, str] = field(default_factory=dict)

    def roles_before(self, role: str) -> tuple[str, ...]:
        """The roles that are applied before `role`; all of them where it is not among them."""
        return self.roles[: self.roles.index(role)] if role in self.roles else self.roles

    def packages_before(self, role: str) -> frozenset[str]:
        """The packages that are there when `role` is applied, because the role `base` comes before it."""
        base = self.settings.get("base") if "base" in self.roles_before(role) else None
        return frozenset() if base is None else frozenset((*base.packages, *base.extra))
