"""What runs on an instance: settings and presets become services, each with its port, probe and address. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gpustrap.catalog.providers import PLAIN, Provider, provider_of
from gpustrap.errors import InstanceFailed
from gpustrap.language import tr
from gpustrap.resolve.box.survey import Survey
from gpustrap.resolve.context import Context
from gpustrap.resolve.gateway import Gateway
from gpustrap.resolve.public import PublicUrls
from gpustrap.resolve.service import Need, Service, Services
from roles.services.access import reason, refusal
from roles.services.boot import boot_ways
from roles.services.code import project_of
from roles.services.front import behind, front_of, own
from roles.services.front import reason as front_reason
from roles.services.limits import memory_kib, pools, said
from roles.services.order import in_order

if TYPE_CHECKING:
    from roles.services.settings import ServiceSettings, Settings

ASK_HTTP = ("curl", "python3", "wget")  # each of them can ask a health path


def choose(settings: Settings, survey: Survey, context: Context) -> Services:
    """One `Service` each. Raises InstanceFailed where a service cannot run on this instance."""
    for name, service in settings.root.items():
        _refuse_missing_tools(name, service, survey, context)
    front = front_of(context)
    made: dict[str, Service] = {}
    for name in in_order({name: service.depends_on for name, service in settings.root.items()}):
        made[name] = behind(_service(name, settings.root[name], survey, context, made), front)
    services = tuple(made.values())
    for chosen in services:
        if not _is_guarded(chosen, front, context):
            _refuse_open(chosen, settings.root[chosen.name])
    written, provider = settings.root, provider_of(survey.provider)
    reasons = (_reason(one, written[one.name], front, provider) + said(written[one.name], survey) for one in services)
    user = "" if survey.user == "root" else survey.user
    return Services((*services, *own(front)), tuple(reasons), boot_ways(survey.provider, survey.shell), user)


def _service(
    name: str, service: ServiceSettings, survey: Survey, context: Context, made: Mapping[str, Service]
) -> Service:
    """`made` has those that it depends on: the time to get ready holds theirs too."""
    waits = max((made[each].patience for each in service.depends_on), default=0)
    preset, port = service.base, service.listens_on
    code = project_of(name, service, context)
    command = service.command or preset.command
    return Service(
        name=name,
        command=code.before + command.replace("{port}", str(port or "")),
        beside=code.before + command if service.starts_beside else "",
        port=port,
        health=service.health_path,
        check=service.health_command,
        cwd=code.cwd,
        env={**pools(service, survey), **service.env},
        restart=service.restart,
        ready_seconds=waits + (service.ready_seconds or preset.ready_seconds),
        depends_on=tuple(Need(each, made[each].port is not None) for each in service.depends_on),
        tries=service.tries,
        memory_kib=memory_kib(service),
        nofile=service.nofile or 0,
        files=preset.files,
        **_from_outside(service, context),
        user="" if survey.user == "root" else survey.user,
        code=code.digest,
    )


def _from_outside(service: ServiceSettings, context: Context) -> dict[str, Any]:
    """Its URL, where it has one, and whether it is sure that the port gets out there."""
    port, urls = service.listens_on, context.public_urls
    if port is None or service.public_url:
        return {"url": service.public_url}
    return {"url": urls.get(port), "sure": not isinstance(urls, PublicUrls) or urls.is_sure(port)}


def _is_guarded(service: Service, front: Gateway | None, context: Context) -> bool:
    """Whether who comes from outside meets the gateway's token first."""
    return service.behind and front is not None and front.token is not None and service.port not in context.public_urls


def _refuse_open(service: Service, written: ServiceSettings) -> None:
    """Once more what the settings refuse, now that the project's folder is known: what it is called tells too."""
    why = refusal(written.words(service.command), service.cwd, service.env, service.port)
    if why is not None and not written.open:
        raise InstanceFailed(why, operation=service.name)


def _reason(service: Service, written: ServiceSettings, front: Gateway | None, provider: Provider) -> str:
    if front is not None and service.behind:
        return front_reason(service, front)
    who = tr(", run by {user}", user=service.user) if service.user else ""
    access = reason(written.words(service.command), service.cwd, service.env, service.port)
    if service.port is None:
        ready = tr("its health command ends with 0") if service.check else tr("it keeps running")
        return tr("{name}: no port, ready once {ready}{who}", name=service.name, ready=ready, who=who)
    way = _way(service, provider)
    ready = tr("answers at {health}", health=service.health) if service.health else tr("is listened on")
    ready += tr(" and its health command ends with 0") if service.check else ""
    return tr(
        "{service.name}: port {service.port}, {way}; ready when it {ready}{who}{access}",
        service=service,
        way=way,
        ready=ready,
        who=who,
        access=access,
    )


def _way(service: Service, provider: Provider) -> str:
    if service.url is None:
        return _unknown_way(service, provider)
    told = tr("reached from outside at {url}", url=service.url)
    return told if service.sure else told + tr(" if the provider lets this port out")


def _unknown_way(service: Service, provider: Provider) -> str:
    if not provider.maps(service.port):
        return tr("which the provider does not map to the outside")
    if provider.name == PLAIN:
        return tr("reached from outside only where the host lets it through")
    return tr("reached from outside at the address that the provider's page shows")


def _refuse_missing_tools(name: str, service: ServiceSettings, survey: Survey, context: Context) -> None:
    """What a service runs on is on the instance and gives an answer, or `base` brings it before."""
    if hangs := [tool for tool in service.base.needs if tool in survey.hangs]:
        raise InstanceFailed(
            tr("{it} gives no answer on this instance within 10 s, and '{name}' runs on it", it=hangs[0], name=name),
            operation=name,
            hint=tr(
                "`time {hangs} -c 1` there shows it: a disk that is gone, a broken environment, a wrapper?",
                hangs=hangs[0],
            ),
        )
    missing = [tool for tool in _needed(service, survey) if tool not in survey.tools]
    brought = context.packages_before("services") | ({"uv"} if "python" in context.roles_before("services") else set())
    packages = [tool for tool in missing if tool not in brought]  # each is in a package of its name
    if packages:
        raise InstanceFailed(
            tr(
                "this instance has no {packages}, which '{name}' runs on",
                packages=tr(" and no ").join(packages),
                name=name,
            ),
            operation=name,
            hint=tr("put the role `python` before `services`")
            if packages == ["uv"]
            else tr("put the role `base` before `services`, with these among its packages, or install them"),
        )


def _needed(service: ServiceSettings, survey: Survey) -> tuple[str, ...]:
    """The tools that its session, its probe and its preset run."""
    asks = service.health_path
    http = ("curl",) if asks and not any(tool in survey.tools for tool in ASK_HTTP) else ()
    return ("tmux", *http, *service.base.needs)
