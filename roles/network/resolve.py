"""Which proxy the clients on an instance use and what goes past it. Pure, but for a secret read before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pydantic import SecretStr

from gpustrap.language import tr
from gpustrap.resolve.box.configuration import (
    GIT_ENVIRONMENT,
    GIT_VARIABLES,
    Configuration,
    GitRule,
    readonly,
    some_of,
    who_sets,
)
from gpustrap.resolve.box.shells import Shells, shells_of
from gpustrap.resolve.box.survey import Survey
from gpustrap.resolve.context import Context
from gpustrap.resolve.wanted import WantedFile
from roles.network.accelerator import HOST
from roles.network.loan import Loan, loan_of
from roles.network.own_files import keys_of, unheard
from roles.network.ways import Way, way_of

if TYPE_CHECKING:
    from roles.network.settings import Settings

LOCAL = ("localhost", "127.0.0.1", "::1", "0.0.0.0")
PROXIES = ("http_proxy", "https_proxy", "no_proxy", "all_proxy")
APT_PARTS = "/etc/apt/apt.conf.d"
APT_FILE = f"{APT_PARTS}/95gpustrap-proxy"
APT_LAST = f"{APT_PARTS}/zzzz-gpustrap-proxy"  # apt reads the folder in the order of names, and the last word counts
APT_MAIN = "/etc/apt/apt.conf"  # which apt reads after the folder


@dataclass(frozen=True)
class Network:
    """The proxy (None: direct) and `no_proxy`, in the form every client reads: no `*`, commas.

    `variables` are those that every shell gets; `files` are those of the clients that read others.
    """

    shells: Shells
    proxy: SecretStr | None
    no_proxy: tuple[str, ...]
    variables: Mapping[str, str | SecretStr]
    files: tuple[WantedFile, ...]
    reasons: tuple[str, ...] = ()
    apt: SecretStr | None = None  # what apt is told in the proxy's place
    loan: Loan | None = None

    @property
    def home(self) -> str:
        return self.shells.home


def choose(settings: Settings, survey: Survey, context: Context) -> Network:
    """The proxy as written; past it go the instance itself, what is written, and the chosen mirrors' hosts.

    Raises InstanceFailed for a secret that is no proxy, without a part of it.
    """
    way, said, shells = way_of(settings, survey), survey.configuration, shells_of(survey)
    value = way.proxy
    if value is None:
        gone = tuple(replace(file, src=None) for file in _files(shells.home, {}, (), git_global=said.git_global))
        direct = _direct((*settings.no_proxy, *way.direct), survey, context)[0]
        loan = loan_of(direct, settings.lent_hosts) if settings.proxy == "laptop" else None
        return Network(shells, None, (), {}, gone, _no_proxy(way, said), loan=loan)
    direct, direct_reason = _direct((*settings.no_proxy, *way.direct), survey, context)
    variables, variable_reasons = _variables(value, direct, said)
    git_urls, git_reasons = _git(direct, said)
    elsewhere = who_sets(("GIT_CONFIG_GLOBAL",), said)
    late = any(rule.late for rule in _proxy_rules(said)) and not elsewhere
    before = [file for file in said.apt_proxies if file == APT_MAIN or (f"{APT_PARTS}/" in file and file > APT_FILE)]
    values = {"proxy": value, "apt": way.apt, "no_proxy": direct, "git_urls": git_urls}
    reasons = (
        *way.reasons,
        direct_reason,
        *variable_reasons,
        *git_reasons,
        *(tr("git reads another file than ~/.gitconfig: {each}", each=each) for each in elsewhere),
        *(tr("apt hears the proxy after {file}, which speaks of one too", file=file) for file in before),
        *(tr("apt has a way of its own to {host}, which stays", host=host) for host in said.apt_hosts),
        *unheard(value, said),
        *readonly(variables, said),
        *shells.unread,
    )
    files = _files(
        shells.home, values, before, git_elsewhere=bool(elsewhere), git_late=late, git_global=said.git_global
    )
    return Network(shells, value, direct, {**variables, **way.variables}, files, reasons, way.apt)


def _files(
    home: str,
    values: Mapping[str, object],
    before: Sequence[str],
    *,
    git_elsewhere: bool = True,
    git_late: bool = False,
    git_global: str = "",
) -> tuple[WantedFile, ...]:
    """The clients' files. apt is told once more where `before` lists files of others that it reads after ours.

    git is told by the file that a variable names too where that makes it pass over ~/.gitconfig, or else by the
    system's. `git_late`: others have put rules behind ours in ~/.gitconfig, the last of which counts.
    """
    git = f"{home}/.config/gpustrap/git-network"
    late = any(file != APT_MAIN for file in before)
    return (
        WantedFile(APT_FILE, "network/apt.conf.j2", values),
        WantedFile(APT_LAST, "network/apt.conf.j2" if late else None, values),
        WantedFile(
            APT_MAIN, "network/apt-include.j2" if APT_MAIN in before else None, {"path": APT_FILE}, block="network"
        ),
        WantedFile("/etc/conda/condarc.d/gpustrap-network.yml", "network/conda.yml.j2", values),
        WantedFile(git, "network/gitconfig.j2", values),
        WantedFile(f"{home}/.gitconfig", "git-include.j2", {"path": git}, block="network", last=git_late),
        WantedFile(
            "/etc/gitconfig",
            "git-include.j2" if git_elsewhere and not git_global else None,
            {"path": git},
            block="network",
        ),
        *(WantedFile(file, "git-include.j2", {"path": git}, block="network") for file in (git_global,) if file),
    )


def _no_proxy(way: Way, said: Configuration) -> tuple[str, ...]:
    """That nothing is set, and whose proxy there is nevertheless."""
    others = who_sets([name for name in _both_cases(PROXIES) if name.lower() != "no_proxy"], said)
    theirs = (tr("{others} stays: it is not gpustrap's", others=some_of(others)),) if others else ()
    none = way.reasons or (tr("hosts.yml names no proxy, so no client is told of one"),)
    return (*none, *theirs)


def _direct(written: tuple[str, ...], survey: Survey, context: Context) -> tuple[tuple[str, ...], str]:
    mirrors = context.decided("mirrors")
    mirrored = mirrors.hosts if mirrors is not None else ()
    hosts = tuple(dict.fromkeys((*LOCAL, *_own_name(survey), *written, *mirrored)))
    if mirrors is None:
        why = tr("no mirror goes past it, for the role mirrors is not among the instance's")
    elif not mirrored:
        why = tr("no mirror is chosen that could go past it")
    else:
        why = tr("the chosen mirrors go past it: {mirrored}", mirrored=", ".join(mirrored))
    return hosts, tr("the instance itself is reached directly; {why}", why=why)


def _own_name(survey: Survey) -> tuple[str, ...]:
    """The box's; a program that asks itself by it would ask the proxy else."""
    return (survey.hostname,) if HOST.fullmatch(survey.hostname) else ()


