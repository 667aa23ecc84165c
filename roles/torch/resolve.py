"""Which torch an instance gets, into which Python and from where: settings and survey → decision. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion
from packaging.version import Version as Release

from gpustrap.catalog.gpus import load_gpus
from gpustrap.catalog.mirrors import Mirror, mirrors_of
from gpustrap.catalog.torch import Build, Catalog, load_catalog
from gpustrap.errors import BadInput, InstanceFailed
from gpustrap.resolve import mirrors
from gpustrap.resolve.context import Context
from gpustrap.resolve.python import UV
from gpustrap.resolve.region import choose_region
from gpustrap.resolve.survey import ImagePython, Survey
from gpustrap.resolve.torch import choose_build
from gpustrap.resolve.torch_answer import Choice, Refusal, Source
from gpustrap.resolve.torch_machine import Machine, Seen, Supply, declare, machine_of
from gpustrap.resolve.torch_pins import from_wheels, sources
from gpustrap.resolve.torch_rules import refusals, runs_code
from gpustrap.resolve.torch_want import Want, read_want
from gpustrap.resolve.versions import dotted, driver_text, parse, read_driver, read_python
from roles.mirrors.settings import Settings as MirrorSettings

if TYPE_CHECKING:
    from roles.torch.settings import Settings, WheelMirror

MEMORY = "gpustrap-torch.json"
# Where the image's Python is too old for every build asked for, uv brings one of these, the first that fits.
BROUGHT_PYTHONS = ((3, 12), (3, 11), (3, 10))
FORMS = {"index": "pep503", "find-links": "flat"}


@dataclass(frozen=True)
class Asked:
    """What was asked of the resolver and what it answers; `reused` is the image's Python that has it already."""

    want: Want
    machine: Machine
    supply: Supply
    answer: Choice | Refusal
    python: ImagePython | None = None  # the image's Python that it is for; None: uv brings one
    reused: ImagePython | None = None


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
    constraints: tuple[str, ...]
    standing: str
    reasons: tuple[str, ...]
    codes: tuple[str, ...]  # the machine code that the visible cards run, such as sm_86
    seen: tuple[Mapping[str, object], ...]  # the visible cards, to be written down; none in no-card mode
    differences: tuple[str, ...]

    @property
    def python(self) -> str:
        return self.plan.python

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
        raise InstanceFailed(
            asked.answer.message, operation=asked.answer.constraint,
            hint=f"`gpustrap torch explain {context.instance}` says what runs here",
        )  # fmt: skip
    root, memory = root_of(survey), memory_of(survey)
    place = settings.place or root
    plan = _plan(asked, settings, place, _uv(survey, context))
    versions = _versions(asked, plan)
    differences = _differences(settings, survey, memory)
    return Torch(
        survey=survey, build=asked.answer.build, plan=plan, place=place, memory_file=f"{root}/{MEMORY}",
        versions=versions, constraints=tuple(_constraint(name, right) for name, right in _packages(versions).items()),
        standing=_standing(asked, versions), reasons=(*differences, *asked.answer.reasons),
        codes=_codes(asked.answer.build, asked.machine) if survey.gpus else (),
        seen=(_card_seen(survey),) if survey.gpus else (), differences=differences,
    )  # fmt: skip


def ask(settings: Settings, survey: Survey, context: Context) -> Asked:
    """What the resolver answers for this instance: its machine, its wishes, its mirrors."""
    catalog = load_catalog()
    want = read_want(settings.version, settings.cuda, catalog)
    machine = machine_for(settings, survey, catalog)
    machine = replace(machine, cpu_only=machine.cpu_only or want.cpu)
    supply = supply_for(settings, survey, context)
    if settings.reuse and (found := _found_in_image(want, machine, settings, survey, catalog)):
        python, build = found
        return Asked(want, _with_python(machine, python.version), supply, _reused(python, build), python, python)
    python = _image_python(settings, survey)
    version = python.version if python else read_python(settings.python or "", catalog)
    asked = _asked(want, _with_python(machine, version), supply, catalog, python)
    too_old = isinstance(asked.answer, Refusal) and asked.answer.constraint == "python"
    if too_old and settings.python is None and settings.into == "venv":
        others = (_asked(want, _with_python(machine, other), supply, catalog, None) for other in BROUGHT_PYTHONS)
        return next((other for other in others if isinstance(other.answer, Choice)), asked)
    return asked


def _asked(want: Want, machine: Machine, supply: Supply, catalog: Catalog, python: ImagePython | None) -> Asked:
    return Asked(want, machine, supply, choose_build(want, machine, catalog, supply), python)


