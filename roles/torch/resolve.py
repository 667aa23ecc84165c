"""Which torch an instance gets, into which Python and from where: settings and survey → decision. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from gpustrap.catalog.mirrors import Mirror, mirrors_of
from gpustrap.catalog.torch import Build, load_catalog
from gpustrap.errors import InstanceFailed
from gpustrap.resolve.box.region import choose_region
from gpustrap.resolve.box.survey import ImagePython, Survey
from gpustrap.resolve.context import Context
from gpustrap.resolve.torch.answer import Choice, Refusal, Source
from gpustrap.resolve.torch.choose import choose_build
from gpustrap.resolve.torch.image import python_for_venv, python_to_install_into, with_right_torch
from gpustrap.resolve.torch.last_seen import MEMORY, differences, machine_for, root_of, to_remember
from gpustrap.resolve.torch.machine import Machine, Supply
from gpustrap.resolve.torch.request import Want, read_want
from gpustrap.resolve.torch.requirements import from_wheels, sources
from gpustrap.resolve.torch.rules import runs_code
from gpustrap.resolve.uv import UV
from gpustrap.resolve.versions import Version, dotted, read_python

if TYPE_CHECKING:
    from roles.torch.settings import Settings, WheelMirror

# Where no build that is wanted has the image's Python, uv brings one of these, the first that fits.
BROUGHT_PYTHONS = ((3, 12), (3, 11), (3, 10))
FORMS = {"index": "pep503", "find-links": "flat"}


@dataclass(frozen=True)
class Asked:
    """What was asked of the resolver, and what it answers.

    `python` is the image's Python to use, None where uv brings one; `reused` says that it has a right torch.
    """

    want: Want
    machine: Machine
    supply: Supply
    answer: Choice | Refusal
    python: ImagePython | None
    reused: bool = False


@dataclass(frozen=True)
class Plan:
    """What the installing script is made of.

    `from_mirrors` are asked of the wheel `mirrors`, in turn, without dependencies; then `requirements`, with
    them, of the Python index `pypi` (None: the client's own). `also_on_pypi` says that it has all of them.
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


@dataclass(frozen=True)
class Torch:
    """The decision. `versions` maps a package to the versions that are right, the one to install first."""

    survey: Survey
    build: Build
    plan: Plan
    place: str
    memory_file: str
    versions: Mapping[str, tuple[str, ...]]
    standing: str
    reasons: tuple[str, ...]
    codes: tuple[str, ...]  # the machine code that the visible cards run, such as sm_86
    seen: tuple[Mapping[str, object], ...]  # the visible cards, to be written down; none in no-card mode
    differences: tuple[str, ...]

    @property
    def python(self) -> str:
        """The interpreter that has torch."""
        return self.plan.python

    @property
    def packages(self) -> Mapping[str, tuple[str, ...]]:
        """`versions` without the interpreter's."""
        return {name: right for name, right in self.versions.items() if name != "python"}

    @property
    def constraints(self) -> tuple[str, ...]:
        """The loosest of the right versions: `==2.9.1` takes +cu128 too, `==2.9.1+cu128` not 2.9.1."""
        return tuple(f"{name}=={min(right, key=len)}" for name, right in self.packages.items())

    @property
    def constraints_file(self) -> str:
        return f"{self.place}/constraints.txt"

    @property
    def variables(self) -> Mapping[str, str]:
        """What keeps pip and uv from replacing it."""
        return {"UV_CONSTRAINT": self.constraints_file, "PIP_CONSTRAINT": self.constraints_file}


def choose(settings: Settings, survey: Survey, context: Context) -> Torch:
    """The decision for an instance. Raises InstanceFailed naming the constraint where nothing fits."""
    asked = ask(settings, survey, context)
    if isinstance(asked.answer, Refusal):
        hint = f"`gpustrap torch explain {context.instance}` says what runs here"
        raise InstanceFailed(asked.answer.message, operation=asked.answer.constraint, hint=hint)
    root = root_of(survey)
    place = settings.place or root
    plan = _plan(asked, asked.answer, settings, place, _uv(survey, context))
    versions = _versions(asked, plan)
    unlike = differences(settings.gpu, settings.driver, survey, load_catalog())
    return Torch(
        survey=survey,
        build=asked.answer.build,
        plan=plan,
        place=place,
        memory_file=f"{root}/{MEMORY}",
        versions=versions,
        standing=_standing(asked, versions),
        reasons=(*unlike, *asked.answer.reasons),
        codes=_codes(asked.answer.build, asked.machine) if survey.gpus else (),
        seen=to_remember(survey),
        differences=unlike,
    )


def ask(settings: Settings, survey: Survey, context: Context) -> Asked:
    """What the resolver answers for this instance: its machine, its wishes, its mirrors."""
    catalog = load_catalog()
    want = read_want(settings.version, settings.cuda, catalog)
    machine = machine_for(settings.gpu, settings.driver, survey, catalog)
    machine = replace(machine, cpu_only=machine.cpu_only or want.cpu)
    supply = supply_for(settings, survey, context)

    def of(python: ImagePython | None, version: Version) -> Asked:
        here = replace(machine, python=version[:2])
        answer = choose_build(want, here, catalog, supply)
        if python is None and isinstance(answer, Choice):
            words = f"uv brings Python {dotted(version[:2])}, which is not among the image's own"
            answer = replace(answer, reasons=(*answer.reasons, words))
        return Asked(want, here, supply, answer, python)

    if settings.reuse and (found := with_right_torch(want, machine, settings.python, survey, catalog)):
        python, build = found
        here = replace(machine, python=python.version[:2])
        return Asked(want, here, supply, _as_it_is(python, build), python, reused=True)
    if settings.python and settings.into == "venv":
        version = read_python(settings.python, catalog)
        return of(python_for_venv(settings.python, survey, catalog), version)
    image = settings.into == "image"
    own = python_to_install_into(survey) if image else python_for_venv(settings.python, survey, catalog)
    answers = [of(own, own.version)] if own else []
    if settings.into == "venv" and all(_needs_other_python(one) for one in answers):
        answers += [of(None, version) for version in BROUGHT_PYTHONS]
    return next((one for one in answers if isinstance(one.answer, Choice)), answers[0])


def _needs_other_python(asked: Asked) -> bool:
    return isinstance(asked.answer, Refusal) and asked.answer.constraint == "python"


def supply_for(settings: Settings, survey: Survey, context: Context) -> Supply:
    """The wheel mirrors of hosts.yml, else of the region, and the Python index of the role `mirrors`."""
    mirrors = context.decided("mirrors")
    pypi = mirrors.pypi if mirrors is not None else None
    if settings.wheel_mirrors is None:
        return Supply(mirrors_of("torch", choose_region(context.region, survey).name), pypi)
    return Supply(tuple(map(_own, settings.wheel_mirrors)), pypi)


def _own(mirror: WheelMirror) -> Mirror:
    row = {"kind": "torch", "name": mirror.url, "region": "global", "distro": None, "note": None}
    written = {"url": mirror.url, "form": FORMS[mirror.kind], "source": "hosts.yml", "read": date.min}
    return Mirror.model_validate(row | written)


def _as_it_is(python: ImagePython, build: Build) -> Choice:
    """The choice of a torch that is there: nothing is fetched for it."""
    reason = f"{python.path} of the image has torch {python.torch}, as wanted, and it runs here: left alone"
    return Choice(build, (f"torch=={build.version}",), (), (reason,), ())


def _uv(survey: Survey, context: Context) -> str:
    """uv's path. It and tmux, which the installation runs in, are there, or earlier roles bring them."""
    brought = {"tmux"} & context.packages_before("torch")
    brought |= {"uv"} if "python" in context.roles_before("torch") else set()
    missing = [tool for tool in ("uv", "tmux") if tool not in survey.tools and tool not in brought]
    if missing:
        lacks = f"this instance has no {' and no '.join(missing)}, which installing torch needs"
        hint = "put the roles `base` and `python` before `torch`"
        raise InstanceFailed(lacks, operation="torch", hint=hint)
    return UV if "uv" in brought else survey.tools["uv"]


def _plan(asked: Asked, answer: Choice, settings: Settings, place: str, uv: str) -> Plan:
    build, supply = answer.build, asked.supply
    skipped = {name for name in ("torchvision", "torchaudio") if not getattr(settings, name)}
    pins = tuple(pin for pin in answer.requirements if pin.split("==")[0] not in skipped)
    from_mirrors = tuple(pin for pin in pins if "+" in pin) if from_wheels(build, supply) else ()
    image = asked.python if asked.reused or settings.into == "image" else None
    version, venv = dotted(asked.machine.python or ()), None if image else f"{place}/venvs/torch"
    return Plan(
        uv=uv,
        python=image.path if image else f"{venv}/bin/python",
        python_version=version,
        venv=venv,
        base=asked.python.path if asked.python else version,
        managed=asked.python is None,
        mirrors=_wheel_sources(build, supply) if from_mirrors else (),
        from_mirrors=from_mirrors,
        requirements=tuple(map(_public, pins)) if build.default else pins,
        also_on_pypi=build.default,
        pypi=supply.pypi,
    )


def _wheel_sources(build: Build, supply: Supply) -> tuple[Source, ...]:
    """Every wheel mirror in turn, where the answer names the first only: one may hang, or lack the wheel."""
    return tuple(sources(build, replace(supply, wheels=(mirror,)))[0] for mirror in supply.wheels)


def _public(pin: str) -> str:
    """`torch==2.9.1+cu128` → `torch==2.9.1`, which is the same build on the Python index."""
    return pin.partition("+")[0]


def _versions(asked: Asked, plan: Plan) -> dict[str, tuple[str, ...]]:
    versions: dict[str, tuple[str, ...]] = {"python": (plan.python_version,)}
    for pin in (*plan.requirements, *plan.from_mirrors):
        name, version = pin.split("==")
        versions[name] = tuple(dict.fromkeys((version, *versions.get(name, ()))))
    if asked.reused and asked.python and asked.python.torch:
        versions["torch"] = tuple(dict.fromkeys((asked.python.torch, *versions["torch"])))
    return versions


def _standing(asked: Asked, versions: Mapping[str, tuple[str, ...]]) -> str:
    if asked.reused and asked.python:
        return f"the image's own torch {asked.python.torch} is right and is left alone"
    return ", ".join(f"{name} {right[0]}" for name, right in versions.items()) + ": as chosen"


def _codes(build: Build, machine: Machine) -> tuple[str, ...]:
    codes = (runs_code(build, card) for card in machine.cards)
    return tuple(dict.fromkeys(f"sm_{code[0]}{code[1]}" for code in codes if code))
