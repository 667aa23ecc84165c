"""The provider's accelerator: a proxy of its own, which covers some foreign hosts and refuses the others. Pure."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from gpustrap.catalog.mirrors import load_mirrors
from gpustrap.catalog.providers import Accelerator, load_providers
from gpustrap.inventory.fields import is_proxy
from gpustrap.language import tr
from gpustrap.resolve.box.survey import Survey

CERTIFICATES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
HOST = re.compile(r"[A-Za-z0-9.-]{1,253}")


def row_of(survey: Survey) -> Accelerator | None:
    """The catalog's, of this provider; of a script that is there, whoever's box it looks like."""
    rows = [(row.name, row.accelerator) for row in load_providers() if row.accelerator is not None]
    return next((it for name, it in rows if name == survey.provider or (it.script and survey.accelerator)), None)


def proxy_of(survey: Survey) -> str:
    """What the box's own script sets, else the catalog's; empty for none."""
    said = survey.accelerator.get("https_proxy") or survey.accelerator.get("http_proxy")
    row = row_of(survey)
    found = said or (row.proxy if row is not None else None)
    return found if found and is_proxy(found) and not urlsplit(found).password else ""


def none_of(survey: Survey) -> str:
    row = row_of(survey)
    if row is not None and row.script:
        return tr("{script} of this box names no proxy, as in some regions", script=row.script)
    return tr("no accelerator is known of this provider ({provider})", provider=survey.provider)


def past(survey: Survey) -> tuple[str, ...]:
    """What the box's script lets past it, and the domestic mirrors; who stands for GitHub is foreign enough."""
    said = survey.accelerator.get("no_proxy", "").split(",")
    mirrors = [urlsplit(row.url).hostname or "" for row in load_mirrors() if row.region == "cn" and row.kind != "git"]
    return tuple(dict.fromkeys(host for host in (*said, *mirrors) if HOST.fullmatch(host)))


def certificates(survey: Survey) -> dict[str, str]:
    found = {name: survey.accelerator.get(name, "") for name in CERTIFICATES}
    return {name: path for name, path in found.items() if re.fullmatch(r"(/[A-Za-z0-9._-]+)+", path)}
