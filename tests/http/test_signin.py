"""Signing in to the pages: the code flow through a real provider, what a session is worth, and signing out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.http.client import Client
from tests.http.conftest import CANARY, bearer
from tests.http.provider import PUBLIC, TinyProvider, tiny_provider
from tests.http.signing import Desk, sign_in, signed_app

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.keys import issue_key
from expertfinder.ask.subjects import ClosedAccount, Subjects
from expertfinder.configuration.settings import InvalidSetting, Settings
from expertfinder.errors import NotFound, StoreUnavailable
from expertfinder.http.signin.configured import sign_in_of
from expertfinder.http.signin.onward import safe_next
from expertfinder.http.signin.sessions import IDLE_SECONDS, Identity, Sessions
from expertfinder.model import Person, Source


class Clock:
    """Seconds that a test moves on."""

    def __init__(self) -> None:
        self.seconds = 10_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def provider() -> Iterator[TinyProvider]:
    with tiny_provider(sub="dana", email="dana@acme.example", email_verified=True) as running:
        yield running


def test_somebody_signs_in_and_sees_with_their_own_eyes(known_finder: ExpertFinder, provider: TinyProvider) -> None:
    desk = Desk(signed_app(known_finder, sign_in(provider.issuer)))
    first = desk.get(f"/?q={CANARY}+merger")
    assert first.status_code == 303
    assert first.headers["location"].startswith("/signin?next=")
    page = desk.walk(f"/?q={CANARY}+merger")
    assert page.status_code == 200
    assert "Cleo Marsh" in page.text  # the legal group alone finds her for this, and Dana is in it
    assert "Sign out" in page.text
    assert "as=" not in page.text
    assert desk.get("/people/acme:ada").status_code == 200


def test_the_cookie_is_out_of_reach_of_scripts_other_sites_and_plain_http(
    known_finder: ExpertFinder, provider: TinyProvider
) -> None:
    desk = Desk(signed_app(known_finder, sign_in(provider.issuer)))
    begun = desk.get("/signin")
    back = parse_qs(urlsplit(begun.headers["location"]).query)
    assert back["code_challenge_method"] == ["S256"]
    assert len(back["state"][0]) >= 32
    assert len(back["nonce"][0]) >= 32
    assert back["redirect_uri"] == [f"{PUBLIC}/signin/callback"]
    code = provider.authorize({name: values[0] for name, values in back.items()}).partition("?")[2]
    lines = [begun.headers["set-cookie"], *desk.get(f"/signin/callback?{code}").headers.get_list("set-cookie")]
    for line in lines:
        assert line.startswith("__Host-")
        assert {"httponly", "secure", "samesite=lax", "path=/"} <= {part.strip().lower() for part in line.split(";")}
        assert "domain" not in line.lower()


def test_a_sign_in_that_this_browser_did_not_begin_goes_nowhere(
    known_finder: ExpertFinder, provider: TinyProvider
) -> None:
    app = signed_app(known_finder, sign_in(provider.issuer))
    other, mine = Desk(app), Desk(app)
    asked = {
        name: values[0] for name, values in parse_qs(urlsplit(other.get("/signin").headers["location"]).query).items()
    }
    back = provider.authorize(asked).partition("?")[2]
    assert mine.get(f"/signin/callback?{back}").status_code == 403  # no cookie
    mine.get("/signin")
    assert mine.get(f"/signin/callback?{back}").status_code == 403  # of another sign-in
    assert not any(name.endswith("expertfinder") for name in mine.cookies)
    assert other.get(f"/signin/callback?{back}").status_code == 303
    assert other.get(f"/signin/callback?{back}").status_code == 403  # a code and a state count once


def test_an_id_token_for_another_sign_in_or_client_is_refused(
    known_finder: ExpertFinder, provider: TinyProvider
) -> None:
    desk = Desk(signed_app(known_finder, sign_in(provider.issuer)))
    provider.nonce = "of another sign-in"
    assert desk.walk("/").status_code == 401
    provider.nonce = None
    provider.claims["aud"] = "another-client"
    assert desk.walk("/").status_code == 401
    del provider.claims["aud"]
    assert desk.walk("/").status_code == 200


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "a-stranger"},
        {"sub": "a-stranger", "email": "dana@acme.example", "email_verified": True},
        {"sub": "acme:dana"},
        {"sub": "Dana Ruiz", "name": "Dana Ruiz", "preferred_username": "dana"},
    ],
)
def test_whom_no_directory_knows_by_the_subject_is_nobody(
    known_finder: ExpertFinder, provider: TinyProvider, claims: dict[str, object]
) -> None:
    provider.claims = dict(claims)
    page = Desk(signed_app(known_finder, sign_in(provider.issuer))).walk("/")
    assert page.status_code == 403
    assert "no directory here has a record" in page.text


@pytest.mark.parametrize(("verified", "status"), [(True, 200), (False, 403), ("true", 403), (None, 403), (1, 403)])
def test_an_address_stands_for_somebody_only_if_that_is_set_and_the_provider_verified_it(
    known_finder: ExpertFinder, provider: TinyProvider, verified: object, status: int
) -> None:
    provider.claims = {"sub": "a-stranger", "email": "dana@acme.example", "email_verified": verified}
    assert Desk(signed_app(known_finder, sign_in(provider.issuer, by_email=True))).walk("/").status_code == status


def test_a_source_that_is_no_directory_makes_nobody_of_a_subject(
    known_finder: ExpertFinder, provider: TinyProvider
) -> None:
    provider.claims = {"sub": "mallory"}
    known_finder.store.apply([Source(id="wiki"), Person(id="wiki:x", source="wiki", accounts=("idp:mallory",))])
    known_finder.refresh()
    desk = Desk(signed_app(known_finder, sign_in(provider.issuer)))
    assert desk.walk("/").status_code == 403
    known_finder.store.apply([Source(id="wiki", proves=("idp",))])
    known_finder.refresh()
    assert desk.walk("/").status_code == 200


def test_a_subject_of_two_humans_is_nobody(known_finder: ExpertFinder, provider: TinyProvider) -> None:
    two = [
        Person(id=f"acme:{name}", source="acme", name=name, accounts=("idp:twice", f"employee:{name}"))
        for name in ("one", "two")
    ]
    known_finder.store.apply(two)
    known_finder.refresh()
    provider.claims = {"sub": "twice"}
    assert Desk(signed_app(known_finder, sign_in(provider.issuer))).walk("/").status_code == 403


# --- at each request -------------------------------------------------------------------------------------------------


def test_a_session_ends_when_the_record_goes_and_a_group_when_it_is_taken(known_finder: ExpertFinder) -> None:
    store = known_finder.store
    desk = Desk(signed_app(known_finder)).signed_in_as("dana")
    secret = "/posts/acme:post-26"
    assert desk.get(secret).status_code == 200
    dana = store.get("person", ["acme:dana"])[0]
    store.apply([replace(dana, groups=())])
    known_finder.refresh()
    assert desk.get(secret).status_code == 404
    store.apply([dana])
    known_finder.refresh()
    assert desk.get(secret).status_code == 200
    store.delete("person", ["acme:dana"])
    known_finder.refresh()
    assert desk.get(secret).headers["location"].startswith("/signin")
    store.apply([dana])
    known_finder.refresh()
    assert desk.get(secret).status_code == 303  # it ended; a record that comes again does not open it


def test_a_closed_account_reaches_nothing_by_session_or_key_and_its_record_stays(known_finder: ExpertFinder) -> None:
    app = signed_app(known_finder)
    desk = Desk(app).signed_in_as("dana")
    key = issue_key(known_finder.store, scopes=["people:read"], person="acme:dana")[1]
    client = Client(app)
    closed = ClosedAccount(person="acme:dana", source="acme", at=datetime(2026, 6, 1, tzinfo=UTC))
    assert (desk.get("/").status_code, client.get("/v1/me", headers=bearer(key)).status_code) == (200, 200)
    known_finder.store.state(closed)
    assert (desk.get("/").status_code, client.get("/v1/me", headers=bearer(key)).status_code) == (303, 403)
    known_finder.store.retract(closed)
    assert (desk.get("/").status_code, client.get("/v1/me", headers=bearer(key)).status_code) == (303, 200)


def test_while_the_record_is_away_what_was_last_known_of_accounts_holds_for_an_hour(
    known_finder: ExpertFinder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> int:
        raise StoreUnavailable("it is away")

    closed = ClosedAccount(person="acme:dana", source="acme", at=datetime(2026, 6, 1, tzinfo=UTC))
    known_finder.store.state(closed)
    known, new = (Subjects(known_finder, known_finder.store) for _ in range(2))
    known.check_open("acme:ada")
    monkeypatch.setattr(known_finder.store, "sequence", away)
    known.check_open("acme:ada")
    with pytest.raises(NotFound):
        known.check_open("acme:dana")
    with pytest.raises(StoreUnavailable):
        new.check_open("acme:ada")
    monkeypatch.setattr("expertfinder.ask.subjects._AWAY_SECONDS", 0.0)
    with pytest.raises(StoreUnavailable):
        known.check_open("acme:ada")


def test_the_provider_is_asked_again_and_what_it_says_counts(
    known_finder: ExpertFinder, provider: TinyProvider
) -> None:
    provider.claims |= {"sub": "ada", "groups": ["/legal"]}
    configured = sign_in(provider.issuer, groups="groups", source="acme", recheck_seconds=0)
    desk = Desk(signed_app(known_finder, configured))
    desk.walk("/")
    assert desk.get("/posts/acme:post-26").status_code == 200
    provider.claims["groups"] = []
    assert desk.get("/posts/acme:post-26").status_code == 404
    assert desk.get("/").status_code == 200
    provider.is_open = False
    assert desk.get("/").status_code == 303
    provider.is_open = True
    assert desk.get("/").status_code == 303


def test_while_the_provider_does_not_answer_sessions_go_on_for_an_hour(
    known_finder: ExpertFinder, provider: TinyProvider
) -> None:
    clock = Clock()
    desk = Desk(signed_app(known_finder, sign_in(provider.issuer), clock=clock))
    desk.walk("/")
    provider.answers = False
    for _ in range(11):
        clock.seconds += 301
        assert desk.get("/").status_code == 200
    clock.seconds += 301
    assert desk.get("/").status_code == 503
    provider.answers = True
    assert desk.get("/").status_code == 200


def test_groups_of_claims_have_the_prefix_of_their_source(known_finder: ExpertFinder) -> None:
    provider_groups = frozenset({"keycloak:legal"})
    desk = Desk(signed_app(known_finder)).signed_in_as("ada", groups=provider_groups)
    assert desk.get("/posts/acme:post-26").status_code == 404  # the audience names acme:legal


def test_the_api_takes_no_cookie(known_finder: ExpertFinder) -> None:
    desk = Desk(signed_app(known_finder)).signed_in_as("dana")
    assert desk.get("/").status_code == 200
    for path in ("/v1/me", "/v1/experts?q=kubernetes", "/v1/people/acme:ada"):
        assert desk.get(path).status_code == 401


def test_a_script_without_a_session_is_told_so_and_not_sent_away(known_finder: ExpertFinder) -> None:
    answer = Desk(signed_app(known_finder)).get("/answer?q=kubernetes", **{"Sec-Fetch-Dest": "empty"})
    assert answer.status_code == 401
    assert answer.json()["type"].endswith("#sign-in-needed")


# --- sessions --------------------------------------------------------------------------------------------------------


def test_a_session_ends_by_itself_unused_or_after_its_hours() -> None:
    clock = Clock()
    sessions = Sessions(clock, seconds=8 * 3600)
    idle = sessions.signed(sessions.open(Identity(subject="a")).name)
    busy = sessions.signed(sessions.open(Identity(subject="b")).name)
    for _ in range(8):
        assert sessions.of(busy) is not None
        clock.seconds += IDLE_SECONDS - 1
    assert sessions.of(idle) is None
    clock.seconds += 10
    assert sessions.of(busy) is None


@pytest.mark.parametrize("change", ["", ".", "x", "é", "{}", "a.b", "{}.", ".{}"])
def test_a_cookie_that_was_not_signed_here_is_none(change: str) -> None:
    sessions = Sessions(Clock())
    session = sessions.open(Identity(subject="a"))
    good = sessions.signed(session.name)
    assert sessions.of(good) is not None
    assert sessions.of(change.format(good)) is None or change == "{}"
    assert sessions.of(session.name) is None
    assert Sessions(Clock()).of(good) is None
    for place in range(0, len(good), 7):
        changed = good[:place] + ("A" if good[place] != "A" else "B") + good[place + 1 :]
        assert sessions.of(changed) is None


# --- signing out -----------------------------------------------------------------------------------------------------


def test_signing_out_ends_the_session_at_both_ends(known_finder: ExpertFinder, provider: TinyProvider) -> None:
    desk = Desk(signed_app(known_finder, sign_in(provider.issuer)))
    desk.walk("/")
    before = dict(desk.cookies)
    assert desk.send("/signout", {}).status_code == 403
    out = desk.post("/signout")
    assert out.status_code == 200
    assert f"{provider.issuer}/logout?client_id=expertfinder" in out.text
    assert "id_token_hint=" in out.text
    assert "__Host-expertfinder" not in desk.cookies
    assert desk.get("/").status_code == 303
    desk.cookies = before
    assert desk.get("/").status_code == 303  # the old cookie is worth nothing


def test_the_provider_ends_a_session_with_a_message_that_only_it_can_sign(
    known_finder: ExpertFinder, provider: TinyProvider
) -> None:
    desk = Desk(signed_app(known_finder, sign_in(provider.issuer)))
    desk.walk("/")
    event = {"http://schemas.openid.net/event/backchannel-logout": {}}
    message = {"sub": "dana", "sid": "session-1", "aud": "expertfinder", "scope": None}
    for wrong in (
        provider.token(**message),
        provider.token(**{**message, "aud": "another"}, events=event),
        provider.token(**message, events=event, nonce="n"),
        "nothing",
    ):
        assert desk.send("/signin/backchannel", {"logout_token": wrong}).status_code == 401
        assert desk.get("/").status_code == 200
    right = provider.token(**message, events=event, header={"typ": "logout+jwt"})
    assert desk.send("/signin/backchannel", {"logout_token": right}).status_code == 200
    assert desk.get("/").status_code == 303


# --- where to go on --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "evil",
        "",
        "/\tevil",
        "/\r\nSet-Cookie: a=b",
        "/signin?next=/",
        "/signout",
        "///evil",
        "/é",
        "/" + "a" * 3000,
    ],
)
def test_nobody_is_sent_elsewhere_after_signing_in(wanted: str) -> None:
    assert safe_next(wanted) == "/"


@pytest.mark.parametrize("wanted", ["/", "/people/acme:ada", "/?q=a+b&topic=c", "/posts/a:b%2Fc"])
def test_a_path_of_ours_is_gone_on_to(wanted: str) -> None:
    assert safe_next(wanted) == wanted


# --- as it is configured ---------------------------------------------------------------------------------------------


def test_without_a_sign_in_the_home_page_says_what_to_set(client: Client) -> None:
    text = client.get("/").text
    for name in ("SIGNIN_ISSUER", "SIGNIN_CLIENT", "SIGNIN_SECRET", "PUBLIC_URL"):
        assert f"EXPERTFINDER_{name}" in text


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"signin_client": "c"}, "SIGNIN_ISSUER"),
        ({"signin_issuer": "https://p.example"}, "PUBLIC_URL"),
        (
            {"signin_issuer": "https://p.example", "public_url": "https://e.example", "signin_roles": "a=boss"},
            "SIGNIN_ROLES",
        ),
        (
            {"signin_issuer": "https://p.example", "public_url": "https://e.example", "signin_assertions": "no/file"},
            "SIGNIN_ASSERTIONS",
        ),
    ],
)
def test_a_sign_in_that_cannot_work_is_refused_at_the_start(given: dict[str, str], named: str) -> None:
    with pytest.raises(InvalidSetting, match=f"EXPERTFINDER_{named}"):
        sign_in_of(Settings(home=Path("h"), **given))  # type: ignore[arg-type]


def test_a_sign_in_of_settings_has_their_values() -> None:
    where = Settings(
        home=Path("h"),
        signin_issuer="https://p.example/realms/a",
        public_url="https://e.example/",
        signin_client="c",
        signin_roles="hr:ops=admin hr:council=people:read,experts:assess",
        signin_actors="intranet chat",
        signin_hours=1.5,
    )
    found = sign_in_of(where)
    assert found is not None
    assert (found.issuer, found.public_url, found.session_seconds) == (where.signin_issuer, "https://e.example", 5400)
    assert found.roles == {"hr:ops": ("admin",), "hr:council": ("people:read", "experts:assess")}
    assert found.actors == {"intranet", "chat"}
    assert "**********" in str(Settings(home=Path("h"), signin_secret="geheim"))
    assert "geheim" not in str(Settings(home=Path("h"), signin_secret="geheim"))
