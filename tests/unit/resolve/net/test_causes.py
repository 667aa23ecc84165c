"""Every probe has one cause, in one sentence; what is not named by a fault is not blamed on it."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpustrap.catalog.mirrors import load_mirrors
from gpustrap.resolve.net.causes import CAUSES, cause_of, sentence
from gpustrap.resolve.net.probe import Probe
from gpustrap.resolve.net.seen import Seen

SEEN = Seen(
    asker="curl", ca="/etc/ssl/certs/ca-certificates.crt", clock=1_800_000_000, clock_behind=0.4,
    upstreams=("index.lan",),
)  # fmt: skip
APT = replace(SEEN, archives=("changes.dist.lan",))
MIRROR = f"{urlsplit(load_mirrors()[0].url).hostname}:443"
INDEX = '<a href="six-1.17.0.tar.gz">'
GOOD = Probe(
    "pip", "index.lan", address="198.51.99.7", dns=0.01, connect=0.02, tls=0.05, first=0.1, total=0.2, status=200,
    size=40_000, bytes_per_second=2_000_000, names=("8.8.8.8",), body=INDEX,
)  # fmt: skip
FAILED = replace(GOOD, status=0, address="-", connect=0.0, tls=0.0, first=0.0, size=0, body="")
PROXIED = replace(SEEN, proxies=(("https_proxy", "http://10.0.0.9:3128"),), no_proxy="localhost,.lan2")
RELEASE = "Origin: Debian\nDate: Sat, 01 Jan 2022 10:00:00 UTC\nValid-Until: {}\n"
OLD, NEW = "Sat, 08 Jan 2022 10:00:00 UTC", "Sat, 08 Jan 2099 10:00:00 UTC"


@pytest.mark.parametrize(
    ("probe", "seen", "word"),
    [
        (GOOD, SEEN, "works"),
        (replace(GOOD, code=23), SEEN, "works"),
        (replace(GOOD, names=("10.0.0.3",)), SEEN, "works"),
        (replace(FAILED, code=6, names=()), SEEN, "dns_fails"),
        (replace(FAILED, code=28, names=()), SEEN, "dns_fails"),
        (replace(FAILED, code=28, names=("0.0.0.0",)), SEEN, "dns_lies"),
        (replace(FAILED, code=7, names=("127.0.0.1", "::1")), SEEN, "dns_lies"),
        (replace(FAILED, code=28, host=MIRROR, names=("100.64.0.3",)), SEEN, "dns_lies"),
        (replace(FAILED, code=28, host="huggingface.co", names=("10.0.0.3",)), SEEN, "dns_lies"),
        (replace(FAILED, code=7, host="archive.dist.lan:80", names=("10.0.0.3",)), APT, "dns_lies"),
        (replace(FAILED, code=7, host="archive.other.lan:80", names=("10.0.0.3",)), APT, "tcp_refused"),
        # A mirror of a company's or a provider's net has an address of that net.
        (replace(FAILED, code=7, host="pip.corp", names=("10.0.0.3",)), SEEN, "tcp_refused"),
        (replace(FAILED, code=7, host="pip.corp:3141", names=("127.0.0.1",)), SEEN, "tcp_refused"),
        (replace(FAILED, code=28, host="pip.corp", names=("100.64.0.3",)), SEEN, "black_hole"),
        (replace(FAILED, code=28, host="pip.corp", address="192.168.0.3", tls=0.1), SEEN, "no_answer"),
        (replace(FAILED, code=28, host="pip.corp", names=()), SEEN, "dns_fails"),
        (replace(FAILED, code=7, names=("127.0.0.1", "9.9.9.9")), SEEN, "tcp_refused"),
        (replace(FAILED, code=7, host="10.0.0.3:81", names=("10.0.0.3",)), SEEN, "tcp_refused"),
        # An address in the place of a name is asked of no resolver, whoever names it.
        (
            replace(FAILED, code=7, host="10.0.0.3:81", names=("10.0.0.3",)),
            replace(SEEN, upstreams=("10.0.0.3",)),
            "tcp_refused",
        ),
        (replace(FAILED, code=7, error="Network is unreachable"), SEEN, "unreachable"),
        (replace(FAILED, code=28), SEEN, "black_hole"),
        (replace(FAILED, code=28, address="1.2.3.4"), SEEN, "tls_silent"),
        (replace(FAILED, code=28, address="1.2.3.4", small=True), SEEN, "mtu"),
        (replace(FAILED, code=28, address="1.2.3.4", tls=0.1), SEEN, "no_answer"),
        (replace(FAILED, code=35, error="OpenSSL SSL_connect: Connection reset by peer"), SEEN, "tls_reset"),
        (replace(FAILED, code=35, error="wrong version number"), SEEN, "tls_fails"),
        (replace(FAILED, code=60, verify=20), replace(SEEN, ca=""), "ca_missing"),
        (replace(FAILED, code=77), SEEN, "ca_missing"),
        (replace(FAILED, code=60, verify=20), SEEN, "certificate_untrusted"),
        (replace(FAILED, code=60, verify=9), replace(SEEN, clock_behind=3 * 86400.0), "clock"),
        (replace(FAILED, code=60, verify=10), SEEN, "certificate_date"),
        (replace(FAILED, code=60, error="no alternative certificate subject name matches"), SEEN, "certificate_name"),
        (replace(FAILED, code=5), PROXIED, "proxy_dead"),
        (replace(FAILED, code=7, names=("127.0.0.1",)), PROXIED, "proxy_dead"),
        (replace(FAILED, code=7, host="x.lan2"), PROXIED, "tcp_refused"),
        (replace(FAILED, code=56, proxy_status=407), PROXIED, "proxy_refuses"),
        (replace(GOOD, status=403, browser=200), SEEN, "http_403_agent"),
        (replace(GOOD, status=403, browser=403), SEEN, "http_403"),
        (replace(GOOD, status=429), SEEN, "http_429"),
        (replace(GOOD, status=404), SEEN, "http_404"),
        (replace(GOOD, status=503), SEEN, "http_5xx"),
        (replace(GOOD, status=451), SEEN, "http_status"),
        (replace(GOOD, body="<html>Log in</html>"), SEEN, "error_page"),
        (replace(GOOD, code=18), SEEN, "truncated"),
        (replace(GOOD, code=18), PROXIED, "proxy_cuts"),
        (replace(GOOD, code=28), SEEN, "slow_body"),
        (replace(FAILED, code=52), SEEN, "reset"),
        (replace(FAILED, code=47), SEEN, "redirects"),
        (replace(FAILED, code=2), SEEN, "other"),
        (replace(GOOD, first=4.0), SEEN, "slow"),
        (replace(GOOD, bytes_per_second=20_000), SEEN, "slow"),
        (replace(GOOD, bytes_per_second=20_000, size=900), SEEN, "works"),
        (replace(GOOD, service="apt.1", body=RELEASE.format(OLD)), SEEN, "stale"),
        (replace(GOOD, service="apt.2", body=RELEASE.format(NEW)), SEEN, "works"),
        (replace(GOOD, service="apt.2", body=RELEASE.format("some day")), SEEN, "works"),
        (replace(GOOD, service="python-build", body="\ufffd\ufffd x"), SEEN, "works"),
        (replace(GOOD, service="python-build", body="<html>no</html>"), SEEN, "error_page"),
        (replace(GOOD, service="hf-files", body='\x08{"__metadata__":{'), SEEN, "works"),
    ],
)
def test_a_cause_is_known_by_what_the_probe_shows(probe, seen, word):
    assert cause_of(probe, seen).word == word


WORDS = st.text(max_size=40)
NUMBERS = st.integers(0, 700)
PROBES = st.builds(
    Probe,
    st.sampled_from(["apt.1", "pip", "npm", "conda", "github", "hf", "hf-files", "torch", "python-build", "odd"]),
    WORDS, st.sampled_from([0, 2, 5, 6, 7, 18, 23, 28, 35, 47, 52, 56, 60, 77, 97]), st.sampled_from(["curl", "wget"]),
    st.sampled_from(["http", "https"]), st.sampled_from(["", "-", "1.2.3.4"]),
    *[st.floats(0, 9)] * 5, *[NUMBERS] * 5, WORDS, NUMBERS, st.tuples(st.sampled_from(["10.0.0.1", "9.9.9.9", "x"])),
    WORDS, WORDS, st.booleans(),
)  # fmt: skip


@given(PROBES, st.sampled_from([SEEN, PROXIED, Seen()]))
def test_whatever_a_box_says_has_one_cause_and_one_sentence(probe, seen):
    cause = cause_of(probe, seen)
    said = sentence(cause, probe, seen)
    assert said and "\n" not in said.replace(probe.host, "").replace(probe.error, "")
    assert (cause.state == "works") <= (200 <= probe.status < 300)


def test_every_cause_has_a_word_of_its_own():
    words = [cause.word for cause in CAUSES]
    assert len(set(words)) == len(words)
