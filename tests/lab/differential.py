"""The same damage to two boxes, one mended by `up` and one by `up --no-replay`: the same is changed, said and left.

The short form runs with the other tests (up/test_differential.py). The long one, which also kills runs and cuts
their connections: `python tests/lab/differential.py --states 300 --seed 1`, a line a state, exit status 1 for a difference.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gpustrap.lab import targets
from gpustrap.lab.owner import owner_mark
from gpustrap.lab.targets import LabTarget

PACKAGE = "gpustrap-differential"
# Every kind of operation. Nothing of it is fetched: the one package that may be missing comes from a folder of the box.
SETTINGS: dict[str, Any] = {
    "roles": ["network", "mirrors", "base", "services"],
    "network": {"proxy": "http://proxy.invalid:3128"},
    "mirrors": {
        "pypi": "http://mirror.invalid/simple",
        "conda": "http://mirror.invalid/anaconda",
        "npm": "http://mirror.invalid/npm",
        "hf": "http://mirror.invalid/hf",
        "git": "http://mirror.invalid/https://github.com/",
    },
    "base": {"extra": [PACKAGE]},
    "services": {
        "web": {"preset": "hello", "ready_seconds": 5},
        "job": {"command": "exec sleep 6000", "env": {"A": "it's"}},
    },
}
# One name for both boxes, since a proxy's exceptions hold it; a package in a folder, and apt's list of it.
PREPARE = f"""
set -e
printf '#!/bin/sh\\n/usr/bin/uname "$@" | sed "s/$(/usr/bin/uname -n)/box/"\\n' >/usr/local/bin/uname
chmod 755 /usr/local/bin/uname
mkdir -p /srv/debs/build/DEBIAN
cd /srv/debs
printf 'Package: {PACKAGE}\\nVersion: 1\\nArchitecture: all\\nMaintainer: nobody\\nDescription: none\\n' >build/DEBIAN/control
dpkg-deb -b build one.deb >/dev/null
{{ cat build/DEBIAN/control; echo "Filename: ./one.deb"; echo "Size: $(stat -c %s one.deb)"
  echo "SHA256: $(sha256sum <one.deb | cut -d ' ' -f 1)"; }} >Packages
echo 'deb [trusted=yes] file:/srv/debs ./' >/etc/apt/sources.list.d/local.list
apt-get -q update -o Dir::Etc::sourcelist=/etc/apt/sources.list.d/local.list -o Dir::Etc::sourceparts=- >/dev/null
"""
# The paths that are ours, the whole of what stands there, the sessions and what they were started with, the packages.
PATHS = """{
  cd /var/lib/gpustrap && find kept/absent kept/original -type f | cut -d / -f 3-
  find blocks -type f | cut -d / -f 2- | sed 's/[.][a-z]*$//'
  find /etc/gpustrap -type f ! -name state ! -name state.new ! -name refused ! -name log-start ! -name "log-lost*" | cut -c 2-
} 2>/dev/null | sort -u"""
STATE = f"""
cd /; {PATHS} >/tmp/paths; cd /
while read -r path; do
  stat -c '%n %F %a %U %N' "$path" 2>&1; [ -f "$path" ] && sha256sum <"$path"
