"""Settings of the role `torch`: which build, for which card, and where it is put."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from gpustrap.catalog.cards import load_cards
from gpustrap.catalog.torch import load_catalog
from gpustrap.errors import BadInput
from gpustrap.inventory.fields import http_url
from gpustrap.language import tr
from gpustrap.resolve.torch.machine import Machine, declare
from gpustrap.resolve.torch.request import read_want
from gpustrap.resolve.versions import read_driver, read_python


def _read(read: Callable[[str], object]) -> AfterValidator:
    """Take the text that `read` can read."""

    def check(text: str) -> str:
        _must(lambda: read(text))
        return text

    return AfterValidator(check)


def _must(read: Callable[[], object]) -> None:
    """What `read` finds bad is the error, with the nearest valid value."""
    try:
        read()
    except BadInput as bad:
        fault = bad.faults[0]
        nearest = tr("; nearest: '{nearest}'", nearest=fault.nearest) if fault.nearest else ""
        raise ValueError(f"{fault.message}{nearest}") from bad


def _is_source(url: str) -> str:
    http_url(url, example="https://HOST/whl/{tag}", instead=tr("use a mirror without one"))
    if set("{}") & set(url.replace("{tag}", "")):
        raise ValueError(tr("{tag} is the only word in braces, it stands for cu128 and the like"))
    return url


class WheelMirror(BaseModel):
    """A place that has wheels of PyTorch; `{tag}` in the URL stands for cu128 and the like."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["index", "find-links"] = Field(
        description="index: a folder a package (PEP 503); find-links: one page or folder with all the wheels"
    )
    url: Annotated[str, AfterValidator(_is_source)] = Field(description="http or https")


class Settings(BaseModel):
    """Every setting may be left out: then it is the newest torch that the card, the driver and the Python can run."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Annotated[str, _read(lambda text: read_want(text, None, load_catalog()))] | None = Field(
        None, description="torch: 2.9.1, 2.9 or '>=2.8,<2.10'"
    )
    cuda: Annotated[str, _read(lambda text: read_want(None, text, load_catalog()))] | None = Field(
        None, description="CUDA: '12.8', 12.8.93, cu128, '>=12.6' or cpu"
    )
    gpu: Annotated[str, _read(lambda text: declare(Machine(), text, load_cards()))] | None = Field(
        None, description="The card, while none is visible (no-card mode): RTX 4090; none for CPU only"
    )
    driver: Annotated[str, _read(lambda text: read_driver(text, load_catalog()))] | None = Field(
        None, description="NVIDIA driver, for as long as none is visible: 570.124.06"
    )
    python: Annotated[str, _read(lambda text: read_python(text, load_catalog()))] | None = Field(
        None, description="Python of the environment: '3.12'; default: the image's own, where the build has it"
    )
    into: Literal["venv", "image"] = Field("venv", description="An environment of its own, or the image's own Python")
    reuse: bool = Field(
        True, description="Leave a torch alone that an environment of the image has and that is as wanted"
    )
    place: str | None = Field(
        None,
        pattern=r"^/[^\s']*$",
        description="Folder of the environment and of uv's cache; default: a disk that survives",
    )
    torchvision: bool = Field(True, description="Install the torchvision that belongs to it")
    torchaudio: bool = Field(True, description="Install the torchaudio that belongs to it, where there is one")
    wheel_mirrors: tuple[WheelMirror, ...] | None = Field(
        None, description="Own mirrors of PyTorch wheels, in this order; [] for none; default: the region's"
    )

    @model_validator(mode="after")
    def _one_cuda(self) -> Self:
        """`2.9.1+cu128` names a CUDA already."""
        _must(lambda: read_want(self.version, self.cuda, load_catalog()))
        return self
