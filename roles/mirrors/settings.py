"""Settings of the role `mirrors`: where each package manager asks."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from gpustrap.catalog.mirrors import load_mirrors
from gpustrap.errors import nearest

WORDS = ("auto", "upstream")


def _is_source(text: str) -> str:
    """`auto`, `upstream`, an http(s) URL, or a mirror's name in the catalog (in any case)."""
    names = {mirror.name.casefold() for mirror in load_mirrors()}
    if text in WORDS or text.startswith(("http://", "https://")) or text.casefold() in names:
        return text
    word = nearest(text, [*WORDS, *sorted({mirror.name for mirror in load_mirrors()})])
    raise ValueError(
        "expected auto, upstream, a URL or the name of a mirror" + (f"; nearest: '{word}'" if word else "")
    )


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
    git: Source = Field("upstream", description="Fetches from GitHub; a third party sees what you fetch, so never by itself")
