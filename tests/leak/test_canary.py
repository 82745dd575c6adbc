"""L3, L4: nothing of 200 restricted posts and of restricted people in anything that ten others are answered; absent
and invisible are one answer."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from tests.leak.crawl import Doors, Heard, Request, hear, opened, opened_in
from tests.leak.worlds import LAST, WORDS

from expertfinder.ask.finder import ExpertFinder
from expertfinder.model import ORGANISATION, Audience, Community, Fact, Interaction, Person, Post, Query, Source

POSTS = 200
VIEWERS = 10
VAULT = Audience("groups", groups=("a:vault",))


def canary(number: int) -> str:
    """A word that is in one restricted post and nowhere else."""
    return f"zqx{number:03d}vuw"


@dataclass(frozen=True, slots=True)
class Vault:
    """A finder over the organisation, both doors before it, and who keeps the vault."""

    finder: ExpertFinder
    doors: Doors


def _facts() -> Iterator[Fact]:
    yield Source(id="a", audience=ORGANISATION)
    for i in range(VIEWERS):
        yield Person(id=f"a:p{i}", source="a", name=f"Person {i}", audience=ORGANISATION)
    yield Person(id="a:keeper", source="a", name="Kim Keeper", groups=("a:vault",), audience=ORGANISATION)
    yield Person(id="a:secret", source="a", name="Zqxname Unseen", groups=("a:vault",), audience=VAULT)
    yield Person(id="a:gone", source="a", name="Zqxname Hidden", hidden=True, audience=ORGANISATION)
    for i in range(40):
        author = ("a:secret", "a:gone", f"a:p{i % VIEWERS}", "a:keeper")[i % 4]
        yield Post(
            id=f"a:open{i}",
            source="a",
            authors=(author, f"a:p{i % VIEWERS}"),
            title=f"{WORDS[i % 40]} {WORDS[(i * 7) % 40]}",
            text=" ".join(WORDS[(i + k) % 40] for k in range(8)),
            parent=f"a:closed{i}" if i % 3 == 0 else "",
            created_at=LAST - timedelta(days=i),
            audience=ORGANISATION,
        )
        yield Interaction(
            id=f"a:act{i}", source="a", actor="a:secret", verb="review", object=f"a:open{i}", audience=ORGANISATION
        )
    everybody = (*(f"a:p{i}" for i in range(VIEWERS)), "a:keeper", "a:secret", "a:gone")
    for name, audience in (("guild", ORGANISATION), ("zqxroom", VAULT)):
        yield Community(
            id=f"a:{name}",
            source="a",
            name=f"The {name} of {WORDS[0]}",
            members=everybody,
            leads=everybody[-2:],
            parent="a:zqxroom",
            audience=audience,
        )
    for i in range(POSTS):
        yield Post(
            id=f"a:closed{i}",
            source="a",
            authors=(f"a:p{i % VIEWERS}", "a:keeper"),
            title=f"{canary(i)} {WORDS[i % 40]}",
            text=f"{WORDS[(i + 3) % 40]} {canary(i)} {WORDS[(i + 5) % 40]}",
            tags=(f"tag-{canary(i)}", "infra"),
            parent=f"a:open{i % 40}",
            created_at=LAST - timedelta(days=i),
            audience=VAULT,
        )


@pytest.fixture(scope="module", params=["embedded", pytest.param("neo4j", marks=pytest.mark.needs_neo4j)])
def vault(request: pytest.FixtureRequest) -> Iterator[Vault]:
    """The organisation, built once for each engine."""
    facts = list(_facts())
    served = request.param == "neo4j"
    with opened_in(request.getfixturevalue("neo4j_server"), facts) if served else opened(facts) as finder:
        yield Vault(finder, Doors.over(finder))


def _requests() -> list[Request]:
    asked = [f"{WORDS[i]} {WORDS[i + 1]}" for i in range(0, 39, 13)]
    people = [*(f"a:p{i}" for i in range(0, VIEWERS, 3)), "a:keeper", "a:secret", "a:gone"]
    return [
        ("GET", "/v1/me", {}),
        *(("GET", "/v1/topics", {"params": {"prefix": prefix, "limit": 100}}) for prefix in ("", "t", "zq")),
        *(("GET", "/v1/experts", {"params": {"q": text, "limit": 100}}) for text in (*asked, "Zqxname Hidden")),
        *(
            ("GET", path, {"params": {"q": text}})
            for path in ("/v1/suggest", "/v1/people")
            for text in ("zq", "Zqxname", "Zqxnane Unsen", "person", canary(7)[:-1], "infra", "guild")
        ),
        *(("POST", "/v1/experts:search", {"json": {"text": canary(i), "limit": 100}}) for i in (0, 7)),
        *(("GET", f"/v1/people/{person}", {}) for person in people),
        *(("GET", f"/v1/people/{person}/expertise", {"params": {"limit": 100}}) for person in people),
        *(("GET", f"/v1/people/{person}/explanation", {"params": {"q": asked[0]}}) for person in people),
        *(("GET", f"/v1/people/{person}/network", {}) for person in people),
        *(("GET", f"/v1/people/{person}/people-to-meet", {"params": {"topic": asked[0]}}) for person in people),
        *(("GET", f"/v1/people/{person}/path", {"params": {"to": "a:p1"}}) for person in people),
        *(("GET", "/v1/communities", {"params": parameters}) for parameters in ({}, {"q": asked[0]})),
        *(("GET", f"/v1/communities/a:{name}", {}) for name in ("guild", "zqxroom")),
        *(("GET", "/v1/champions", {"params": {"size": 50, **more}}) for more in ({}, {"community": "a:guild"})),
        ("POST", "/v1/champions", {"json": {"topic": asked[1], "size": 50}}),
        ("POST", "/v1/teams:search", {"json": {"skills": asked, "redundancy": 3}}),
        ("GET", "/v1/risks", {"params": {"limit": 100}}),
        ("GET", "/v1/topics/topic:infra/risk", {}),
        *(("GET", f"/v1/posts/a:open{i}", {}) for i in range(0, 40, 9)),
        *(("GET", f"/v1/posts/a:closed{i}", {}) for i in range(0, POSTS, 50)),
        ("GET", "/v1/experts", {"params": {"q": "x" * 3000}}),
        ("GET", "/v1/no-such-route", {}),
    ]


def _pages() -> list[Request]:
    return [
        ("GET", "/", {"params": {"q": "kubernetes proxy"}}),
        ("GET", "/answer", {"params": {"q": "kubernetes proxy"}}),
        *(("GET", f"/people/{one}", {}) for one in ("a:p1", "a:keeper", "a:secret", "a:gone")),
        *(("GET", f"/posts/{one}", {}) for one in ("a:open0", "a:open3", "a:closed3")),
    ]


def _hits(text: str) -> bool:
    """Whether a canary sings in a text: every restricted word and name holds these letters."""
    return "zqx" in text.lower()


def test_ten_viewers_hear_nothing_of_two_hundred_restricted_posts(
    vault: Vault, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, logger="expertfinder"):
        heard: list[Heard] = []
        for person in [None, *(f"a:p{i}" for i in range(VIEWERS - 1))]:
            heard += hear(vault.doors.earnest, _requests(), person)
            heard += hear(vault.doors.demo, _pages(), person)
    assert len(heard) > 300
    for one in heard:
        assert not _hits(one.body.decode()), one.asked
        assert not _hits(str(one.headers)), one.asked
    logged = [record.getMessage() for record in caplog.records if record.name.startswith("expertfinder")]
    assert logged
    assert not _hits("\n".join(logged))
    names = [str(path.relative_to(vault.finder.home.folder)) for path in vault.finder.home.folder.rglob("*")]
    assert len(names) > 10 or vault.finder.home.engine == "neo4j"
    assert not _hits("\n".join(names))


def test_the_keeper_of_the_vault_hears_of_them(vault: Vault) -> None:
    """Else the crawl would look in the wrong place."""
    viewer = vault.finder.viewer("a:keeper")
    for number in (0, 77, 199):
        cited = {
            citation.post
            for one in vault.finder.find(Query(text=canary(number)), viewer).recommendations
            for reason in one.reasons
            for citation in reason.citations
        }
        assert f"a:closed{number}" in cited
    (answer,) = hear(vault.doors.earnest, [("GET", "/v1/people/a:secret", {})], "a:keeper")
    assert _hits(answer.body.decode())


@pytest.mark.parametrize(
    "suffix",
    [
        *("", "/expertise", "/explanation?q=kubernetes", "/explanation", "/expertise?limit=0"),
        *("/network", "/path?to=a:p2", "/people-to-meet", "/people-to-meet?topic=kubernetes"),
    ],
)
@pytest.mark.parametrize("invisible", ["a:secret", "a:gone"])
def test_an_invisible_person_is_answered_like_one_who_never_was(vault: Vault, invisible: str, suffix: str) -> None:
    absent = invisible[:-1] + "x"
    one, other = hear(
        vault.doors.earnest, [("GET", f"/v1/people/{person}{suffix}", {}) for person in (invisible, absent)], "a:p1"
    )
    assert one.status in (404, 422)
    assert one.bytes == other.bytes


def test_an_invisible_post_is_answered_like_one_that_never_was(vault: Vault) -> None:
    one, other = hear(vault.doors.earnest, [("GET", f"/v1/posts/a:closed{i}", {}) for i in (5, 5555)], "a:p1")
    assert one.status == 404
    assert one.bytes == other.bytes


def test_an_invisible_community_is_answered_like_one_that_never_was(vault: Vault) -> None:
    for path in ("/v1/communities/a:{}", "/v1/champions?community=a:{}"):
        asked = [("GET", path.format(name), {}) for name in ("zqxroom", "nowhere")]
        one, other = hear(vault.doors.earnest, asked, "a:p1")
        assert one.status == 404
        assert one.bytes == other.bytes


@pytest.mark.parametrize("path", ["/people/a:secret", "/people/a:gone", "/posts/a:closed5"])
def test_the_pages_tell_them_apart_no_better(vault: Vault, path: str) -> None:
    one, other = hear(vault.doors.demo, [("GET", path, {}), ("GET", f"{path[:-1]}zz", {})], "a:p1")
    assert one.status == 404
    assert one.bytes == other.bytes
