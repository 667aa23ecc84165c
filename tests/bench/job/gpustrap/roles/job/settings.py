"""Settings of the role `job`: where the package managers ask, and what the app listens on."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Settings(BaseModel):
    """The values of the benchmark's job."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mirror: str = Field(description="Address that the paths of all package mirrors are appended to")
    proxy: str = Field(description="Address of the http proxy")
    app_port: int = Field(ge=1, le=65535, description="The app's TCP port")
    user_key: str = Field(description="A line for authorized_keys")
