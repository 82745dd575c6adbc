"""A small organisation behind the real finder and the real store, an app over it, and a key of every kind.

Ada knows Kubernetes and Finn some of it, Ben bills, Cleo writes for the legal group alone, Dana is in that group, Hana
is hidden, Ivo may be found by the legal group only. All of the cluster guild but Ben and Cleo; the deal room is the
legal group's own. The facts are written once a session; tests that write get a copy.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from tests.http.client import Client

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.home import Home
from expertfinder.ask.keys import issue_key, revoke_key
from expertfinder.http import Options, create_app
from expertfinder.index.encoders.encoder import DEFAULT, encoder
from expertfinder.model import ORGANISATION, Audience, Community, Fact, Interaction, Person, Post, Source

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
LEGAL = Audience("groups", groups=("acme:legal",))
CANARY = "quillfeather"
"""A word that only a restricted post has."""


def person(name: str, full: str, **more: object) -> Person:
    """A person of acme whom everybody may find, unless `more` says otherwise."""
    fields: dict[str, object] = {"audience": ORGANISATION, "org_unit": "Platform", "location": "Lisbon", **more}
    return Person(id=f"acme:{name}", source="acme", name=full, **fields)  # type: ignore[arg-type]


def post(number: int, author: str, title: str, text: str, **more: object) -> Post:
    """A post of acme that everybody may read, unless `more` says otherwise; newer with its number."""
    fields: dict[str, object] = {"audience": ORGANISATION, "kind": "answer", "language": "en", **more}
    return Post(
        id=f"acme:post-{number}",
        source="acme",
        authors=(f"acme:{author}",),
        title=title,
        text=text,
        created_at=NOW - timedelta(days=400 - number * 7),
        **fields,  # type: ignore[arg-type]
    )


PEOPLE = (
    person("ada", "Ada Lind", title="Cluster engineer", skills=("kubernetes", "sailing"), languages=("en", "sv")),
    person("ben", "Ben Okafor", title="Accountant", org_unit="Finance", location="Lagos"),
    person("cleo", "Cleo Marsh", title="Counsel", org_unit="Legal", groups=("acme:legal",)),
    person("dana", "Dana Ruiz", title="Paralegal", org_unit="Legal", groups=("acme:legal",)),
    person("finn", "Finn Roe", title="Operator"),
    person("hana", "Hana Hidden", hidden=True),
    person("ivo", "Ivo Unseen", org_unit="Legal", audience=LEGAL),
)

KUBERNETES = (
    "The ingress controller of the kubernetes cluster drops long connections; raise the proxy timeout and drain the "
    "nodes before the upgrade. Network policies decide which pods may talk."
)
KUBERNETES_NOTES = (
    KUBERNETES,
    "Certificates of the ingress are renewed by the cluster itself; kubernetes restarts no pod for that.",
    "A kubernetes ingress with two hosts needs two rules, and the path that is longer wins over the shorter.",
    "Long polling through the ingress controller: buffering off, keep alive on, and sticky sessions for kubernetes.",
    "When a kubernetes rollout stalls, look at the readiness probe first, then at what the ingress still sends.",
    "Requests and limits of memory: what kubernetes evicts first, and why the ingress should never be among it.",
    "Moving the ingress to another kubernetes cluster without downtime: lower the time to live, mirror, then switch.",
    "Rate limits at the ingress protect the kubernetes backend from a noisy client; count by address and by key.",
    "Logs of the ingress controller in one format, so that a kubernetes request can be followed across services.",
    "Canary releases on kubernetes: five in a hundred requests go to the new version, chosen by the ingress.",
    "Who may change an ingress: roles of kubernetes by namespace, and a review for everything that faces outside.",
    "The kubernetes ingress and web sockets: the upgrade header must pass, and idle time is longer than the ping.",
)
"""Twelve different ones: near-copies of one would hardly count."""
INVOICES = "Invoices in another currency are booked at the rate of the day; the ledger closes on the last working day."
CONTRACTS = f"The merger contract under the name {CANARY} needs a clause about liability and the escrow of the source."

POSTS = (
    *(
        post(n, "ada", f"Kubernetes ingress, part {n}", text, tags=("kubernetes",))
        for n, text in enumerate(KUBERNETES_NOTES, 1)
    ),
    *(post(n, "ben", f"Invoices and the ledger, part {n}", INVOICES, tags=("billing",)) for n in range(13, 21)),
    *(
        post(n, "cleo", f"Contracts, part {n}", "A contract names its parties.", tags=("contracts",))
        for n in range(21, 26)
    ),
    *(post(n, "cleo", f"The {CANARY} merger, part {n}", CONTRACTS, audience=LEGAL) for n in range(26, 34)),
    post(34, "hana", "Kubernetes by the hidden one", KUBERNETES, tags=("kubernetes",)),
    *(
        post(n, "finn", f"A kubernetes note, part {n}", "Drain the nodes one by one.", tags=("kubernetes",))
        for n in (36, 37)
    ),
    post(35, "ben", "Re: the merger", "Booked.", parent="acme:post-26", tags=("billing",)),
)
INTERACTIONS = tuple(
    Interaction(
        id=f"acme:i{n}",
        source="acme",
        actor="acme:dana",
        verb="accept",
        object=f"acme:post-{n}",
        created_at=NOW - timedelta(days=300 - n),
        audience=ORGANISATION,
    )
    for n in range(1, 9)
)
COMMUNITIES = (
    Community(
        id="acme:guild:cluster",
        source="acme",
        name="Cluster guild",
        description="Kubernetes, the ingress and the network",
        members=("acme:ada", "acme:dana", "acme:finn", "acme:hana", "acme:ivo"),
        leads=("acme:ada", "acme:hana"),
        parent="acme:deal",
        audience=ORGANISATION,
    ),
    Community(
        id="acme:deal",
        source="acme",
        name=f"The {CANARY} room",
        members=("acme:ben", "acme:cleo", "acme:dana"),
        leads=("acme:cleo",),
        audience=LEGAL,
    ),
)
"""The first is for everybody, below one that is not, with two people whom not everybody may find."""
FACTS: tuple[Fact, ...] = (
    Source(id="acme", audience=ORGANISATION),
    *PEOPLE,
    *POSTS,
    *INTERACTIONS,
    *COMMUNITIES,
)


def indexed(folder: Path, facts: Iterable[Fact]) -> Path:
    """The folder as a home of these facts, indexed for the first of June 2026."""
    home = Home(folder)
    store = home.open_store()
    store.apply(facts)
    home.build_index(store, encode=encoder(DEFAULT), as_of=date(2026, 6, 1))
    store.close()
    return home.folder


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of acme, written and indexed once; nobody writes into it."""
    return indexed(tmp_path_factory.mktemp("acme"), FACTS)


