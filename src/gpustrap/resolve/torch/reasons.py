"""Why a build was chosen, in words: one sentence a step."""

from __future__ import annotations

from gpustrap.catalog.torch import Build, Catalog
from gpustrap.language import mark, tr
from gpustrap.resolve.torch.machine import CudaDevice, Machine, Supply
from gpustrap.resolve.torch.request import Want
from gpustrap.resolve.torch.requirements import companions_of, from_wheels, requirements
from gpustrap.resolve.torch.rules import ceiling, native_driver, needed_driver, runs_code
from gpustrap.resolve.torch.site import Site
from gpustrap.resolve.versions import Version, dotted, driver_text, parse

CPU_BUILD = mark("no card is to be used: a CPU build")
CUDA_BUILD_ON_CPU = mark("no card is to be used: this CUDA build runs without one too, on the CPU")
FIRST_WITHOUT_OLD_CARDS = (13, 0)  # no wheel from CUDA 13.0 on has code below sm_75


def reasons(build: Build, want: Want, site: Site) -> tuple[str, ...]:
    """The chain, in the order in which things were decided."""
    machine, catalog = site.machine, site.catalog
    chain = [
        *torch_words(build, want, catalog),
        *cuda_words(want, catalog),
        *_card_words(build, machine, catalog),
        *_driver_words(build, machine, catalog),
        *_system_words(build, machine),
        *_source_words(build, site.supply),
        *_companion_words(build, site),
        *_size_words(build),
    ]
    return tuple(chain)


def torch_words(build: Build, want: Want, catalog: Catalog) -> list[str]:
    """Which torch, and whether it is a guess."""
    if build.guessed:
        newest = catalog.releases()[-1]
        return [
            tr(
                "torch {build.version} is newer than the catalog of {build.read} ({newest}); guess: it "
                "needs what the newest known default build needs, {build.tag}",
                build=build,
                newest=dotted(newest),
            )
        ]
    if want.exact_torch:
        return [tr("torch {version} is what was asked for", version=build.version)]
    if want.torch_text:
        return [
            tr(
                "torch {version} is the newest that fits '{torch_text}' and runs here",
                version=build.version,
                torch_text=want.torch_text,
            )
        ]
    return [tr("torch {version} is the newest that runs here", version=build.version)]


def cuda_words(want: Want, catalog: Catalog) -> list[str]:
    """What a patch number in the wish means: `12.8.93` is a build number, not a version to install."""
    given = parse(want.cuda_text) if want.cuda_text else None
    if given is None or len(given) < 3:
        return []
    named = next((row for row in catalog.toolkits if row.nvcc == want.cuda_text), None)
    exact = next((row for row in catalog.toolkits if row.toolkit == given), None)
    if named:
        what = tr("is nvcc's build number of CUDA toolkit {toolkit}", toolkit=dotted(named.toolkit))
    elif exact:
        what = tr("is an update of CUDA toolkit {given}", given=dotted(given[:2]))
    else:
        what = tr("is read as the build number of a part of CUDA toolkit {given}", given=dotted(given[:2]))
    tag = "cu" + "".join(map(str, given[:2]))
    return [
        tr(
            "{cuda_text} {what}: builds of PyTorch go by {given} ({tag})",
            cuda_text=want.cuda_text,
            what=what,
            given=dotted(given[:2]),
            tag=tag,
        ),
        tr("the toolkit is user space and comes with the wheel; the driver is the provider's and stays as it is"),
    ]


def _card_words(build: Build, machine: Machine, catalog: Catalog) -> list[str]:
    if machine.cpu_only:
        return [tr(CPU_BUILD if build.cuda is None else CUDA_BUILD_ON_CPU)]
    words = [tr("the card is declared, not seen: check it on the first start with a card")] if machine.declared else []
    words += [_code_words(build, card) for card in machine.cards]
    return words + _old_card_words(machine, catalog)


def _code_words(build: Build, card: CudaDevice) -> str:
    code = runs_code(build, card) or card.capability
    name = f"sm_{code[0]}{code[1]}"
    if code == card.capability:
        return tr("{card} has its own machine code in the wheel, {name}", card=card, name=name)
    return tr(
        "{card} runs the wheel's {name} code: same major number, minor not above the card's", card=card, name=name
    )


def _old_card_words(machine: Machine, catalog: Catalog) -> list[str]:
    top = ceiling(machine.driver, catalog) if machine.driver else None
    old = [card for card in machine.cards if card.capability < (7, 5)]
    if not old or top is None or top < FIRST_WITHOUT_OLD_CARDS:
        return []
    return [
        tr(
            "nvidia-smi shows CUDA {top} here: that is the driver's ceiling, but no CUDA 13 wheel "
            "has code below sm_75, so none for {old}",
            top=dotted(top),
            old=old[0],
        )
    ]


