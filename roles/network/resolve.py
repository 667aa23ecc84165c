"""Which proxy the clients on an instance use and what goes past it. Pure, but for a secret read before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import SecretStr

from gpustrap.errors import InstanceFailed
from gpustrap.inventory.fields import is_proxy
from gpustrap.inventory.reveal import revealed
from gpustrap.inventory.secrets import Secret
from gpustrap.resolve.box.survey import Survey
from gpustrap.resolve.context import Context

if TYPE_CHECKING:
    from roles.network.settings import Settings

LOCAL = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Network:
    """The proxy (None: direct) and `no_proxy`, in the form every client reads: no `*`, commas."""

    survey: Survey
    proxy: SecretStr | None
    no_proxy: tuple[str, ...]

    @property
    def variables(self) -> Mapping[str, str | SecretStr]:
        """Lower and upper case: curl reads only lower-case http_proxy, other programs only the upper."""
        if self.proxy is None:
            return {}
        direct = ",".join(self.no_proxy)
        lower: dict[str, str | SecretStr] = {"http_proxy": self.proxy, "https_proxy": self.proxy, "no_proxy": direct}
        return lower | {name.upper(): value for name, value in lower.items()}


def choose(settings: Settings, survey: Survey, context: Context) -> Network:
    """The proxy as written; past it go the instance itself, what is written, and the chosen mirrors' hosts.

    Raises InstanceFailed for a secret that is no proxy, without a part of it.
    """
    value = _proxy(settings)
    mirrors = context.decided("mirrors") if value is not None else None
    mirrored = mirrors.hosts if mirrors is not None else ()
    return Network(survey, value, tuple(dict.fromkeys((*LOCAL, *settings.no_proxy, *mirrored))))


def _proxy(settings: Settings) -> SecretStr | None:
    if not isinstance(settings.proxy, Secret):
        return None if settings.proxy is None else SecretStr(settings.proxy)
    value = revealed(settings.proxy)
    if not is_proxy(value.get_secret_value()):
        raise InstanceFailed("the secret at network.proxy is not a proxy such as http://USER:PASSWORD@HOST:PORT",
                             operation="proxy", hint="write special characters of the password as %XX")  # fmt: skip
    return value
