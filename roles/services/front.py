"""What the gateway means for the services: it is one of them, and those behind it are reached through it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gpustrap.language import tr
from gpustrap.resolve.context import Context
from gpustrap.resolve.gateway import CONFIGURATION, LOADED, RUN, SERVICE, Gateway
from gpustrap.resolve.service import Service

# A pid file that one left behind that was killed would be taken for what is loaded.
COMMAND = (
    f"mkdir -p -m 700 {RUN} && rm -f {RUN}/*.pid && cp -p {CONFIGURATION} {LOADED} && "
    f"exec nginx -c {LOADED} -g 'daemon off;'"
)


def front_of(context: Context) -> Gateway | None:
    """The decision of the role `gateway`; None where it is not among the roles."""
    front: Gateway | None = context.decided("gateway") if "gateway" in context.roles else None
    return front


def behind(service: Service, front: Gateway | None) -> Service:
    """The service, with the gateway's address where that leads to it. Else nothing could lead to a second one."""
    route = front.route_to(service.name) if front else None
    if front is None or route is None:
        return replace(service, beside="")
    return replace(service, url=front.url_of(route), behind=True)


def own(front: Gateway | None) -> tuple[Service, ...]:
    """The gateway as a service, after all others; none without it."""
    if front is None:
        return ()
    return (Service(SERVICE, COMMAND, front.port, url=front.url, scheme=front.scheme),)


def reason(service: Service, front: Gateway) -> str:
    """Where it is reached, as a sentence."""
    paths = ", ".join(one.place for one in front.routes if one.service == service.name)
    return tr(
        "{service.name}: port {service.port}, behind the gateway at {paths}{asks}",
        service=service,
        paths=paths,
        asks=tr(", which asks for its token") if front.token else tr(", OPEN TO EVERYBODY"),
    )


def guarded(name: str, beside: Mapping[str, Any]) -> bool:
    """Whether a gateway asks for its token in front of the service, by what is written in hosts.yml."""
    written = beside.get("gateway")
    if not isinstance(written, dict) or written.get("token") is None:
        return False
    routes = written.get("routes")
    leads = routes.values() if isinstance(routes, dict) else ()
    return any((to.get("service") if isinstance(to, dict) else to) == name for to in leads)
