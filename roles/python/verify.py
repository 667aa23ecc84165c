"""What the role `python` promises: uv runs, at the pinned version."""

import pytest

from gpustrap.engine.facts.uv import UvVersion
from gpustrap.engine.shells import KINDS, assert_finds, kinds_on
from gpustrap.language import tr
from gpustrap.resolve.uv import UV

USUAL = ("an ssh command", "a login shell")  # the others where somebody is known to set PATH


def test_uv_runs_at_the_pinned_version(host, chosen):
    fact = UvVersion()
    found = fact.process(host.run(fact.command(path=UV)).stdout.splitlines())
    said = (
        tr("it is {obstacle}", obstacle=found.obstacle)
        if found.obstacle
        else tr("it says it is {version}", version=found.version or "nothing that runs")
    )
    assert found.version == chosen.wheel.version, tr(
        "{uv} should be uv {version}, and {said}", uv=UV, version=chosen.wheel.version, said=said
    )


@pytest.mark.parametrize("kind", KINDS)
def test_shells_find_uv(host, chosen, survey, kind):
    """An image's own one may come first in PATH; it is left alone."""
    if kind not in kinds_on(survey) or not (chosen.path or kind in USUAL):
        pytest.skip("no such shell here, or nobody sets its PATH")
    assert_finds(host, survey, kind, "uv", UV.rpartition("/")[0])
