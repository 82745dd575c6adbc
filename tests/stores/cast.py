"""A small organisation for the tests of the stores: Ann, Bob and Cem, their posts and what they did."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from expertfinder.model import ORGANISATION, Audience, Community, Interaction, Person, Post, Source
from expertfinder.store import AuditEntry, Key, PutQuestion, Routed

MAY = datetime(2024, 5, 1, 12, 30, tzinfo=UTC)

DEMO = Source(id="demo", audience=ORGANISATION, description="the whole of it", directory=True, proves=("email",))
ANN = Person(
    id="demo:ann",
    source="demo",
    name="Ann Aalto",
    title="Engineer",
    skills=("rivers", "bridges"),
    languages=("fi", "en"),
    availability="mornings",
    time_zone="Europe/Helsinki",
    groups=("demo:board",),
    accounts=("email:ann@demo.example",),
    audience=ORGANISATION,
)
BOB = Person(
    id="demo:bob",
    source="demo",
    name="Bob",
    manager="demo:ann",
    joined_at=MAY - timedelta(days=900),
    left_at=MAY,
    judged=False,
    turned_to_by=10,
)
CEM = Person(
    id="demo:cem",
    source="demo",
    name="Cem Öztürk 🌉",
    kind="shared",
    audience=Audience("private", people=("demo:ann",)),
)
ALONE = Post(id="demo:1", source="demo", authors=("demo:ann",), text="How to gauge a river", created_at=MAY)
TOGETHER = Post(
    id="demo:2",
    source="demo",
    authors=("demo:ann", "demo:bob"),
    kind="answer",
    title="Bridges",
    text="They\nstand \0 \u2028 on piers.",
    created_at=MAY.astimezone(timezone(timedelta(hours=9))),
    parent="demo:1",
    tags=("bridges",),
    community="demo:builders",
    language="en",
    url="https://demo.example/2",
    audience=Audience("groups", groups=("demo:board",), deny=("demo:cem",)),
)
THANKS = Interaction(
    id="demo:i1", source="demo", actor="demo:bob", verb="thank", object="demo:ann", object_type="person", created_at=MAY
)
RATING = Interaction(id="demo:i2", source="demo", actor="demo:cem", verb="rate", object="demo:1", value=0.0)
BUILDERS = Community(
    id="demo:builders", source="demo", name="Builders", members=("demo:ann", "demo:bob"), leads=("demo:ann",)
)
EVERYTHING = (DEMO, ANN, BOB, CEM, BUILDERS, ALONE, TOGETHER, THANKS, RATING)

KEY = Key(
    id="k1",
    digest="ab" * 32,
    scopes=("find", "ingest"),
    person="demo:ann",
    created_at=MAY,
    expires_at=MAY + timedelta(days=90),
    note="laptop",
)
SEEN = AuditEntry(at=MAY, actor="demo:bob", event="explain", subject="demo:ann", detail="demo:ann, and demo:ann2")
PUT = PutQuestion(
    question="q1",
    person="demo:ann",
    text="Who?",
    community="",
    anonymous=True,
    asked_at="2026-05-01",
    answered=False,
    answer="",
    at=MAY,
)
ROUTED = Routed(question="q1", person="demo:ann", subject="demo:bob", day="2026-05-01", went="asked", at=MAY)
"""The question reached Bob."""
