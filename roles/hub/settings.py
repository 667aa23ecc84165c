"""Settings of the role `hub`: Hugging Face's client, its token and cache, and what is fetched ahead."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from gpustrap.inventory.secrets import Secret
from gpustrap.language import tr
from roles.hub.names import is_cache, is_repo, is_revision

Repo = Annotated[str, AfterValidator(is_repo)]


class Prefetch(BaseModel):
    """One revision of a model or a dataset, complete or an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: Repo | None = Field(None, description="ORG/NAME of a model")
    dataset: Repo | None = Field(None, description="ORG/NAME of a dataset")
    revision: Annotated[str, AfterValidator(is_revision)] = Field(
        "main", description="Branch, tag or commit; a commit (all 40 digits) never moves, and is asked for once"
    )
    allow: tuple[str, ...] = Field((), description="Only files that one of these patterns fits: '*.safetensors'")
    ignore: tuple[str, ...] = Field((), description="No files that one of these patterns fits")

    @model_validator(mode="after")
    def _one_repo(self) -> Self:
        if (self.model is None) == (self.dataset is None):
            raise ValueError(tr("expected one of model and dataset"))
        return self


def _short(value: object) -> object:
    """`ORG/NAME` alone is a model."""
    return {"model": value} if isinstance(value, str) else value


class Settings(BaseModel):
    """Hugging Face's client in an environment of its own, and what it has to have fetched."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    token: Secret | None = Field(
        None,
        description="A token of your account, for gated and private repositories; in a file only you may read",
    )
    cache: Annotated[str, AfterValidator(is_cache)] = Field(
        "auto",
        description="The folder that HF_HOME names; auto: on the disk that survives a stop, else the client's own",
    )
    prefetch: tuple[Annotated[Prefetch, BeforeValidator(_short, str | Prefetch)], ...] = Field(
        (), description="Models and datasets; ORG/NAME alone is a model at its main branch"
    )
    workers: int = Field(4, ge=1, le=16, description="Files fetched at the same time; mirrors count requests")
