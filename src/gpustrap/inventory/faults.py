"""What pydantic found wrong with a file's values, said in words, with the line and key it was written at."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from gpustrap.errors import Fault, nearest
from gpustrap.inventory.document import Written, walk
from gpustrap.inventory.field_types import known_keys, number_range, types_at
from gpustrap.language import mark, tr

KINDS = {
    mark("text"): ("string_type", "path_type"),
    mark("a whole number"): ("int_type", "int_parsing", "int_from_float", "int_parsing_size"),
    mark("a number"): ("float_type", "float_parsing", "finite_number"),
    mark("true or false"): ("bool_type", "bool_parsing"),
    mark("a mapping (key: value)"): ("dict_type", "mapping_type", "model_type", "model_attributes_type"),
    mark("a list"): ("list_type", "tuple_type", "set_type", "frozen_set_type", "iterable_type"),
}
PHRASES = {kind: phrase for phrase, kinds in KINDS.items() for kind in kinds}
# What a person's role writes as a pattern only is said as it stands.
FORMS = {
    "^/": mark("a path that begins with /"),
    r"^/[^\s']*$": mark("a path that begins with /, without blanks and quotes"),
    "^[a-z0-9][a-z0-9-]{0,30}$": mark("a name of at most 31 lower case letters, digits and dashes, no dash first"),
    "^[A-Za-z_][A-Za-z0-9_]*$": mark("the name of a variable: letters, digits and _, no digit first"),
    "^[a-z0-9][a-z0-9+.-]+$": mark("the name of a package: at least two lower case letters, digits, +, . and -"),
}
LITERALS = ("literal_error", "enum")
SHOWN_LENGTH = 60  # characters of a wrong value that a message repeats


@dataclass
class Refused:
    """One value, and what was wanted instead of it: by each member of a union, each word of a list."""

    place: Written
    given: str
    wanted: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)  # those of `wanted` that are meant as they stand


def faults_of(error: ValidationError, model: type[BaseModel], written: Written, file: str) -> list[Fault]:
    """One fault for each place in `written` that `model` refused, in the order of the lines.

    What the members of a union want of one value is one fault: "expected text or a list, got 12".
    """
    refused: dict[str, Refused] = {}
    faults = []
    for details in error.errors(include_url=False):
        place = list(walk(written, details["loc"]))[-1]
        wanted = _wanted(details, model)
        if wanted:
            entry = refused.setdefault(place.key, Refused(place, _given(details, place)))
            entry.wanted += [phrase for phrase in wanted if phrase not in entry.wanted]
            entry.words += wanted if details["type"] in LITERALS else []
        elif details["type"] != "none_required":  # of a union with None: the other member says what is wrong
            faults.append(_said(details, model, place, file))
    faults += [_refusal(entry, file) for entry in refused.values()]
    return sorted(faults, key=lambda fault: fault.line or 0)


def unknown_key(place: Written, known: Iterable[str], file: str) -> Fault:
    name = place.key.rpartition(".")[2]
    return Fault(tr("unknown key"), file, place.line, place.key, nearest=nearest(name, known))


def _wanted(details: ErrorDetails, model: type[BaseModel]) -> list[str]:
    """What was expected, as the words after "expected"; nothing where the error is of another form."""
    kind, context = details["type"], details.get("ctx", {})
    if kind in LITERALS:
        return re.findall("'([^']*)'", context["expected"])
    if kind == "string_pattern_mismatch":
        form = FORMS.get(context["pattern"])
        return [tr(form) if form else tr("text of the form {pattern}", pattern=context["pattern"])]
    if kind in ("greater_than_equal", "less_than_equal"):
        least, greatest = number_range(types_at(model, details["loc"]))
        return [_range(context.get("ge", least), context.get("le", greatest))]
    if kind in ("greater_than", "less_than"):
        form = tr("a number greater than {number}") if kind == "greater_than" else tr("a number less than {number}")
        return [form.format(number=_number(context.get("gt", context.get("lt"))))]
    return [tr(PHRASES[kind])] if kind in PHRASES else []


def _range(least: Any, greatest: Any) -> str:
    if least is None or greatest is None:
        bound = (
            tr("at least {number}", number=_number(least))
            if greatest is None
            else tr("at most {number}", number=_number(greatest))
        )
        return tr("a number of {bound}", bound=bound)
    return tr("a number from {least} to {greatest}", least=_number(least), greatest=_number(greatest))


def _number(value: Any) -> str:
    """Without the `.0` that pydantic adds to the bounds of a float."""
    return str(value).removesuffix(".0")


def _given(details: ErrorDetails, place: Written) -> str:
    if details["loc"][-1:] == ("[key]",):
        return f"'{details['loc'][-2]}'"
    return given(place)


def given(place: Written) -> str:
    """What a person wrote at `place`, short enough for a message."""
    if isinstance(place.data, dict):
        return tr("a mapping")
    if isinstance(place.data, list):
        return tr("a list")
    if place.data is None:
        return tr("nothing")
    text = place.text if len(place.text) <= SHOWN_LENGTH else f"{place.text[:SHOWN_LENGTH]}…"
    return f"'{text}'" if isinstance(place.data, str) else text


def _refusal(refused: Refused, file: str) -> Fault:
    place = refused.place
    *others, last = refused.wanted
    wanted = tr("{others} or {last}", others=tr(", ").join(others), last=last) if others else last
    message = tr("expected {wanted}, got {given}", wanted=wanted, given=refused.given)
    if tr("text") in refused.wanted and isinstance(place.data, int | float | date):
        message += tr('; write it in quotes: "{text}"', text=place.text)
    return Fault(message, file, place.line, place.key, nearest=nearest(place.text, refused.words))


def _said(details: ErrorDetails, model: type[BaseModel], place: Written, file: str) -> Fault:
    """An error whose own words say it: an unknown or missing key, or what a validator raised."""
    kind, context = details["type"], details.get("ctx", {})
    if kind == "extra_forbidden":
        return unknown_key(place, known_keys(types_at(model, details["loc"][:-1])), file)
    if kind == "missing":
        key = place.child_key(str(details["loc"][-1]))
        return Fault(tr("missing, and it has no default"), file, place.line, key)
    if "error" in context:  # raised by a validator of the model
        return Fault(str(context["error"]), file, place.line, place.key)
    message = details["msg"].replace("Input should be", "expected")
    return Fault(message[:1].lower() + message[1:], file, place.line, place.key, hint=context.get("hint"))
