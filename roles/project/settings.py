"""Settings of the role `project`: whose code, and where it stands on the instance."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from gpustrap.inventory.fields import http_url
from gpustrap.inventory.secrets import Secret
from gpustrap.language import tr


def _is_plain(dest: str) -> str:
    if not re.fullmatch(r"(~/|/)[^\s'\\]+", dest) or ".." in dest.split("/") or not dest.strip("~/"):
        raise ValueError(tr("expected a folder of its own, such as ~/app or /data/app, without spaces and quotes"))
    return dest.rstrip("/")


def _is_repository(url: str) -> str:
    if url.startswith(("http://", "https://")):
        return http_url(url, example="https://HOST/OWNER/NAME", instead=tr("write token: {env: NAME}"))
    if not re.fullmatch(r"(ssh://|git://|file:///|[A-Za-z0-9_.-]+@[A-Za-z0-9.-]+:)[^\s'\"\\]+", url):
        raise ValueError(tr("expected a repository such as https://HOST/OWNER/NAME or git@HOST:OWNER/NAME"))
    return url


def _is_name(ref: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._/+-]*", ref):
        raise ValueError(tr("expected the name of a branch or a tag, or a commit"))
    return ref


class Settings(BaseModel):
    """A folder of this computer, or a git repository. No file that was changed on the instance is lost.

    What `.gitignore` leaves out of a folder is not sent.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: Path | None = Field(None, description="The folder on this computer; a relative one starts at the project's")
    git: Annotated[str, AfterValidator(_is_repository)] | None = Field(
        None, description="A repository instead: https://HOST/OWNER/NAME, git@HOST:OWNER/NAME or ssh://…"
    )
    ref: Annotated[str, AfterValidator(_is_name)] | None = Field(
        None, description="Its branch, tag or commit (all 40 digits); default: its own branch"
    )
    key: Secret | None = Field(
        None, description="A private key that may read the repository over ssh, such as a deploy key"
    )
    token: Secret | None = Field(
        None, description="A token that may read the repository over https; only its own host is told of it"
    )
    dest: Annotated[str, AfterValidator(_is_plain)] | None = Field(
        None, description="The folder on the instance; default: one of the same name in the home"
    )
    also: tuple[str, ...] = Field(
        (".env",), description="Patterns of files that go along although `.gitignore` leaves them out"
    )
    environment: Literal["auto", "none", "uv.lock", "pyproject.toml", "requirements.txt", "environment.yml"] = Field(
        "auto",
        description="What its Python environment is made from; auto: the first of these that the folder has."
        " environment.yml is conda's, which has to be there; of a repository it has to be named",
    )
    python: str | None = Field(
        None,
        pattern=r"^3\.\d{1,2}(\.\d{1,2})?$",
        description="Python of the environment: '3.12'; default: what the project says, else the image's",
    )
    other_torch: Literal["refuse", "override"] = Field(
        "refuse",
        description="Where it asks for another torch than role `torch` has chosen: stop and say so, or install the rest"
        " around the chosen one",
    )
    most_mib: int = Field(256, ge=1, le=100_000, description="How much may be sent at most, in MiB")
    on_box_changes: Literal["refuse", "stash", "keep"] = Field(
        "refuse",
        description="Files that were changed on the instance since they were sent: stop and name them, move them to a"
        " dated folder beside `dest`, or leave them as they are there",
    )

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.path is None) == (self.git is None):
            raise ValueError(tr("expected one of path and git"))
        if self.ref is not None and self.git is None:
            raise ValueError(tr("ref goes with git"))
        if self.key is not None and (self.git is None or self.git.startswith("http")):
            raise ValueError(tr("key goes with a repository over ssh, such as git@HOST:OWNER/NAME"))
        if self.token is not None and (self.git is None or not self.git.startswith("https://")):
            raise ValueError(tr("token goes with a repository over https, such as https://HOST/OWNER/NAME"))
        return self

    @field_validator("path")
    @classmethod
    def _start_at_project(cls, path: Path | None, info: ValidationInfo) -> Path | None:
        if path is None:
            return None
        project: Path = (info.context or {}).get("project", Path())
        folder = (project / path.expanduser()).absolute()
        if not folder.is_dir():
            said = tr("it is a file") if folder.exists() else tr("there is no such folder")
            raise ValueError(f"{said}: {folder}")
        return folder
