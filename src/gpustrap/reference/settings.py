"""A settings model as tables, by its JSON Schema: types in plain words, defaults, bounds, nested forms."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from gpustrap.reference.markdown import code, paragraphs, table, text

HEADS = ("key", "type", "default", "bounds", "meaning")
NOTHING = "–"
LIMITS = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "above {}",
    "exclusiveMaximum": "below {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} entries",
    "maxItems": "at most {} entries",
    "pattern": "form `{}`",
}
WORDS = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}
Schema = Mapping[str, Any]
Line = tuple[str, ...]
Link = Callable[[str], str]  # the name of a nested form → a link to it


class _WithFactories(GenerateJsonSchema):
    """Includes the defaults that a factory makes, which pydantic leaves out of a schema."""

    def get_default_value(self, schema: Any) -> Any:
        if "default_factory" in schema and not schema.get("default_factory_takes_data"):
            return schema["default_factory"]()
        return super().get_default_value(schema)


def schema_of(model: type[BaseModel]) -> Schema:
    """The model's JSON Schema; its nested forms stand under `$defs`."""
    return model.model_json_schema(schema_generator=_WithFactories)


def forms_in(schema: Schema) -> Mapping[str, Schema]:
    """The nested forms of a schema by name."""
    forms: Mapping[str, Schema] = schema.get("$defs", {})
    return forms


def form(schema: Schema, link: Link) -> str:
    """What a form is for, and a table of its keys. A form that is a mapping says what stands in it."""
    about = paragraphs(_unwrapped(str(schema.get("description", ""))))
    keys = schema.get("properties")
    if keys is None:
        return about + f"\n\nIt is a {type_words(schema, link)}{_in_brackets(bounds(schema))}."
    required = schema.get("required", ())
    rows = [
        (
            code(key),
            type_words(value, link),
            _default(key, value, required),
            bounds(value) or NOTHING,
            text(str(value.get("description", ""))),
        )
        for key, value in keys.items()
    ]
    shown = table(*_without_bounds(HEADS, rows)) if rows else "It has no keys."
    return "\n\n".join(part for part in (about, shown) if part)


def _unwrapped(docstring: str) -> str:
    """Each paragraph in one line."""
    return "\n\n".join(" ".join(part.split()) for part in docstring.split("\n\n"))


def _without_bounds(heads: Line, rows: Sequence[Line]) -> tuple[Line, Sequence[Line]]:
    """The table without the column of bounds where no key has any."""
    if any(row[3] != NOTHING for row in rows):
        return heads, rows
    return (*heads[:3], *heads[4:]), [(*row[:3], *row[4:]) for row in rows]


def type_words(schema: Schema, link: Link) -> str:
    """A type as a person says it: `text`, `list of text`, `mapping of name to Service`, `a`, `b` or `c`."""
    if name := _form_name(schema):
        return link(name)
    if members := _members(schema):
        return _either(dict.fromkeys(type_words(member, link) for member in members))
    if "enum" in schema or "const" in schema:
        return _either([code(str(word)) for word in schema.get("enum", [schema.get("const")])])
    if schema.get("type") == "array":
        return f"list of {type_words(schema.get('items', {}), link)}"
    if schema.get("type") == "object":
        return f"mapping of name to {type_words(_values(schema), link)}"
    return WORDS.get(schema.get("type", ""), "anything")


def bounds(schema: Schema) -> str:
    """What limits a value besides its type, in words; empty where nothing does."""
    return "; ".join(dict.fromkeys(_bounds(schema)))


def _bounds(schema: Schema) -> Iterator[str]:
    for member in _members(schema):
        yield from _bounds(member)
    limits = {key: words for key, words in LIMITS.items() if key in schema}
    if {"minimum", "maximum"} <= limits.keys():
        yield f"{schema['minimum']} to {schema['maximum']}"
        del limits["minimum"], limits["maximum"]
    yield from (words.format(schema[key]) for key, words in limits.items())
    for pattern in schema.get("patternProperties", {}):
        yield f"names of the form {code(pattern)}"
    if "items" in schema and (each := bounds(schema["items"])):
        yield f"each: {each}"


def _values(schema: Schema) -> Schema:
    """What stands under each name of a mapping, which pydantic writes in another place where names have a form."""
    found = next(iter(schema.get("patternProperties", {}).values()), schema.get("additionalProperties"))
    return found if isinstance(found, dict) else {}  # `true` for anything


def _default(key: str, schema: Schema, required: tuple[str, ...]) -> str:
    if key in required:
        return "must be given"
    value = schema.get("default")
    if value is None:
        return NOTHING
    return code(_written(value))


def _written(value: Any) -> str:
    """A value as it is written in YAML, in one line."""
    if isinstance(value, list):
        return f"[{', '.join(map(_written, value))}]"
    return value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)


def _members(schema: Schema) -> list[Schema]:
    """The members of a union but null, which says only that the key may be left out."""
    return [one for one in (*schema.get("anyOf", ()), *schema.get("oneOf", ())) if one.get("type") != "null"]


def _form_name(schema: Schema) -> str | None:
    return str(schema["$ref"]).rpartition("/")[2] if "$ref" in schema else None


def _either(words: Any) -> str:
    *others, last = words
    return f"{', '.join(others)} or {last}" if others else last


def _in_brackets(words: str) -> str:
    return f" ({words})" if words else ""
