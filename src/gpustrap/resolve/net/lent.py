"""Which hosts the laptop lends its network for: those that the catalog's services need. Pure."""

from __future__ import annotations

from urllib.parse import urlsplit

from gpustrap.catalog.mirrors import load_mirrors
from gpustrap.catalog.providers import load_providers
from gpustrap.resolve.net.candidates import FILES

# Where Hugging Face has its files (its client's redirects, read 2026-11-25), and conda's channels that are no mirror's.
MORE = (".hf.co", "conda.anaconda.org", "codeload.github.com")


def needed() -> tuple[str, ...]:
    """Hosts, and domains with a dot before them: what providers' accelerators cover, every mirror, every upstream."""
    covered = [f".{host.lstrip('.')}" for row in load_providers() if row.accelerator for host in row.accelerator.hosts]
    urls = [*(row.url for row in load_mirrors()), *(files.upstream or "" for files in FILES.values())]
    hosts = [urlsplit(url).hostname or "" for url in urls]
    return tuple(dict.fromkeys(host for host in (*covered, *hosts, *MORE) if host))
