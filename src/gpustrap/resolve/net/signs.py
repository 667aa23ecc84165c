"""What a probe shows: each sign a question of one probe, which the table of causes is made of. Pure."""

from __future__ import annotations

import ipaddress
import re
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]

from gpustrap.resolve.net.candidates import public_hosts
from gpustrap.resolve.net.probe import Probe
from gpustrap.resolve.net.seen import Seen
from gpustrap.resolve.net.services import holds_it

SLOW_SECONDS = 3.0  # for the first of an answer
SLOW_BYTES = 100_000  # a second, of a body that is large enough to tell
ENOUGH_BYTES = 32_768
SKEW_SECONDS = 3600  # certificates are mostly dated a day or an hour back
RESET = re.compile(r"(?i)reset|SSL_ERROR_SYSCALL|unexpected eof|EOF occurred|peer closed|connection closed")
FAKE = (198, 18)  # 198.18.0.0/15: what a local proxy (Clash's fake-ip) gives for names that it handles
NOT_OF_THE_NET = ("0.0.0.0/8", "10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16")
MORE = (
    "100.64.0.0/10",
    "192.0.2.0/24",
    "198.18.0.0/15",
    "203.0.113.0/24",
    "224.0.0.0/3",
    "::/8",
    "fc00::/7",
    "fe80::/10",
)
BOGUS = tuple(map(ipaddress.ip_network, (*NOT_OF_THE_NET, *MORE)))


def is_bogus(address: str) -> bool:
    """Whether no public host can have this address."""
    with suppress(ValueError):
        found = ipaddress.ip_address(address)
        return any(found in network for network in BOGUS if network.version == found.version)
    return False


def proxy_of(probe: Probe, seen: Seen) -> str | None:
    """The proxy that the clients use for this host, by the environment."""
    proxies = {name: address for name, address in reversed(seen.proxies) if address}
    for name in (f"{probe.scheme}_proxy", f"{probe.scheme}_proxy".upper(), "all_proxy", "ALL_PROXY"):
        if name in proxies and name != "HTTP_PROXY":
            passed = proxy_bypass_environment(probe.host, {"no": seen.no_proxy})
            return None if passed else proxies[name]
    return None


def lies(probe: Probe, seen: Seen) -> bool:
    """A public name whose every address is one that cannot be its own. Where the answer is right, that is no matter.

    A name that only a person's own settings give may be one of a company's or a provider's net, with its addresses.
    """
    found = bool(probe.names) and all(map(is_bogus, probe.names))
    return found and is_public(probe.name, seen) and proxy_of(probe, seen) is None


def is_public(name: str, seen: Seen) -> bool:
    """Whether it is a name of the catalog, of a client's own default, or of a distribution that apt knows by itself."""
    known = name in seen.upstreams or name in public_hosts() or domain_of(name) in map(domain_of, seen.archives)
    return known and not is_address(name)


def domain_of(name: str) -> str:
    """Its last two words."""
    return ".".join(name.split(".")[-2:])


def is_address(name: str) -> bool:
    try:
        return bool(ipaddress.ip_address(name))
    except ValueError:
        return False


def fails(probe: Probe) -> bool:
    return probe.code not in (0, 23) or not probe.answered


def unnamed(probe: Probe, seen: Seen) -> bool:
    """DNS says that there is no such name, or says nothing in time."""
    waited = probe.code == 28 and not probe.answered and not probe.names and not is_address(probe.name)
    return probe.code == 6 or (waited and proxy_of(probe, seen) is None)


def proxy_fails(probe: Probe, seen: Seen) -> bool:
    return proxy_of(probe, seen) is not None and not probe.answered and probe.code in (5, 7, 28, 52, 56, 97)


def certificate(probe: Probe, *words: str) -> bool:
    return probe.code in (60, 77, 51) and bool(re.search("|".join(words), probe.error, re.IGNORECASE))


def dated(probe: Probe, _seen: Seen) -> bool:
    return probe.code == 60 and (probe.verify in (9, 10) or certificate(probe, "expired", "not yet valid"))


def skewed(probe: Probe, seen: Seen) -> bool:
    return dated(probe, seen) and abs(seen.clock_behind or 0) > SKEW_SECONDS


def right(probe: Probe) -> bool:
    return 200 <= probe.status < 300 and holds_it(probe.service, probe.body)


def reset(probe: Probe) -> bool:
    return bool(RESET.search(probe.error))


def stale(probe: Probe, seen: Seen) -> bool:
    """apt refuses an index whose Valid-Until has passed, by the box's clock."""
    until = re.search(r"(?m)^Valid-Until: (.+)$", probe.body)
    with suppress(ValueError, TypeError, OverflowError):
        if until and seen.clock is not None:
            ends = parsedate_to_datetime(until[1].strip().replace(" UTC", " +0000"))
            return ends < datetime.fromtimestamp(seen.clock, UTC)
    return False


def slow(probe: Probe, _seen: Seen) -> bool:
    dragging = probe.size >= ENOUGH_BYTES and 0 < probe.bytes_per_second < SLOW_BYTES
    return probe.first > SLOW_SECONDS or dragging


def tls(probe: Probe) -> bool:
    return probe.scheme == "https" and probe.connected and probe.tls == 0


def unreachable(probe: Probe) -> bool:
    return bool(re.search(r"(?i)no route|unreachable", probe.error))
