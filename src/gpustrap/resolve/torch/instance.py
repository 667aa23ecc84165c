"""Which torch one instance gets: its own wishes, its survey, its mirrors → an answer. Pure.

`up`, `plan`, `inspect` and `torch explain NAME` all ask here, so they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from gpustrap.catalog.torch import Build, Catalog
from gpustrap.language import tr
from gpustrap.resolve.box.survey import ImagePython, Survey
from gpustrap.resolve.torch.answer import Choice, Refusal
from gpustrap.resolve.torch.choose import choose_build
from gpustrap.resolve.torch.image import python_for_venv, python_to_install_into, with_right_torch
from gpustrap.resolve.torch.last_seen import machine_for, memory_of
from gpustrap.resolve.torch.machine import NO_CARD, Supply
from gpustrap.resolve.torch.request import Want
from gpustrap.resolve.torch.site import Site
from gpustrap.resolve.versions import Version, dotted, read_python

# Where no build that is wanted has the image's Python, uv brings one of these, the first that fits.
BROUGHT_PYTHONS = ((3, 12), (3, 11), (3, 10))


@dataclass(frozen=True)
class Request:
    """What is asked for an instance. `gpu` and `driver` count while none is visible; `python` is such as "3.12"."""

    want: Want
    gpu: str | None = None
    driver: str | None = None
    python: str | None = None
    into: Literal["venv", "image"] = "venv"
    reuse: bool = True

    @property
    def without_card(self) -> bool:
        """Whether a person asked for a build that needs no card."""
        return self.want.cpu or (self.gpu or "").strip().lower() == NO_CARD


@dataclass(frozen=True)
class Decided:
    """The answer and what it is for.

    `python` is the image's Python that is used, None where uv brings one; `reused` says that its own torch is
    right and stays.
    """

    site: Site
    answer: Choice | Refusal
    python: ImagePython | None = None
    reused: bool = False


def decide(request: Request, survey: Survey, supply: Supply, catalog: Catalog) -> Decided:
    """The first that holds: a torch that is there and right, a build for the image's Python, one for uv's Python.

    Raises InstanceFailed for a card that nobody knows, and on an image without Python where torch shall go into it.
    """
    if unread := _unread_card(request, survey):
        return Decided(Site(machine_for(NO_CARD, None, survey, catalog), supply, catalog), unread)
    machine = machine_for(request.gpu, request.driver, survey, catalog)
    site = Site(replace(machine, cpu_only=machine.cpu_only or request.want.cpu), supply, catalog)
    if request.reuse and (found := with_right_torch(request.want, site, request.python, survey)):
        python, build = found
        return Decided(_for_python(site, python.version), _as_it_is(python, build), python, reused=True)
    answers = list(_tried(request, survey, site))
    return next((one for one in answers if isinstance(one.answer, Choice)), answers[0])


def _unread_card(request: Request, survey: Survey) -> Refusal | None:
    """A card that is there and cannot be read is no reason for a build without CUDA.

    Where the box only lacks nvidia-smi, a card that is declared or was seen before counts, as in no-card mode.
    """
    if survey.card_trouble is None or survey.gpus or request.without_card:
        return None
    if "nvidia-smi" not in survey.tools and (request.gpu or memory_of(survey)):
        return None
    way = tr("`gpu: none` in hosts.yml asks for a build without a card all the same")
    return Refusal(
        "gpu", tr("the card could not be read: {card_trouble}; {way}", card_trouble=survey.card_trouble, way=way)
    )


def _tried(request: Request, survey: Survey, site: Site) -> Iterator[Decided]:
    """The image's Python, then, where only the Python stands against it, those that uv brings."""
    if request.into == "image":
        own: ImagePython | None = python_to_install_into(survey)
    else:
        own = python_for_venv(request.python, survey, site.catalog)
    if own:
        decided = _with_python(request.want, site, own, own.version)
        yield decided
        if request.into == "image" or not _needs_other_python(decided):
            return
    wanted = (read_python(request.python, site.catalog),) if request.python else BROUGHT_PYTHONS
    for version in wanted:
        yield _with_python(request.want, site, None, version)


def _with_python(want: Want, site: Site, python: ImagePython | None, version: Version) -> Decided:
    here = _for_python(site, version)
    answer = choose_build(want, here)
    if python is None and isinstance(answer, Choice):
        words = tr("uv brings Python {version}, since no Python of the image is used", version=dotted(version[:2]))
        answer = replace(answer, reasons=(*answer.reasons, words))
    return Decided(here, answer, python)


def _for_python(site: Site, version: Version) -> Site:
    return replace(site, machine=replace(site.machine, python=version[:2]))


def _needs_other_python(decided: Decided) -> bool:
    return isinstance(decided.answer, Refusal) and decided.answer.constraint == "python"


def _as_it_is(python: ImagePython, build: Build) -> Choice:
    """The choice of a torch that is there: nothing is fetched for it."""
    reason = tr(
        "{python.path} of the image has torch {python.torch}, as wanted, and it runs here: left alone", python=python
    )
    return Choice(build, (f"torch=={build.version}",), (), (reason,), ())
