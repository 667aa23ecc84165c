"""What others have set for the clients on a box, from the survey's lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gpustrap.engine.facts.fields import distinct, number
from gpustrap.resolve.box.configuration import Configuration, GitRule, SetKey, SetVariable

OURS = "ours"  # the survey's word for our own rules of git


def read_configuration(said: Mapping[str, Sequence[str]]) -> Configuration:
    """What others set, from the same lines. Never raises."""

    def one(key: str) -> str:
        return said[key][0] if said.get(key) else ""

    return Configuration(
        variables=_places(said, "set"),
        keys=tuple(dict.fromkeys(SetKey(*words) for words in _rows(said, "key", " ", 3))),
        fixed=_places(said, "fixed"),
        options=_places(said, "option"),
        renamed=_places(said, "renamed"),
        apt_hosts=distinct(said.get("apt_host", ())),
        git_rules=_git_rules(said.get("git_rule", ())),
        git_there=tuple((where, file) for where, file in _rows(said, "git_there", " ", 2)),
        apt_moved=distinct(said.get("apt_moved", ())),
        apt_proxies=distinct(said.get("apt_proxy", ())),
        hf_tokens=distinct(said.get("hf_token", ())),
        trusted_hosts=distinct(word for line in said.get("trusted_host", ()) for word in line.split()),
        git_global=one("git_global"),
        rc_files=distinct(said.get("rc_file", ())),
        conda_forge=bool(said.get("conda_forge")),
        ours=frozenset(said.get("ours", ())),
        own_proxies={(key, file): digest for digest, key, file in _rows(said, "own_proxy", " ", 3)},
        project_files=frozenset(said.get("project_file", ())),
    )


def _places(said: Mapping[str, Sequence[str]], key: str) -> tuple[SetVariable, ...]:
    rows = _rows(said, key, " ", 3)
    return tuple(dict.fromkeys(SetVariable(name, place, number(line) or 0) for name, line, place in rows))


def _rows(said: Mapping[str, Sequence[str]], key: str, separator: str, fields: int) -> Iterator[list[str]]:
    for line in said.get(key, ()):
        words = line.split(separator, fields - 1)
        if len(words) == fields:
            yield words


def _git_rules(lines: Sequence[str]) -> tuple[GitRule, ...]:
    """In the order in which git reads them; `ours` stands where it has read our rules on the proxy."""
    found: dict[GitRule, None] = {}
    for at, line in enumerate(lines):
        if " " in line:
            found[_git_rule(line, late=OURS in lines[:at])] = None
    return tuple(found)


def _git_rule(line: str, *, late: bool) -> GitRule:
    """`file:PATH KEY VALUE`; the path has no tab, and a space only where somebody likes trouble."""
    origin, _, rule = line.partition(" ")
    key, _, value = rule.partition(" ")
    return GitRule(origin.removeprefix("file:"), key, value, late)
