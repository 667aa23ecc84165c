"""Settings of the role `base`: Debian packages."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Package = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9+.-]+$")]


class Settings(BaseModel):
    """Packages that have to be there. They are installed only where missing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    packages: tuple[Package, ...] = Field(
        ("ca-certificates", "curl", "git", "iproute2", "tmux"), description="Names as apt knows them"
    )
    extra: tuple[Package, ...] = Field((), description="More packages, besides `packages`")
