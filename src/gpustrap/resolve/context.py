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
