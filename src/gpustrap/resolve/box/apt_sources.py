"""The sources of the distribution itself, among all that apt is told of, and their texts with a mirror in them. Pure.

Everything else in a file stays: comments, order, suites, components, options, and the sources of others.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

COMPONENTS = frozenset(("main", "contrib", "non-free", "non-free-firmware", "restricted", "universe", "multiverse"))
SCHEMES = ("http", "https", "ftp", "mirror", "mirror+http", "mirror+https")
FOLDERS = ("debian", "debian-security", "ubuntu", "ubuntu-ports", "ubuntu-security")
# Where a general mirror keeps a distribution. A third party's folder is another: /wine-builds/debian, /ros/ubuntu.
ABOVE = ("", "pub/", "ftp/", "mirror/", "mirrors/", "linux/", "pub/linux/", "pub/mirrors/")
# Personal archives have the distribution's folder, suite and component.
PERSONAL = ("ppa.launchpad.net", "ppa.launchpadcontent.net", "private-ppa.launchpadcontent.net")
# Releases whose packages lie on the archive of old releases only (Debian's and Ubuntu's pages of releases,
# read 2026-11-25). Ubuntu's long-term releases since 14.04 stay where they were.
ENDED: Mapping[str, str] = {
    "debian": "buzz rex bo hamm slink potato woody sarge etch lenny squeeze wheezy jessie stretch buster",
    "ubuntu": "warty hoary breezy dapper edgy feisty gutsy hardy intrepid jaunty karmic lucid maverick natty oneiric "
    "precise quantal raring saucy utopic vivid wily yakkety zesty artful cosmic disco eoan groovy hirsute impish "
    "kinetic lunar mantic oracular plucky",
}
OFF = ("no", "false", "without", "off", "disable", "0")  # apt's words for it (strutl.cc, StringToBool)
ONE_LINE = re.compile(
    r"(?P<before>\s*deb(?:-src)?\s+(?:\[(?P<options>[^\]]*)\]\s*)?)(?P<uri>[^\s\[#]+)(?P<after>\s+(?P<words>[^#]*).*)"
)


@dataclass(frozen=True)
class Distribution:
    """What is looked for: `os_id` (debian, ubuntu), and the hosts that are known to mirror it."""

    os_id: str
    known_hosts: Collection[str | None] = ()


@dataclass(frozen=True)
class Mirror:
    """Where the distribution and its security archive lie; None: security stays where it is."""

    url: str
    security_url: str | None


@dataclass(frozen=True)
class Rewritten:
    """A file's text, how many sources got the mirror, and how many of the distribution's are on an archive."""

    text: str
    mirrored: int = 0
    archived: int = 0


@dataclass(frozen=True)
class _Source:
    uris: tuple[str, ...]
    suites: tuple[str, ...]
    components: tuple[str, ...]
    signed_by: str
    enabled: bool = True


Put = Callable[[tuple[str, ...]], str]  # URIs → the piece of text with them


def rewrite(path: str, text: str, distribution: Distribution, mirror: Mirror) -> Rewritten:
    """The file with the mirror in every source of the distribution."""
    pieces = _stanzas(text) if path.endswith(".sources") else text.splitlines(keepends=True)
    parse = _stanza if path.endswith(".sources") else _line
    done, mirrored, archived, asked = [], 0, 0, False
    for piece in pieces:
        read = parse(piece)
        if read is None or not is_the_distributions(read[0], path, distribution):
            done.append(piece)
            continue
        source, put = read
        if any(_is_archived(uri, source, distribution) for uri in source.uris):
            archived += 1
            done.append(piece)
            continue
        uris = tuple(dict.fromkeys(_mirrored(uri, source, distribution, mirror) for uri in source.uris))
        ours = any(uri.startswith(mirror.url) for uri in uris)
        mirrored, asked = mirrored + ours, asked or (ours and source.enabled)
        done.append(put(uris))
    # Where all of them are switched off, apt asks none.
    return Rewritten("".join(done), mirrored if asked else 0, archived)


def is_the_distributions(source: _Source, path: str, distribution: Distribution) -> bool:
    """Told by components, signature and place; an unknown host counts in apt's main file, or with the signature."""
    components = bool(source.components) and COMPONENTS.issuperset(source.components)
    suites = bool(source.suites) and not any(suite.endswith("/") for suite in source.suites)
    # A key that stands in the source itself tells nothing of whose it is.
    inline = "-----BEGIN" in source.signed_by
    signed = (
        not source.signed_by
        or inline
        or all(re.search(rf"(^|/){distribution.os_id}-[^/]*$", key) for key in re.split(r"[\s,]+", source.signed_by))
    )
    main = path in ("/etc/apt/sources.list", f"/etc/apt/sources.list.d/{distribution.os_id}.sources")
    sure = not inline and (main or bool(source.signed_by))
    return components and suites and signed and all(_is_place(uri, sure, distribution) for uri in source.uris)


