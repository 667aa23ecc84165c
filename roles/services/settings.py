"""Settings of the role `services`: name → what runs under it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel, StringConstraints

from gpustrap.inventory.secrets import Secret

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,30}$")]
Variable = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]


class Service(BaseModel):
    """One service: a preset, or a command of its own. What a preset sets, these keys replace."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    preset: str | None = Field(None, description="A name of catalog/services.yaml, e.g. hello")
    command: str | None = Field(None, description="A shell command; {port} is replaced by the port")
    port: int | None = Field(None, ge=1, le=65535, description="The TCP port it listens on; it is ready when it does")
    cwd: str | None = Field(None, pattern="^/", description="Folder to run in; default: the service's own")
    env: dict[Variable, str | Secret] = Field(default_factory=dict, description="Its environment; secrets as {env|file|command: …}")
    health: str | None = Field(None, pattern="^/", description="HTTP path on its port that answers below 400 when it is ready")
    restart: Literal["always", "on-failure", "never"] = Field("always", description="When to start it again after it ended")
    ready_seconds: int = Field(60, ge=1, le=3600, description="How long it may take to get ready")


class Settings(RootModel[dict[Name, Service]]):
    """Services by name. Names are lower case letters, digits and dashes, at most 31."""

    root: dict[Name, Service] = Field(default_factory=dict)
