"""`pip install .` into an empty environment gives a gpustrap that works in an empty directory."""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from gpustrap.lab import targets


def run(*words, cwd=None, **environment):
    done = subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=600,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, f"{words}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture
def owned_name(make_box):
    """A lab instance's name that is removed with the test."""
    return make_box().name


def test_an_installed_gpustrap_starts_a_project_and_provisions(installed, owned_name, release, tmp_path):
    run(installed, "init", cwd=tmp_path)
    hosts = tmp_path / "inventory" / "hosts.yml"
    hosts.write_text(hosts.read_text().replace("demo:", f"{owned_name}:").replace("debian-12", release))
    environment = {"GPUSTRAP_HOME": str(tmp_path / "home")}

    run(installed, "up", "-y", cwd=tmp_path, **environment)

    assert run(installed, "plan", cwd=tmp_path, **environment) == ""
    url = targets.target(owned_name).url
    assert run("curl", "-fsS", "--noproxy", "*", f"{url}/ping") == "PONG BY 0.0.0.0:8080"


@pytest.mark.one_release
def test_a_projects_own_role_and_template_come_before_the_built_in_ones(installed, owned_name, release, tmp_path, ssh):
    role = tmp_path / "roles" / "motd"
    templates = tmp_path / "templates"
    for folder in (role, templates / "motd", templates / "mirrors", tmp_path / "inventory"):
        folder.mkdir(parents=True)
    (role / "settings.py").write_text(
        "from pydantic import BaseModel\n\n\nclass Settings(BaseModel):\n    text: str = 'hi'\n"
    )
    (role / "tasks.py").write_text(
        "from pyinfra.api import deploy\n\nfrom gpustrap.engine.operations.files import managed\n"
        "from gpustrap.engine.templates import template\n\n\n@deploy('motd')\ndef motd(chosen):\n"
        "    managed(name='message', files=[template('motd/motd.j2', '/etc/motd', text=chosen.text)])\n"
    )
    (role / "verify.py").write_text(
        "def test_the_message_is_there(host, chosen):\n    assert chosen.text in host.check_output('cat /etc/motd')\n"
    )
    (templates / "motd" / "motd.j2").write_text("{{ text }}\n")
    (templates / "mirrors" / "npmrc.j2").write_text("registry={{ registry }}\naudit=false\n")
    (tmp_path / "inventory" / "hosts.yml").write_text(
        f"instances:\n  {owned_name}:\n    lab: {release}\n    roles: [motd, mirrors]\n"
        "    motd: {text: welcome home}\n    mirrors: {npm: 'http://mirror.invalid/npm'}\n"
    )
    environment = {"GPUSTRAP_HOME": str(tmp_path / "home")}

    run(installed, "up", "-y", cwd=tmp_path, **environment)

    box = targets.target(owned_name)
    assert ssh(box, "cat /etc/motd") == "welcome home"
    assert "audit=false" in ssh(box, "cat /root/.npmrc")
    shown = run(installed, "schema", cwd=tmp_path)
    assert '"motd"' in shown and '"services"' in shown


@pytest.mark.one_release
def test_own_resolver_and_own_promises_of_a_built_in_role_are_applied(installed, owned_name, release, tmp_path, ssh):
    files = {
        # A role of one's own that is called like a module of gpustrap, with a resolver.
        "roles/links/settings.py": "from pydantic import BaseModel\n\n\nclass Settings(BaseModel):\n    text: str = 'hi'\n",
        "roles/links/resolve.py": (
            "from types import SimpleNamespace\n\n\ndef choose(settings, survey, context):\n"
            "    return SimpleNamespace(text=f'{settings.text} from {survey.os_id}', reasons=('links is mine',))\n"
        ),
        "roles/links/tasks.py": (
            "from pyinfra.api import deploy\n\nfrom gpustrap.engine.operations.files import managed\n"
            "from gpustrap.engine.templates import template\n\n\n@deploy('links')\ndef links(chosen):\n"
            "    managed(name='message', files=[template('links/motd.j2', '/etc/motd', text=chosen.text)])\n"
        ),
        "templates/links/motd.j2": "{{ text }}\n",
        "roles/base/resolve.py": (
            "from types import SimpleNamespace\n\n\ndef choose(settings, survey, context):\n"
            "    return SimpleNamespace(names=('tmux',), reasons=('only tmux, as I like it',))\n"
        ),
        "roles/base/verify.py": (
            "def test_nothing_but_tmux_is_promised(host, chosen):\n    assert chosen.names == ('tmux',)\n"
            "    assert host.exists('tmux')\n"
        ),
        "inventory/hosts.yml": f"instances:\n  {owned_name}: {{lab: {release}, roles: [links, base]}}\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    environment = {"GPUSTRAP_HOME": str(tmp_path / "home")}

    report = json.loads(run(installed, "up", "-y", "--json", cwd=tmp_path, **environment))["instances"][owned_name]

    assert report["reasons"] == {"links": ["links is mine"], "base": ["only tmux, as I like it"]}
    assert [change["role"] for change in report["changed"]] == ["links"]
    assert ssh(targets.target(owned_name), "cat /etc/motd") == "hi from debian"
    explained = run(installed, "explain", owned_name, "links", cwd=tmp_path, **environment)
    assert explained == f"{owned_name}  links  links is mine\n"
