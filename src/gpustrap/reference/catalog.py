"""docs/catalog.md: what the catalog's tables hold, from the tables."""

from __future__ import annotations

from collections.abc import Iterable

from gpustrap.catalog.cards import load_cards
from gpustrap.catalog.exposed import load_exposed
from gpustrap.catalog.listeners import load_listeners
from gpustrap.catalog.mirrors import Mirror, load_mirrors, mirrors_of
from gpustrap.catalog.presets import load_presets
from gpustrap.catalog.providers import Provider, load_providers
from gpustrap.catalog.torch import load_catalog
from gpustrap.reference.markdown import anchor, code, codes, listing, page, table, text
from gpustrap.resolve.versions import dotted

INTRO = """\
The tables that decisions rest on: `src/gpustrap/catalog/data/`, one row a line. A new mirror, provider, card or torch
release is a new row there, and no code. Each row says where it is from and on which day that was read."""
PROVIDERS_INTRO = """\
The first of which a trace is there is taken: a variable, a path, a command, the host name. What survives and what is
wiped speaks of a stop (of a reset for the lab)."""
MIRRORS_INTRO = """\
In order of preference. `upstream`, the client's own default, is no row. Nobody vouches for an address here: a mirror
may be slow or gone."""
LISTENERS_INTRO = (
    "`gpustrap verify` fails for every other socket, TCP or UDP, that others than the box itself reach and that is no "
    "service's; `up` says it. `allow_listening: [9000, 41641/udp, tailscaled]` of an instance, or of `defaults`, "
    "allows more. Programs are told by their paths and command lines, which whoever is root there can forge."
)
EXPOSED_INTRO = """\
What gives everybody a shell or its models who reaches its port is refused there, unless it asks for a login or
`open: true` says that it is meant. The program is looked for in the service's command and folder."""
PRESETS_INTRO = (
    "For `services: {NAME: {preset: …}}`; `{port}` is the service's port. Those marked ° were not run here: their "
    "rows are from the programs' own pages."
)
NOTHING = "–"


def catalog_page() -> str:
    """The page for the tables as they are loaded."""
    return page(
        "# Catalog",
        INTRO,
        "## Providers",
        PROVIDERS_INTRO,
        _providers(),
        *(_provider(row) for row in load_providers()),
        "## Mirrors",
        MIRRORS_INTRO,
        *_mirrors(),
        "## Service presets",
        PRESETS_INTRO,
        _presets(),
        "## What is not opened to strangers",
        EXPOSED_INTRO,
        _exposed(),
        "## What may listen on a box",
        LISTENERS_INTRO,
        _listeners(),
        "## PyTorch and cards",
        _figures(),
    )


def _providers() -> str:
    heads = ("name", "box", "ssh hosts", "public ports", "survives")
    rows = [
        (
            f"[{row.name}](#{anchor(_title(row))})",
            row.kind,
            codes(row.ssh_hosts),
            codes(map(str, row.ports)),
            codes(row.survives),
        )
        for row in load_providers()
    ]
    return table(heads, rows)


def _title(provider: Provider) -> str:
    return f"{provider.name}: {provider.title}"


def _provider(provider: Provider) -> str:
    lines = [
        f"ssh: {code(provider.ssh_example)}",
        f"recognised by: {_traces(provider)}",
        f"a port gets out as: {text(provider.url)}",
        f"wiped: {codes(provider.wiped)}",
        f"region where hosts.yml says `auto`: {code(provider.region or 'global')}",
        *([f"its own way to foreign sites: {_accelerator(provider)}"] if provider.accelerator else []),
        *map(text, provider.notes),
        f"source: {text(provider.source)} (read {provider.read})",
    ]
    return f"### {_title(provider)}\n\n{listing(lines)}"


def _traces(provider: Provider) -> str:
    detect = provider.detect
    kinds = (
        ("variable", detect.env),
        ("path", detect.files),
        ("command", detect.commands),
        ("host name", (detect.hostname,) if detect.hostname else ()),
    )
    return "; ".join(f"{kind} {codes(values)}" for kind, values in kinds if values) or "nothing; it is the last"


def _accelerator(provider: Provider) -> str:
    assert provider.accelerator
    way = provider.accelerator.proxy or provider.accelerator.script or ""
    return f"{code(way)}, for {codes(provider.accelerator.hosts)} only"


def _mirrors() -> Iterable[str]:
    """A table for each kind and region, in the order of the file."""
    for kind, region in dict.fromkeys((row.kind, row.region) for row in load_mirrors()):
        rows = mirrors_of(kind, region)
        sources = dict.fromkeys((row.source, row.read) for row in rows)
        yield f"### {kind}, region {region}"
        yield table(("name", "address", "form", "note"), map(_mirror, rows))
        yield listing(f"source: {text(source)} (read {read})" for source, read in sources)


def _mirror(row: Mirror) -> tuple[str, ...]:
    return row.name, code(row.url), row.distro or row.form, text(row.note or NOTHING)


def _presets() -> str:
    rows = [
        (
            code(name) + ("" if preset.run_here else " °"),
            code(preset.command),
            str(preset.port or NOTHING),
            codes([preset.health] if preset.health else []),
            codes(preset.files),
            codes(preset.needs),
            codes(preset.wants),
        )
        for name, preset in load_presets().items()
    ]
    return table(("preset", "command", "port", "health", "files", "needs", "wants"), rows)


def _exposed() -> str:
    rows = [
        (
            row.name,
            codes(row.programs),
            row.gives,
            "by itself" if row.asks else NOTHING,
            codes([row.variable] if row.variable else []),
            text(row.note or NOTHING),
        )
        for row in load_exposed()
    ]
    return table(("program", "seen by", "gives", "asks for a login", "secret in", "note"), rows)


def _listeners() -> str:
    rows = [
        (row.name, row.provider or "every box", row.protocol, codes(map(str, row.ports)), text(row.source))
        for row in load_listeners()
    ]
    return table(("program", "box", "protocol", "ports", "source"), rows)


def _figures() -> str:
    """How many rows there are, and the ends of each table. `gpustrap gpus` and `torch explain` show the rows."""
    catalog, cards = load_catalog(), load_cards()
    builds = [build for build in catalog.builds if build.is_published]
    rows = [
        ("torch releases", *_ends(build.torch for build in builds)),
        ("torch builds that may be chosen, by CUDA", len(builds), *_ends(catalog.cudas())[1:]),
        ("torchvision and torchaudio, by torch", *_ends(row.torch for row in catalog.companions)),
        ("CUDA toolkits and their drivers", *_ends(row.toolkit for row in catalog.toolkits)),
        ("cards, by compute capability", len(cards), *_ends(card.compute_capability for card in cards)[1:]),
    ]
    return table(("table", "rows", "oldest", "newest"), [tuple(map(str, row)) for row in rows])


def _ends(versions: Iterable[tuple[int, ...]]) -> tuple[int, str, str]:
    """How many different versions there are, the first and the last."""
    ordered = sorted(set(versions))
    return len(ordered), dotted(ordered[0]), dotted(ordered[-1])