def _driver_words(build: Build, machine: Machine, catalog: Catalog) -> list[str]:
    if build.cuda is None or machine.cpu_only:
        return []
    needed = driver_text(needed_driver(build, machine, catalog))
    if machine.driver is None:
        return [
            tr(
                "the driver is not known: builds for drivers before 580 go first, this one needs ≥ {needed}",
                needed=needed,
            )
        ]
    return [*_run_words(build, machine.driver, needed, catalog), *_future_words(machine.driver, catalog)]


def _run_words(build: Build, driver: Version, needed: str, catalog: Catalog) -> list[str]:
    cuda, native = dotted(build.cuda or ()), native_driver(build.cuda or (0, 0), catalog)
    if native is None or driver >= native:
        first = tr(", from {native} on", native=driver_text(native)) if native else ""
        return [
            tr("driver {driver} runs CUDA {cuda} natively{first}", driver=driver_text(driver), cuda=cuda, first=first)
        ]
    return [
        tr(
            "driver {driver} is older than CUDA {cuda}'s own {native} and runs it by minor-version "
            "compatibility, which holds from {needed} on",
            driver=driver_text(driver),
            cuda=cuda,
            native=driver_text(native),
            needed=needed,
        )
    ]


def _future_words(driver: Version, catalog: Catalog) -> list[str]:
    newest = max(catalog.toolkits, key=lambda row: row.driver)
    if driver[0] <= newest.driver[0]:
        return []
    return [
        tr(
            "driver {driver} is newer than the catalog of {read} ({newest}); guess: it runs all that older drivers run",
            driver=driver_text(driver),
            read=newest.read,
            newest=driver_text(newest.driver),
        )
    ]


def _system_words(build: Build, machine: Machine) -> list[str]:
    known = {"Python": machine.python, "glibc": machine.glibc}
    there = [f"{name} {dotted(version)}" for name, version in known.items() if version]
    unknown = [name for name, version in known.items() if not version]
    words = tr("the wheel is built for {arches}", arches=", ".join([*there, machine.arch]))
    if not unknown:
        return [words]
    spans = {"Python": f"Python {', '.join(build.pythons)}", "glibc": tr("glibc ≥ {glibc}", glibc=dotted(build.glibc))}
    return [
        words,
        tr("not checked, since unknown here: the wheel needs ") + tr(" and ").join(spans[name] for name in unknown),
    ]


def _source_words(build: Build, supply: Supply) -> list[str]:
    if from_wheels(build, supply):
        words = [
            tr(
                "+{tag} is pinned, else pip and uv would take the Python index's build; the Python index "
                "stays beside the wheel mirror, for the dependencies",
                tag=build.tag,
            )
        ]
        plain = tr(
            "any pip mirror carries the same build as torch=={version}, its default wheel", version=build.version
        )
        return [*words, plain] if build.default else words
    return [
        tr(
            "the default wheel of the Python index is {build.tag}, so any pip mirror carries it; it "
            "has no local version there, so the pin is torch=={build.version}",
            build=build,
        )
    ]


def _companion_words(build: Build, site: Site) -> list[str]:
    pair = companions_of(build, site.catalog)
    if pair is None:
        return [
            tr(
                "torchvision and torchaudio for torch {version} are not known, so they are not pinned",
                version=build.version,
            )
        ]
    if len(requirements(build, site)) < 3:
        return [
            tr(
                "no torchaudio: {torchaudio}, the last release, was not built for this CUDA and Python",
                torchaudio=pair.torchaudio,
            )
        ]
    if pair.torchaudio_requires is None and (parse(pair.torchaudio) or build.torch) < build.torch:
        return [
            tr(
                "torchaudio ended at {torchaudio}; it pins no torch and is used with later ones",
                torchaudio=pair.torchaudio,
            )
        ]
    return []


def _size_words(build: Build) -> list[str]:
    if build.download_bytes is None:
        return [tr("the download's size is not known")]
    how = tr("measured on the Python index") if build.measured else tr("an estimate")
    return [
        tr(
            "about {size} to download, {how}: torch and its dependencies",
            size=gigabytes(build.download_bytes),
            how=how,
        )
    ]


def gigabytes(size: int) -> str:
    """`4068266676` → `4.07 GB` (10⁹ bytes)"""
    return f"{size / 1e9:.2f} GB"
