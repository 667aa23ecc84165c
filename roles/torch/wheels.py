"""Where torch's wheels come from: as written, else as measured, else the region's mirrors. Pure."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from gpustrap.catalog.mirrors import Kind, Mirror, load_mirrors, mirrors_of
from gpustrap.language import tr
from gpustrap.resolve.box.region import choose_region
from gpustrap.resolve.box.survey import Survey
from gpustrap.resolve.context import Context
from gpustrap.resolve.net.measured import ranked, said
from gpustrap.resolve.torch.machine import Supply

if TYPE_CHECKING:
    from roles.torch.settings import Settings, WheelMirror

KIND: Kind = "torch"
FORMS = {"index": "pep503", "find-links": "flat"}


def supply_for(settings: Settings, survey: Survey, context: Context) -> Supply:
    """The wheel mirrors, and the Python index of the role `mirrors`."""
    mirrors = context.decided("mirrors")
    pypi = mirrors.pypi if mirrors is not None else None
    if settings.wheel_mirrors is not None:
        return Supply(tuple(map(_own, settings.wheel_mirrors)), pypi)
    return Supply(_measured(context) or mirrors_of(KIND, choose_region(context.region, survey).name), pypi)


def _own(mirror: WheelMirror) -> Mirror:
    row = {"kind": KIND, "name": mirror.url, "region": "global", "distro": None, "note": None}
    written = {"url": mirror.url, "form": FORMS[mirror.kind], "source": "hosts.yml", "read": date.min}
    return Mirror.model_validate(row | written)


def _measured(context: Context) -> tuple[Mirror, ...]:
    """Those that work from this box, best first; empty where none does, or nothing was measured."""
    known = getattr(context.decided("mirrors"), "measured", None)
    rows = {row.url: row for row in load_mirrors() if row.kind == KIND}
    return tuple(rows[url] for url in ranked(known, KIND) if url in rows) if known is not None else ()


def measured_words(settings: Settings, context: Context) -> tuple[str, ...]:
    """What each place answered."""
    known = getattr(context.decided("mirrors"), "measured", None)
    if settings.wheel_mirrors is not None or known is None or KIND not in known.chosen:
        return ()
    names = {row.url: row.name for row in load_mirrors() if row.kind == KIND}
    return (tr("PyTorch's wheels: {why}", why=said(known, KIND, names)),)
