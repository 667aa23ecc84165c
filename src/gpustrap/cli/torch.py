"""`gpustrap torch explain`: which PyTorch build, where from, and why; offline without an instance."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gpustrap.errors import BadInput, Fault, nearest

if TYPE_CHECKING:
    from gpustrap.catalog.torch import Catalog
    from gpustrap.resolve.box.survey import Survey
    from gpustrap.resolve.torch.answer import Alternative, Choice, Refusal, Source
    from gpustrap.resolve.torch.machine import Machine, Supply

REGIONS = ("cn", "global")

app = typer.Typer(no_args_is_help=True, help="PyTorch: the build that fits.")


@app.callback()
def options() -> None:
    """PyTorch: the build that fits."""


@app.command()
def explain(
    instance: Annotated[str | None, typer.Argument(help="Name in hosts.yml, or an ssh command.")] = None,
    gpu: Annotated[str | None, typer.Option(help="The card, such as 'RTX 4090'; 'none' for CPU.")] = None,
    driver: Annotated[str | None, typer.Option(help="NVIDIA driver, such as 570.124.06.")] = None,
    python: Annotated[str | None, typer.Option(help="Python, such as 3.12.")] = None,
    torch: Annotated[str | None, typer.Option(help="torch: 2.9.1, 2.9, '>=2.8,<2.10'.")] = None,
    cuda: Annotated[str | None, typer.Option(help="CUDA: 12.8, 12.8.93, cu128, '>=12.6', cpu.")] = None,
    glibc: Annotated[str | None, typer.Option(help="glibc, such as 2.36.")] = None,
    arch: Annotated[str | None, typer.Option(help="x86_64 or aarch64; default: the card's host.")] = None,
    region: Annotated[str | None, typer.Option(help="Whose mirrors: cn or global.")] = None,
    default_index_only: Annotated[bool, typer.Option("--default-index-only", help="No wheel mirror.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Which PyTorch build runs, where it comes from, and why. What is given overrides what is surveyed."""
    from gpustrap.resolve.torch.answer import Choice

    given = Given(gpu, driver, python, torch, cuda, glibc, arch, region, default_index_only)
    answer = _of_instance(instance, given) if instance else _offline(given)
    typer.echo(_json(answer) if as_json else _text(answer))
    raise typer.Exit(0 if isinstance(answer, Choice) else 1)


@dataclass(frozen=True)
class Given:
    """The options as written; what is None was not."""

    gpu: str | None
    driver: str | None
    python: str | None
    torch: str | None
    cuda: str | None
    glibc: str | None
    arch: str | None
    region: str | None
    default_index_only: bool


def _offline(given: Given) -> Choice | Refusal:
    from gpustrap.catalog.torch import load_catalog
    from gpustrap.resolve.torch.choose import choose_build
    from gpustrap.resolve.torch.request import read_want

    catalog = load_catalog()
    want = read_want(given.torch, given.cuda, catalog)
    supply = _supply(given.region or REGIONS[0], given.default_index_only)
    return choose_build(want, _machine(given, catalog), catalog, supply)


def _machine(given: Given, catalog: Catalog) -> Machine:
    from dataclasses import replace

    from gpustrap.catalog.cards import load_cards
    from gpustrap.resolve import versions as read
    from gpustrap.resolve.torch.machine import Machine, declare

    machine = declare(Machine(arch=_host_arch(given.gpu)), given.gpu, load_cards())
    return replace(
        machine,
        driver=read.read_driver(given.driver, catalog) if given.driver else None,
        python=read.read_python(given.python, catalog) if given.python else None,
        glibc=read.read_glibc(given.glibc, catalog) if given.glibc else None,
        arch=read.read_arch(given.arch) if given.arch else machine.arch,
    )


