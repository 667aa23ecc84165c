"""A YAML file as values that know where they were written, so that every fault can name line and key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gpustrap.errors import BadInput, Fault
from gpustrap.language import tr

if TYPE_CHECKING:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError
    from ruamel.yaml.nodes import MappingNode, Node

STANDARD_TAG = "tag:yaml.org,2002:"
MOST_VALUES = 200_000  # some thousand instances; aliases of aliases of aliases would be followed for hours
SECRET_PLACES: dict[str, Any] = {"env": str, "file": str, "command": (str, list)}


@dataclass(frozen=True)
class Written:
    """One value of a file. `data` is a scalar, a mapping or a list; the latter hold `Written` values."""

    data: Any
    line: int  # of the value's key in a mapping, else of the value; counted from 1
    key: str = ""  # dotted: instances.trainer.torch.cuda
    text: str = ""  # a scalar as it was written: 2.10, which as a number is 2.1

    def plain(self) -> Any:
        """The value without its places, as pydantic takes it."""
        if isinstance(self.data, Mapping):
            return {key: value.plain() for key, value in self.data.items()}
        if isinstance(self.data, list):
            return [value.plain() for value in self.data]
        return self.data

    def child_key(self, key: str) -> str:
        return f"{self.key}.{key}" if self.key else key


def displayed(path: Path) -> str:
    """`path` relative to the current directory where it is below it, else whole."""
    here, path = Path.cwd(), path.resolve()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def read_text(path: Path) -> str:
    """The file's text, which is UTF-8. Raises BadInput naming the file, and the line of a wrong byte."""
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise BadInput(Fault(tr("cannot be read: {reason}", reason=reason), displayed(path))) from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = tr("not UTF-8: byte 0x{data:02x}", data=data[error.start])
        raise BadInput(Fault(message, displayed(path), line, hint=tr("save the file as UTF-8"))) from None