done </tmp/paths
cd /var/lib/gpustrap && find . -type f ! -path './in.*' ! -name 'lock*' ! -name owner ! -name boot.done ! -name closed ! -path '*/failed/log' -exec sha256sum {{}} + | sort
for one in web job; do tmux -L gpustrap show-options -qv -t "=$one:" @identity; done 2>&1
dpkg-query -W -f '${{Package}} ${{db:Status-Status}}\\n' {PACKAGE} 2>&1
true
"""
KNOWN = f"cd /; {PATHS} >/srv/paths"
# What no run can mend, and what it refuses: a stranger on the port, a folder where a file has to stand, a person's file with
# a mistake. Without these files the next run makes all of them anew.
MENDED = """
pkill -f 'http.server 8080'
cd / && xargs -d '\\n' rm -rf </srv/paths
"""
WITH_FILES: dict[str, str] = {
    "removed": "rm -rf {path}",
    "edited": "echo '# by hand' >>{path}",
    "emptied": "true >{path}",  # `:` would end the shell where a folder stands there
    "mode": "chmod 600 {path}",
    "owner": "chown nobody {path}",
    "link": "[ -L {path} ] || {{ mv {path} {path}.real && ln -s {path}.real {path}; }}",  # one of a link would be a circle
    "dangling link": "rm -f {path}; ln -s {path}.nowhere {path}",
    "no end": "sed -i '/gpustrap .* end/d' {path}",
    "no begin": "sed -i '/gpustrap .* begin/d' {path}",
    "newline": "printf 'x = \"no newline\"' >>{path}",
}
FOLDER = "rm -rf {path}; mkdir {path}"
ELSE: dict[str, str] = {
    "all sessions": "tmux -L gpustrap kill-server",
    "a session": "tmux -L gpustrap kill-session -t =web",
    "a process": "pkill -f 'sleep 6000'",
    "held": "pkill -STOP -f 'sleep 6000'",
    "package": f"dpkg -r {PACKAGE} >/dev/null",
    "left over": "mkdir -p /etc/gpustrap/services/gone; echo x >/etc/gpustrap/services/gone/run",
    "records": "rm -rf /var/lib/gpustrap/blocks",
}
TAKEN = "tmux -L gpustrap kill-server; python3 -m http.server 8080 >/dev/null 2>&1 & sleep 1"


@dataclass(frozen=True)
class Damage:
    """What is done to a box, in words and as a script. `mends`: a run can mend it."""

    words: tuple[str, ...]
    script: str
    mends: bool


def damage(chance: random.Random, paths: Sequence[str], *, mends: bool = False) -> Damage:
    """One to five things at random, now and then one that no run can mend."""
    words, lines = [], []
    for _ in range(chance.randint(1, 5)):
        if chance.random() < 0.7:
            kind, path = chance.choice([*WITH_FILES]), chance.choice(paths)
            words.append(f"{kind} {path}")
            lines.append(WITH_FILES[kind].format(path=shlex.quote(f"/{path}")))
        else:
            kind = chance.choice([*ELSE])
            words.append(kind)
            lines.append(ELSE[kind])
    if not mends and (hard := chance.random()) < 0.3:
        path = chance.choice(paths)
        words.append(f"folder {path}" if hard < 0.2 else "port taken")
        lines.append(FOLDER.format(path=shlex.quote(f"/{path}")) if hard < 0.2 else TAKEN)
    else:
        mends = True
    return Damage(tuple(words), "".join(f"{{ {line}\n}} 2>/dev/null\n" for line in lines) + "true\n", mends)


class Side:
    """One box, and the project that looks after it in one way."""

    def __init__(self, box: LabTarget, folder: Path, how: Sequence[str]):
        self.box, self._folder, self._how = box, folder, tuple(how)
        (folder / "inventory").mkdir(parents=True)
        self.lead_to(box.ssh_port)
        self.ssh(PREPARE)

    def lead_to(self, port: int) -> None:
        """Reach the box by this port."""
        one = {"ssh": f"ssh -p {port} -i {self.box.key} root@{self.box.ssh_host}", **SETTINGS}
        project = {"defaults": {"region": "global"}, "instances": {"it": one}}
        (self._folder / "inventory/hosts.yml").write_text(json.dumps(project))

    def ssh(self, script: str) -> str:
        done = subprocess.run(
            [*self.box.ssh_command, "sh -s"], input=script, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
        return done.stdout

    def begun(self, *more: str) -> subprocess.Popen[str]:
        """`up`, at work."""
        return subprocess.Popen(
            [sys.executable, "-m", "gpustrap", "up", "-y", "--json", *self._how, *more],
            cwd=self._folder,
            env={**os.environ, "GPUSTRAP_HOME": str(self._folder / "home"), "NO_COLOR": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def ran(self, run: subprocess.Popen[str]) -> dict[str, Any]:
        """What it changed and how it failed: all that may not differ."""
        out, err = run.communicate(timeout=300)
        assert out, err
        report = json.loads(out)["instances"]["it"]
        failed = report["failed"] and {key: _timeless(str(its)) for key, its in report["failed"].items()}
        return {
            "code": run.returncode,
            "changed": report["changed"],
            "unchanged": report["unchanged"],
            "failed": failed,
        }

    def up(self) -> dict[str, Any]:
        return self.ran(self.begun())


def _timeless(said: str) -> str:
    """Without numbers, and a line that a log repeats once: how often a service was asked depends on the time."""
    return re.sub(r"(\n[^\n]*)\1+", r"\1", re.sub(r"\d+", "N", said))


def paths_of(side: Side) -> list[str]:
    return [path for path in side.ssh(f"cd /; {PATHS}").split("\n") if path]


def compare(sides: Sequence[Side], done: Damage) -> list[str]:
    """Where the two ways differ after a damage; nothing where they do not."""
    for side in sides:
        side.ssh(done.script)
    ran = [side.ran(run) for side, run in [(side, side.begun()) for side in sides]]
    left = [side.ssh(STATE) for side in sides]
    if any(one["code"] for one in ran):
        for side in sides:
            side.ssh(MENDED)
            assert (mended := side.up())["code"] == 0, mended  # else the next states would all be alike
    found = [f"{key}: {ran[0][key]} / {ran[1][key]}" for key in ran[0] if ran[0][key] != ran[1][key]]
    lines = set(left[0].splitlines()) ^ set(left[1].splitlines())
    return found + [f"left: {line}" for line in sorted(lines)]


def interrupted(side: Side, chance: random.Random, done: Damage) -> list[str]:
    """A run that is killed, or whose connection is cut, at any moment: the next one converges, and then nothing is changed."""
    side.ssh(done.script)
    run = side.begun()
    time.sleep(chance.uniform(0.3, 3))
    if chance.random() < 0.5:
        run.send_signal(signal.SIGKILL)
    else:  # the box's end of the connection goes
        cut(side)
    run.communicate(timeout=120)
    first, second = side.up(), side.up()
    if first["code"] or second["code"] or second["changed"]:
        return [f"after an end in the middle: {first}, then {second}"]
    return []


def cut(side: Side) -> None:
    """End every other connection to the box at the box's own end."""
    subprocess.run(
        [
            *side.box.ssh_command,
            "ps -eo pid,args | awk -v me=$PPID '/sshd[^ ]*: root/ && $1 != me { print $1 }' | xargs -r kill -9",
        ]
    )


