"""What the role `base` promises."""

from gpustrap.engine.facts.packages import InstalledPackages
from gpustrap.language import tr


def test_every_package_is_installed(host, chosen):
    fact = InstalledPackages()
    installed = fact.process(host.run(fact.command(packages=chosen.names)).stdout.splitlines())
    missing = [name for name in chosen.names if name not in installed]
    assert not missing, tr("not installed: {missing}", missing=" ".join(missing))
