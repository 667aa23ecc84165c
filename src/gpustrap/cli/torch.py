"""`gpustrap torch explain`: which PyTorch build, where from, and why; offline without an instance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gpustrap.cli.complete import card_names, words
from gpustrap.cli.output import print_json, say
from gpustrap.errors import BadInput, Fault, nearest
from gpustrap.language import tr
from gpustrap.ui.table import wrapped

if TYPE_CHECKING:
    from gpustrap.catalog.torch import Catalog
    from gpustrap.resolve.box.survey import Survey
    from gpustrap.resolve.torch.answer import Alternative, Choice, Explained, Refusal, Source
    from gpustrap.resolve.torch.machine import Machine, Supply

REGIONS = ("cn", "global")

app = typer.Typer(no_args_is_help=True, help="PyTorch: the build that fits.")


@app.callback()
def options() -> None:
    """PyTorch: the build that fits."""


@app.command()
def explain(
    instance: Annotated[str | None, typer.Argument(help="Name in hosts.yml, or an ssh command.")] = None,
    gpu: Annotated[
        str | None, typer.Option(help="The card, such as 'RTX 4090'; 'none' for CPU.", autocompletion=card_names)
    ] = None,
    driver: Annotated[str | None, typer.Option(help="NVIDIA driver, such as 570.124.06.")] = None,
    python: Annotated[str | None, typer.Option(help="Python, such as 3.12.")] = None,
    torch: Annotated[str | None, typer.Option(help="torch: 2.9.1, 2.9, '>=2.8,<2.10'.")] = None,
    cuda: Annotated[str | None, typer.Option(help="CUDA: 12.8, 12.8.93, cu128, '>=12.6', cpu.")] = None,
    glibc: Annotated[str | None, typer.Option(help="glibc, such as 2.36.")] = None,
    arch: Annotated[str | None, typer.Option(help="x86_64 or aarch64; default: the card's host.")] = None,
    region: Annotated[
        str | None, typer.Option(help="Whose mirrors: cn or global.", autocompletion=words(*REGIONS))
    ] = None,
    default_index_only: Annotated[bool, typer.Option("--default-index-only", help="No wheel mirror.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Which PyTorch build runs, where it comes from, and why. An option replaces what hosts.yml and the survey say."""
    from gpustrap.resolve.torch.answer import Explained, Refusal
    from gpustrap.resolve.torch.explained import json_of

    options = Options(gpu, driver, python, torch, cuda, glibc, arch, region, default_index_only)
    told = _of_instance(instance, options) if instance else Explained(_offline(options))
    if as_json:
        print_json(json_of(told))
    else:
        say(wrapped(_text(told)))
    raise typer.Exit(1 if isinstance(told.answer, Refusal) else 0)


@dataclass(frozen=True)
class Options:
    """The options as written; one that was not is None."""

    gpu: str | None
    driver: str | None
    python: str | None
    torch: str | None
    cuda: str | None
    glibc: str | None
    arch: str | None
    region: str | None
    default_index_only: bool


def _offline(options: Options) -> Choice | Refusal:
    from gpustrap.catalog.torch import load_catalog
    from gpustrap.resolve.torch.choose import choose_build
    from gpustrap.resolve.torch.request import read_want
    from gpustrap.resolve.torch.site import Site

    catalog = load_catalog()
    want = read_want(options.torch, options.cuda, catalog)
    supply = _supply(options.region or REGIONS[0], options.default_index_only)
    return choose_build(want, Site(_machine(options, catalog), supply, catalog))


def _machine(options: Options, catalog: Catalog) -> Machine:
    from dataclasses import replace

    from gpustrap.catalog.cards import load_cards
    from gpustrap.resolve import versions as read
    from gpustrap.resolve.torch.machine import Machine, declare

    machine = declare(Machine(arch=_host_arch(options.gpu)), options.gpu, load_cards())
    return replace(
        machine,
        driver=read.read_driver(options.driver, catalog) if options.driver else None,
        python=read.read_python(options.python, catalog) if options.python else None,
        glibc=read.read_glibc(options.glibc, catalog) if options.glibc else None,
        arch=read.read_arch(options.arch) if options.arch else machine.arch,
    )


def _of_instance(selector: str, options: Options) -> Explained:
    """What `up` would choose for the instance by its hosts.yml, but for the options."""
    from gpustrap.run.look import survey_instance
    from gpustrap.run.torch import explained

    changes, region = _changes(options), _region(options.region) if options.region else None
    return explained(selector, _surveyed(survey_instance(selector), options), changes, region)


def _changes(options: Options) -> dict[str, Any]:
    """The settings of the role torch that the options replace. Raises BadInput for what cannot be."""
    from gpustrap.catalog.torch import load_catalog
    from gpustrap.resolve.torch.request import read_want

    catalog = load_catalog()
    read_want(options.torch, options.cuda, catalog)
    _machine(options, catalog)
    told = {"gpu": options.gpu, "python": options.python, "version": options.torch, "cuda": options.cuda}
    mirrors = {"wheel_mirrors": ()} if options.default_index_only else {}
    return {key: value for key, value in told.items() if value is not None} | mirrors


def _surveyed(survey: Survey, options: Options) -> Survey:
    from dataclasses import replace

    from gpustrap.catalog.torch import load_catalog
    from gpustrap.resolve import versions as read

    catalog = load_catalog()
    return replace(
        survey,
        driver=read.read_driver(options.driver, catalog) if options.driver else survey.driver,
        glibc=read.read_glibc(options.glibc, catalog) if options.glibc else survey.glibc,
        arch=read.read_arch(options.arch) if options.arch else survey.arch,
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
        message = tr("no region '{region}', expected cn or global", region=region)
        raise BadInput(Fault(message, key="region", nearest=nearest(region, REGIONS) or REGIONS[0]))
    return region


def _text(told: Explained) -> str:
    """Build, where from, size, then why, then what else."""
    answer = told.answer
    lines = [*told.notes, *_first_lines(answer)]
    lines += [f"  {reason}" for reason in (answer.reasons if answer else told.reasons)]
    if answer and answer.alternatives:
        lines += [tr("what else runs here:"), *(f"  {_other(other)}" for other in answer.alternatives)]
    return "\n".join(lines)


def _first_lines(answer: Choice | Refusal | None) -> list[str]:
    from gpustrap.resolve.torch.answer import Choice
    from gpustrap.resolve.torch.reasons import gigabytes

    if answer is None:
        return [tr("the project's own resolver of the role torch decides; its reasons:")]
    if not isinstance(answer, Choice):
        return [
            tr("refused, {constraint}: {message}", constraint=answer.constraint, message=answer.message),
            *([tr("why:")] if answer.reasons else []),
        ]
    return [
        f"{answer.build.name}: {' '.join(answer.requirements)}",
        *(tr("  from {source}", source=_source(source)) for source in answer.sources),
        *(
            [tr("  about {size} to download", size=gigabytes(answer.build.download_bytes))]
            if answer.build.download_bytes
            else []
        ),
        tr("why:"),
    ]


def _source(source: Source) -> str:
    name = {"index": tr("wheel index"), "find-links": tr("wheel directory"), "default": tr("Python index")}[source.kind]
    return f"{name} {source.url or '(the one the client is set to)'}"


def _other(other: Alternative) -> str:
    from gpustrap.resolve.torch.reasons import gigabytes

    size = other.build.download_bytes
    return f"{other.requirements[0]}: {other.why}" + (tr(", about {size}", size=gigabytes(size)) if size else "")
