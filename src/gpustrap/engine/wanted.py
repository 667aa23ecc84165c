"""Wanted files of decisions → files as the operation `managed` takes them."""

from __future__ import annotations

from collections.abc import Iterable

from gpustrap.engine.operations.files import ManagedFile
from gpustrap.engine.templates import template
from gpustrap.resolve.wanted import WantedFile


def files(wanted: Iterable[WantedFile]) -> list[ManagedFile]:
    """Each rendered; what is wanted no more is to go. Raises InstanceFailed for a template that cannot be rendered."""
    return [_file(one) for one in wanted]


def _file(wanted: WantedFile) -> ManagedFile:
    if wanted.src is None:
        return ManagedFile(wanted.dest, None, block=wanted.block)
    return template(wanted.src, wanted.dest, mode=wanted.mode, block=wanted.block, top=wanted.top, **wanted.values)
