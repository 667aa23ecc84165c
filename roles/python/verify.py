"""What the role `python` promises: uv runs, at the pinned version."""

from gpustrap.engine.facts.uv import UvVersion
from gpustrap.resolve.uv import UV


def test_uv_runs_at_the_pinned_version(host, chosen):
    fact = UvVersion()
    found = fact.process(host.run(fact.command(path=UV)).stdout.splitlines())
    said = f"it is {found.obstacle}" if found.obstacle else f"it says it is {found.version or 'nothing that runs'}"
    assert found.version == chosen.wheel.version, f"{UV} should be uv {chosen.wheel.version}, and {said}"


def test_ssh_commands_find_uv(host):
    """An image's own one may come first in PATH; it is left alone."""
    assert host.run("command -v uv").rc == 0, f"no uv in the PATH of ssh commands, and one stands at {UV}"