def machine_for(settings: Settings, survey: Survey, catalog: Catalog) -> Machine:
    """The machine as seen; what is not visible is as declared in hosts.yml, else as it was last seen."""
    cards = load_gpus()
    try:
        seen = machine_of(survey, cards)
    except BadInput as unknown:
        raise InstanceFailed(str(unknown.faults[0].message), operation="gpu",
                             hint="`gpustrap gpus` lists the cards that are known") from unknown  # fmt: skip
    machine, memory = declare(seen, settings.gpu, cards), memory_of(survey)
    if memory and not machine.cards and not machine.cpu_only:
        machine = replace(machine, cards=memory.cards, declared=True)
    driver = machine.driver or (read_driver(settings.driver, catalog) if settings.driver else None)
    # A driver goes with its card: another declared card is another host.
    if driver is None and memory and _capabilities(machine) == _capabilities(memory):
        driver = memory.driver
    return replace(machine, driver=driver)


def supply_for(settings: Settings, survey: Survey, context: Context) -> Supply:
    """The wheel mirrors of hosts.yml, else of the region, and the Python index of the role `mirrors`."""
    region = choose_region(context.region, survey).name
    pypi = mirrors.choose(context.settings.get("mirrors") or MirrorSettings(), survey, context).pypi
    if settings.wheel_mirrors is None:
        return Supply(mirrors_of("torch", region), pypi)
    return Supply(tuple(_own(mirror) for mirror in settings.wheel_mirrors), pypi)


def _own(mirror: WheelMirror) -> Mirror:
    return Mirror.model_validate({
        "kind": "torch", "name": mirror.url, "region": "global", "url": mirror.url, "form": FORMS[mirror.kind],
        "distro": None, "note": None, "source": "hosts.yml", "read": date.min,
    })  # fmt: skip


def root_of(survey: Survey) -> str:
    """gpustrap's folder on the disk that survives a stop and has the most room; without one, in the home."""
    kept = [disk for disk in survey.disks if disk.survives and disk.mount != "/"]
    roomiest = max(kept, key=lambda disk: disk.free_bytes, default=None)
    return f"{roomiest.mount if roomiest else survey.home}/gpustrap"


def memory_of(survey: Survey) -> Machine | None:
    """The cards and the driver that a run with a card wrote down; None for none, or for a text that is not ours."""
    try:
        told = json.loads(survey.torch_memory or "")
        cards = tuple(Seen(str(card["name"]), (int(card["major"]), int(card["minor"]))) for card in told["cards"])
        driver = parse(told["driver"]) if told["driver"] else None
    except (ValueError, TypeError, KeyError):
        return None
    return Machine(cards=cards, driver=driver) if cards else None


def _card_seen(survey: Survey) -> Mapping[str, object]:
    machine = machine_of(survey, load_gpus())
    cards = [{"name": card.name, "major": card.capability[0], "minor": card.capability[1]} for card in machine.cards]
    return {"cards": cards, "driver": driver_text(survey.driver) if survey.driver else None}


def _differences(settings: Settings, survey: Survey, memory: Machine | None) -> tuple[str, ...]:
    """Where the card and the driver that are seen are not those that were declared or remembered."""
    if not survey.gpus:
        return ()
    seen = machine_of(survey, load_gpus())
    declared = declare(Machine(), settings.gpu, load_gpus()) if settings.gpu else Machine()
    driver = read_driver(settings.driver, load_catalog()) if settings.driver else None
    told = [("hosts.yml declares", declared.cards, driver)]
    told += [("the last start with a card had", memory.cards, memory.driver)] if memory else []
    return tuple(line for who, cards, driver in told for line in _unlike(seen, who, cards, driver))


def _unlike(seen: Machine, who: str, cards: tuple[Seen, ...], driver: tuple[int, ...] | None) -> list[str]:
    lines = []
    if cards and {card.capability for card in cards} != _capabilities(seen):
        lines.append(f"{who} {_names(cards)}, here is {_names(seen.cards)}: what is seen counts")
    if driver and seen.driver and seen.driver[: len(driver)] != driver:
        lines.append(f"{who} driver {driver_text(driver)}, here is {driver_text(seen.driver)}: what is seen counts")
    return lines


def _names(cards: tuple[Seen, ...]) -> str:
    return ", ".join(map(str, cards))


def _capabilities(machine: Machine) -> set[tuple[int, int]]:
    return {card.capability for card in machine.cards}


def _image_python(settings: Settings, survey: Survey) -> ImagePython | None:
    """The image's Python to install into or to make the environment from; None where uv shall bring one."""
    own = [python for python in survey.pythons if python.version]
    if settings.into == "image":
        if not own:
            raise InstanceFailed("this image has no Python to install into", operation="python",
                                 hint="leave out torch.into: uv brings a Python for an environment")  # fmt: skip
        return next((python for python in own if survey.conda and python.path.startswith(survey.conda)), own[0])
    wanted = read_python(settings.python, load_catalog()) if settings.python else None
    return next((python for python in own if wanted in (None, python.version[:2])), None)


def _with_python(machine: Machine, version: tuple[int, ...]) -> Machine:
    return replace(machine, python=version[:2])


