"""What starts an instance's services again after it was restarted. Pure."""

from __future__ import annotations

from gpustrap.catalog.providers import load_providers


def boot_ways(provider: str, shell: str = "") -> tuple[str, ...]:
    """What the provider runs at each start, where that is known, and the first login on all of them.

    `shell` is the login's own: zsh and fish do not read what every other one reads at a login.
    """
    own = next((row.boot for row in load_providers() if row.name == provider), None)
    shells = tuple(name for name in ("zsh", "fish") if shell.endswith(f"/{name}"))
    return ("login", *shells, own) if own else ("login", *shells)
