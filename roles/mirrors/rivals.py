"""Who else tells the clients where to ask, and what it takes to be heard before him. Pure.

A variable counts before every file of pip, uv and npm, so where somebody's variable, or a file that counts before
ours, names another place, ours is set as a variable too. Elsewhere it is not: a project's own file shall win.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from urllib.parse import urlsplit

from gpustrap.language import tr
from gpustrap.resolve.box.configuration import Configuration, GitRule, SetKey, some_of, who_sets
from gpustrap.resolve.box.survey import Survey

GITHUB = "https://github.com/"
CONDA = ("CONDA_CHANNELS", "CONDA_DEFAULT_CHANNELS", "CONDA_CUSTOM_CHANNELS", "CONDA_CHANNEL_ALIAS", "CONDARC")
CHANNELS = ("default_channels", "custom_channels")
PIP = ("PIP_INDEX_URL", "PIP_CONFIG_FILE", "XDG_CONFIG_HOME")
UV = ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_CONFIG_FILE", "UV_NO_CONFIG", "XDG_CONFIG_HOME")
COMMANDS = ("install", "download", "wheel", "index", "lock")  # of pip, whose sections count before [global]
NPM = ("NPM_CONFIG_REGISTRY", "npm_config_registry", "NPM_CONFIG_USERCONFIG", "npm_config_userconfig")


def variables_of(pypi: str | None, npm: str | None, said: Configuration) -> tuple[dict[str, str], tuple[str, ...]]:
    """The variables that have to be set so that pip, uv and npm ask our mirror, and because of whom."""
    wanted: list[tuple[str, str, list[str]]] = []
    if pypi is not None:
        pip = [*who_sets(PIP, said), *(_key(each) for each in _pip_keys(said, "index-url"))]
        wanted.append(("PIP_INDEX_URL", pypi, pip))
        if pypi.startswith("http://"):
            hosts = (*said.trusted_hosts, urlsplit(pypi).netloc.rpartition("@")[2])
            away = who_sets(("PIP_CONFIG_FILE", "PIP_TRUSTED_HOST", "XDG_CONFIG_HOME"), said)
            wanted.append(("PIP_TRUSTED_HOST", " ".join(dict.fromkeys(hosts)), away))
        wanted.append(
            ("PIP_NO_INDEX", "0", [*who_sets(("PIP_NO_INDEX",), said), *map(_key, _pip_keys(said, "no-index"))])
        )
        uv = [*who_sets(UV, said), *(_key(each) for each in said.keys if _is_uvs(each))]
        wanted.append(("UV_DEFAULT_INDEX", pypi, uv))
        wanted.append(("UV_NO_INDEX", "0", who_sets(("UV_NO_INDEX",), said)))
    if npm is not None:
        wanted += [(name, npm, who_sets(NPM, said)) for name in ("NPM_CONFIG_REGISTRY", "npm_config_registry")]
    # Once set, it stays: our own may hide the other one from the next survey.
    theirs = [*(who_sets(PIP + UV[:2], said) if pypi is None else []), *(who_sets(NPM, said) if npm is None else [])]
    kept = tuple(
        tr("{each} stays: hosts.yml asks for no mirror there", each=each) for each in theirs if "XDG_" not in each
    )
    needed = [(name, value, who) for name, value, who in wanted if who or name in said.ours]
    return {name: value for name, value, _ in needed}, (
        *(_reason(name, who) for name, _, who in needed),
        *kept,
    )


def unset(pypi: str | None, npm: str | None, variables: Collection[str]) -> tuple[str, ...]:
    """The variables that no shell may have where ours are not set: each would count before our file."""
    # Where ours is the default index, uv does not hear the older variable.
    uv = () if "UV_DEFAULT_INDEX" in variables else ("UV_DEFAULT_INDEX", "UV_INDEX_URL")
    names = ((*("PIP_INDEX_URL",), *uv) if pypi is not None else ()) + (NPM[:2] if npm is not None else ())
    return tuple(name for name in names if name not in variables)


def _reason(name: str, who: list[str]) -> str:
    if not who:
        return tr("{name} is set in every shell, as it had to be before", name=name)
    return tr("{name} is set in every shell, because of {who}", name=name, who=some_of(who))


def _key(each: SetKey) -> str:
    return f"{each.key} in {each.file}" + ("" if each.section == "-" else f" [{each.section}]")


def _pip_keys(said: Configuration, key: str) -> list[SetKey]:
    """Where pip reads `key` before our [global]: in an environment's file, or in a command's section anywhere."""
    return [
        each
        for each in said.keys
        if each.file.endswith("pip.conf")
        and each.key.replace("_", "-") == key
        and each.section in ("global", *COMMANDS)
        and (each.section in COMMANDS or key == "no-index" or not _counts_before_ours(each.file))
    ]


def _counts_before_ours(file: str) -> bool:
    """pip reads the system's files, then the user's, then the environment's; what is read later counts."""
    return file in ("/etc/pip.conf", "/etc/xdg/pip/pip.conf") or file.endswith(
        ("/.pip/pip.conf", "/.config/pip/pip.conf")
    )