def _of_instance(selector: str, given: Given) -> Choice | Refusal:
    """What `up` would choose for the instance by its hosts.yml, but for what is given here."""
    from gpustrap.inventory.hosts import find_project, load_hosts, select
    from gpustrap.resolve.context import Context
    from gpustrap.run.look import survey_instance

    (instance,) = select(load_hosts(find_project(Path.cwd())), [selector])
    from roles.torch.resolve import ask  # the project's own first: load_hosts has made it known
    from roles.torch.settings import Settings

    settings = _settings(instance.settings.get("torch") or Settings(), given)
    region = _region(given.region) if given.region else instance.region
    context = Context(instance.name, region, instance.roles, instance.settings)
    return ask(settings, _as_given(survey_instance(selector), given), context).answer


def _settings(written: Any, given: Given) -> Any:
    """The settings of the role `torch`, each replaced by what is given. Raises BadInput for what cannot be."""
    from gpustrap.catalog.torch import load_catalog
    from gpustrap.resolve.torch.request import read_want

    told = {"gpu": given.gpu, "python": given.python, "version": given.torch, "cuda": given.cuda}
    settings = written.model_copy(update={key: value for key, value in told.items() if value is not None})
    catalog = load_catalog()
    read_want(settings.version, settings.cuda, catalog)
    _machine(given, catalog)
    return settings.model_copy(update={"wheel_mirrors": ()} if given.default_index_only else {})


def _as_given(survey: Survey, given: Given) -> Survey:
    from dataclasses import replace

    from gpustrap.catalog.torch import load_catalog
    from gpustrap.resolve import versions as read

    catalog = load_catalog()
    return replace(
        survey,
        driver=read.read_driver(given.driver, catalog) if given.driver else survey.driver,
        glibc=read.read_glibc(given.glibc, catalog) if given.glibc else survey.glibc,
        arch=read.read_arch(given.arch) if given.arch else survey.arch,
    )


def _host_arch(gpu: str | None) -> str:
    """aarch64 for a card whose host is soldered to it (GH200, GB10), else x86_64."""
    from gpustrap.catalog.cards import load_cards
    from gpustrap.resolve.box.cards import host_arch_of

    return host_arch_of(gpu, load_cards()) if gpu else "x86_64"


def _supply(region: str, default_index_only: bool) -> Supply:
    """The region's wheel mirrors and Python index; where it has no index, the client's own default."""
    from gpustrap.catalog.mirrors import mirrors_of
    from gpustrap.resolve.torch.machine import Supply

    region = _region(region)
    pypi = next((mirror.url for mirror in mirrors_of("pypi", region)), None)
    return Supply(() if default_index_only else mirrors_of("torch", region), pypi)


def _region(region: str) -> str:
    if region not in REGIONS:
        message = f"no region '{region}', expected cn or global"
        raise BadInput(Fault(message, key="region", nearest=nearest(region, REGIONS) or REGIONS[0]))
    return region


def _json(answer: Choice | Refusal) -> str:
    import json

    from gpustrap.resolve.torch.answer import as_json

    return json.dumps(as_json(answer), ensure_ascii=False)


def _text(answer: Choice | Refusal) -> str:
    """Build, where from, size, then why, then what else."""
    from gpustrap.resolve.torch.answer import Choice
    from gpustrap.resolve.torch.reasons import gigabytes

    if isinstance(answer, Choice):
        lines = [
            f"{answer.build.name}: {' '.join(answer.requirements)}",
            *(f"  from {_source(source)}" for source in answer.sources),
            *([f"  about {gigabytes(answer.build.download_bytes)} to download"] if answer.build.download_bytes else []),
            "why:",
        ]
    else:
        lines = [f"refused, {answer.constraint}: {answer.message}", *(["why:"] if answer.reasons else [])]
    lines += [f"  {reason}" for reason in answer.reasons]
    if answer.alternatives:
        lines += ["what else runs here:", *(f"  {_other(other)}" for other in answer.alternatives)]
    return "\n".join(lines)


def _source(source: Source) -> str:
    name = {"index": "wheel index", "find-links": "wheel directory", "default": "Python index"}[source.kind]
    return f"{name} {source.url or '(the one the client is set to)'}"


def _other(other: Alternative) -> str:
    from gpustrap.resolve.torch.reasons import gigabytes

    size = other.build.download_bytes
    return f"{other.requirements[0]}: {other.why}" + (f", about {gigabytes(size)}" if size else "")
