"""Which path leads where, and at which address. Pure."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from gpustrap.errors import InstanceFailed
from gpustrap.language import tr
from gpustrap.resolve.box.survey import Survey
from gpustrap.resolve.context import Context
from gpustrap.resolve.gateway import Gateway, Route
from roles.gateway.beside import parts

if TYPE_CHECKING:
    from roles.gateway.settings import RouteTo, Settings


def choose(settings: Settings, survey: Survey, context: Context) -> Gateway:
    """The routes with their ports. Raises InstanceFailed where the services do not come after it, or apt is missing."""
    if "services" not in context.roles or "services" in context.roles_before("gateway"):
        raise InstanceFailed(
            tr("the gateway is itself a service, and fronts those that come after it"),
            hint=tr("put the role `gateway` right before `services`"),
        )
    if "apt-get" not in survey.tools:
        raise InstanceFailed(
            tr("nginx is installed with apt-get, which this {survey.os_id} {survey.os_version} lacks", survey=survey)
        )
    services = context.settings["services"].root
    routes = tuple(_route(place, to, services) for place, to in settings.routes.items())
    url = context.public_urls.get(settings.port)
    return Gateway(settings.port, routes, settings.token, _cookie(context.instance), url, _reasons(settings, url))


def _route(place: str, to: str | RouteTo, services: dict[str, Any]) -> Route:
    service, strip = (to, False) if isinstance(to, str) else (to.service, to.strip)
    host, path = parts(place)
    return Route(path, service, services[service].listens_on, strip, host)


def _cookie(instance: str) -> str:
    """Browsers keep one jar for all ports of an address: two instances behind one address do not share a name."""
    return f"gpustrap_{hashlib.sha256(instance.encode()).hexdigest()[:8]}"


def _reasons(settings: Settings, url: str | None) -> tuple[str, ...]:
    if settings.token is None:
        return (tr("OPEN TO EVERYBODY, as hosts.yml says: it asks for no token"),)
    address = url or tr("its address")
    return (tr("asks everybody for the token; log in once by {address}/?token=…", address=address),)