@contextmanager
def two_boxes(make: Callable[[], LabTarget], folder: Path) -> Iterator[tuple[Side, Side]]:
    sides = (Side(make(), folder / "ahead/shop", ()), Side(make(), folder / "alone/shop", ("--no-replay",)))
    for side in sides:
        ran = side.up()
        assert ran["code"] == 0, ran
        side.ssh(KNOWN)
    yield sides


def differing(sides: Sequence[Side], states: int, seed: int, says: Callable[[str], None]) -> int:
    """How many of so many states end differently."""
    chance, bad = random.Random(seed), 0
    paths = paths_of(sides[0])
    for at in range(states):
        done = damage(chance, paths)
        found = compare(sides, done)
        bad += bool(found)
        says("\n  ".join([f"{'DIFFERS' if found else 'same'} {at}: {', '.join(done.words)}", *found]))
    return bad


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--states", type=int, default=300)
    parser.add_argument("--ends", type=int, default=40, help="runs that are killed or cut")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    made: list[str] = []

    def make() -> LabTarget:
        made.append(f"differ-{os.getpid()}-{len(made)}")
        return targets.up(made[-1], "debian-12", print, owner=owner_mark())

    def say(line: str) -> None:
        print(line, flush=True)

    try:
        with tempfile.TemporaryDirectory() as folder, two_boxes(make, Path(folder)) as sides:
            bad = differing(sides, arguments.states, arguments.seed, say)
            chance = random.Random(arguments.seed)
            for at in range(arguments.ends):
                done = damage(chance, paths_of(sides[0]), mends=True)
                found = interrupted(sides[0], chance, done)
                bad += bool(found)
                say("\n  ".join([f"{'BROKEN' if found else 'mended'} {at}: {', '.join(done.words)}", *found]))
    finally:
        for name in made:
            targets.down(name)
    say(f"{arguments.states} states, {arguments.ends} ends in the middle: {bad} wrong")
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
