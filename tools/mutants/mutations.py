"""Finds the places where a source file can be changed by one small fault, a mutant."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult, ast.Mod: ast.Mult, ast.LShift: ast.RShift, ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
_FUNCTIONS = {"min": "max", "max": "min", "any": "all", "all": "any"}
_SHORT = 100
_DECLARATIONS = {"annotation", "returns", "decorator_list", "bases", "type_comment"}
# What these calls are given is text for people; a change of it is no fault.
_TEXTS = ("_logger.", "log.", "print")


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault in one file."""

    line: int
    """The first line that differs, from 1."""
    before: str
    after: str
    source: str
    """The whole file with the fault."""

    def __str__(self) -> str:
        """A line for a person."""
        return f"{self.line}: {_short(self.before)}  →  {_short(self.after)}"


def mutants(source: str) -> list[Mutant]:
    """All mutants of a source file, in the order of the file.

    Comparisons, arithmetic, conditions, numbers, truth values, returned values and caught
    exceptions are changed; calls whose value is not used, `raise` and `await` statements are left
    out. Docstrings, annotations, texts for people and named constants stay: a test that repeats
    the value of a constant checks nothing, and a limit's use is changed where it is compared.
    """
    found = _Finder(source)
    found.visit(ast.parse(source))
    return sorted(found.mutants, key=lambda mutant: (mutant.line, mutant.before, mutant.after))


class _Finder(ast.NodeVisitor):
    """Visits a tree and collects its mutants."""

    def __init__(self, source: str) -> None:
        self._source = source.encode()
        starts = [0]
        for line in self._source.splitlines(keepends=True):
            starts.append(starts[-1] + len(line))
        self._starts = starts
        self.mutants: list[Mutant] = []

    def visit(self, node: ast.AST) -> None:
        """Collects the mutants of a node, then those of what it contains."""
        for change in _CHANGES.get(type(node), ()):
            for new in change(node):
                self._add(node, new)
        for child in _changeable(node):
            self.visit(child)

    def _add(self, node: ast.AST, new: str) -> None:
        begin, end = self._span(node)
        before = self._source[begin:end].decode()
        text = f"({new})" if isinstance(node, ast.expr) else new
        mutated = (self._source[:begin] + text.encode() + self._source[end:]).decode()
        try:
            ast.parse(mutated)
        except SyntaxError:
            return
        line = self._source.count(b"\n", 0, begin) + 1
        self.mutants.append(Mutant(line, before, new, mutated))

    def _span(self, node: ast.AST) -> tuple[int, int]:
        assert isinstance(node, ast.expr | ast.stmt), "only these are changed"
        assert node.end_lineno is not None, "the parser sets it"
        assert node.end_col_offset is not None, "the parser sets it"
        begin = self._starts[node.lineno - 1] + node.col_offset
        return begin, self._starts[node.end_lineno - 1] + node.end_col_offset


def _changeable(node: ast.AST) -> Iterator[ast.AST]:
    """The children of a node in which a change can be a fault."""
    if isinstance(node, ast.JoinedStr) or _is_left(node):
        return  # the parser of Python 3.11 gives wrong positions inside of f-strings
    for name, value in ast.iter_fields(node):
        if name in _DECLARATIONS:
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield child


def _is_left(node: ast.AST) -> bool:
    if isinstance(node, ast.Expr):
        value = node.value
        if isinstance(value, ast.Constant):
            return True
        return isinstance(value, ast.Call) and ast.unparse(value.func).startswith(_TEXTS)
    if isinstance(node, ast.Assign | ast.AnnAssign):
        calls = any(isinstance(part, ast.Call) for part in ast.walk(node))
        return not calls and all(target.id.isupper() for target in _names(node))
    return isinstance(node, ast.Assert | ast.Import | ast.ImportFrom)


def _names(node: ast.Assign | ast.AnnAssign) -> list[ast.Name]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return [target for target in targets if isinstance(target, ast.Name)] or [ast.Name("x")]


def _comparison(node: ast.Compare) -> Iterator[str]:
    for position, operator in enumerate(node.ops):
        ops = [*node.ops]
        ops[position] = _COMPARISONS[type(operator)]()
        yield ast.unparse(ast.Compare(node.left, ops, node.comparators))


def _arithmetic(node: ast.BinOp) -> Iterator[str]:
    other = _OPERATORS.get(type(node.op))
    if other is not None:
        yield ast.unparse(ast.BinOp(node.left, other(), node.right))


def _in_place(node: ast.AugAssign) -> Iterator[str]:
    other = _OPERATORS.get(type(node.op))
    if other is not None:
        yield ast.unparse(ast.AugAssign(node.target, other(), node.value))


def _logic(node: ast.BoolOp) -> Iterator[str]:
    operator = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    yield ast.unparse(ast.BoolOp(operator, node.values))
    for left_out in range(len(node.values)):
        rest = [value for position, value in enumerate(node.values) if position != left_out]
        yield ast.unparse(ast.BoolOp(node.op, rest) if len(rest) > 1 else rest[0])


def _negation(node: ast.UnaryOp) -> Iterator[str]:
    if isinstance(node.op, ast.Not):
        yield ast.unparse(node.operand)


def _constant(node: ast.Constant) -> Iterator[str]:
    if isinstance(node.value, bool):
        yield str(not node.value)
    elif isinstance(node.value, int | float):
        yield repr(node.value + 1)


def _conditional(node: ast.IfExp) -> Iterator[str]:
    yield ast.unparse(node.body)
    yield ast.unparse(node.orelse)


def _call(node: ast.Call) -> Iterator[str]:
    if isinstance(node.func, ast.Name) and node.func.id in _FUNCTIONS:
        other = ast.Name(_FUNCTIONS[node.func.id])
        yield ast.unparse(ast.Call(other, node.args, node.keywords))


def _returned(node: ast.Return) -> Iterator[str]:
    if node.value is not None and ast.unparse(node.value) not in {"None", "False"}:
        yield "return None"


def _statement(node: ast.Expr) -> Iterator[str]:
    if not _is_left(node):
        yield "pass"


def _raised(_: ast.Raise) -> Iterator[str]:
    yield "pass"


def _loop_end(node: ast.Break | ast.Continue) -> Iterator[str]:
    yield "continue" if isinstance(node, ast.Break) else "break"


def _caught(node: ast.Try) -> Iterator[str]:
    """The statement with one exception fewer in an `except` or, where it is the only one, none."""
    for handler in node.handlers:
        kind = handler.type
        if kind is None:
            continue
        kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
        for left_out in range(len(kinds)):
            rest = [one for position, one in enumerate(kinds) if position != left_out]
            handler.type = ast.Tuple(rest, ast.Load())
            indent = " " * node.col_offset
            yield ast.unparse(node).replace("\n", "\n" + indent)
        handler.type = kind


_CHANGES: dict[type[ast.AST], tuple[Callable[..., Iterator[str]], ...]] = {
    ast.Compare: (_comparison,),
    ast.BinOp: (_arithmetic,),
    ast.AugAssign: (_in_place,),
    ast.BoolOp: (_logic,),
    ast.UnaryOp: (_negation,),
    ast.Constant: (_constant,),
    ast.IfExp: (_conditional,),
    ast.Call: (_call,),
    ast.Return: (_returned,),
    ast.Expr: (_statement,),
    ast.Raise: (_raised,),
    ast.Break: (_loop_end,),
    ast.Continue: (_loop_end,),
    ast.Try: (_caught,),
}


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHORT else line[: _SHORT - 1] + "…"
