"""Whose keys are let in, and into which file. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gpustrap.language import tr
from gpustrap.resolve.box.survey import Survey
from gpustrap.resolve.context import Context
from gpustrap.resolve.public_key import blob_of, name_of

if TYPE_CHECKING:
    from roles.access.settings import Settings


@dataclass(frozen=True)
class Access:
    """The public keys, each once, the login that they are for, its home and its file."""

    keys: tuple[str, ...]
    user: str
    home: str
    file: str
    reasons: tuple[str, ...] = ()


def choose(settings: Settings, survey: Survey, context: Context) -> Access:  # noqa: ARG001 (a resolver's form)
    """The decision for an instance."""
    keys = tuple({blob_of(key): key for key in settings.keys}.values())
    file = f"{survey.home}/.ssh/authorized_keys"
    return Access(keys, survey.user, survey.home, file, (_why(keys, survey.user),))


def _why(keys: tuple[str, ...], user: str) -> str:
    if not keys:
        return tr("hosts.yml lets no further key in")
    names = ", ".join(map(name_of, keys))
    return tr("hosts.yml lets in to {user}: {names}", user=user, names=names)
