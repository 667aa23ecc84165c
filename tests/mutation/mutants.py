"""All small changes of a module that a test should notice, in a fixed order. Pure: source in, syntax trees out.

Not changed: what only documents or types (docstrings, annotations, descriptions of settings), log lines, decorators,
imports, why a test of a proof is passed over, and the engine's asserts, which narrow types.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

SWAPPED: dict[type, type] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult, ast.Div: ast.Mult,
    ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr, ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip
# A call that stands for its argument, or a method for its object, where it is taken away.
WRAPPING = {"masked", "sorted", "reversed", "quote", "QuoteString", "set", "frozenset", "expanduser"}
TRIMMING = {"strip", "lstrip", "rstrip", "lower", "upper", "removeprefix", "removesuffix", "replace", "casefold"}
# UTF-8 is what Python takes here anyhow; the proof shows a test's words alone; what is paired has the same length by
# what stands above it, and says so for the reader.
DOCUMENTING = {"description", "examples", "title", "encoding", "pytrace", "strict"}
SIMPLE = (ast.Expr, ast.AugAssign, ast.Delete, ast.Raise)
Change = Callable[[], None]


@dataclass(frozen=True)
class Mutant:
    file: str
    lines: tuple[int, int]  # of the statement that it changes; of a compound one its head
    function: str  # the outermost function that it is in, with its class; empty: at import
    first_line: int  # of that function
    operator: str
    text: str  # of the line that it changes
    number: int  # among those that look the same

    @property
    def name(self) -> str:
        return f"{self.file}:{self.function}:{self.operator}:{self.text}:{self.number}"


def mutants_of(file: str, source: str) -> list[Mutant]:
    return [mutant for mutant, _ in _Walk(file, source).all()]


def mutated(file: str, source: str, name: str) -> ast.Module:
    """The module's tree with that one change. Raises KeyError where there is no such mutant any more."""
    walk = _Walk(file, source)
    for mutant, change in walk.all():
        if mutant.name == name:
            change()
            return ast.fix_missing_locations(walk.tree)
    raise KeyError(name)


