"""What the role `mirrors` promises: the clients themselves say that they ask the chosen place."""

import re
from typing import NoReturn

import pytest

from gpustrap.engine.shells import KINDS, assert_variables, kinds_on, masked
from gpustrap.language import tr
from gpustrap.resolve.box.configuration import some_of, who_sets
from gpustrap.resolve.box.survey import Survey
from roles.mirrors import rivals

# uv prints its settings as Rust does; an index's own words stand in `given`. What keeps it from every index stands there too.
UV = r"""uv pip list --show-settings 2>/dev/null | awk '
/^ *connectivity: Offline/ { print "offline" } /^ *no_index: true/ { print "no-index" }
/^ *index_locations:/ { on = 1 } /^ *flat_index:/ { on = 0 }
on && /given: Some\(/ { getline; gsub(/[ ",]/, ""); given = $0 }
on && !told && /^ *default: true/ { print given; told = 1 }'"""
NOBODY = {"offline": "UV_OFFLINE", "no-index": "UV_NO_INDEX"}
# What `apt-config dump` says of where the sources are, but for apt's own defaults.
APT_PLACES = re.compile(
    r'Dir::Etc (?!"etc/apt"|"/etc/apt/?")|Dir::Etc::sourcelist (?!"sources.list")|'
    r'Dir::Etc::sourceparts (?!"sources.list.d")',
    re.IGNORECASE,
)
PIP_ORDER = ("global", "user", "site", "env")  # of two files of pip's the later kind counts


def fail(client: str, asks: str, wanted: str, who: str) -> NoReturn:
    words = tr("{client} {asks}, not {wanted}", client=client, asks=masked(asks), wanted=masked(wanted))
    pytest.fail(words + (f": {who}" if who else ""), pytrace=False)


def others(survey: Survey, *names: str) -> str:
    """Who else sets one of these variables."""
    return ", ".join(f"{each.name} in {each.where}" for each in survey.configuration.setting(names))


def keys_in(survey: Survey, ending: str, key: str) -> list[str]:
    """In which of a client's files this key stands."""
    found = (each for each in survey.configuration.keys if each.key == key and each.file.endswith(ending))
    return [f"{each.key} in {each.file}" for each in found]


def test_apt_lists_the_chosen_mirror(host, chosen):
    if chosen.apt is None or chosen.apt.url is None:
        pytest.skip("apt keeps the image's own sources")
    answer = host.run("apt-get --print-uris update")  # asks nobody, says what it would ask
    if answer.rc != 0 and (said := [line for line in answer.stderr.splitlines() if line.startswith("E: ")]):
        pytest.fail(tr("apt cannot read its sources: {said}", said=masked(said[0].removeprefix("E: "))), pytrace=False)
    asked = answer.stdout
    if f"'{chosen.apt.url}/dists/" not in asked:
        fail(tr("apt asks"), asked.partition("/dists/")[0].lstrip("'"), chosen.apt.url, apt_reads(host))


def apt_reads(host) -> str:
    """Where apt has its sources when that is another place than /etc/apt, and which file says so."""
    moved = [line for line in host.run("apt-config dump").stdout.splitlines() if APT_PLACES.match(line)]
    files = host.run(
        "grep -lsiE '^[^#/]*Dir(::| *[{]).*Etc' $APT_CONFIG /etc/apt/apt.conf /etc/apt/apt.conf.d/*"
    ).stdout
    if not moved:
        return ""
    return tr("it reads its sources by `{moved}`, in {files}", moved=" ".join(moved), files=", ".join(files.split()))


@pytest.mark.parametrize("pip", ["pip", "/opt/venv/bin/pip", "/venv/main/bin/pip"])
def test_pip_asks_the_chosen_mirror(host, chosen, survey, pip):
    theirs = any(f"{key.file.removesuffix('pip.conf')}bin/pip" == pip for key in survey.configuration.keys)
    if chosen.pypi is None or "python3" in survey.hangs or ("pip" not in survey.tools if pip == "pip" else not theirs):
        pytest.skip("upstream, or no such pip that runs here")
    answer = host.run(f"{pip} config debug")
    if "could not be loaded" in answer.stderr:
        pytest.fail(
            tr("{pip} cannot read its settings: {loading}", pip=pip, loading=masked(loading(answer.stderr))),
            pytrace=False,
        )
    if answer.rc != 0:
        pytest.skip(tr("this pip does not run"))
    index, source = pip_index(answer.stdout)
    if index != chosen.pypi:
        fail(f"{pip} asks", index, chosen.pypi, source)


def loading(said: str) -> str:
    """What pip says of a file that it cannot read, on one line: its own words begin with no name of a program."""
    lines = [line.strip() for line in said.splitlines()]
    first = next(at for at, line in enumerate(lines) if "could not be loaded" in line)
    return " ".join(lines[first : first + 3]).partition("Configuration file could not be loaded.")[2].strip()


