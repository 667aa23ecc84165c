"""How foreign hosts are reached: by which proxy, what has to go past that one, and why. Pure, but for a secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic import SecretStr

from gpustrap.errors import InstanceFailed
from gpustrap.inventory.fields import is_proxy
from gpustrap.inventory.reveal import revealed
from gpustrap.inventory.secrets import Secret
from gpustrap.language import tr
from gpustrap.resolve.box.survey import Survey
from roles.network.accelerator import certificates, none_of, past, proxy_of, row_of
from roles.network.loan import reasons_of_loan

if TYPE_CHECKING:
    from roles.network.settings import Settings

APT_DIRECT = SecretStr("DIRECT")  # apt's own word


@dataclass(frozen=True)
class Way:
    """`proxy` is None where hosts are reached directly; `direct` goes past it. `apt` is what apt is told.
    `variables` go beside a proxy's. `reasons` is empty where nothing is to be said.
    """

    proxy: SecretStr | None
    apt: SecretStr | None
    direct: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()


def way_of(settings: Settings, survey: Survey) -> Way:
    """Raises InstanceFailed for a secret that is no proxy, and for `provider` where none is known."""
    match settings.proxy:
        case None | "none":
            return Way(None, None)
        case "laptop":
            return Way(None, None, past(survey), reasons=reasons_of_loan())
        case "auto" | "provider":
            return _accelerated(survey, needed=settings.proxy == "provider")
        case written:
            proxy = _secret(written) if isinstance(written, Secret) else SecretStr(written)
            return Way(proxy, proxy, reasons=(tr("apt, git, conda, shells and services use the proxy of hosts.yml"),))


def _secret(written: Secret) -> SecretStr:
    value = revealed(written)
    if is_proxy(value.get_secret_value()):
        return value
    why = tr("the secret at network.proxy is not a proxy such as http://USER:PASSWORD@HOST:PORT")
    raise InstanceFailed(why, operation="proxy", hint=tr("write special characters of the password as %XX"))


def _accelerated(survey: Survey, *, needed: bool) -> Way:
    row, proxy = row_of(survey), proxy_of(survey)
    if row is None or not proxy:
        why = none_of(survey)
        if needed:
            raise InstanceFailed(why, operation="proxy", hint=tr("network: {proxy: auto} does without it"))
        return Way(None, None, reasons=(tr("{why}, so no client is told of a proxy", why=why),))
    reasons = (
        tr("git, conda, shells and services use the provider's accelerator, {proxy}", proxy=proxy),
        tr("it covers {hosts}; apt and the catalog's domestic mirrors go past it", hosts=", ".join(row.hosts)),
    )
    return Way(SecretStr(proxy), APT_DIRECT, past(survey), certificates(survey), reasons)
