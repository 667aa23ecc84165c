"""Wanted files of decisions → files as the operation `managed` takes them."""

from __future__ import annotations

import configparser
import tomllib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from gpustrap.engine.operations.files import ManagedFile, ManagedKeys
from gpustrap.engine.templates import render, template
from gpustrap.errors import InstanceFailed
from gpustrap.language import tr
from gpustrap.resolve.wanted import WantedFile

TOP = "gpustrap-top-of-the-file"  # a section for what stands above all sections


def files(wanted: Iterable[WantedFile]) -> list[ManagedFile | ManagedKeys]:
    """Each rendered; what is wanted no more is to go. Raises InstanceFailed for a template that cannot be rendered."""
    return [_file(one) for one in wanted]


def _file(wanted: WantedFile) -> ManagedFile | ManagedKeys:
    if wanted.keys:
        text = render(wanted.src, wanted.values) if wanted.src is not None else ""
        return ManagedKeys(wanted.dest, wanted.keys, keys_of(wanted.keys, text, wanted.src or ""), wanted.part)
    if wanted.src is None:
        return ManagedFile(wanted.dest, None, block=wanted.block)
    return template(
        wanted.src, wanted.dest, mode=wanted.mode, block=wanted.block, top=wanted.top, last=wanted.last, **wanted.values
    )


def keys_of(form: str, text: str, src: str) -> dict[str, Any]:
    """The dotted keys of a rendered text. Raises InstanceFailed naming the template where it is not of this form."""
    try:
        return dict(_flat(_READ[form](text)))
    except Exception as error:  # each library has its own; a template of a person's may hold anything
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InstanceFailed(
            tr("template {src} gives no {form}: {reason}", src=src, form=form, reason=reason), operation=src
        ) from error


def _ini(text: str) -> dict[str, Any]:
    parser = configparser.RawConfigParser(delimiters=("=",), strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names of npm's keys have capitals
    parser.read_string(f"[{TOP}]\n{text}")
    top = dict(parser.items(TOP))
    return top | {name: dict(parser.items(name)) for name in parser.sections() if name != TOP}


def _yaml(text: str) -> dict[str, Any]:
    from ruamel.yaml import YAML

    return YAML(typ="safe").load(text) or {}


_READ: Mapping[str, Callable[[str], dict[str, Any]]] = {"ini": _ini, "toml": tomllib.loads, "yaml": _yaml}


def _flat(values: Mapping[str, Any], above: str = "") -> Iterable[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value
