"""`gpustrap torch explain`: which PyTorch build, where from, and why; offline without an instance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from gpustrap.errors import BadInput, Fault, nearest

if TYPE_CHECKING:
    from gpustrap.catalog.torch import Catalog
    from gpustrap.resolve.torch_answer import Alternative, Choice, Refusal, Source
    from gpustrap.resolve.torch_machine import Machine, Supply

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
    region: Annotated[str, typer.Option(help="Whose mirrors: cn or global.")] = "cn",
    default_index_only: Annotated[
        bool, typer.Option("--default-index-only", help="No wheel mirror.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Which PyTorch build runs, where it comes from, and why. What is given overrides what is surveyed."""
    from gpustrap.catalog.torch import load_catalog
    from gpustrap.resolve.torch import choose_build
    from gpustrap.resolve.torch_answer import Choice
    from gpustrap.resolve.torch_want import read_want

    catalog = load_catalog()
    want = read_want(torch, cuda, catalog)
    machine = _machine(instance, gpu, (driver, python, glibc, arch), catalog)
    answer = choose_build(want, machine, catalog, _supply(region, default_index_only))
    typer.echo(_json(answer) if as_json else _text(answer))
    raise typer.Exit(0 if isinstance(answer, Choice) else 1)


def _machine(
    instance: str | None,
    gpu: str | None,
    versions: tuple[str | None, str | None, str | None, str | None],
    catalog: Catalog,
) -> Machine:
    from dataclasses import replace

    from gpustrap.catalog.gpus import load_gpus
    from gpustrap.resolve import versions as read
    from gpustrap.resolve.torch_machine import Machine, declare

    driver, python, glibc, arch = versions
    machine = declare(_surveyed(instance) if instance else Machine(arch=_host_arch(gpu)), gpu, load_gpus())
    return replace(
        machine,
        driver=read.read_driver(driver, catalog) if driver else machine.driver,
        python=read.read_python(python, catalog) if python else machine.python,
        glibc=read.read_glibc(glibc, catalog) if glibc else machine.glibc,
        arch=read.read_arch(arch) if arch else machine.arch,
    )


def _surveyed(instance: str) -> Machine:
    from gpustrap.catalog.gpus import load_gpus
    from gpustrap.engine.inspect import survey_instance
    from gpustrap.resolve.torch_machine import machine_of

    return machine_of(survey_instance(instance), load_gpus())


def _host_arch(gpu: str | None) -> str:
    """aarch64 for a card whose host is soldered to it (GH200, GB10), else x86_64."""
    from gpustrap.catalog.gpus import load_gpus
    from gpustrap.resolve.cards import host_arch_of

    return host_arch_of(gpu, load_gpus()) if gpu else "x86_64"


def _supply(region: str, default_index_only: bool) -> Supply:
    """The region's wheel mirrors and Python index; where it has no index, the client's own default."""
    from gpustrap.catalog.mirrors import mirrors_of
    from gpustrap.resolve.torch_machine import Supply

    if region not in REGIONS:
        message = f"no region '{region}', expected cn or global"
        raise BadInput(Fault(message, key="region", nearest=nearest(region, REGIONS) or REGIONS[0]))
    pypi = next((mirror.url for mirror in mirrors_of("pypi", region)), None)
    return Supply(() if default_index_only else mirrors_of("torch", region), pypi)


def _json(answer: Choice | Refusal) -> str:
    import json

    from gpustrap.resolve.torch_answer import as_json

    return json.dumps(as_json(answer), ensure_ascii=False)


def _text(answer: Choice | Refusal) -> str:
    """Build, where from, size, then why, then what else."""
    from gpustrap.resolve.torch_answer import Choice
    from gpustrap.resolve.torch_reasons import gigabytes

    if isinstance(answer, Choice):
        lines = [
            f"{answer.build.name}: {' '.join(answer.requirements)}",
            *(f"  from {_source(source)}" for source in answer.sources),
            *(
                [f"  about {gigabytes(answer.build.download_bytes)} to download"]
                if answer.build.download_bytes
                else []
            ),
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
    from gpustrap.resolve.torch_reasons import gigabytes

    size = other.build.download_bytes
    return f"{other.requirements[0]}: {other.why}" + (f", about {gigabytes(size)}" if size else "")
