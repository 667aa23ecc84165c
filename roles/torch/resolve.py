"""Which torch an instance gets, into which Python and from where: settings and survey → decision. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gpustrap.catalog.torch import Build, load_catalog
from gpustrap.errors import InstanceFailed
from gpustrap.language import tr
from gpustrap.resolve.box.survey import ImagePython, Survey
from gpustrap.resolve.context import Context
from gpustrap.resolve.download import Download
from gpustrap.resolve.torch.answer import Choice, Refusal, Source, TorchRefused
from gpustrap.resolve.torch.guard import Conflict, Environment, Guard, conflicts_of, guard_of
from gpustrap.resolve.torch.image import unknown_torches
from gpustrap.resolve.torch.instance import Decided, Request, decide
from gpustrap.resolve.torch.last_seen import MEMORY, differences, root_of, to_remember
from gpustrap.resolve.torch.machine import Machine, Supply
from gpustrap.resolve.torch.request import read_want
from gpustrap.resolve.torch.requirements import from_wheels, sources
from gpustrap.resolve.torch.rules import runs_code
from gpustrap.resolve.uv import uv_of
from gpustrap.resolve.versions import dotted
from roles.torch.wheels import measured_words, supply_for

if TYPE_CHECKING:
    from roles.torch.settings import Settings


@dataclass(frozen=True)
class Installation:
    """What the installing script is made of.

    `from_mirrors` are asked of the wheel `mirrors`, in turn, without dependencies; then `requirements`, with
    them, of the Python index `pypi` (None: the client's own). `also_on_pypi` says that it has all of them.
    `pythons` is the mirror of the Pythons that uv brings, None for uv's own source.
    """

    uv: str
    python: str  # the interpreter to install into
    python_version: str
    venv: str | None  # the environment to make; None: the image's own Python
    base: str  # the interpreter, or the version, that the environment is made from
    managed: bool  # uv brings that version
    mirrors: tuple[Source, ...]
    from_mirrors: tuple[str, ...]
    requirements: tuple[str, ...]
    also_on_pypi: bool
    pypi: str | None
    pythons: str | None = None


@dataclass(frozen=True)
class Torch:
    """The decision. `versions` maps a package to the versions that are right, the one to install first.

    `card` is the visible card as it is written down for a start without one, None in no-card mode;
    `differences` is how it is otherwise than declared or remembered. `home` had files of the guard that counted in
    every shell, up to version 0.1.
    """

    answer: Choice
    installation: Installation
    place: str
    home: str
    memory_file: str
    versions: Mapping[str, tuple[str, ...]]
    standing: str
    reasons: tuple[str, ...]
    codes: tuple[str, ...]  # the machine code that the visible cards run, such as sm_86
    card: Mapping[str, object] | None
    differences: tuple[str, ...]
    guard: Guard

    @property
    def build(self) -> Build:
        return self.answer.build

    @property
    def python(self) -> str:
        """The interpreter that has torch."""
        return self.installation.python

    @property
    def download(self) -> Download:
        """What is fetched where nothing is there. Of wheel mirrors, of which several may be asked, no rate is told."""
        install, build = self.installation, self.answer.build
        return Download(build.download_bytes, "" if install.from_mirrors else "pypi", install.pypi)

    @property
    def packages(self) -> Mapping[str, tuple[str, ...]]:
        """`versions` without the interpreter's."""
        return {name: right for name, right in self.versions.items() if name != "python"}


def choose(settings: Settings, survey: Survey, context: Context) -> Torch:
    """The decision for an instance. Raises TorchRefused naming the constraint where nothing fits."""
    want = read_want(settings.version, settings.cuda, load_catalog())
    asked = Request(want, settings.gpu, settings.driver, settings.python, settings.into, settings.reuse)
    decided = decide(asked, survey, supply_for(settings, survey, context), load_catalog())
    answer = decided.answer
    if isinstance(answer, Refusal):
        raise TorchRefused(
            answer, tr("`gpustrap torch explain {instance}` says what runs here", instance=context.instance)
        )
    root = root_of(survey)
    place = settings.place or root
    installation = _installation(decided, answer, settings, place, uv_of(survey, context, "torch", _without), context)
    versions = _versions(decided, installation)
    guard = _guard(decided, installation, place, versions, survey)
    unlike = differences(settings.gpu, settings.driver, survey, load_catalog())
    unknown = () if decided.reused else unknown_torches(decided.site, survey)
    words = (
        *unlike,
        *_card_words(survey),
        *unknown,
        *answer.reasons,
        *_index_words(decided, settings, context),
        *guard.reasons,
    )
    return Torch(
        answer=replace(answer, reasons=words),
        installation=installation,
        place=place,
        home=survey.home,
        memory_file=f"{root}/{MEMORY}",
        versions=versions,
        standing=_standing(decided, versions),
        reasons=words,
        codes=_codes(answer.build, decided.site.machine) if survey.gpus else (),
        card=to_remember(survey),
        differences=unlike,
        guard=guard,
    )


def _card_words(survey: Survey) -> tuple[str, ...]:
    """What nvidia-smi complained of while it told at least one card."""
    if not survey.gpus or survey.card_trouble is None:
        return ()
    return (tr("the cards that could be read count, though {card_trouble}", card_trouble=survey.card_trouble),)


def _index_words(decided: Decided, settings: Settings, context: Context) -> tuple[str, ...]:
    if decided.reused:
        return ()
    if "mirrors" in context.roles:
        return measured_words(settings, context)
    return (tr("the role mirrors is not among this instance's roles, so the Python index is uv's own"),)


def _without(missing: str) -> InstanceFailed:
    lacks = tr("this instance has no {missing}, which installing torch needs", missing=missing)
    return InstanceFailed(lacks, operation="torch", hint=tr("put the roles `base` and `python` before `torch`"))


def _installation(
    decided: Decided, answer: Choice, settings: Settings, place: str, uv: str, context: Context
) -> Installation:
    build, supply, mirrors = answer.build, decided.site.supply, context.decided("mirrors")
    skipped = {name for name in ("torchvision", "torchaudio") if not getattr(settings, name)}
    pins = tuple(pin for pin in answer.requirements if pin.split("==")[0] not in skipped)
    from_mirrors = tuple(pin for pin in pins if "+" in pin) if from_wheels(build, supply) else ()
    image = decided.python if decided.reused or settings.into == "image" else None
    version, venv = dotted(decided.site.machine.python or ()), None if image else f"{place}/venvs/torch"
    return Installation(
        uv=uv,
        python=image.path if image else f"{venv}/bin/python",
        python_version=version,
        venv=venv,
        base=decided.python.path if decided.python else version,
        managed=decided.python is None,
        mirrors=_wheel_sources(build, supply) if from_mirrors else (),
        from_mirrors=from_mirrors,
        requirements=tuple(map(_public, pins)) if build.default else pins,
        also_on_pypi=build.default,
        pypi=supply.pypi,
        pythons=getattr(mirrors, "python_build", None),
    )


def _wheel_sources(build: Build, supply: Supply) -> tuple[Source, ...]:
    """Every wheel mirror in turn, where the answer names the first only: one may hang, or lack the wheel."""
    return tuple(sources(build, replace(supply, wheels=(mirror,)))[0] for mirror in supply.wheels)


def _public(pin: str) -> str:
    """`torch==2.9.1+cu128` → `torch==2.9.1`, which is the same build on the Python index."""
    return pin.partition("+")[0]


def _versions(decided: Decided, installation: Installation) -> dict[str, tuple[str, ...]]:
    versions: dict[str, tuple[str, ...]] = {"python": (installation.python_version,)}
    for pin in (*installation.requirements, *installation.from_mirrors):
        name, version = pin.split("==")
        versions[name] = tuple(dict.fromkeys((version, *versions.get(name, ()))))
    if decided.reused and decided.python and decided.python.torch:
        versions["torch"] = tuple(dict.fromkeys((decided.python.torch, *versions["torch"])))
    return versions


def _guard(
    decided: Decided, installation: Installation, place: str, versions: Mapping[str, tuple[str, ...]], survey: Survey
) -> Guard:
    """The guard of the environment that gets torch. The image's constraints on its own Python are not overridden."""
    packages = {name: right for name, right in versions.items() if name != "python"}
    own = decided.python.constraints if decided.python and installation.venv is None else ()
    image = (*survey.constraints, *own)
    conflicts = conflicts_of(packages, image)
    if conflicts and installation.venv is None and not decided.reused:
        raise _against_image(conflicts[0])
    # The loosest of the right versions: `==2.9.1` takes +cu128 too, `==2.9.1+cu128` not 2.9.1.
    pins = tuple(f"{name}=={min(right, key=len)}" for name, right in packages.items())
    environment = _environment(installation, decided.python)
    return guard_of(environment, f"{place}/constraints.txt", pins, image, conflicts)


def _against_image(conflict: Conflict) -> InstanceFailed:
    hint = tr("write as torch.version what the image wants, or leave out torch.into for an environment of its own")
    return InstanceFailed(str(conflict), operation="constraints", hint=hint)


def _environment(installation: Installation, python: ImagePython | None) -> Environment:
    if installation.venv or python is None:
        venv = installation.venv or ""
        return Environment(venv, "venv", f"{venv}/lib/python{installation.python_version}/site-packages")
    prefix = python.prefix or python.path.rpartition("/bin/")[0]
    packages = python.packages or f"{prefix}/lib/python{installation.python_version}/site-packages"
    return Environment(prefix, python.kind, packages)


def _standing(decided: Decided, versions: Mapping[str, tuple[str, ...]]) -> str:
    if decided.reused and decided.python:
        return tr("the image's own torch {torch} is right and is left alone", torch=decided.python.torch)
    return ", ".join(f"{name} {right[0]}" for name, right in versions.items()) + tr(": as chosen")


def _codes(build: Build, machine: Machine) -> tuple[str, ...]:
    codes = (runs_code(build, card) for card in machine.cards)
    return tuple(dict.fromkeys(f"sm_{code[0]}{code[1]}" for code in codes if code))