def _is_place(uri: str, sure: bool, distribution: Distribution) -> bool:
    try:
        parts = urlsplit(uri)
        host = parts.hostname or ""
    except ValueError:  # brackets that do not pair
        return False
    folder = parts.path.strip("/")
    # Debian's images for clouds list their mirrors in a file.
    if parts.scheme == "mirror+file":
        lists = (f"{distribution.os_id}.list", f"{distribution.os_id}-security.list")
        return sure and folder.rpartition("/")[2] in lists
    if parts.scheme not in SCHEMES or host in PERSONAL:
        return False
    own = f".{distribution.os_id}.org" if distribution.os_id == "debian" else ".ubuntu.com"
    if host.endswith(own):
        return True
    named = any(folder == above + name for above in ABOVE for name in (*FOLDERS, "debian-archive/debian"))
    return named and (sure or host in distribution.known_hosts)


def _is_archived(uri: str, source: _Source, distribution: Distribution) -> bool:
    host, path = urlsplit(uri).hostname or "", urlsplit(uri).path
    old = ("old-releases.", "snapshot.", *(("archive.",) if distribution.os_id == "debian" else ()))
    ended = any(re.split("[-/]", suite)[0] in ENDED[distribution.os_id].split() for suite in source.suites)
    return ended or host.startswith(old) or "debian-archive" in path


def _mirrored(uri: str, source: _Source, distribution: Distribution, mirror: Mirror) -> str:
    security = "-security" in uri or any(suite.endswith(("-security", "/updates")) for suite in source.suites)
    if distribution.os_id == "debian" and security:
        return mirror.security_url or uri
    return mirror.url


def _line(line: str) -> tuple[_Source, Put] | None:
    """A source of the one-line form, and how to give it other URIs; None for any other line."""
    found = ONE_LINE.fullmatch(line.rstrip("\n"))
    if found is None:
        return None
    suite, *components = found["words"].split() or [""]
    options = dict(word.partition("=")[::2] for word in (found["options"] or "").split())
    source = _Source((found["uri"],), (suite,), tuple(components), options.get("signed-by", ""))
    end = line[len(line.rstrip("\n")) :]
    return source, lambda uris: f"{found['before']}{uris[0]}{found['after']}{end}"


def _stanzas(text: str) -> list[str]:
    """The stanzas of deb822 text, each with the empty lines behind it. A comment ends none."""
    return re.findall(r"(?:[^\n]*\S[^\n]*(?:\n|$))+(?:[ \t]*\n)*|(?:[ \t]*\n)+", text)


def _stanza(stanza: str) -> tuple[_Source, Put] | None:
    """A source of deb822 form, and how to give it other URIs; None for a stanza that is no source."""
    fields: dict[str, str] = {}
    lines, name, place = stanza.splitlines(keepends=True), "", {}
    for number, line in enumerate(lines):
        if line.startswith("#"):
            continue
        if line[:1] in " \t" and name:
            fields[name] += " " + line.strip()
        elif ":" in line:
            key, _, value = line.partition(":")
            name = key.strip().lower()
            fields[name], place[name] = value.strip(), number
    if not {"uris", "suites"} <= fields.keys():
        return None
    words = {key: tuple(fields.get(key, "").split()) for key in ("uris", "suites", "components")}
    source = _Source(
        words["uris"],
        words["suites"],
        words["components"],
        fields.get("signed-by", ""),
        fields.get("enabled", "yes").lower() not in OFF,
    )

    def put(uris: tuple[str, ...]) -> str:
        first = place["uris"]
        after = first + 1
        while after < len(lines) and lines[after][:1] in " \t" and lines[after].strip():
            after += 1
        key = lines[first].partition(":")[0]
        return "".join((*lines[:first], f"{key}: {' '.join(uris)}\n", *lines[after:]))

    return source, put
