"""A small organisation with several who know something, for tests of what counts and what does not."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.leak.crawl import opened, rebuild
from tests.leak.worlds import LAST, WORDS

from expertfinder.ask.finder import ExpertFinder
from expertfinder.model import ORGANISATION, SHARED, Fact, Interaction, Person, Post, Query

__all__ = ["FACTS", "LAST", "PEOPLE", "QUERY", "act", "opened", "person", "post", "rebuild", "scores"]

QUERY = Query(text="kubernetes proxy timeout", limit=100)


def person(name: str, **more: object) -> Person:
    """Somebody whom everybody may find."""
    fields = {"name": name.title(), "audience": ORGANISATION, **more}
    return Person(id=f"a:{name}", source="a", **fields)  # type: ignore[arg-type]


def post(name: str, author: str, text: str, *, at: datetime | None = LAST, **more: object) -> Post:
    """A post that everybody may read."""
    fields = {"title": "", "kind": "answer", "audience": ORGANISATION, **more}
    return Post(id=f"a:{name}", source="a", authors=(f"a:{author}",), text=text, created_at=at, **fields)  # type: ignore[arg-type]


def act(name: str, actor: str, verb: str, target: str, *, at: datetime | None = LAST) -> Interaction:
    """Something that everybody may see."""
    return Interaction(
        id=f"a:{name}", source="a", actor=f"a:{actor}", verb=verb, object=f"a:{target}", created_at=at,
        audience=ORGANISATION,
    )  # fmt: skip


PEOPLE = tuple(person(f"p{i}") for i in range(12))
FACTS: tuple[Fact, ...] = (
    *PEOPLE,
    *(
        post(
            f"q{i}",
            f"p{i % 12}",
            " ".join(("kubernetes", "proxy", "timeout")[: i % 4])
            + " "
            + " ".join(WORDS[(i * 5 + k) % 40] for k in range(9)),
            at=LAST - timedelta(days=i * 11),
            title=WORDS[(i * 3) % 40],
        )
        for i in range(40)
    ),
)


def scores(finder: ExpertFinder, query: Query = QUERY) -> dict[str, float]:
    """Everybody's score, also of who would not be recommended."""
    return {one.id: finder.explain(query, one.id, SHARED).score for one in PEOPLE}
