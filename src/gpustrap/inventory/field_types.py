"""What a pydantic model says about the values at one place of a file: keys it knows, bounds of a number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, RootModel
from pydantic.fields import FieldInfo


def types_at(model: type[BaseModel], loc: Iterable[int | str]) -> list[Any]:
    """The types that `model` takes at `loc`, as annotations; several where a union allows several.

    Parts of `loc` that name a member of a union, as pydantic's own do, lead nowhere and are passed over.
    """
    current: list[Any] = [model]
    for part in loc:
        current = [inner for one in current for inner in _inside(one, part)] or current
    return current


def known_keys(types: Iterable[Any]) -> list[str]:
    """The keys of every model among `types`."""
    models = [one for annotation in types for one in _members(annotation) if _is_model(one)]
    return [key for model in models for key in _fields(model)]


def number_range(types: Iterable[Any]) -> tuple[Any, Any]:
    """The least and the greatest number allowed; None for a bound that is not set."""
    metadata = [mark for annotation in types for mark in _metadata(annotation)]
    least = [mark.ge for mark in metadata if getattr(mark, "ge", None) is not None]
    greatest = [mark.le for mark in metadata if getattr(mark, "le", None) is not None]
    return next(iter(least), None), next(iter(greatest), None)


def _inside(annotation: Any, part: int | str) -> Iterator[Any]:
    """What stands under key or index `part` of a value of this type."""
    for member in _members(annotation):
        if _is_model(member):
            field = _fields(member).get(str(part))
            if field is not None:
                yield _annotated(field)
        elif len(args := get_args(member)) > 0:
            yield args[-1] if isinstance(part, str) else args[0]


def _members(annotation: Any) -> Iterator[Any]:
    """The plain types an annotation stands for: unions, `Annotated` and root models opened."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _members(get_args(annotation)[0])
    elif origin in (Union, UnionType):
        for member in get_args(annotation):
            yield from _members(member)
    elif isinstance(annotation, type) and issubclass(annotation, RootModel):
        yield from _members(_annotated(annotation.model_fields["root"]))
    else:
        yield annotation


def _metadata(annotation: Any) -> Iterator[Any]:
    """Every mark of `Annotated`, such as a bound; those of a `Field(…)` among them one by one."""
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *marks = get_args(annotation)
        for mark in marks:
            yield from mark.metadata if isinstance(mark, FieldInfo) else [mark]
        yield from _metadata(inner)
    elif origin in (Union, UnionType):
        for member in get_args(annotation):
            yield from _metadata(member)


def _annotated(field: FieldInfo) -> Any:
    marks = tuple(field.metadata)
    return Annotated[(field.annotation, *marks)] if marks else field.annotation


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The model's fields by the key a person writes."""
    return {field.alias or name: field for name, field in model.model_fields.items()}
