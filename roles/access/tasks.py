"""Role `access`: the keys that may log in, in a block of the login's authorized_keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyinfra.api import deploy

from gpustrap.engine.operations import access as operations

if TYPE_CHECKING:
    from roles.access.resolve import Access


@deploy("access")
def access(chosen: Access) -> None:
    """Let the keys in, and those that were taken away no more."""
    operations.only_keys(name="keys", path=chosen.file, keys=chosen.keys)
