"""What the role `python` promises: uv runs, at the pinned version."""


def test_uv_runs_at_the_pinned_version(host, chosen):
    assert host.check_output("/usr/local/bin/uv --version").split()[1] == chosen.wheel.version


def test_ssh_commands_find_uv(host):
    assert host.check_output("command -v uv") == "/usr/local/bin/uv"