def _is_uvs(each: SetKey) -> bool:
    return each.file.endswith("uv.toml") and each.section == "pip" and each.key == "index-url"


def conda_files(survey: Survey) -> tuple[str, ...]:
    """The files with channels of theirs that conda reads after ~/.condarc: the active environment's, and CONDARC's.

    The base's counts as that of the environment where base is active, as `conda init` makes it in every terminal.
    """
    before = (f"{survey.home}/.condarc", f"{survey.home}/.conda/", f"{survey.home}/.config/conda/", "/etc/conda/")
    keys = [each for each in survey.configuration.keys if each.key in CHANNELS]
    late = [each.file for each in keys if not each.file.startswith(before)]
    return tuple(dict.fromkeys(late))


def of_condas_files(conda: str | None, survey: Survey) -> tuple[str, ...]:
    """As `of_conda`, and which files of others get the mirror too: then CONDARC names one of them."""
    files, said = conda_files(survey), survey.configuration
    if conda is None or not files:
        return of_conda(conda, said)
    heard = replace(said, variables=tuple(each for each in said.variables if each.name != "CONDARC"))
    also = tuple(tr("conda reads {file} after ~/.condarc, so the mirror is set there too", file=file) for file in files)
    return (*of_conda(conda, heard), *also)


def of_conda(conda: str | None, said: Configuration) -> tuple[str, ...]:
    """conda merges what it reads, and offers nothing that would count before a variable."""
    if conda is None:
        return ()
    who = who_sets(CONDA, said)
    forge = (tr("conda gets no channel `defaults`: this one asks conda-forge only"),) if said.conda_forge else ()
    return (
        *forge,
        *(
            (tr("conda hears {who} before the mirror: take it away, or write conda: upstream", who=who[0]),)
            if who
            else ()
        ),
    )


def git_places(survey: Survey) -> tuple[str, ...]:
    """Every file in which git looks for rules of its user, and those that these read with a rewriting rule."""
    said = survey.configuration
    named = (said.git_global,) if said.git_global else ()
    read = (rule.file for rule in said.git_rules if rule.key.endswith(".insteadof") and rule.file.startswith("/"))
    own = (f"{survey.home}/.gitconfig", "/etc/gitconfig", f"{survey.home}/.config/git/config")
    return tuple(dict.fromkeys((*own, *named, *read)))


def of_git(git: str | None, survey: Survey) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The files that get our rules at their top, and whose rules they meet.

    Of two rules git takes the longer one, of equal ones the one read first: the system's file, then the user's.
    So ours stands at the top of each file that has an equal one.
    """
    if git is None:
        return (), ()
    rules = [rule for rule in survey.configuration.git_rules if rule.key.endswith(".insteadof")]
    equal = [rule for rule in rules if rule.value == GITHUB and rule.file.startswith("/")]
    longer = [rule for rule in rules if rule.value.startswith(GITHUB) and rule.value != GITHUB]
    elsewhere = survey.configuration.setting(("GIT_CONFIG_GLOBAL",))
    instead = survey.configuration.git_global or "/etc/gitconfig"
    files = dict.fromkeys((git_places(survey)[0], *(rule.file for rule in equal), *((instead,) if elsewhere else ())))
    reasons = [tr("the mirror counts before {rule}", rule=_rule(rule)) for rule in equal]
    reasons += [tr("{rule} stays for what begins with {value}", rule=_rule(rule), value=rule.value) for rule in longer]
    reasons += [
        tr("git reads another file than ~/.gitconfig: {each.name} in {each.where}", each=each) for each in elsewhere
    ]
    return tuple(files), tuple(reasons)


def _rule(rule: GitRule) -> str:
    return tr("`insteadOf = {rule.value}` in {rule.file}", rule=rule)
