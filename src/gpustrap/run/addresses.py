"""From where an instance's ports are reached, for whoever decides: hosts.yml, the lab and the box together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gpustrap.catalog.providers import provider_of
from gpustrap.inventory.instance import Instance
from gpustrap.resolve.box.survey import Survey
from gpustrap.resolve.context import Context
from gpustrap.resolve.public import PublicUrls


def context_of(instance: Instance, survey: Survey, published: Mapping[int, str]) -> Context:
    """What the instance's resolvers look at; `published` is what the lab says."""
    urls = public_urls(instance, survey, published)
    known = (instance.name, instance.region, instance.roles, instance.settings)
    return Context(*known, urls, instance.allow_listening)


def public_urls(instance: Instance, survey: Survey, published: Mapping[int, str]) -> PublicUrls:
    return PublicUrls(published, survey.env, instance.public_url, _main_port(instance, survey))


def _main_port(instance: Instance, survey: Survey) -> int | None:
    """The port that an address without `{port}` is of: the provider's, else the first service's."""
    ports = provider_of(survey.provider).ports
    services: Mapping[str, Any] = getattr(instance.settings.get("services"), "root", {})
    wanted = [port for one in services.values() if (port := one.listens_on)]
    return next((port for port in ports if port in wanted), None) or next(iter([*wanted, *ports]), None)