def _found_in_image(
    want: Want, machine: Machine, settings: Settings, survey: Survey, catalog: Catalog
) -> tuple[ImagePython, Build] | None:
    """The first of the image's Pythons that has a torch which was wanted and runs here, and its build."""
    wanted = read_python(settings.python, catalog) if settings.python else None
    if not machine.cards and not machine.cpu_only:
        return None
    for python in survey.pythons:
        build = _build_of(python, machine, catalog)
        here = _with_python(machine, python.version)
        if build is None or wanted not in (None, python.version[:2]) or not want.takes(build):
            continue
        # Where wheels can be had says nothing of one that is there.
        if not refusals(build, here, Supply(), catalog).keys() - {"index"}:
            return python, build
    return None


def _build_of(python: ImagePython, machine: Machine, catalog: Catalog) -> Build | None:
    """The catalog's build of the torch that a Python has. A preview or a vendor's own build is in no catalog."""
    try:
        release = Release(python.torch or "")
    except InvalidVersion:
        return None
    if release.is_prerelease:
        return None
    same = (row for row in catalog.builds if row.version == release.public and row.cuda == python.cuda)
    return next((row for row in same if row.arch == machine.arch), None)


def _reused(python: ImagePython, build: Build) -> Choice:
    reason = f"{python.path} of the image has torch {python.torch}, which is as wanted and runs here: it is left alone"
    return Choice(build, (f"torch=={build.version}",), (), (reason,), ())


def _uv(survey: Survey, context: Context) -> str:
    """uv's path. It and tmux, which the installation runs in, are there or are brought by earlier roles."""
    before = context.roles[: context.roles.index("torch")] if "torch" in context.roles else context.roles
    base = context.settings.get("base") if "base" in before else None
    brought = {"tmux"} & {*base.packages, *base.extra} if base else set()
    brought |= {"uv"} if "python" in before else set()
    missing = [tool for tool in ("uv", "tmux") if tool not in survey.tools and tool not in brought]
    if missing:
        raise InstanceFailed(
            f"this instance has no {' and no '.join(missing)}, which installing torch needs", operation="torch",
            hint="put the roles `base` and `python` before `torch`",
        )  # fmt: skip
    return UV if "uv" in brought else survey.tools["uv"]


def _plan(asked: Asked, settings: Settings, place: str, uv: str) -> Plan:
    answer = asked.answer
    assert isinstance(answer, Choice)
    build, supply = answer.build, asked.supply
    skipped = {name for name in ("torchvision", "torchaudio") if not getattr(settings, name)}
    pins = tuple(pin for pin in answer.requirements if pin.split("==")[0] not in skipped)
    from_mirrors = tuple(pin for pin in pins if "+" in pin) if from_wheels(build, supply) else ()
    image = asked.reused or (asked.python if settings.into == "image" else None)
    version = dotted(asked.machine.python or ())
    venv = None if image else f"{place}/venvs/torch"
    return Plan(
        uv=uv, python=image.path if image else f"{venv}/bin/python", python_version=version, venv=venv,
        base=asked.python.path if asked.python else version, managed=asked.python is None,
        mirrors=tuple(_sources_of_wheels(build, supply)) if from_mirrors else (), from_mirrors=from_mirrors,
        requirements=tuple(map(_public, pins)) if build.default else pins, also_on_pypi=build.default,
        pypi=supply.pypi,
    )  # fmt: skip


def _sources_of_wheels(build: Build, supply: Supply) -> list[Source]:
    return [sources(build, replace(supply, wheels=(mirror,)))[0] for mirror in supply.wheels]


def _public(pin: str) -> str:
    """`torch==2.9.1+cu128` → `torch==2.9.1`, which what is there as +cu128 satisfies too."""
    return pin.partition("+")[0]


def _versions(asked: Asked, plan: Plan) -> dict[str, tuple[str, ...]]:
    pairs = [pin.split("==") for pin in (*plan.requirements, *plan.from_mirrors)]
    versions: dict[str, tuple[str, ...]] = {"python": (plan.python_version,)}
    for name, version in pairs:
        versions[name] = tuple(dict.fromkeys((version, *versions.get(name, ()))))
    if asked.reused and asked.reused.torch:
        versions["torch"] = tuple(dict.fromkeys((asked.reused.torch, *versions["torch"])))
    return versions


def _packages(versions: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {name: right for name, right in versions.items() if name != "python"}


def _constraint(name: str, right: tuple[str, ...]) -> str:
    """The loosest of the right versions: `==2.9.1` takes +cu128 too, `==2.9.1+cu128` would not take 2.9.1."""
    return f"{name}=={min(right, key=len)}"


def _standing(asked: Asked, versions: Mapping[str, tuple[str, ...]]) -> str:
    if asked.reused:
        return f"the image's own torch {asked.reused.torch} is right and is left alone"
    return " ".join(f"{name} {right[0]}" for name, right in _packages(versions).items()) + " is there"


def _codes(build: Build, machine: Machine) -> tuple[str, ...]:
    codes = (runs_code(build, card) for card in machine.cards)
    return tuple(dict.fromkeys(f"sm_{code[0]}{code[1]}" for code in codes if code))
