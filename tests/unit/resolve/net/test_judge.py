from __future__ import annotations

from gpustrap.resolve.net.judge import Verdict, verdicts
from gpustrap.resolve.net.mends import Place
from gpustrap.resolve.net.probe import Probe
from gpustrap.resolve.net.seen import Room, Seen

HF = Probe("hf", "huggingface.co", 28, total=5.0, names=("1.2.3.4",))
NPM = Probe("npm", "npm.lan", address="1.2.3.4", total=0.05, first=0.01, status=200, body='{"name":"left-pad"}')
APT = Probe("apt.1", "deb.lan", 6)


def test_the_box_comes_first_then_the_services_as_up_needs_them():
    seen = Seen((HF, NPM, APT), "curl", silent=("apt",), disks=(Room("/", 2**25, 0),))
    found = verdicts(seen, Place("cn"))
    assert [(one.subject, one.cause) for one in found] == [
        ("box", "disk_full"),
        ("apt", "no_source"),
        ("apt.1", "dns_fails"),
        ("npm", "works"),
        ("hf", "black_hole"),
    ]


def test_a_verdict_names_host_cause_and_mend():
    (told,) = verdicts(Seen((HF,), "curl"), Place("cn"))
    assert told == Verdict(
        "hf",
        "Hugging Face",
        "huggingface.co",
        "blocked",
        "black_hole",
        "packets to 1.2.3.4 vanish: no connection within 5 s, as behind a firewall that drops them",
        "`mirrors: {hf: hf-mirror}` in hosts.yml, then `gpustrap up`",
        5.0,
    )


def test_of_conda_each_channel_is_named():
    told = verdicts(
        Seen((Probe("conda.pytorch", "conda.lan", 6), Probe("conda.main", "conda.lan", 6)), "curl"), Place()
    )
    assert [one.title for one in told] == ["conda's channel main", "conda's channel pytorch"]


def test_where_nothing_can_ask_nothing_is_blamed_on_the_net():
    assert [one.cause for one in verdicts(Seen((HF,), "none"), Place())] == ["no_client"]
