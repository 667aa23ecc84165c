"""What `doctor --fix` may write into hosts.yml: that places are measured, and never over what a person wrote."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from gpustrap.inventory.edit_setting import write_setting
from gpustrap.inventory.instance import Instance
from gpustrap.language import tr
from gpustrap.resolve.net.judge import Verdict
from gpustrap.resolve.net.mends import PROVIDER
from gpustrap.resolve.net.services import service_of

Setting = tuple[str, str, str]  # role, key, value


def safe_settings(instance: Instance, verdicts: Sequence[Verdict]) -> Iterator[Setting]:
    """At most one a role. What a person has written, for the service or the proxy, is never overruled."""
    blocked = [one for one in verdicts if one.state == "blocked"]
    mirrors, network = instance.settings.get("mirrors"), instance.settings.get("network")
    kinds = {service_of(one.subject).mirror for one in blocked}
    free = [kind for kind in kinds if kind and getattr(mirrors, kind.replace("-", "_"), None) == "auto"]
    if free and not getattr(mirrors, "measure", True):
        yield "mirrors", "measure", "true"
    if network is not None and getattr(network, "proxy", "") is None and any(PROVIDER in one.mend for one in blocked):
        yield "network", "proxy", "provider"


def fix(project: Path, instance: Instance, verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Write them, and say each. What stands in the file's way is said with the line to write by hand."""
    for role, key, value in () if instance.pasted else safe_settings(instance, verdicts):
        words = {"setting": f"{role}: {{{key}: {value}}}", "name": instance.name}
        if write_setting(project, instance.name, role, key, value):
            yield tr("hosts.yml says `{setting}` for {name} now; `gpustrap up {name}` applies it", **words)
        else:
            yield tr("write `{setting}` for {name} into hosts.yml by hand: it stands there in another form", **words)
