"""Each fault of the net's is found by name: the real script, whoever asks on the box, against real servers."""

from __future__ import annotations

import os
import shutil
import subprocess
import time

import pytest

from gpustrap.engine.facts import doctor
from gpustrap.engine.scripts import text_of
from gpustrap.resolve.net.causes import cause_of
from gpustrap.resolve.net.probe import Probe
from gpustrap.resolve.net.seen import Seen

SECONDS = 2


def run(path, faults, trusted, **environment):
    # What is stale is an index of apt's.
    kinds = {name: "apt" if name == "stale" else "pip" for name in faults}
    lines = "".join(f"{kinds[name]}.{name}\t{url}\tpip/25\n" for name, url in faults.items())
    text = f"{text_of('limited')}{doctor.probe(SECONDS)}\nprobes <<'END'\n{lines}END\ncat \"$dir\"/*.line 2>/dev/null\n"
    began = time.monotonic()
    kept = {"PATH": str(path), "SSL_CERT_FILE": str(trusted), "HOME": "/root", **environment}
    done = subprocess.run(["sh"], input=text, env=kept, capture_output=True, text=True, timeout=60)
    seconds = time.monotonic() - began
    assert done.stderr == ""
    seen = doctor.read_seen(done.stdout)
    return {one.service.partition(".")[2]: one for one in seen.probes}, seconds, done.stdout


@pytest.fixture(scope="module", params=["curl", "python3", "wget"])
def probed(request, faults, trusted, only):
    """What a box finds that has one of the programs, and how long it took."""
    if shutil.which(request.param) is None:
        pytest.skip(f"no {request.param} on this machine")
    return request.param, *run(only(request.param), faults, trusted)


# wget tells less: how far it came, and what a status means besides it.
COARSE = {
    "black_hole": "no_answer",
    "tls_silent": "no_answer",
    "certificate_date": "certificate_untrusted",
    "works-tls": "certificate_untrusted",
}


def test_each_fault_is_found_by_its_name(probed, faults):
    by, probes, _, _ = probed
    trust = Seen(ca="/etc/ssl/certs/ca-certificates.crt", clock=int(time.time()), upstreams=("localhost",))
    found = {name: cause_of(probe, trust).word for name, probe in probes.items()}
    wanted = {name: name.partition("-")[0] for name in faults}
    if by != "curl":
        wanted |= {"http_403_agent": "http_403"}
    if by != "python3":  # which a box has that is asked in small packets
        wanted |= {"mtu": "no_answer"}
    if by == "wget":
        wanted = {name: word for name, word in wanted.items() if name not in COARSE}
        found = {name: word for name, word in found.items() if name in wanted}
    assert found == wanted


def test_all_are_asked_at_the_same_time(probed):
    _, probes, seconds, _ = probed
    silent = [probe for probe in probes.values() if probe.code == 28]
    assert len(silent) > 4
    assert seconds < len(silent) * SECONDS, "the time that one after the other would take"


def test_nothing_of_a_redirects_address_is_told_but_the_host(probed):
    _, probes, _, said = probed
    assert "s3cret" not in said
    assert probes["tcp_refused-redirected"].end.startswith("127.0.0.1")


def test_a_body_without_end_is_cut(probed):
    _, probes, _, _ = probed
    assert len(probes["works-large"].body) <= 4096


def test_nothing_is_left_on_the_box(faults, trusted, tmp_path):
    _, _, said = run(os.environ["PATH"], {"works": faults["works"]}, trusted, TMPDIR=str(tmp_path))
    assert "probe" in said
    assert list(tmp_path.iterdir()) == []


def test_thirty_places_twenty_of_which_are_black_holes_take_no_longer_than_one(faults, trusted):
    many = {f"works-{at}": faults["works"] for at in range(10)} | {
        f"black_hole-{at}": faults["black_hole"] for at in range(20)
    }
    probes, seconds, _ = run(os.environ["PATH"], many, trusted)
    found = {name: cause_of(probe, Seen()).word for name, probe in probes.items()}
    assert found == {name: name.partition("-")[0] for name in many}
    assert seconds < 10 * SECONDS, "half of the time that one after the other would take"


def test_what_passes_in_small_packets_only_is_told_from_what_is_silent(faults, trusted):
    probes, *_ = run(os.environ["PATH"], {name: faults[name] for name in ("mtu", "no_answer", "tls_silent")}, trusted)
    assert {name: cause_of(probe, Seen()).word for name, probe in probes.items()} == {name: name for name in probes}


@pytest.mark.parametrize(("fault", "word"), [("truncated", "proxy_cuts"), ("tcp_refused", "proxy_dead")])
def test_a_proxy_that_dies_is_told_from_the_host_behind_it(faults, trusted, fault, word):
    proxy = faults[fault].removesuffix("/pip/")
    probes, *_ = run(os.environ["PATH"], {"far": "http://far.example/pip/"}, trusted, http_proxy=proxy)
    assert cause_of(probes["far"], Seen(proxies=(("http_proxy", proxy),))).word == word


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", 'http://a"\nurl = "file:///etc/passwd', "http://a b/", "-o /etc/x", "http://$(id)/"]
)
def test_what_is_no_plain_url_is_not_asked(url, trusted):
    probes, _, said = run(os.environ["PATH"], {"odd": url}, trusted)
    assert probes == {} or isinstance(probes["odd"], Probe)
    assert "root:" not in said
