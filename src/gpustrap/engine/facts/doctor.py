"""The doctor's one exec: what each client on a box asks, how that answers, and what the box itself lacks."""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress

from gpustrap.engine.facts.fields import clean, distinct, number
from gpustrap.engine.facts.survey import CONDA_PREFIXES
from gpustrap.engine.scripts import FOLDER, script, text_of
from gpustrap.resolve.net.candidates import BUILD, BUILDS
from gpustrap.resolve.net.probe import Probe
from gpustrap.resolve.net.seen import Room, Seen

PROBE_SECONDS = 4  # for one probe; all of them at the same time, and one second more for what is silent
NAME_SECONDS = 4  # for a name, before the probe of what is there
CLIENT_SECONDS = 3  # for a client to say what it asks, before its probe
MOST_PROBES = 60

# pip's own words: the index it asks, and the User-Agent it asks with.
PIP = r"""
from pip._internal.configuration import Configuration
from pip._internal.models.index import PyPI
from pip._internal.network.session import user_agent
said = Configuration(isolated=False)
said.load()
own = url = PyPI.simple_url
for key in ("global.index-url", "install.index-url", ":env:.index-url"):
    try: url = said.get_value(key)
    except Exception: pass
print("pip\t%s/pip/\t%s" % (url.rstrip("/"), user_agent().replace("\t", " ")))
print("upstream\t%s" % own.split("/")[2])
"""
PROGRAMS = {"python": "probe", "segments": "segments"}
ROUTES, IPV6 = "/proc/net/ipv6_route", "ipv6"
TORCH = "torch\thttps://download.pytorch.org/whl/cpu/torch/\tpip/25"


def command(fixed: str = TORCH) -> str:
    """`fixed`: probes besides those of the clients, `ID TAB URL TAB AGENT` a line."""
    return text_of("limited") + probe(PROBE_SECONDS) + doctor(fixed)


def probe(seconds: float) -> str:
    """The functions `probe` and `probes`, with so many seconds for each."""
    programs = {name: (FOLDER / f"{file}.py").read_text("utf-8") for name, file in PROGRAMS.items()}
    return script("probe", most=str(seconds), naming=NAME_SECONDS, routes=ROUTES, **programs)


def doctor(fixed: str) -> str:
    places = {"conda_prefixes": " ".join(CONDA_PREFIXES), "builds": BUILDS, "build": BUILD}
    return script("doctor", patience=CLIENT_SECONDS, fixed=fixed, pip=PIP, **places)


def read_seen(output: str, now: float | None = None) -> Seen:
    """What the script printed, while this computer's clock said `now` (seconds since 1970). Never raises."""
    said: dict[str, list[str]] = defaultdict(list)
    for line in output.split("\n"):
        key, _, value = line.partition("\t")
        said[key].append(value)
    probes = probes_of(said["probe"])
    clock = number(_one(said, "now"))
    pairs = [clean(each).partition(" ") for each in said["proxy"]]
    return Seen(
        probes=tuple(one for one in probes if one.service != IPV6),
        asker=clean(_one(said, "asker")),
        silent=distinct(map(clean, said["silent"])),
        upstreams=distinct(map(clean, said["upstream"])),
        archives=distinct(map(clean, said["archive"])),
        proxies=tuple((name, address[:200]) for name, _, address in pairs),
        no_proxy=clean(_one(said, "no_proxy")),
        ca=clean(_one(said, "ca")),
        ipv6=next((one for one in probes if one.service == IPV6), None),
        clock=clock,
        clock_behind=None if clock is None or now is None else now - clock,
        disks=_rooms(said["disk"]),
        inodes=_rooms(said["inodes"]),
        memory=_limit(_one(said, "memory")),
        pids=_limit(_one(said, "pids")),
        no_room=bool(said["no_room"]),
    )


def _one(said: Mapping[str, Sequence[str]], key: str) -> str:
    return said[key][0] if said[key] else ""


def probes_of(lines: Sequence[str]) -> tuple[Probe, ...]:
    """The probes among `probe` lines; what is none is passed over."""
    found = (_probe(line.split("\t")) for line in lines[:MOST_PROBES])
    return tuple(each for each in found if each is not None)


def _probe(fields: Sequence[str]) -> Probe | None:
    if len(fields) != 10 or not fields[0] or not fields[3]:
        return None
    service, by, code, host, scheme, numbers, end, names, error, body = fields
    told = [*numbers.split(" "), *["0"] * 11][:11]
    times = [_seconds(each) for each in told[1:6]]
    whole = [int(_seconds(each)) for each in told[6:]]
    last, browser, small, *_ = [*clean(end).split(" "), "", "", ""]
    asked = (clean(service)[:40], clean(host)[:253], number(code) or 0, clean(by)[:10], clean(scheme)[:5])
    addresses = tuple(clean(names).split()[:6])
    answered = (last[:253], number(browser) or 0, addresses, _text(error), _text(body))
    # The fields stand in the order of the line.
    return Probe(*asked, clean(told[0])[:45], *times, *whole, *answered, small == "small")  # type: ignore[arg-type, call-arg]


def _seconds(text: str) -> float:
    with suppress(ValueError):
        found = float(text[:20])
        return found if 0 <= found < 1e15 else 0.0
    return 0.0


def _text(packed: str) -> str:
    """Of a file's first bytes; lines stay lines."""
    with suppress(ValueError):
        text = base64.b64decode(packed[:20000], validate=True).decode("utf-8", "replace")
        return "\n".join(clean(line) for line in text.split("\n"))
    return ""


def _rooms(lines: Sequence[str]) -> tuple[Room, ...]:
    found = [clean(line).split(" ", 2) for line in lines[:30]]
    sizes = [(words[2], number(words[0]), number(words[1])) for words in found if len(words) == 3]
    return tuple(Room(place, size, free) for place, size, free in sizes if size and free is not None)


def _limit(text: str) -> tuple[int, int] | None:
    words = [number(word) for word in text.split()]
    return (words[0], words[1]) if len(words) == 2 and words[0] and words[1] is not None else None
