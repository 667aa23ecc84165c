from __future__ import annotations

import pytest

from gpustrap.errors import BadInput, InstanceFailed
from gpustrap.lab import engine
from gpustrap.lab.engine import Engine, EngineFailed, find_engine

INSTALL = "brew install podman && podman machine init && podman machine start"
DAEMON = "echo 28.2.2"
NO_DAEMON = "echo Cannot connect to the Docker daemon >&2; exit 1"


@pytest.fixture(autouse=True)
def on_a_mac_without_settings(monkeypatch):
    monkeypatch.setattr("platform.system", lambda: "Darwin")
    monkeypatch.delenv("CONTAINERS_CONF", raising=False)
    monkeypatch.delenv("GPUSTRAP_ENGINE", raising=False)


@pytest.mark.parametrize(
    ("there", "wanted", "taken"),
    [
        ({"podman": ""}, None, "podman"),
        ({"podman": "", "docker": DAEMON}, None, "podman"),
        ({"podman": "", "docker": DAEMON}, "docker", "docker"),
        ({"docker": DAEMON}, None, "docker"),
    ],
)
def test_podman_comes_first_unless_another_is_asked_for(programs, monkeypatch, there, wanted, taken):
    programs(only=True, **there)
    if wanted:
        monkeypatch.setenv("GPUSTRAP_ENGINE", wanted)
    assert find_engine().name == taken


@pytest.mark.parametrize(
    ("there", "wanted", "text"),
    [
        ({}, None, "the lab needs a container engine and finds none"),
        ({"docker": NO_DAEMON}, None, "the lab needs a container engine and finds none"),
        ({"podman": ""}, "docker", "docker is not usable here"),
    ],
)
def test_without_an_engine_the_command_that_installs_one_is_named(programs, monkeypatch, there, wanted, text):
    programs(only=True, **there)
    if wanted:
        monkeypatch.setenv("GPUSTRAP_ENGINE", wanted)
    with pytest.raises(InstanceFailed) as failed:
        find_engine()
    assert str(failed.value) == f"{text}\nhint: {INSTALL}"


def test_an_unknown_engine_gets_the_nearest_one(monkeypatch):
    monkeypatch.setenv("GPUSTRAP_ENGINE", "podmann")
    with pytest.raises(BadInput) as refused:
        find_engine()
    assert str(refused.value) == (
        "GPUSTRAP_ENGINE: no container engine 'podmann', expected podman or docker; nearest: 'podman'"
    )


@pytest.mark.parametrize(
    ("there", "conf"),
    [
        ({"podman": "", "runc": ""}, engine.CONTAINERS_CONF + engine.RUNC_CONF),
        ({"podman": ""}, engine.CONTAINERS_CONF),
    ],
)
def test_podman_as_root_gets_a_conf_of_the_labs_own(programs, monkeypatch, lab_home, there, conf):
    programs(only=True, **there)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert find_engine().environment["CONTAINERS_CONF"] == str(lab_home / "containers.conf")
    assert (lab_home / "containers.conf").read_text() == conf


@pytest.mark.parametrize(("uid", "own_conf"), [(1000, None), (0, "/etc/my.conf")])
def test_a_users_own_settings_stay(programs, monkeypatch, uid, own_conf):
    programs(only=True, podman="", runc="")
    monkeypatch.setattr("os.geteuid", lambda: uid)
    if own_conf:
        monkeypatch.setenv("CONTAINERS_CONF", own_conf)
    assert "CONTAINERS_CONF" not in find_engine().environment


@pytest.mark.parametrize(
    ("script", "text"),
    [
        (
            "echo 'time=now level=warning msg=x' >&2; echo 'Error: no space left' >&2; exit 125",
            "podman create: Error: no space left",
        ),
        ("exit 7", "podman create: exit status 7"),
        ("exec sleep 60", "podman create: no answer after 0 s"),
    ],
)
def test_a_refusal_is_the_engines_last_line(programs, tmp_path, script, text):
    programs(podman=script)
    with pytest.raises(EngineFailed) as failed:
        Engine("podman", str(tmp_path / "bin/podman"), {}).run("create", "x", timeout_s=0.2)
    assert str(failed.value) == text


def test_what_goes_away_while_it_is_asked_for_is_left_out(programs, tmp_path):
    programs(
        podman="""
        shift 2
        for name in "$@"; do case $name in
            gone) failed=yes; echo "Error: inspecting object: no such container gone" >&2 ;;
            *) said="${said:+$said, }{\\"Name\\": \\"$name\\"}" ;;
        esac; done
        echo "[$said]"
        exit ${failed:+125}
    """
    )
    asked = Engine("podman", str(tmp_path / "bin/podman"), {})
    assert asked.inspect("container", "here", "gone", "there") == [{"Name": "here"}, {"Name": "there"}]
    assert asked.inspect("container", "gone") == asked.inspect("container") == []


GOES_AWAY = """
if [ -e "$0.asked" ]; then echo 'one two'; exit 0; fi
touch "$0.asked"
echo 'Error: no volume with name one found in database: no such volume' >&2
exit 125
"""


def test_a_listing_during_which_something_goes_away_is_asked_for_again(programs, tmp_path):
    programs(podman=GOES_AWAY)
    asked = Engine("podman", str(tmp_path / "bin/podman"), {})
    assert asked.names("volume", "ls", "-q") == ["one", "two"]


@pytest.mark.parametrize(("error", "asks"), [("no such volume", 5), ("permission denied", 1)])
def test_a_listing_that_always_fails_fails(programs, tmp_path, error, asks):
    programs(podman=f"echo asked >>{tmp_path}/asked; echo 'Error: {error}' >&2; exit 125")
    with pytest.raises(EngineFailed):
        Engine("podman", str(tmp_path / "bin/podman"), {}).names("volume", "ls", "-q")
    assert (tmp_path / "asked").read_text().count("asked") == asks


@pytest.mark.parametrize("hangs", [1, 2])
@pytest.mark.parametrize(
    ("asks", "answer", "said"),
    [
        (lambda podman: podman.inspect("container", "box"), '[{"Name": "box"}]', [{"Name": "box"}]),
        (lambda podman: podman.names("ps", "-aq"), "one", ["one"]),
    ],
    ids=["inspect", "ps"],
)
def test_one_that_hangs_is_asked_once_more(programs, tmp_path, monkeypatch, hangs, asks, answer, said):
    monkeypatch.setattr(engine, "TELLING_SECONDS", 1)
    script = f"echo asked >>{tmp_path}/asked; [ $(wc -l <{tmp_path}/asked) -gt {hangs} ] || exec sleep 60"
    programs(podman=f"""{script}; echo '{answer}'""")
    podman = Engine("podman", str(tmp_path / "bin/podman"), {"PATH": "/usr/bin:/bin"})
    if hangs == 1:
        assert asks(podman) == said
    else:
        with pytest.raises(engine.EngineSilent, match="no answer"):
            asks(podman)