def parse(text: str, file: str) -> Written | None:
    """The one document of `text`, or None when it holds nothing. YAML 1.2: `yes` and `on` are words.

    Anchors, aliases and merge keys (`<<`) are followed. Raises BadInput: one fault for text that is no YAML,
    else every duplicate key, key that is not a word, unknown tag and value that holds itself.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError
    from ruamel.yaml.reader import ReaderError

    yaml = YAML(typ="safe", pure=True)  # without the C parser: 4 ms for 10 lines, and the same words everywhere
    try:
        root = yaml.compose(text)
    except MarkedYAMLError as error:
        raise BadInput(_syntax_fault(error, file)) from None
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise BadInput(
            Fault(tr("character U+{character:04X} is not allowed", character=error.character), file, line)
        ) from None
    except RecursionError:
        raise BadInput(Fault(tr("nested too deep"), file)) from None
    if root is None:
        return None
    builder = _Builder(yaml, file)
    written = builder.build(root, line=root.start_mark.line + 1, key="")
    if builder.faults:
        raise BadInput(*builder.faults)
    return written


def _syntax_fault(error: MarkedYAMLError, file: str) -> Fault:
    words = ", ".join(part for part in (error.context, error.problem) if part)
    mark = error.problem_mark or error.context_mark
    hint = tr("YAML indents with spaces, not tabs") if "'\\t'" in words else None
    if words.endswith("but got '{'"):
        hint = tr("a value that holds a brace stands in quotes, or in a line of its own")
    return Fault(
        tr("not YAML: column {column}: {words}", column=mark.column + 1, words=words), file, mark.line + 1, hint=hint
    )


@dataclass
class _Builder:
    """Turns the parser's nodes into `Written` values and collects what is wrong with them."""

    yaml: YAML
    file: str
    faults: list[Fault] = field(default_factory=list)
    open: list[Node] = field(default_factory=list)  # collections being built: one met again holds itself
    values: int = 0  # that were built

    def build(self, node: Node, *, line: int, key: str) -> Written:
        from ruamel.yaml.nodes import MappingNode, ScalarNode

        self.values += 1
        if self.values > MOST_VALUES:
            message = tr("aliases make more than {most} values of it", most=MOST_VALUES)
            raise BadInput(Fault(message, self.file, line, key or None))
        if isinstance(node, ScalarNode):
            return Written(self._scalar(node, line, key), line, key, text=node.value)
        if node in self.open:
            self._fault(tr("the value holds itself"), node, key)
            return Written(None, line, key)
        if not str(node.tag).startswith(STANDARD_TAG):
            self._fault(tr("unknown tag {tag}", tag=node.tag), node, key)
        self.open.append(node)
        data = self._mapping(node, key) if isinstance(node, MappingNode) else self._list(node, key)
        self.open.pop()
        return Written(data, line, key)

    def _scalar(self, node: Node, line: int, key: str) -> Any:
        from ruamel.yaml.error import YAMLError

        try:
            return self.yaml.constructor.construct_object(node)
        except (YAMLError, ValueError, KeyError):  # 2026-13-45 is a ValueError, `!!bool x` a KeyError
            known = str(node.tag).startswith(STANDARD_TAG)
            message = (
                tr("'{value}' cannot be read", value=node.value) if known else tr("unknown tag {tag}", tag=node.tag)
            )
            self.faults.append(Fault(message, self.file, line, key or None))
            return None

    def _list(self, node: Node, key: str) -> list[Written]:
        return [
            self.build(item, line=item.start_mark.line + 1, key=f"{key}.{index}")
            for index, item in enumerate(node.value)
        ]

    def _mapping(self, node: MappingNode, key: str) -> dict[str, Written]:
        merged: dict[str, Written] = {}
        own: dict[str, Written] = {}
        for name_node, value_node in node.value:
            if name_node.tag == f"{STANDARD_TAG}merge":
                merged = {**self._merged(value_node, key), **merged}
            elif not isinstance(name_node.value, str):
                self._fault(tr("a key must be a word"), name_node, key)
            else:
                self._add(own, name_node, value_node, key)
        return {**merged, **own}

    def _add(self, own: dict[str, Written], name_node: Node, value_node: Node, key: str) -> None:
        name, line = name_node.value, name_node.start_mark.line + 1
        path = f"{key}.{name}" if key else name
        if name in own:
            first = own[name].line
            self._fault(tr("written twice, first in line {first}", first=first), name_node, path)
        else:
            own[name] = self.build(value_node, line=line, key=path)

    def _merged(self, node: Node, key: str) -> dict[str, Written]:
        """What `<<: *one` or `<<: [*one, *two]` brings in; the earlier of two wins."""
        from ruamel.yaml.nodes import SequenceNode

        found: dict[str, Written] = {}
        for source in node.value if isinstance(node, SequenceNode) else [node]:
            built = self.build(source, line=source.start_mark.line + 1, key=key)
            if isinstance(built.data, dict):
                found = {**built.data, **found}
            else:
                self._fault(tr("<< takes a mapping"), source, key)
        return found

    def _fault(self, message: str, node: Node, key: str) -> None:
        self.faults.append(Fault(message, self.file, node.start_mark.line + 1, key or None))


def merge(base: Written, over: Written) -> Written:
    """`over` laid over `base`: mappings key by key, everything else replaced. Each value keeps its place.

    A secret's place (`{env: A}`) replaces another (`{file: b}`), since both together would be neither.
    """
    if not (isinstance(base.data, dict) and isinstance(over.data, dict)):
        return over
    if _is_secret_place(base) and _is_secret_place(over):
        return over
    both = base.data.keys() & over.data.keys()
    return replace(over, data={**base.data, **over.data, **{k: merge(base.data[k], over.data[k]) for k in both}})


def _is_secret_place(written: Written) -> bool:
    return len(written.data) == 1 and all(
        isinstance(value.data, SECRET_PLACES.get(name, ())) for name, value in written.data.items()
    )


def walk(written: Written, loc: tuple[int | str, ...]) -> Iterator[Written]:
    """The values on the way along `loc`, `written` first; what leads nowhere is passed over."""
    yield written
    for part in loc:
        if isinstance(written.data, dict) and part in written.data:
            written = written.data[str(part)]
            yield written
        elif isinstance(written.data, list) and isinstance(part, int) and part < len(written.data):
            written = written.data[part]
            yield written
