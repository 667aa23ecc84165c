"""What Hugging Face's clients are told: the endpoint, whether Xet is used, and what becomes of a token. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpustrap.language import tr
from gpustrap.resolve.box.survey import Survey
from gpustrap.resolve.net.measured import GOOD, XET, Measured, Row

if TYPE_CHECKING:
    from roles.mirrors.settings import Settings

# Xet's server gives nothing to who has no token of the hub: that it answers is what counts.
ANSWERS = (*GOOD, "http_403", "http_404", "http_status", "error_page")


def hugging_face(
    settings: Settings, url: str | None, survey: Survey, measured: Measured | None
) -> tuple[dict[str, str], tuple[str, ...]]:
    """The variables that they read, and why."""
    variables, reasons = {}, []
    if url is not None:
        # The time-outs are 10 s, too short behind a mirror.
        variables = {"HF_ENDPOINT": url, "HF_HUB_DOWNLOAD_TIMEOUT": "60", "HF_HUB_ETAG_TIMEOUT": "60"}
        token, reason = _token(settings, survey)
        variables |= token
        reasons.append(reason)
    xet = _xet(settings, url, measured)
    if xet is not None:
        variables["HF_HUB_DISABLE_XET"] = "0" if xet[0] else "1"
        reasons.append(xet[1])
    return variables, tuple(reasons)


def _xet(settings: Settings, url: str | None, measured: Measured | None) -> tuple[bool, str] | None:
    """Whether it is used, and why; None for the client's own way. As written, else as the bytes come."""
    if settings.xet == "on":
        said = tr("hosts.yml says so; its transfers go past the mirror, to Hugging Face's own hosts")
        return True, tr("Hugging Face's Xet is on: {why}", why=said)
    if settings.xet == "off":
        return _off(tr("hosts.yml says so"))
    if url is not None:
        return _off(tr("its transfers would go past the mirror"))
    return _as_measured(measured) if measured is not None else None


def _off(why: str) -> tuple[bool, str]:
    return False, tr(
        "Hugging Face's Xet is off: {why}; without it the client refuses files over 50 GB (xet: on allows them)",
        why=why,
    )


def _as_measured(measured: Measured) -> tuple[bool, str] | None:
    """Both ways to a large file were tried: the older one by the hub's own redirect, Xet's by its server."""
    old, new = _row(measured, "hf"), _row(measured, XET)
    if old is None or new is None or (old.cause in GOOD) == (new.cause in ANSWERS):
        return None
    words = {"old": old.cause.replace("_", " "), "new": new.cause.replace("_", " ")}
    if old.cause in GOOD:
        return _off(tr("measured, its server does not answer ({new}), and files come without it", **words))
    why = tr("measured, its server answers, and without it large files do not come ({old})", **words)
    return True, tr("Hugging Face's Xet is on: {why}", why=why)


def _row(measured: Measured, kind: str) -> Row | None:
    """Upstream's."""
    return next((row for row in measured.rows if row.kind == kind and row.url is None), None)


def _token(settings: Settings, survey: Survey) -> tuple[dict[str, str], str]:
    found = survey.configuration
    names = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HUGGINGFACE_HUB_TOKEN")
    places = [*(f"{each.name} in {each.where}" for each in found.setting(names)), *found.hf_tokens]
    seen = tr("a token is here ({place})", place=places[0]) if places else tr("no token was found")
    if settings.hf_token_to_mirror:
        return {"HF_HUB_DISABLE_IMPLICIT_TOKEN": "0"}, tr(
            "{seen}; Hugging Face's clients send a token to the mirror: hosts.yml allows it", seen=seen
        )
    return {"HF_HUB_DISABLE_IMPLICIT_TOKEN": "1"}, (
        tr(
            "{seen}; Hugging Face's clients send none to the mirror, and gated models need "
            "mirrors.hf_token_to_mirror: true or hf: upstream",
            seen=seen,
        )
    )
