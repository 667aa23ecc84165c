"""What was measured of the mirrors, where hosts.yml asks for it: it comes before the catalog's order. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gpustrap.catalog.mirrors import Kind, load_mirrors
from gpustrap.resolve.box.region import Region
from gpustrap.resolve.box.survey import Survey
from gpustrap.resolve.net.measured import Measured, read, said
from roles.mirrors.places import pick

if TYPE_CHECKING:
    from roles.mirrors.settings import Settings


@dataclass(frozen=True)
class Seen:
    """`measured` is None where nothing was, or is to be."""

    measured: Measured | None
    region: Region

    @classmethod
    def of(cls, settings: Settings, survey: Survey, region: Region) -> Seen:
        return cls(read(survey.measured) if settings.measure else None, region)

    def pick(self, kind: Kind, written: str, distro: str | None = None) -> str | None:
        """The measured place for what is `auto`, if it is one of the catalog's; else the one of the word."""
        if written == "auto" and self.measured is not None and kind in self.measured.chosen:
            url = self.measured.chosen[kind]
            known = {row.url for row in load_mirrors() if row.kind == kind and row.distro == distro}
            if url is None or url in known or f"{url}/" in known:
                return url
        return pick(kind, written, self.region.name, distro)

    def why(self, kind: Kind) -> str:
        """The numbers of all places; of what was not measured why the region's first is taken."""
        if self.measured is None or kind not in self.measured.chosen:
            return self.region.reason
        names = {row.url.rstrip("/") if kind != "git" else row.url: row.name for row in load_mirrors()}
        return said(self.measured, kind, names)
