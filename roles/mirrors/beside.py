"""What else the clients ask, or why they ask nobody, because of settings of others that stay as they are. Pure.

What only adds to ours is kept and said; so is what keeps a client from any index, and a file that it cannot read.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from gpustrap.catalog.mirrors import Kind
from gpustrap.language import mark, tr
from gpustrap.resolve.box.configuration import Configuration, SetKey, some_of, who_sets

BOM = "gpustrap-bom"  # the survey's word for a file that begins with a byte order mark
TWICE = "gpustrap-twice:"  # what stands in front of a key or a [section] that a file has twice
# Client, its variables, the end of its file's name, that file's keys.
BESIDE: tuple[tuple[Kind, str, tuple[str, ...], str, tuple[str, ...]], ...] = (
    (
        "pypi",
        mark("pip asks"),
        ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"),
        "pip.conf",
        ("extra-index-url", "find-links"),
    ),
    (
        "pypi",
        mark("uv asks"),
        ("UV_INDEX", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS"),
        "uv.toml",
        ("extra-index-url", "find-links"),
    ),
    ("conda", mark("conda asks"), (), "condarc", ("channel_alias",)),
)
OFFLINE: tuple[tuple[Kind, str, tuple[str, ...], str, tuple[str, ...]], ...] = (
    ("pypi", mark("uv asks"), ("UV_OFFLINE",), "uv.toml", ("offline", "no-index")),
    ("conda", mark("conda asks"), ("CONDA_OFFLINE",), "condarc", ("offline",)),
    ("npm", mark("npm asks"), ("NPM_CONFIG_OFFLINE", "npm_config_offline"), "npmrc", ("offline",)),
    ("hf", mark("Hugging Face's clients ask"), ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"), "", ()),
)
# What a project's own file says counts before the home's, as a project of a private index needs it.
PROJECTS: tuple[tuple[Kind, str, str, tuple[str, ...], str], ...] = (
    ("npm", mark("npm asks"), ".npmrc", ("registry",), "NPM_CONFIG_REGISTRY"),
    ("pypi", mark("uv asks"), "uv.toml", ("index-url", "default"), "UV_DEFAULT_INDEX"),
    ("pypi", mark("uv asks"), "pyproject.toml", ("index-url", "default"), "UV_DEFAULT_INDEX"),
)
PROGRAMS: Mapping[Kind, tuple[str, ...]] = {
    "pypi": ("pip", "pip3", "uv"),
    "conda": ("conda",),
    "npm": ("npm",),
    "git": ("git",),
}
# What names another place for a client whose mirror is `upstream` in hosts.yml.
ELSEWHERE: Mapping[Kind, tuple[str, ...]] = {
    "hf": ("HF_ENDPOINT",),
    "conda": ("CONDARC", "CONDA_CHANNELS", "CONDA_DEFAULT_CHANNELS", "CONDA_CUSTOM_CHANNELS", "CONDA_CHANNEL_ALIAS"),
    "python-build": ("UV_PYTHON_INSTALL_MIRROR",),
}


def of_projects(urls: Mapping[Kind, str | None], said: Configuration, ours: Collection[str]) -> tuple[str, ...]:
    """A sentence on each file of a project that sends its client elsewhere; `ours`: variables that count before it."""
    return tuple(
        tr(
            "{client} what {file} says, for whoever works in that folder: it counts before ours",
            client=tr(client),
            file=file,
        )
        for kind, client, ending, keys, variable in PROJECTS
        if urls[kind] and variable not in ours
        for file in dict.fromkeys(each.file for each in said.keys if each.key in keys and _is_clients(each))
        if file in said.project_files and file.endswith(f"/{ending}")
    )


def renamed(urls: Mapping[Kind, str | None], said: Configuration) -> tuple[str, ...]:
    """A sentence on each alias and function that stands for a client with a mirror: what it says counts first."""
    ours = {program for kind, programs in PROGRAMS.items() if urls[kind] for program in programs}
    return tuple(
        tr(
            "{program} is an alias or a function in {where}: what it says counts before the mirror",
            program=each.name,
            where=each.where,
        )
        for each in said.renamed
        if each.name in ours
    )


def beside(urls: Mapping[Kind, str | None], said: Configuration, ours: Collection[str] = ()) -> tuple[str, ...]:
    """One sentence for each client with such settings. `ours`: the variables that are set for the clients."""
    told = (*_unreadable(said), *_added(urls, said), *_offline(urls, said), *_stays(urls, said))
    return (*told, *of_projects(urls, said, ours), *renamed(urls, said))


def _added(urls: Mapping[Kind, str | None], said: Configuration) -> list[str]:
    found = [(client, _who(names, ending, keys, said)) for kind, client, names, ending, keys in BESIDE if urls[kind]]
    return [tr("{client} what {who} says besides", client=tr(client), who=some_of(who)) for client, who in found if who]


def _is_clients(each: SetKey) -> bool:
    return not each.file.endswith("pyproject.toml") or each.section.startswith("tool.uv")


def _offline(urls: Mapping[Kind, str | None], said: Configuration) -> list[str]:
    found = [(client, _who(names, ending, keys, said)) for kind, client, names, ending, keys in OFFLINE if urls[kind]]
    return [
        tr("{client} nobody where {who} says so: take it away there", client=tr(client), who=some_of(who))
        for client, who in found
        if who
    ]


def _stays(urls: Mapping[Kind, str | None], said: Configuration) -> list[str]:
    theirs = [each for kind, names in ELSEWHERE.items() if urls[kind] is None for each in who_sets(names, said)]
    return [tr("{each} stays: hosts.yml asks for no mirror there", each=each) for each in theirs]


def _who(names: tuple[str, ...], ending: str, keys: tuple[str, ...], said: Configuration) -> list[str]:
    files = [each for each in said.keys if ending and each.file.endswith(ending) and _word(each) in keys]
    return [*who_sets(names, said), *dict.fromkeys(f"{each.key} in {each.file}" for each in files)]


def _word(each: SetKey) -> str:
    return each.key.replace("_", "-") if each.file.endswith("pip.conf") else each.key


def _why(key: str) -> str:
    if key.startswith(TWICE):
        return tr("{key} stands twice", key=key.removeprefix(TWICE))
    return tr("it begins with a byte order mark") if key == BOM else tr("a setting stands above its first [section]")


def _is_mended(each: SetKey) -> bool:
    """Of our own keys in our own file one is left."""
    own = ("index-url", "index_url", "timeout", "trusted-host", "trusted_host")
    return each.file.endswith("/.config/pip/pip.conf") and each.key.removeprefix(TWICE) in own and TWICE in each.key


def _unreadable(said: Configuration) -> list[str]:
    """pip stops with an error at a file that has a setting above its first [section], one twice, or a mark."""
    files = [each for each in said.keys if each.file.endswith("pip.conf") and each.section == "-"]
    why = {each.file: _why(each.key) for each in reversed(files) if not _is_mended(each)}
    return [
        tr("pip cannot read {file}: {reason}; mend it on the instance", file=file, reason=reason)
        for file, reason in why.items()
    ]
