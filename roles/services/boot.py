"""What starts an instance's services again after it was restarted. Pure."""

from __future__ import annotations

from gpustrap.catalog.providers import load_providers


def boot_ways(provider: str) -> tuple[str, ...]:
    """What the provider runs at each start, where that is known, and the first login on all of them."""
    own = next((row.boot for row in load_providers() if row.name == provider), None)
    return ("login", own) if own else ("login",)
