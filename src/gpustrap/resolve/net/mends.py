"""What mends a cause: the exact setting of hosts.yml, or a command. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from gpustrap.catalog.mirrors import Kind, mirrors_of
from gpustrap.catalog.providers import Provider
from gpustrap.language import tr
from gpustrap.resolve.net.probe import Probe
from gpustrap.resolve.net.seen import Seen
from gpustrap.resolve.net.services import service_of
from gpustrap.resolve.net.signs import proxy_of


@dataclass(frozen=True)
class Place:
    """Where the box is: its provider's row (None: unknown), region (cn, global) and distribution (debian, …)."""

    region: str = "global"
    distro: str = "debian"
    provider: Provider | None = None


PROVIDER = "`network: {proxy: provider}`"  # in a mend, whatever the language around it
Mend = Callable[[Probe, Seen, Place], str]


def mend_of(word: str, probe: Probe, seen: Seen, place: Place) -> str:
    """For one cause's word; empty where there is nothing to mend."""
    if word in ("works",):
        return ""
    return MENDS.get(word, elsewhere)(probe, seen, place)


def elsewhere(probe: Probe, seen: Seen, place: Place) -> str:
    """Another mirror, else the provider's own proxy, else any."""
    kind = service_of(probe.service).mirror
    accelerated = _accelerated(probe, place)
    if accelerated and proxy_of(probe, seen) is None:
        return accelerated
    if kind is not None and (setting := _another(kind, probe, place)):
        return setting
    return tr("a proxy that reaches it: `network: {proxy: http://HOST:PORT}` in hosts.yml, then `gpustrap up`")


def _another(kind: Kind, probe: Probe, place: Place) -> str:
    """The first mirror of the catalog, of another host than the one that fails; upstream where a mirror fails."""
    key = kind.replace("-", "_")
    distro = place.distro if kind == "apt" else None
    rows = [row for row in mirrors_of(kind, "cn") if row.distro == distro]
    mirrored = [row for row in rows if urlsplit(row.url).hostname == probe.name]
    if mirrored and place.region != "cn":
        return tr("`mirrors: {{{key}: {name}}}` in hosts.yml, then `gpustrap up`", key=key, name="upstream")
    others = [row for row in rows if urlsplit(row.url).hostname not in (probe.name, probe.end)]
    if not others:
        return ""
    if kind == "torch":
        url, form = others[0].url, "find-links" if others[0].form == "flat" else "index"
        setting = f"torch: {{wheel_mirrors: [{{kind: {form}, url: '{url}'}}]}}"
        return tr("`{setting}` in hosts.yml, then `gpustrap up`", setting=setting)
    return tr("`mirrors: {{{key}: {name}}}` in hosts.yml, then `gpustrap up`", key=key, name=others[0].name)


def _accelerated(probe: Probe, place: Place) -> str:
    found = place.provider.accelerator if place.provider else None
    if found is None or not any(f".{probe.name}".endswith(f".{host.lstrip('.')}") for host in found.hosts):
        return ""
    assert place.provider is not None
    title = place.provider.title
    return tr("{title}'s own proxy: `network: {{proxy: provider}}` in hosts.yml, then `gpustrap up`", title=title)


def _proxy(probe: Probe, seen: Seen, _place: Place) -> str:
    name = next((name for name, _ in seen.proxies), "http_proxy")
    return tr(
        "`network: {{proxy: http://HOST:PORT}}` with one that works; `network: {{no_proxy: [{host}]}}` goes past it; "
        "or take {name} away on the box",
        name=name,
        host=probe.name,
    )


def _dns(probe: Probe, seen: Seen, place: Place) -> str:
    """Another DNS server; but where this one finds other hosts, it may also know the provider's own, and stays."""
    if any(one.names and one.host != probe.host for one in seen.probes):
        return elsewhere(probe, seen, place)
    server = "223.5.5.5" if place.region == "cn" else "1.1.1.1"
    return tr(
        "on the box: `echo nameserver {server} >/etc/resolv.conf`; `getent hosts NAME` shows what it answers",
        server=server,
    )


def _mtu(_probe: Probe, _seen: Seen, _place: Place) -> str:
    return tr("on the box: `ip link set dev eth0 mtu 1280`; where it may not, a proxy: `network: {proxy: laptop}`")


def _clock(_probe: Probe, _seen: Seen, _place: Place) -> str:
    return tr("`gpustrap ssh NAME -- date -u -s @$(date +%s)`; where it may not, only the provider can")


def _ca(_probe: Probe, _seen: Seen, _place: Place) -> str:
    return tr("on the box: `apt-get install -y ca-certificates`; of apt's own sources the http:// form needs none")


def _later(probe: Probe, seen: Seen, place: Place) -> str:
    return tr("wait some minutes, or {other}", other=elsewhere(probe, seen, place))


MENDS: Mapping[str, Mend] = {
    "proxy_dead": _proxy,
    "proxy_refuses": _proxy,
    "proxy_cuts": _proxy,
    "dns_fails": _dns,
    "dns_lies": _dns,
    "mtu": _mtu,
    "clock": _clock,
    "ca_missing": _ca,
    "http_429": _later,
}
