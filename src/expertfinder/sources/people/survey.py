"""A survey of "whom do you turn to": a table of two columns, who answered and whom they named.

| in the table | becomes |
|---|---|
| a row | the act `name` of one person towards another, which only the person who answered may read |
| an address in the rows of five people and more | a record for the audience of the import: how many named it at least |

An answer is given in confidence: no page, path, sociogram, explanation or export shows to others that there is one.
Everybody may know how many people named somebody, rounded down to a multiple of five. So nobody can tell one answer
from that number, or from the difference of two surveys.
More than two columns are refused, because words that were written for one reader are nobody else's. A cell may name
several people, with `;` between. People are addresses or ids of the source, as authors of posts are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from expertfinder.errors import SourceError
from expertfinder.sources.exports import ExportReader, Made, Tree, rows
from expertfinder.sources.exports.fields import Raw
from expertfinder.sources.exports.spot import Spot
from expertfinder.sources.formats import Format
from expertfinder.sources.reader import Withdrawal
from expertfinder.sources.records import Said

ONESELF: Final = "answers in which somebody named themselves"
EMPTY: Final = "answers that name nobody"
COLUMNS: Final = 2
"""The columns of the table: who answered, and whom they named."""
FEWEST: Final = 5
"""How many people must have named somebody before the number is told. The number is rounded down to a multiple of it.
Aggregates of fewer than five are shown nowhere in this product."""


class SurveyReader(ExportReader):
    """Reads answers (`Reader`)."""

    def read(self, tree: Tree) -> Iterator[Said | Withdrawal]:
        """Every answer, in the order of the rows, then how many named whom."""
        self._named: defaultdict[str, set[str]] = defaultdict(set)
        for name in tree.names if tree.is_file else tree.under(ending=".csv"):
            for spot, row in rows(tree, name, delimiter=_delimiter(tree, name)):
                yield from self.facts_of(spot, self._row, row)
        for person, by in sorted(self._named.items()):
            if "@" in person and len(by) >= FEWEST:
                yield from self.facts_of(Spot(self.path.name), self._counted, {"id": person, "by": len(by)})

    def _counted(self, one: Raw) -> Made:
        id, by = str(one["id"]), int(str(one["by"]))
        yield "person", {"id": f"survey/{id}", "email": id, "turned_to_by": by - by % FEWEST}

    def _row(self, row: Raw) -> Made:
        cells = [str(cell).strip() for cell in row.values()]
        if len(cells) != COLUMNS:
            raise SourceError("a survey has two columns, who answered and whom they named; leave all others out")
        who, named = cells[0].removeprefix("mailto:"), cells[1]
        others = [text.strip().removeprefix("mailto:") for text in named.split(";") if text.strip()]
        if not who or not others:
            self.left_out(EMPTY)
        for other in dict.fromkeys(others) if who else ():
            if _same(who) == _same(other):
                self.left_out(ONESELF)
                continue
            one, two = _same(who), _same(other)
            act = {"id": f"{one}/{two}", "actor": one, "verb": "name", "object": two, "object_type": "person"}
            self._named[two].add(one)
            yield "interaction", {**act, "audience": "private"}


def _same(person: str) -> str:
    """An address in small letters; an id as it is."""
    return person.lower() if "@" in person else person


def _delimiter(tree: Tree, name: str) -> str:
    """The delimiter that the first line has once, because there are two columns; a comma where it has none once."""
    with tree.open(name) as file:
        first = file.readline(10_000).decode("utf-8", "replace")
    return next((mark for mark in "\t;," if first.count(mark) == 1), ",")


FORMAT = Format(
    name="survey",
    summary="A survey of whom people turn to: a table of two columns, who answered and whom they named",
    open=SurveyReader,
    audiences=True,
)
