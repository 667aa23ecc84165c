"""Settings of the role `access`: whose keys may log in."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from gpustrap.resolve.public_key import public_key


class Settings(BaseModel):
    """Public keys that are let in, in a marked block of the login's own authorized_keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    keys: tuple[Annotated[str, AfterValidator(public_key)], ...] = Field(
        (), description="Lines of .pub files; one that is taken out of this list is let in no more"
    )
