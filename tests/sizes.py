"""How much of each promise is tried: one switch, `pytest --size everyday|ci|soak`, and the table of what it sets.

`make test` runs the everyday size, `make check` the size of CI, `make soak` what takes hours. A size changes how many
cases are drawn, never what is asserted of each.
"""

from __future__ import annotations

from typing import Final, NamedTuple

NAMES: Final = ("everyday", "ci", "soak")


class Sizes(NamedTuple):
    """How many of what, at each size."""

    what: str
    everyday: int
    ci: int
    soak: int


TABLE: Final = {
    "L1": Sizes("worlds with and without their secrets", 15, 150, 5_000),
    "L1 large": Sizes("worlds of 60 to 80 people, in which communities are detected", 1, 7, 100),
    "L2 large": Sizes("the same, whose secrets were open for a moment", 1, 3, 30),
    "L1 learned": Sizes("worlds whose home has published weights of its own", 5, 25, 200),
    "L1 learning": Sizes("worlds from which weights are learned", 5, 40, 200),
    "L1 assistants": Sizes("worlds with and without their secrets, asked by tools for assistants", 1, 5, 100),
    "L1 server": Sizes("worlds whose index a Neo4j server holds", 2, 6, 50),
    "L1 people": Sizes("worlds of several directories in which records are joined", 8, 60, 500),
    "L2": Sizes("worlds whose secrets were open for a moment", 5, 50, 1_000),
    "L5": Sizes("worlds in which every viewer asks for topics", 4, 12, 200),
    "L7": Sizes("audiences drawn for each rule of the lattice", 200, 1_000, 20_000),
    "H2 valid": Sizes("made-up valid calls to each operation", 6, 35, 1_000),
    "H2 invalid": Sizes("made-up invalid calls to each operation", 3, 20, 400),
    "C1": Sizes("kills of a process that writes", 5, 40, 1_000),
    "C5 lives": Sizes("random lives of the SQLite store beside the model", 15, 100, 2_000),
    "C5 steps": Sizes("steps in each of them", 30, 30, 100),
    "C5 server lives": Sizes("random lives of the Neo4j store beside the model", 2, 15, 200),
    "C5 server steps": Sizes("steps in each of them", 30, 30, 50),
    "C6 kills": Sizes("kills of a Neo4j server in the middle of writing", 2, 5, 20),
    "C6 cuts": Sizes("cuts of the wire to a Neo4j server", 3, 12, 100),
    "C7": Sizes("batches by each of four processes that write one file", 50, 50, 1_000),
    "C12": Sizes("flipped bytes in each file of an index", 1, 4, 100),
    "E4": Sizes("worlds of which a part is taken back", 2, 20, 300),
    "gone": Sizes("worlds out of which somebody is erased, and in which somebody is hidden", 2, 12, 300),
    "wishes": Sizes("worlds in which somebody wishes something for themselves", 2, 8, 300),
    "G3": Sizes("near-copies in the flood", 100, 300, 1_000),
    "Q1": Sizes("hash seeds, each with a home filled in another order", 2, 3, 5),
    "Q2": Sizes("questions, asked by three viewers", 6, 30, 88),
    "Q6": Sizes("pairs of younger and older evidence", 8, 20, 2_000),
    "Q9": Sizes("drawn worlds in which every sentence is recomputed from the facts", 2, 8, 500),
    "looks": Sizes("pairs of a width and a colour scheme in which each page is looked at for barriers", 2, 4, 4),
    "widget looks": Sizes(
        "pairs of a width and a look in which each state of the widget is looked at for barriers", 1, 3, 6
    ),
    "X3": Sizes("fields of the forms of the network into which each hostile text is put", 1, 6, 6),
    "attacks": Sizes("of the two hundred attacks, those whose own pages and fields are looked at", 20, 100, 200),
    "X2 sources": Sizes("changed exports that each source is to read or to refuse", 20, 1_000, 50_000),
    "orders": Sizes("orders of changes that the index in a server is to see like the one in files", 1, 3, 10),
    "folds": Sizes("lives of a finder that folds three times, each beside a build", 2, 6, 300),
    "looks on": Sizes("lives of a finder that looks after each change, beside one that looks once", 3, 24, 1_000),
    "drawn": Sizes("cases of each property test that names no number", 30, 100, 1_000),
}
"""Promise -> its figures (`docs/promises.md`)."""

_chosen = ["everyday"]


def choose(name: str) -> None:
    """Set the size of this run, before any test is collected. Raises `ValueError` for a name that is not in `NAMES`."""
    if name not in NAMES:
        raise ValueError(f"there is no size {name!r}; there are {', '.join(NAMES)}")
    _chosen[0] = name


def chosen() -> str:
    """The size of this run, one of `NAMES`."""
    return _chosen[0]


def size(promise: str) -> int:
    """How many of what `TABLE` says, at the size of this run."""
    return int(getattr(TABLE[promise], _chosen[0]))
