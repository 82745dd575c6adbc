"""A small office for the tests of index, judgement and questions: facts in, a finder out.

Ada knows the ingress of the cluster best (and has a second record, her chat account), Ben knows some of it and lives
elsewhere, Cleo keeps the ledger, Dana is in the legal group, Gil has left, Hana is hidden, Ivo may be found by the
legal group only.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.home import Home
from expertfinder.index.encoders.encoder import DEFAULT, encoder
from expertfinder.model import ORGANISATION, Audience, Fact, Interaction, Person, Post, Source, Viewer

TODAY = date(2026, 6, 1)
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
LEGAL = Audience("groups", groups=("o:legal",))
EVERYTHING = Viewer(everything=True)
LAWYER = Viewer("o:dana", frozenset({"o:legal"}))


def person(short: str, **more: object) -> Person:
    """A person whom everybody may find, unless `more` says otherwise."""
    fields: dict[str, object] = {"name": short.title(), "audience": ORGANISATION, **more}
    return Person(id=f"o:{short}", source="o", **fields)  # type: ignore[arg-type]


def post(name: str, authors: str, text: str, *, age: int = 10, **more: object) -> Post:
    """A post that everybody may read, unless `more` says otherwise. `authors`: names, separated by blanks."""
    fields: dict[str, object] = {"audience": ORGANISATION, "kind": "answer", **more}
    return Post(
        id=f"o:{name}",
        source="o",
        authors=tuple(f"o:{author}" for author in authors.split()),
        text=text,
        created_at=NOON - timedelta(days=age),
        **fields,  # type: ignore[arg-type]
    )


def act(actor: str, verb: str, post_name: str, *, age: int = 5, **more: object) -> Interaction:
    """What somebody did with a post, known by its own words."""
    fields: dict[str, object] = {"audience": ORGANISATION, **more}
    return Interaction(
        id=f"o:{actor}-{verb}-{post_name}",
        source="o",
        actor=f"o:{actor}",
        verb=verb,
        object=f"o:{post_name}",
        created_at=NOON - timedelta(days=age),
        **fields,  # type: ignore[arg-type]
    )


QUESTION = "kubernetes ingress controller drops long connections: raise the proxy timeout"
"""In the words of the posts: what is tested with it is not to hang on how sure one has to be to answer."""
INGRESS = (
    "The kubernetes ingress controller drops long connections when the proxy timeout is short; raise the timeout of "
    "the proxy and drain the nodes of the cluster before an upgrade."
)
LEDGER = "Invoices in another currency are booked in the ledger at the rate of the day; it closes with the month."
MERGER = "The merger contract needs a clause about liability, and the escrow of the source is with the notary."

PEOPLE = (
    person("ada", title="Engineer", org_unit="Platform", location="Lisbon, Portugal", languages=("en", "pt"),
           accounts=("email:ada@office.example",), skills=("ingress", "sailing")),
    person("ada-chat", name="ada!", accounts=("email:ada@office.example",)),
    person("ben", org_unit="Field", location="Lagos", languages=("en", "yo")),
    person("cleo", org_unit="Finance", location="Lisbon"),
    person("dana", org_unit="Legal", groups=("o:legal",)),
    person("fay", org_unit="Field", location="Lagos"),
    person("gil", org_unit="Platform", left_at=NOON - timedelta(days=3)),
    person("hana", org_unit="Platform", hidden=True),
    person("ivo", org_unit="Legal", audience=LEGAL),
)  # fmt: skip
POSTS = (
    *(post(f"a{n}", "ada", INGRESS, age=10 * n, title=f"Ingress, part {n}", tags=("ingress",)) for n in range(1, 8)),
    post("chat1", "ada-chat", INGRESS, age=4, kind="message"),
    *(post(f"b{n}", "ben", INGRESS, age=300 + n, title=f"Field note {n}", kind="document", language="yo",
           tags=("ingress", "field work")) for n in range(1, 4)),
    *(post(f"c{n}", "cleo", LEDGER, age=7 * n, title=f"Ledger, part {n}", tags=("ledger",)) for n in range(1, 7)),
    *(post(f"d{n}", "dana", MERGER, age=7 * n, title=f"Merger, part {n}", audience=LEGAL) for n in range(1, 7)),
    post("q1", "fay", "Connections through the ingress controller drop after a minute.", title="Ingress drops calls"),
    post("r1", "ben", "Raise the proxy timeout.", parent="o:q1", age=9),
    *(post(f"g{n}", "gil", INGRESS, age=20 + n, title=f"Old hand {n}", tags=("ingress",)) for n in range(1, 4)),
    post("h1", "hana", INGRESS, title="Hidden hand", tags=("ingress",)),
    post("i1", "ivo", INGRESS, title="Unseen hand", tags=("ingress",)),
)  # fmt: skip
ACTS = (
    act("fay", "accept", "r1"),
    act("fay", "like", "a1"),
    act("cleo", "review", "a2"),
    act("ben", "edit", "a3"),
)
FACTS: tuple[Fact, ...] = (Source(id="o", audience=ORGANISATION), *PEOPLE, *POSTS, *ACTS)


def opened(folder: Path, facts: Iterable[Fact] = FACTS, *, index: bool = True) -> ExpertFinder:
    """A finder over a new home in `folder` that holds these facts, indexed as of `TODAY`."""
    home = Home(folder)
    store = home.open_store()
    store.apply(facts)
    if index:
        home.build_index(store, encode=encoder(DEFAULT), as_of=TODAY)
    finder = ExpertFinder(home, store, encode=encoder(DEFAULT))
    finder.refresh()
    return finder
