"""Settings of the role `mirrors`: where each package manager asks."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo

from gpustrap.catalog.mirrors import load_mirrors
from gpustrap.errors import nearest

WORDS = ("auto", "upstream")


def _is_source(text: str, info: ValidationInfo) -> str:
    """`auto`, `upstream`, an http(s) URL, or the name (in any case) of a mirror that the catalog has for this key."""
    if text.startswith(("http://", "https://")):
        return _is_url(text)
    kind = str(info.field_name).replace("_", "-")
    names = dict.fromkeys(mirror.name for mirror in load_mirrors() if mirror.kind == kind)
    if text in WORDS or text.casefold() in {name.casefold() for name in names}:
        return text
    word = nearest(text, [*WORDS, *names])
    raise ValueError(
        "expected auto, upstream, a URL or the name of a mirror of this kind" + (f"; nearest: '{word}'" if word else "")
    )


def _is_url(url: str) -> str:
    """A URL that can stand in every client's file: no white space, quotes, backslash."""
    try:
        parts = urlsplit(url)
        usable = bool(re.fullmatch(r"[!#-&(-\[\]^_a-z{|}~]+", url) and parts.hostname and parts.port != 0)
    except ValueError:  # brackets that do not pair, a port out of range
        usable = False
    if not usable:
        raise ValueError("expected a URL such as https://HOST/PATH")
    if parts.password:
        raise ValueError("a password in hosts.yml ends up in backups and commits")
    return url


Source = Annotated[str, AfterValidator(_is_source)]


class Settings(BaseModel):
    """For each: `auto` (by region), `upstream` (the client's own default), a mirror's name, or a URL."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    apt: Source = Field("auto", description="Debian or Ubuntu packages; a URL ends with the distribution's folder")
    pypi: Source = Field("auto", description="Python packages, for pip and uv")
    conda: Source = Field("auto", description="conda channels; a URL is the folder above pkgs/ and cloud/")
    npm: Source = Field("auto", description="npm packages")
    hf: Source = Field("auto", description="Hugging Face")
    python_build: Source = Field("auto", description="The Python builds that uv installs")
    git: Source = Field(
        "upstream", description="Fetches from GitHub; a third party sees what you fetch, so never by itself"
    )
