"""Why a service cannot be used from a box: a table of causes, the first that fits counts. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from gpustrap.language import mark, tr
from gpustrap.resolve.net import signs
from gpustrap.resolve.net.probe import Probe
from gpustrap.resolve.net.seen import Seen

State = Literal["works", "slow", "blocked"]


@dataclass(frozen=True)
class Cause:
    """`word` is for programs; `sentence` is for a person and may hold fields of `Probe` and those of `values`."""

    word: str
    sentence: str
    fits: Callable[[Probe, Seen], bool]
    state: State = "blocked"


CAUSES = (
    Cause(
        "proxy_refuses",
        mark("the proxy {proxy} answers {probe.proxy_status} to it"),
        lambda one, _: one.proxy_status >= 300 and not one.answered,
    ),
    Cause("proxy_dead", mark("the proxy {proxy} that this box is told to use does not answer"), signs.proxy_fails),
    Cause("dns_fails", mark("its name cannot be looked up: DNS gives no address"), signs.unnamed),
    Cause(
        "dns_lies",
        mark("DNS lies: it says {names}, which is no address of a public host"),
        lambda one, seen: signs.fails(one) and signs.lies(one, seen),
    ),
    Cause(
        "tcp_refused",
        mark("the connection is refused at {where}"),
        lambda one, _: one.code == 7 and not signs.unreachable(one),
    ),
    Cause("unreachable", mark("there is no route to {where}"), lambda one, _: one.code == 7),
    Cause(
        "black_hole",
        mark("packets to {where} vanish: no connection within {seconds:.0f} s, as behind a firewall that drops them"),
        lambda one, _: one.code == 28 and not one.answered and not one.connected and one.by != "wget",
    ),
    Cause(
        "mtu",
        mark("connected to {where}; small packets pass and large ones vanish: something on the way has a smaller MTU"),
        lambda one, _: one.code == 28 and not one.answered and one.small,
    ),
    Cause(
        "tls_silent",
        mark("connected to {where}, and then TLS got no answer: a firewall that drops it by its name"),
        lambda one, _: one.code == 28 and not one.answered and signs.tls(one),
    ),
    Cause("no_answer", mark("no answer within {seconds:.0f} s"), lambda one, _: one.code == 28 and not one.answered),
    Cause(
        "tls_reset",
        mark("the connection is reset in the middle of TLS's handshake, as a firewall does that reads names"),
        lambda one, _: one.code == 35 and (signs.reset(one) or one.by == "wget"),
    ),
    Cause(
        "clock",
        mark("its certificate is not valid at this box's time: the clock is {skew} this computer's"),
        signs.skewed,
    ),
    Cause("certificate_date", mark("its certificate has expired, or is not valid yet"), signs.dated),
    Cause(
        "certificate_name",
        mark("the certificate is another host's: something answers in its place"),
        lambda one, _: signs.certificate(
            one, "subject name", "doesn't match", "does not match", "Hostname mismatch", "not valid for"
        ),
    ),
    Cause(
        "ca_missing",
        mark("the box trusts no certificate at all: ca-certificates is missing"),
        lambda one, seen: one.code == 77 or (one.code == 60 and not seen.ca),
    ),
    Cause(
        "certificate_untrusted",
        mark(
            "its certificate is signed by nobody this box trusts: something stands between, or ca-certificates is old"
        ),
        lambda one, _: one.code in (51, 60),
    ),
    Cause("tls_fails", mark("TLS's handshake fails: {error}"), lambda one, _: one.code == 35),
    Cause(
        "http_403_agent",
        mark("it answers 403 to the client's own User-Agent, and {probe.browser} to a browser's"),
        lambda one, _: one.status == 403 and 0 < one.browser < 400,
    ),
    Cause(
        "http_403",
        mark("it answers 403: this address, or what is asked for, is refused"),
        lambda one, _: one.status == 403,
    ),
    Cause(
        "http_429",
        mark("it answers 429: too many requests from this address, try later"),
        lambda one, _: one.status == 429,
    ),
    Cause(
        "http_404",
        mark("it answers {probe.status}: it does not have what the client asks for"),
        lambda one, _: one.status in (404, 410),
    ),
    Cause(
        "http_5xx", mark("it answers {probe.status}: the server itself is in trouble"), lambda one, _: one.status >= 500
    ),
    Cause("http_status", mark("it answers {probe.status}"), lambda one, _: one.status >= 300),
    Cause(
        "error_page",
        mark("it answers 200 with a page that is not what was asked for: a login or error page in its place"),
        lambda one, _: (
            200 <= one.status < 300 and not signs.right(one) and (one.code in (0, 23) or one.size > signs.ENOUGH_BYTES)
        ),
    ),
    Cause("stale", mark("its index is stale: it was valid until a day that is past, so apt refuses it"), signs.stale),
    Cause(
        "slow_body",
        mark("its headers come at once, its files do not: {rate:.0f} kB/s"),
        lambda one, _: one.code == 28 and one.answered,
    ),
    Cause(
        "proxy_cuts",
        mark("the proxy {proxy} breaks off in the middle of a file"),
        lambda one, seen: one.code in (18, 56) and one.answered and signs.proxy_of(one, seen) is not None,
    ),
    Cause(
        "truncated", mark("it breaks off in the middle of a file"), lambda one, _: one.code in (18, 56) and one.answered
    ),
    Cause("reset", mark("the connection is cut before an answer comes"), lambda one, _: one.code in (52, 56)),
    Cause("redirects", mark("it redirects without end"), lambda one, _: one.code == 47),
    Cause("other", mark("it cannot be asked: {error}"), lambda one, _: signs.fails(one) or one.status < 200),
    Cause("slow", mark("it is slow: the first answer after {probe.first:.1f} s, {rate:.0f} kB/s"), signs.slow, "slow"),
    Cause("works", mark("works, {milliseconds:.0f} ms"), lambda _one, _seen: True, "works"),
)


def cause_of(probe: Probe, seen: Seen) -> Cause:
    """The first cause that fits; the last one always does."""
    return next(cause for cause in CAUSES if cause.fits(probe, seen))


def sentence(cause: Cause, probe: Probe, seen: Seen) -> str:
    """One sentence, of values of the box's that are bounded."""
    addresses = [probe.address] if probe.address not in ("", "-") else probe.names[:3]
    return tr(
        cause.sentence,
        probe=probe,
        proxy=signs.proxy_of(probe, seen),
        names=", ".join(probe.names[:3]),
        where=", ".join(addresses) or probe.name,
        seconds=probe.total,
        skew=_skew(seen.clock_behind or 0),
        error=_first_line(probe.error) or probe.code,
        rate=probe.bytes_per_second / 1000,
        milliseconds=probe.total * 1000,
    )


def _first_line(error: str) -> str:
    return re.sub(r"^curl: \(\d+\) ", "", error.strip().partition("\n")[0][:150])


def _skew(behind: float) -> str:
    length = _length(abs(behind))
    return tr("{length} behind", length=length) if behind > 0 else tr("{length} ahead of", length=length)


def _length(seconds: float) -> str:
    if seconds >= 2 * 86400:
        return tr("{days:.0f} days", days=seconds / 86400)
    return tr("{hours:.0f} hours", hours=seconds / 3600)
