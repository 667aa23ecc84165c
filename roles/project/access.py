"""By what the instance reads a private repository: a key for ssh, or a token for https. Both are its user's alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import SecretStr

from gpustrap.inventory.reveal import revealed
from gpustrap.laptop.remote import header, site_of

if TYPE_CHECKING:
    from roles.project.settings import Settings


@dataclass(frozen=True)
class Access:
    """File on the instance → what is to stand there; None for no file. `key` and `config`: those that git is told."""

    files: tuple[tuple[str, SecretStr | None], ...] = ()
    key: str = ""
    config: str = ""


def access_of(settings: Settings, home: str) -> Access:
    """The private key, and the token as a setting of git for the repository's host alone."""
    key_file, config_file = (f"{home}/.config/gpustrap/project-{name}" for name in ("key", "token"))
    key = revealed(settings.key) if settings.key else None
    config = None
    if settings.token is not None and settings.git is not None:
        said = header(revealed(settings.token))
        config = SecretStr(f'[http "{site_of(settings.git)}"]\n\textraHeader = "{said}"\n')
    return Access(((key_file, key), (config_file, config)), key_file if key else "", config_file if config else "")
