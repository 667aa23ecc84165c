"""Settings of the role `python`: uv on the instance."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Settings(BaseModel):
    """uv, at the version gpustrap pins, as one binary in /usr/local/bin."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: Literal["auto", "instance", "laptop"] = Field(
        "auto", description="Who downloads uv's wheel: the instance by its own pip, or the laptop, which sends it"
    )
