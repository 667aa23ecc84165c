"""Settings of the role `mirrors`: where each package manager asks."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo

from gpustrap.catalog.mirrors import load_mirrors
from gpustrap.errors import nearest
from gpustrap.inventory.fields import http_url
from gpustrap.language import tr

WORDS = ("auto", "upstream")


def _is_source(text: str, info: ValidationInfo) -> str:
    """`auto`, `upstream`, an http(s) URL, or the name (in any case) of a mirror that the catalog has for this key."""
    if text.startswith(("http://", "https://")):
        return http_url(text)
    kind = str(info.field_name).replace("_", "-")
    names = dict.fromkeys(mirror.name for mirror in load_mirrors() if mirror.kind == kind)
    if text in WORDS or text.casefold() in {name.casefold() for name in names}:
        return text
    word = nearest(text, [*WORDS, *names])
    raise ValueError(
        tr("expected auto, upstream, a URL or the name of a mirror of this kind")
        + (tr("; nearest: '{word}'", word=word) if word else "")
    )


def _is_switch(value: object) -> object:
    """`on` and `off` are words here, also for a reader of YAML 1.1, for whom they are true and false."""
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else value


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
    xet: Annotated[Literal["auto", "on", "off"], BeforeValidator(_is_switch)] = Field(
        "auto",
        description="Hugging Face's Xet transfers, which go past a mirror; without them files over 50 GB are refused; "
        "auto: off with a mirror",
    )
    measure: bool = Field(
        False,
        description="For what is auto: ask every mirror and upstream from the box, at most once a day, and take what "
        "works and is fast; upstream where none works",
    )
    hf_token_to_mirror: bool = Field(
        False, description="Whether Hugging Face's clients may send your token to the mirror, a third party"
    )
