"""Where in the world an instance stands, as far as mirrors are concerned. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gpustrap.catalog.providers import load_providers
from gpustrap.language import tr
from gpustrap.resolve.box.survey import Survey


@dataclass(frozen=True)
class Region:
    """`cn` or `global`, and how that is known."""

    name: Literal["cn", "global"]
    reason: str


def choose_region(written: str, survey: Survey) -> Region:
    """The region written in hosts.yml; for `auto` the provider's."""
    if written == "cn":
        return Region("cn", tr("hosts.yml says region: cn"))
    if written == "global":
        return Region("global", tr("hosts.yml says region: global"))
    provider = next((row for row in load_providers() if row.name == survey.provider), None)
    if provider is not None and provider.region == "cn":
        return Region(
            "cn",
            tr(
                "{title} rents in China ({provider_reason})",
                title=provider.title,
                provider_reason=survey.provider_reason,
            ),
        )
    return Region("global", tr("region: auto, and nothing says that it is in China"))