class _Walk:
    def __init__(self, file: str, source: str):
        self.file, self.rows, self.tree = file, source.splitlines(), ast.parse(source)
        self.asserts = file.endswith("/verify.py")
        self.seen: Counter[tuple[str, str, str]] = Counter()
        self.statement: ast.stmt | None = None
        self.function: ast.stmt | None = None
        self.scope: list[str] = []

    def all(self) -> list[tuple[Mutant, Change]]:
        return list(self._body(self.tree))

    def _mutant(self, operator: str, node: ast.AST) -> Mutant:
        assert self.statement is not None
        first, last = self.statement.lineno, self.statement.end_lineno or 0
        if body := getattr(self.statement, "body", None):
            last = max(first, body[0].lineno - 1)
        text = self.rows[getattr(node, "lineno", first) - 1].strip()
        function = self.function
        name = ".".join(self.scope) if function else ""
        start = min([function.lineno, *(d.lineno for d in function.decorator_list)]) if function else 0
        self.seen[name, operator, text] += 1
        return Mutant(self.file, (first, last), name, start, operator, text, self.seen[name, operator, text])

    def _body(self, owner: ast.AST, field: str = "body") -> Iterator[tuple[Mutant, Change]]:
        statements = getattr(owner, field, [])
        for at, statement in enumerate(statements):
            if not self._only_documents(statement):
                before, self.statement = self.statement, statement
                yield from self._statement(statements, at)
                self.statement = before

    def _only_documents(self, statement: ast.stmt) -> bool:
        match statement:
            case ast.Import() | ast.ImportFrom() | ast.Pass() | ast.Expr(value=ast.Constant()):
                return True
            case ast.Assert():
                return not self.asserts
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                return True
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id="logger")))):
                return True
        return False

    def _statement(self, statements: list[ast.stmt], at: int) -> Iterator[tuple[Mutant, Change]]:
        statement = statements[at]
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            yield from self._definition(statement)
            return
        if isinstance(statement, ast.Assert) or self._can_go(statement):
            yield self._mutant("taken away", statement), lambda: statements.__setitem__(at, ast.Pass())
        yield from self._change_of_statement(statements, at)
        for field, value in ast.iter_fields(statement):
            if field in ("body", "orelse", "finalbody") and isinstance(value, list):
                yield from self._body(statement, field)
            elif field == "handlers":
                for handler in value:
                    yield from self._handler(handler)
            elif field not in ("annotation", "targets", "target") or isinstance(value, list):
                yield from self._expressions(statement, field, value)

    def _can_go(self, statement: ast.stmt) -> bool:
        if isinstance(statement, ast.Assign):
            return all(isinstance(target, ast.Attribute | ast.Subscript) for target in statement.targets)
        return isinstance(statement, SIMPLE)

    def _change_of_statement(self, statements: list[ast.stmt], at: int) -> Iterator[tuple[Mutant, Change]]:
        statement = statements[at]
        match statement:
            case ast.Return(value=ast.expr() as value) if not _is_no(value):
                yield self._mutant("returns None", value), lambda: setattr(statement, "value", _none())
            case ast.If(test=test) if not isinstance(test, ast.Compare) and not _is_not(test):
                yield self._mutant("negated", test), lambda: setattr(statement, "test", _not(test))
            case ast.For(iter=loop):
                yield self._mutant("no round", loop), lambda: setattr(statement, "iter", ast.Tuple([], ast.Load()))
            case ast.Break():
                yield self._mutant("continue", statement), lambda: statements.__setitem__(at, ast.Continue())
            case ast.Continue():
                yield self._mutant("break", statement), lambda: statements.__setitem__(at, ast.Break())

    def _definition(self, statement: ast.FunctionDef | ast.ClassDef) -> Iterator[tuple[Mutant, Change]]:
        outer = self.function is None
        if isinstance(statement, ast.FunctionDef):
            yield from self._expressions(statement.args, "defaults", statement.args.defaults)
            yield from self._expressions(statement.args, "kw_defaults", statement.args.kw_defaults)
        if outer:
            self.scope.append(statement.name)
            self.function = statement if isinstance(statement, ast.FunctionDef) else None
        yield from self._body(statement)
        if outer:
            self.scope.pop()
            self.function = None

    def _handler(self, handler: ast.ExceptHandler) -> Iterator[tuple[Mutant, Change]]:
        kinds = handler.type
        if isinstance(kinds, ast.Tuple):
            for at, kind in enumerate(kinds.elts):
                yield self._mutant(f"no {ast.unparse(kind)}", kind), lambda at=at: kinds.elts.pop(at)
        elif kinds is not None:
            nothing = ast.Tuple([], ast.Load())
            yield self._mutant("caught by nobody", kinds), lambda: setattr(handler, "type", nothing)
        yield from self._body(handler)

    def _expressions(self, owner: ast.AST, field: str, value: object) -> Iterator[tuple[Mutant, Change]]:
        if isinstance(value, list):
            for at, each in enumerate(value):
                if isinstance(each, ast.AST):
                    yield from self._expression(each, lambda new, at=at: value.__setitem__(at, new))
        elif isinstance(value, ast.AST):
            yield from self._expression(value, lambda new: setattr(owner, field, new))

    def _expression(self, node: ast.AST, put: Callable[[ast.AST], None]) -> Iterator[tuple[Mutant, Change]]:
        for operator, new in self._instead_of(node):
            yield self._mutant(operator, node), lambda new=new: put(new() if callable(new) else new)
        if (isinstance(node, ast.keyword) and node.arg in DOCUMENTING) or _says_why_not(node):
            return
        if isinstance(node, ast.Call):
            for at, keyword in enumerate(node.keywords):
                if keyword.arg is not None and keyword.arg not in DOCUMENTING:
                    yield self._mutant(f"no {keyword.arg}=", keyword), lambda at=at: node.keywords.pop(at)
        for field, value in ast.iter_fields(node):
            if field not in ("annotation", "args") or isinstance(node, ast.Call):
                yield from self._expressions(node, field, value)

    def _instead_of(self, node: ast.AST) -> Iterator[tuple[str, object]]:  # noqa: C901 (a table)
        match node:
            case ast.Constant(value=bool() as truth):
                yield str(not truth), ast.Constant(not truth)
            case ast.Constant(value=int() | float() as number):
                yield f"{number} + 1", ast.Constant(number + 1)
            case ast.Constant(value=str() as text):
                yield "another text", ast.Constant(f"XX{text}XX")
            case ast.Constant(value=bytes() as data):
                yield "another text", ast.Constant(b"XX" + data + b"XX")
            case ast.Compare(ops=[op, *more]) if type(op) in SWAPPED:
                other = SWAPPED[type(op)]
                yield _sign(other), ast.Compare(node.left, [other(), *more], node.comparators)
                if isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE):
                    yield "negated", _not(node)
            case ast.BoolOp(op=op, values=values):
                yield _sign(SWAPPED[type(op)]), ast.BoolOp(SWAPPED[type(op)](), values)
                for at, value in enumerate(values):
                    rest = [*values[:at], *values[at + 1 :]]
                    yield f"without {ast.unparse(value)}", rest[0] if len(rest) == 1 else ast.BoolOp(op, rest)
            case ast.BinOp(op=op) if type(op) in SWAPPED and not _is_text(node.left) and not _is_text(node.right):
                yield _sign(SWAPPED[type(op)]), ast.BinOp(node.left, SWAPPED[type(op)](), node.right)
            case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
                yield "without its sign", operand
            case ast.IfExp(test=test) if not isinstance(test, ast.Compare) and not _is_not(test):
                yield "negated", ast.IfExp(_not(test), node.body, node.orelse)
            case ast.comprehension(ifs=ifs) if ifs:
                for at in range(len(ifs)):
                    rest = [*ifs[:at], *ifs[at + 1 :]]
                    yield "without its if", ast.comprehension(node.target, node.iter, rest, 0)
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[inner]) if name in WRAPPING:
                yield f"without {name}", inner
            case ast.Call(func=ast.Attribute(attr=name, value=inner)) if name in TRIMMING:
                yield f"without {name}", inner
            case ast.Yield(value=ast.expr() as value) if not _is_none(value):
                yield "yields None", ast.Yield(_none())


def _says_why_not(node: ast.AST) -> bool:
    """`pytest.skip("…")`, whose words nobody sees, and what pyinfra's own help shows."""
    return isinstance(node, ast.Call) and ast.unparse(node.func) in ("pytest.skip", "DataMeta")


def _sign(operator: type) -> str:
    return operator.__name__


def _none() -> ast.Constant:
    return ast.Constant(None)


def _not(test: ast.expr) -> ast.UnaryOp:
    return ast.UnaryOp(ast.Not(), test)


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_no(node: ast.AST) -> bool:
    """None, or False, for which None does as well."""
    return isinstance(node, ast.Constant) and (node.value is None or node.value is False)


def _is_not(node: ast.AST) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str | bytes))
