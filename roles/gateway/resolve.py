"""Which path leads where, and at which address. Pure."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from gpustrap.errors import InstanceFailed
from gpustrap.language import tr
from gpustrap.resolve.box.survey import Survey
from gpustrap.resolve.context import Context
from gpustrap.resolve.gateway import Gateway, GivenCertificate, OwnCertificate, Route
from gpustrap.resolve.public import PublicUrls
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
    if settings.tls is not None:
        url = _secure(url, settings.port, context)
    tls = _certificate(settings, url, context.instance)
    cookie = _cookie(context.instance)
    return Gateway(settings.port, routes, settings.token, cookie, tls, url, _reasons(settings, url))


def _secure(url: str | None, port: int, context: Context) -> str | None:
    """The address with https. Raises InstanceFailed where the provider speaks it already, and asks the port by http."""
    written = isinstance(context.public_urls, PublicUrls) and context.public_urls.is_written(port)
    if url and url.startswith("https:") and not written:
        raise InstanceFailed(
            tr("the provider's own address {url} is https already, and asks the port by http", url=url),
            hint=tr("leave gateway.tls out"),
        )
    return url and url.replace("http:", "https:", 1)


def _certificate(settings: Settings, url: str | None, owner: str) -> OwnCertificate | GivenCertificate | None:
    given = settings.tls
    if given is None:
        return None
    if given != "self-signed":
        return GivenCertificate(given.certificate, given.key)
    public = urlsplit(url).hostname if url else None
    hosts = (parts(place)[0] for place in settings.routes)
    names = (name for name in (public, *hosts, "localhost", "127.0.0.1") if name)
    return OwnCertificate(owner, tuple(dict.fromkeys(names)))


def _route(place: str, to: str | RouteTo, services: dict[str, Any]) -> Route:
    service, strip = (to, False) if isinstance(to, str) else (to.service, to.strip)
    host, path = parts(place)
    return Route(path, service, services[service].listens_on, strip, host)


def _cookie(instance: str) -> str:
    """Browsers keep one jar for all ports of an address: two instances behind one address do not share a name."""
    return f"gpustrap_{hashlib.sha256(instance.encode()).hexdigest()[:8]}"


def _reasons(settings: Settings, url: str | None) -> tuple[str, ...]:
    return (*_who(settings, url), *_how(settings))


def _how(settings: Settings) -> tuple[str, ...]:
    if settings.tls == "self-signed":
        return (
            tr(
                "speaks https with a certificate of gpustrap's own, the same after a reset: a browser warns once, "
                "then compare its SHA-256 with the one that `up` names"
            ),
        )
    return () if settings.tls is None else (tr("speaks https with the certificate that hosts.yml names"),)


def _who(settings: Settings, url: str | None) -> tuple[str, ...]:
    if settings.token is None:
        return (tr("OPEN TO EVERYBODY, as hosts.yml says: it asks for no token"),)
    address = url or tr("its address")
    return (tr("asks everybody for the token; log in once by {address}/?token=…", address=address),)
