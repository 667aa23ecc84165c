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
        variables=tuple(
            dict.fromkeys(
                SetVariable(words[0], words[2], number(words[1]) or 0) for words in _rows(said, "set", " ", 3)
            )
        ),
        keys=tuple(dict.fromkeys(SetKey(*words) for words in _rows(said, "key", " ", 3))),
        fixed=tuple(
            dict.fromkeys(
                SetVariable(words[0], words[2], number(words[1]) or 0) for words in _rows(said, "fixed", " ", 3)
            )
        ),
        git_rules=_git_rules(said.get("git_rule", ())),
        apt_proxies=distinct(said.get("apt_proxy", ())),
        hf_tokens=distinct(said.get("hf_token", ())),
        trusted_hosts=distinct(word for line in said.get("trusted_host", ()) for word in line.split()),
        git_global=one("git_global"),
        rc_files=distinct(said.get("rc_file", ())),
        conda_forge=bool(said.get("conda_forge")),
        ours=frozenset(said.get("ours", ())),
    )


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
