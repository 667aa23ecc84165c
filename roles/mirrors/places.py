"""What a word of hosts.yml stands for: a mirror's URL, or upstream. Pure."""

from __future__ import annotations

from gpustrap.catalog.mirrors import Kind, Mirror, load_mirrors, mirrors_of
from gpustrap.errors import InstanceFailed
from gpustrap.language import tr


def pick(kind: Kind, written: str, region: str, distro: str | None = None) -> str | None:
    """The URL of one kind; None for upstream. Raises InstanceFailed for a mirror that lacks the kind."""
    if written == "upstream":
        return None
    if written.startswith(("http://", "https://")):
        return _tidy(kind, written)
    if written == "auto":
        return _first([row for row in mirrors_of(kind, region) if row.distro == distro])
    named = [row for row in load_mirrors() if row.kind == kind and row.name.casefold() == written.casefold()]
    found = _first([row for row in named if row.distro == distro])
    if found is None:
        raise InstanceFailed(
            tr("the mirror {written} carries no {distro}", written=written, distro=distro or kind),
            operation=kind,
            hint=tr("mirrors of this kind: {names}", names=_names(kind, distro)),
        )
    return found


def _first(rows: list[Mirror]) -> str | None:
    return _tidy(rows[0].kind, rows[0].url) if rows else None


def _tidy(kind: Kind, url: str) -> str:
    """Without a slash at its end; git's is a prefix that OWNER/REPOSITORY follows, so with one."""
    return url.rstrip("/") + ("/" if kind == "git" else "")


def _names(kind: Kind, distro: str | None) -> str:
    return ", ".join(row.name for row in load_mirrors() if row.kind == kind and row.distro == distro)


def named(kind: Kind, url: str | None) -> str:
    """`TUNA (URL)` for a mirror of the catalog, else the URL; "upstream" for none."""
    if url is None:
        return "upstream"
    rows = (row.name for row in load_mirrors() if _tidy(kind, row.url) == url)
    name = next(rows, None)
    return f"{name} ({url})" if name else url
