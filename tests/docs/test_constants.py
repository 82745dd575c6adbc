"""Each number of the code that has a name says in a sentence of its own what it is."""

from __future__ import annotations

import ast
from pathlib import Path

CODE = Path(__file__).parents[2] / "src" / "expertfinder"


def _is_number(value: ast.expr | None) -> bool:
    match value:
        case ast.Constant(value=number):
            return isinstance(number, int | float) and not isinstance(number, bool)
        case ast.UnaryOp(operand=operand):
            return _is_number(operand)
        case ast.BinOp(left=left, right=right):
            return _is_number(left) and _is_number(right)
        case ast.Tuple(elts=several):
            return bool(several) and all(map(_is_number, several))
    return False


def _names(line: ast.stmt) -> list[str]:
    targets = line.targets if isinstance(line, ast.Assign) else [line.target] if isinstance(line, ast.AnnAssign) else []
    flat = [each for target in targets for each in (target.elts if isinstance(target, ast.Tuple) else [target])]
    return [each.id for each in flat if isinstance(each, ast.Name) and each.id.isupper() and each.id[0] != "_"]


def untold(code: str) -> list[str]:
    """The named numbers of a module without a docstring that starts a sentence and ends it."""
    body = ast.parse(code).body
    found: list[str] = []
    for line, after in zip(body, [*body[1:], None], strict=True):
        if not _names(line) or not _is_number(getattr(line, "value", None)):
            continue
        said = after.value if isinstance(after, ast.Expr) else None
        text = " ".join(str(said.value).split()) if isinstance(said, ast.Constant) else ""
        if not text.endswith((".", ")")) or text[0].islower() or text.startswith("..."):
            found += _names(line)
    return found


def test_every_named_number_says_what_it_is_in_a_sentence_of_its_own() -> None:
    files = sorted(CODE.rglob("*.py"))
    assert len(files) > 100
    assert {str(path.relative_to(CODE)): named for path in files if (named := untold(path.read_text("utf-8")))} == {}


def test_half_a_sentence_and_none_are_found() -> None:
    assert untold('A = 1\n"""Posts, and"""\nB = 2\n"""people."""\nC = -3\nD, E = 1, 2\n"""Both at once."""\n') == [
        "A", "B", "C",
    ]  # fmt: skip
