"""What the role `job` promises: the app answers, and every path has its mode."""

import pytest

MODES = {
    "644": (
        "/etc/apt/sources.list.d/mirror.sources",
        "/etc/pip.conf",
        "/root/.config/uv/uv.toml",
        "/root/.condarc",
        "/root/.npmrc",
        "/root/.gitconfig",
        "/etc/profile.d/proxy.sh",
        "/etc/profile.d/hf.sh",
        "/opt/app/main.py",
    ),
    "755": ("/root/.config/uv", "/opt/app", "/opt/app/run.sh", "/workspace/models"),
    "775": ("/workspace/cache",),
    "750": ("/workspace/logs",),
}


def test_the_app_answers_ping(host, chosen):
    ping = "curl -s --noproxy '*' 127.0.0.1:%s/ping"
    answer = host.check_output(f"for _ in $(seq 100); do {ping} && break; sleep 0.1; done", str(chosen.app_port))
    assert answer == f"PONG BY 0.0.0.0:{chosen.app_port}"


@pytest.mark.parametrize("mode", MODES)
def test_each_path_has_its_mode(host, mode):
    modes = host.check_output("stat -c %a " + " ".join(MODES[mode]))
    assert modes.split() == [mode] * len(MODES[mode])