def _both_cases(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(word for name in names for word in (name, name.upper()))


def _variables(
    proxy: SecretStr, direct: tuple[str, ...], said: Configuration
) -> tuple[dict[str, str | SecretStr], tuple[str, ...]]:
    """Lower and upper case: curl reads only lower-case http_proxy, other programs only the upper.

    What counts before those for a client is set only where somebody else sets it, or we once had to.
    """
    lower: dict[str, str | SecretStr] = {"http_proxy": proxy, "https_proxy": proxy, "no_proxy": ",".join(direct)}
    variables = lower | {name.upper(): value for name, value in lower.items()}
    reasons = []
    for names, keys in (
        (("all_proxy", "ALL_PROXY"), ()),
        (("PIP_PROXY",), keys_of(said, "pip.conf", ("proxy",))),
        (
            ("npm_config_proxy", "npm_config_https_proxy", "NPM_CONFIG_PROXY", "NPM_CONFIG_HTTPS_PROXY"),
            keys_of(said, "npmrc", ("proxy", "https-proxy")),
        ),
    ):
        who = [
            *who_sets(names, said),
            *dict.fromkeys(f"{key.key} in {key.file}" for key in keys),
        ]
        if who or said.ours.intersection(names):
            variables |= dict.fromkeys(names, proxy)
            reasons.append(
                tr("{name} is set in every shell, ", name=names[0])
                + (tr("because of {who}", who=some_of(who)) if who else tr("as it had to be before"))
            )
    fixed = {(each.name, each.place) for each in said.fixed}  # before these nothing counts
    theirs = tuple(each for each in said.variables if (each.name, each.place) not in fixed)
    others = who_sets(_both_cases(PROXIES[:3]), replace(said, variables=theirs))
    if others:
        reasons.append(tr("it counts before {others}", others=some_of(others)))
    return variables, tuple(reasons)


def _git(direct: tuple[str, ...], said: Configuration) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """git prefers the rule for a URL to the general one, so ours is said for theirs too; "no proxy there" stays."""
    taken = [
        rule
        for rule in _proxy_rules(said)
        if rule.url and urlsplit(rule.url).hostname not in direct and "***" not in rule.url
    ]
    urls = tuple(dict.fromkeys(rule.url for rule in taken if rule.url))
    behind = [rule for rule in _proxy_rules(said) if rule.late and not rule.url]
    overruled = dict.fromkeys(
        tr("git's proxy for {rule.url} in {rule.file} is overruled", rule=rule)
        if rule.url
        else tr("git's proxy in {file} is overruled", file=rule.file)
        for rule in (*taken, *behind)
    )
    past = dict.fromkeys(
        tr("git goes past the proxy to {rule.url}, as {rule.file} says: that stays", rule=rule)
        for rule in past_rules(said)
        if rule.url not in urls
    )
    there = [
        tr(
            "git hears {file} after ours where {condition}: what it says of a proxy counts there",
            file=file,
            condition=where,
        )
        for where, file in said.git_there
    ]
    return urls, (*overruled, *past, *there, *_git_environment(said))


def _proxy_rules(said: Configuration) -> list[GitRule]:
    """Those of files, with a proxy; one without "no proxy there", and stays."""
    return [rule for rule in said.git_rules if rule.key.endswith("proxy") and rule.value and rule.file.startswith("/")]


def past_rules(said: Configuration) -> list[GitRule]:
    """Those that say "no proxy there" of a URL."""
    rules = [rule for rule in said.git_rules if rule.file.startswith("/") and rule.key.endswith("proxy")]
    return [rule for rule in rules if rule.url and not rule.value]


def _git_environment(said: Configuration) -> list[str]:
    """A rule that a variable gives counts before every file."""
    rules = [rule for rule in said.git_rules if rule.file == GIT_ENVIRONMENT and rule.key.endswith("proxy")]
    who = some_of(who_sets(GIT_VARIABLES, said)) or tr("a variable of git's")
    return [
        tr("git hears {key} by {who} before every file: take it away there", key=rule.key, who=who) for rule in rules
    ]
