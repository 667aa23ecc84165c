"""Each flavour does to a newcomer's commands what its recipe says."""

from __future__ import annotations

import os
import pty
import subprocess

import pytest

BY_SSH = {
    "vast": [
        ("echo $VAST_CONTAINERLABEL | grep -c '^C\\.[0-9]*$'; echo $PUBLIC_IPADDR", "1\n127.0.0.1"),
        ("/venv/main/bin/python -c 'import torch; print(torch.__version__)'", "2.7.1+cu128"),
        ("/venv/main/bin/python -m pip list 2>/dev/null | grep -c '^torch '", "1"),
        ("touch ~/.no_auto_tmux; bash -ic 'echo $VIRTUAL_ENV; pwd' 2>/dev/null", "/venv/main\n/workspace"),
    ],
    "runpod": [
        ("tr '\\0' '\\n' </proc/1/environ | grep -c ^RUNPOD_POD_ID=", "1"),
        ("env -i bash --norc -c 'echo ${RUNPOD_POD_ID-unset}; . /etc/rp_environment; echo ${RUNPOD_PUBLIC_IP}'", "unset\n127.0.0.1"),
        ("grep rp_environment .bashrc", "source /etc/rp_environment"),
        ("df --output=source /workspace /data | sort -u | wc -l", "2"),
    ],
    "gpushare": [
        ("hostname | grep -c '^I[0-9a-f]*$'; ls -d /hy-*", "1\n/hy-public\n/hy-tmp"),
        ("bash -ic 'conda activate base; echo $CONDA_DEFAULT_ENV; which python' 2>/dev/null", "base\n/usr/local/miniconda3/bin/python"),
        ("curl -s -o /dev/null -w '%{http_code}' --retry 5 --retry-connrefused 127.0.0.1:8888", "200"),
    ],
    "autodl": [
        ("true", "AutoDL"),
        ("which tmux || echo no tmux", "no tmux"),
        (". /etc/network_turbo >/dev/null; echo $http_proxy", "http://172.20.0.113:12798"),
        ("/root/miniconda3/bin/conda --version", "conda 24.1.2"),
    ],
    "ngc": [
        ("echo $PIP_CONSTRAINT $CUDA_HOME", "/etc/pip/constraint.txt /usr/local/cuda"),
        ("python3 -c 'import torch; print(torch.__version__)'", "2.8.0a0+5228986c39.nv25.6"),
        ("pip install --no-index torch==2.9.1 2>&1 | grep -c 'conflicting dependencies'", "1"),
    ],
    "lambda": [("id -un; sudo -n id -un; touch /etc/x 2>&1 | grep -c denied", "ubuntu\nroot\n1")],
    "featurize": [
        ("id -un; sudo -n id -un; pwd; touch work/mine; stat -c %U work", "featurize\nroot\n/home/featurize\nfeaturize"),
        ("featurize port 2>&1 || true; /environment/miniconda3/bin/conda --version", "featurize: a stand-in, it cannot port\nconda 24.1.2"),
    ],
    "openbayes": [
        ("echo $version | string match -r '^3'; echo $SHELL", "3\n/usr/bin/fish"),
        ("touch /output/a; and ls /openbayes/home", "a"),
    ],
    "noisy": [("true", "mind the quota"), ("true", "bye"), ("bash -lc true", "profile.d speaks")],
    "zsh": [("echo $ZSH_READ $0", "zshenv zsh"), ("ls nothing*", "no matches found")],
    "minimal": [("for one in curl git tmux ss ps pip; do command -v $one; done; command -v python3", "/usr/bin/python3")],
    "hostile": [
        ("umask; cd apt 2>&1; echo ${TMPDIR}", "0000\n/etc/apt\n/nonexistent/tmp"),
        ("echo a >/tmp/f; echo b >/tmp/f", "cannot overwrite existing file"),
        ("echo $undefined", "unbound variable"),
        ("cd; python3 -c 'import csv' 2>&1; python3 -I -c 'import csv; print(\"own\")'", "this is not the csv that you want\nown"),
    ],
    "nosftp": [("true", "")],
    "maxsessions": [("true", "")],
}  # fmt: skip


def by_ssh(box, command):
    argv = [*box.ssh_command, command]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("flavoured", BY_SSH, indirect=True)
def test_a_flavour_does_what_it_says(flavoured):
    for command, expected in BY_SSH[flavoured.flavour]:
        assert expected in by_ssh(flavoured, command)[1], command


@pytest.mark.parametrize(
    ("flavoured", "code", "said"),
    [
        ("exits", 3, ""),
        ("vast-bare", None, "no sessions"),
        ("runpod-proxy", 1, "Your SSH client doesn't support PTY"),
    ],
    indirect=["flavoured"],
)
def test_a_command_by_ssh_is_not_run(flavoured, code, said, inside):
    ended, printed = by_ssh(flavoured, "touch /root/ran")
    assert said in printed and (code is None or ended == code)
    assert inside(flavoured, "ls /root") == ""


@pytest.mark.parametrize("flavoured", ["nosftp", "runpod-proxy", "exits"], indirect=True)
def test_there_is_no_sftp(flavoured):
    argv = ["sftp", *(part.replace("-p", "-P") if part == "-p" else part for part in flavoured.ssh_command[1:-1])]
    asked = subprocess.run([*argv, "-b", "-", flavoured.ssh_command[-1]], input="pwd\n", capture_output=True, text=True)
    assert asked.returncode != 0


@pytest.mark.parametrize(
    ("flavoured", "ok"), [("maxsessions", [True, False]), ("nosftp", [True, True])], indirect=["flavoured"]
)
def test_a_second_channel_over_one_connection(flavoured, ok, tmp_path):
    """`ssh -M` holds the first session open while a second one is asked for."""
    ssh, *rest = flavoured.ssh_command
    socket = ["-o", f"ControlPath={tmp_path}/s"]
    with subprocess.Popen(
        [ssh, *socket, "-o", "ControlMaster=yes", *rest, "echo in; sleep 60"], stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout.readline() == "in\n"
        second = subprocess.run([ssh, *socket, "-o", "ControlMaster=no", "-o", "ProxyCommand=false", *rest, "true"])
        first.kill()
    assert [True, second.returncode == 0] == ok


@pytest.mark.parametrize("flavoured", ["vast"], indirect=True)
def test_an_interactive_login_attaches_to_tmux(flavoured, inside):
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        ["env", "TERM=xterm", *flavoured.ssh_command], stdin=theirs, stdout=theirs, stderr=theirs
    ) as login:
        os.read(ours, 1)
        # Not by tmux itself before there is a server: it would take part in the race to start one.
        for there in ("[ -S /tmp/tmux-0/default ]", "tmux has-session -t ssh_tmux 2>/dev/null"):
            inside(flavoured, f"i=0; until {there}; do i=$((i+1)); [ $i -lt 600 ] || exit 1; sleep 0.1; done")
        login.kill()