@pytest.fixture(scope="session")
def finder(written: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExpertFinder]:
    """The finder of a copy of acme that the session shares; its store takes keys."""
    folder = tmp_path_factory.mktemp("shared") / "home"
    shutil.copytree(written, folder)
    opened = ExpertFinder.open(folder)
    yield opened
    opened.close()


@pytest.fixture
def own_finder(written: Path, tmp_path: Path) -> Iterator[ExpertFinder]:
    """The finder of a copy of acme that one test may write into."""
    shutil.copytree(written, tmp_path / "home")
    opened = ExpertFinder.open(tmp_path / "home")
    yield opened
    opened.close()


@dataclass(frozen=True, slots=True)
class Keys:
    """The texts of keys, by what they are for."""

    shared: str
    dana: str
    ada: str
    ingest: str
    assessor: str
    talent: str
    endorser: str
    operator: str
    council: str
    own: str
    """Of somebody, for what they say of themselves alone."""
    admin: str
    expired: str
    revoked: str
    hidden: str


def make_keys(finder: ExpertFinder) -> Keys:
    """A key of every kind in the finder's store."""
    reads = ("experts:read", "people:read")

    def key(*scopes: str, person: str | None = None, days: int = 90) -> str:
        return issue_key(finder.store, scopes=scopes, person=person, days=days)[1]

    revoked_key, revoked = issue_key(finder.store, scopes=reads)
    revoke_key(finder.store, revoked_key.id)
    return Keys(
        shared=key(*reads),
        dana=key(*reads, person="acme:dana"),
        ada=key(*reads, person="acme:ada"),
        ingest=key("ingest:write:acme", "ingest:write:new"),
        assessor=key("experts:assess"),
        talent=key("talent:ask"),
        endorser=key("content:endorse"),
        operator=key("operator"),
        council=key("audit:read"),
        own=key("me:read", "me:write", person="acme:finn"),
        admin=key("admin"),
        expired=key(*reads, "ingest:write:acme", days=1),
        revoked=revoked,
        hidden=key(*reads, person="acme:hana"),
    )


@pytest.fixture(scope="session")
def keys(finder: ExpertFinder) -> Keys:
    """A key of every kind for the shared app."""
    return make_keys(finder)


def two_days_later() -> datetime:
    """A clock by which a key of one day is over, and one of ninety is not."""
    return datetime.now(UTC) + timedelta(days=2)


@pytest.fixture(scope="session")
def app(finder: ExpertFinder) -> FastAPI:
    """The app as it runs in earnest: keys, no pages."""
    return create_app(finder, finder.store, Options(now=two_days_later))


@pytest.fixture(scope="session")
def client(app: FastAPI) -> Client:
    """A client of the shared app."""
    return Client(app)


@pytest.fixture(scope="session")
def demo_client(finder: ExpertFinder) -> Client:
    """A client of the same organisation in the demonstration mode."""
    app = create_app(finder, finder.store, Options(insecure_demo=True))
    return Client(app, base_url="http://127.0.0.1")


def bearer(key: str) -> dict[str, str]:
    """The header that presents a key."""
    return {"Authorization": f"Bearer {key}"}


@pytest.fixture(scope="session")
def known_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of acme as a directory that knows everybody's number at the sign-in; nobody writes into it."""
    from tests.http.signing import KNOWN  # it needs what stands above

    return indexed(tmp_path_factory.mktemp("known"), KNOWN)


@pytest.fixture
def known_finder(known_home: Path, tmp_path: Path) -> Iterator[ExpertFinder]:
    """The finder of a copy of it that one test may write into."""
    shutil.copytree(known_home, tmp_path / "known")
    opened = ExpertFinder.open(tmp_path / "known")
    yield opened
    opened.close()
