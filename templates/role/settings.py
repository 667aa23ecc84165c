"""Settings of the role `example_role`: what hosts.yml may say under its name."""

from pydantic import BaseModel, ConfigDict, Field


class Settings(BaseModel):
    """Each setting has a type and a default; another key is refused with its line."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str = Field("set up by gpustrap", description="What the file says")