def pip_index(said: str) -> tuple[str, str]:
    """The index that `pip config debug` tells, and where it is set: a variable, then [install], then [global]."""
    variable = re.search(r"^  PIP_INDEX_URL='(.*)'$", said, re.MULTILINE)
    if variable:
        return variable[1], tr("PIP_INDEX_URL in the environment")
    found, kind, file = [], "", ""
    for line in said.splitlines():
        if head := re.fullmatch(r"(\w+):", line):
            kind = head[1]
        elif path := re.fullmatch(r"  (\S.*), exists: \w+", line):
            file = path[1]
        elif key := re.fullmatch(r"\s+(global|install)\.index-url: (.*)", line):
            found.append((key[1] == "install", PIP_ORDER.index(kind) if kind in PIP_ORDER else 0, key[2], file))
    return max(found)[2:] if found else (tr("its own default"), tr("no file sets an index"))


def test_uv_asks_the_chosen_mirror(host, chosen, survey):
    if chosen.pypi is None or not host.exists("uv"):
        pytest.skip("upstream, or no uv here")
    said = host.run(UV).stdout.split()
    if words := [word for word in said if word in NOBODY]:
        files = [each for word in words for each in keys_in(survey, "uv.toml", word)]
        who = [*who_sets([NOBODY[word] for word in words], survey.configuration), *files]
        fail(tr("uv asks"), tr("nobody"), chosen.pypi, some_of(who) or " ".join(words))
    index = "".join(said)
    if not index:  # a uv that tells its settings in other words
        index = "".join(re.findall(r'url = "(.*)"', host.run("cat ~/.config/uv/uv.toml").stdout)[:1])
    if index != chosen.pypi:
        fail(tr("uv asks"), index, chosen.pypi, others(survey, "UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_CONFIG_FILE"))


def test_conda_asks_the_chosen_mirror(host, chosen, survey):
    if chosen.conda is None or survey.conda is None:
        pytest.skip("upstream, or no conda here")
    answer = host.run("%s/bin/conda config --show default_channels custom_channels channels offline", survey.conda)
    if answer.rc != 0:
        pytest.skip(tr("this conda does not run"))
    if re.search(r"^offline: True", answer.stdout, re.MULTILINE):
        who = others(survey, "CONDA_OFFLINE") or ", ".join(keys_in(survey, "condarc", "offline"))
        fail(tr("conda asks"), tr("nobody"), chosen.conda, who)
    asked = conda_asks(answer.stdout, chosen.conda)
    if asked is not None:
        fail(tr("conda asks"), asked, chosen.conda, others(survey, *rivals.CONDA) or conda_keys(survey))


def conda_asks(said: str, wanted: str) -> str | None:
    """Where conda would go instead of `wanted`, which all of its default and custom channels of ours have to be at."""
    custom = re.search(r"^\s+conda-forge: (\S+)", said, re.MULTILINE)
    if custom and not custom[1].startswith(f"{wanted}/"):
        return custom[1]
    default = re.search(r"^default_channels:\n\s+- (\S+)", said, re.MULTILINE)
    if default and f"{wanted}/" not in said.partition("default_channels:")[2]:
        return default[1]
    return None if f"{wanted}/" in said else said.replace("\n", " ")


def conda_keys(survey: Survey) -> str:
    files = [f"{each.key} in {each.file}" for each in survey.configuration.keys if each.key in rivals.CHANNELS]
    return ", ".join(files)


def test_npm_asks_the_chosen_mirror(host, chosen, survey):
    if chosen.npm is None or "npm" not in survey.tools:
        pytest.skip("upstream, or no npm here")
    who = others(survey, "NPM_CONFIG_OFFLINE", "npm_config_offline") or ", ".join(keys_in(survey, "npmrc", "offline"))
    if who and host.run("npm config get offline").stdout.strip() == "true":
        fail(tr("npm asks"), tr("nobody"), chosen.npm, who)
    registry = host.run("npm config get registry").stdout.strip().rstrip("/")
    if registry != chosen.npm:
        fail(tr("npm asks"), registry, chosen.npm, others(survey, "NPM_CONFIG_REGISTRY", "npm_config_registry"))


def test_git_fetches_through_the_mirror(host, chosen, survey):
    if chosen.git is None or "git" not in survey.tools:
        pytest.skip("upstream, or no git here")
    asked = host.run("git ls-remote --get-url https://github.com/a/b").stdout.strip()
    if asked != f"{chosen.git}a/b":
        look = "git config --includes --show-origin --name-only --get-regexp 'insteadof$' | grep -v gpustrap/"
        files = {line.partition("\t")[0].removeprefix("file:") for line in host.run(look).stdout.splitlines()}
        fail(tr("git fetches from"), asked, chosen.git, ", ".join(sorted(files)))


@pytest.mark.parametrize("kind", KINDS)
def test_shells_have_the_variables(host, chosen, survey, kind):
    if kind not in kinds_on(survey) or not (chosen.variables or chosen.unset):
        pytest.skip("no such shell here, or no variable")
    assert_variables(host, survey, kind, chosen.variables, chosen.unset)
