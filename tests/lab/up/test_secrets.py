"""A canary in every secret field is found nowhere it could be read: not in any output, not on either side."""

from __future__ import annotations

import json
import secrets
import subprocess
from urllib.error import HTTPError

import pytest

pytestmark = pytest.mark.one_release

# One a process: the tests that search for it have it in their own command lines, which those beside them see.
CANARY = f"c4n4ry-{secrets.token_hex(4)}"


@pytest.fixture
def canaries(project, box, tmp_path):
    """A project with a secret of each form in each place that takes one."""
    token = tmp_path / "token"
    token.touch(mode=0o600)
    token.write_text(f"{CANARY}-file\n")
    project.write(
        {
            box.name: {
                "lab": box.release,
                "roles": ["network", "services"],
                "network": {"proxy": {"env": "CANARY_PROXY"}},
                "services": {
                    "web": {
                        "preset": "hello",
                        "env": {
                            "FROM_ENV": {"env": "CANARY_TOKEN"},
                            "FROM_FILE": {"file": str(token)},
                            "FROM_COMMAND": {"command": ["sh", "-c", "printf %s-command $CANARY_TOKEN"]},
                        },
                    }
                },
            },
        }
    )
    return project


ENV = {"CANARY_PROXY": f"http://user:{CANARY}-proxy@proxy.invalid:3128", "CANARY_TOKEN": CANARY}


def run_watched(project, box, *words):
    """Run gpustrap and look at all command lines, here and on the box, again and again while it runs."""
    watched = []
    with subprocess.Popen(
        project.command(*words),
        cwd=project.folder,
        env=project.environment(**ENV),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        while process.poll() is None:
            watched.append(subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout)
        stdout, stderr = process.communicate()
    return process.returncode, stdout, stderr, "\n".join(watched)


@pytest.mark.parametrize("verb", ["up", "plan", "verify"])
def test_no_output_and_no_command_line_holds_a_secret(canaries, box, verb):
    words = [verb, *(["-y"] if verb == "up" else []), "--json"]
    code, stdout, stderr, commands = run_watched(canaries, box, "--debug", *words)

    assert code == (3 if verb == "plan" else 1 if verb == "verify" else 0), stderr
    assert "gpustrap" in commands  # the watcher saw something
    for text in (stdout, stderr, commands):
        assert CANARY not in text


def test_the_secrets_arrive_and_only_root_can_read_them(canaries, box, ssh):
    ran = canaries.run("up", "-y", env=ENV)
    assert ran.code == 0, ran.stderr

    seen = ssh(box, "tr '\\0' '\\n' </proc/$(pgrep -f 'python3 hello.py' | head -n 1)/environ")
    for line in (f"FROM_ENV={CANARY}", f"FROM_FILE={CANARY}-file", f"FROM_COMMAND={CANARY}-command"):
        assert line in seen.splitlines()
    holding = ssh(
        box, f"grep -rlF {CANARY} / --exclude-dir=proc --exclude-dir=sys 2>/dev/null | xargs stat -c '%a %n'"
    ).splitlines()
    assert len(holding) >= 4
    assert [line for line in holding if not line.startswith("600 ")] == []
    assert CANARY not in ssh(
        box, "ps -eo args | grep -v grep; tmux -L gpustrap show-options -g; cat /var/log/gpustrap/*"
    )


def test_nothing_on_the_laptop_keeps_a_secret(canaries, box):
    ran = canaries.run("up", "-y", env=ENV)
    assert ran.code == 0, ran.stderr
    canaries.run("up", "-y", env=ENV)

    kept = [path for path in canaries.home.rglob("*") if path.is_file()]
    assert kept, "nothing was kept at all"
    for path in kept:
        assert CANARY.encode() not in path.read_bytes(), path
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_missing_secret_is_bad_input_before_anything_is_touched(canaries, box, ssh):
    ran = canaries.run("up", "-y", "--json", env={"CANARY_TOKEN": CANARY})

    (fault,) = json.loads(ran.stdout)["error"]
    assert (ran.code, fault["message"]) == (2, "environment variable CANARY_PROXY is not set")
    assert ran.stderr.startswith("inventory/hosts.yml:") and fault["key"].endswith(".network.proxy")
    assert ran.stderr.endswith("environment variable CANARY_PROXY is not set\nhint: export CANARY_PROXY=…\n")
    assert ssh(box, "ls /var/lib/gpustrap 2>/dev/null || true") == ""


def test_a_service_that_serves_the_folder_it_runs_in_serves_no_secret(project, box, get):
    service = {"command": "exec python3 -m http.server {port}", "port": 8080, "env": {"TOKEN": {"env": "CANARY_TOKEN"}}}
    project.write({box.name: {"lab": box.release, "roles": ["services"], "services": {"web": service}}})
    ran = project.run("up", "-y", env=ENV)
    assert ran.code == 0, ran.stderr

    assert "<li>" not in get(box.url)
    for path in ("env", "../env", "%2e%2e/env"):
        with pytest.raises(HTTPError, match="404"):
            get(f"{box.url}/{path}")
