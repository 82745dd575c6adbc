"""F11, S11, N13: help that worked is told to the person, cannot be bought, and can be taken away as a signed badge."""

from __future__ import annotations

import base64
import gzip
import json
import stat
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import KeySet
from tests.http.client import Client
from tests.http.conftest import bearer, two_days_later
from tests.http.signing import KNOWN, Desk, signed_app
from tests.http.test_problems import assert_problem

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.keys import issue_key
from expertfinder.ask.oneself.badges import PLACES
from expertfinder.configuration.settings import InvalidSetting, Settings
from expertfinder.http import Options, create_app, new_key, signing_of
from expertfinder.http.badges import Signing
from expertfinder.model import ORGANISATION, Audience, Interaction
from expertfinder.store import Badge, Feedback

ADDRESS = "https://experts.example"


def act(name: str, actor: str, verb: str, target: str, **more: Any) -> Interaction:
    """Something done to a post of acme's that everybody may see, unless said otherwise."""
    fields = {"audience": ORGANISATION, "created_at": datetime.fromisoformat("2026-01-05T00:00:00+00:00"), **more}
    return Interaction(
        id=f"acme:{name}", source="acme", actor=f"acme:{actor}", verb=verb, object=f"acme:{target}", **fields
    )


class Caller:
    """Somebody with a key for what is theirs."""

    def __init__(self, finder: ExpertFinder, who: str, signing: Signing | None = None) -> None:
        self.client = Client(create_app(finder, finder.store, Options(now=two_days_later, signing=signing)))
        scopes = ["me:read", "me:write", "experts:read"]
        self.headers = bearer(issue_key(finder.store, scopes=scopes, person=f"acme:{who}")[1])

    def ask(self, method: str, path: str, **more: Any) -> Any:
        """The answer to a request of theirs."""
        return self.client.request(method, path, headers=self.headers, **more)

    def helped(self) -> dict[str, Any]:
        """What is said of their help."""
        answer = self.ask("GET", "/v1/me/recognition")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


def written(finder: ExpertFinder, *facts: Interaction) -> None:
    """Keep facts, and answer by them."""
    finder.store.apply(facts)
    finder.refresh()


def test_different_people_are_counted_once_each_and_nobody_who_was_thanked_back(own_finder: ExpertFinder) -> None:
    ada = Caller(own_finder, "ada")
    before = ada.helped()
    written(
        own_finder,
        *(act(f"t{i}", "ben", "thank", "post-1") for i in range(5)),
        act("self", "ada", "thank", "post-1"),
        act("likes", "carla", "like", "post-1"),
        act("hidden", "hana", "thank", "post-1"),
        act("restricted", "dana", "thank", "post-1", audience=Audience("private", people=("acme:dana",))),
    )
    now = ada.helped()
    assert (now["thanked"] - before["thanked"], now["thanked_by"] - before["thanked_by"]) == (1, 1)
    bens = next(post for post in own_finder.store.all("post") if post.authors == ("acme:ben",))
    written(own_finder, act("back", "ada", "thank", bens.id.partition(":")[2]))
    assert ada.helped()["thanked_by"] == before["thanked_by"]


def test_what_did_not_help_is_told_to_the_person_alone_with_the_question_and_without_a_name(
    own_finder: ExpertFinder,
) -> None:
    dana, ada = Caller(own_finder, "dana"), Caller(own_finder, "ada")
    question = {"text": "kubernetes ingress"}
    assert dana.ask("POST", "/v1/asks", json={**question, "to": "acme:ada", "agreed": True}).status_code == 200
    said = {**question, "subject": "acme:ada", "helpful": False}
    assert dana.ask("POST", "/v1/feedback", json=said).status_code == 200
    own_finder.refresh()
    (told,) = ada.helped()["lowers"]
    assert told["question"] == "kubernetes ingress"
    assert "dana" not in json.dumps(told)
    first = dana.ask("GET", "/v1/experts?q=kubernetes").json()["recommendations"][0]
    assert first["subject"]["id"] == "acme:ada"
    assert "Counts less since" in first["caveat"]
    assert "ingress" not in first["caveat"]
    assert dana.ask("POST", "/v1/feedback", json={**said, "helpful": True}).status_code == 200
    own_finder.refresh()
    now = ada.helped()
    assert (now["lowers"], now["helpful"]) == ([], 1)
    own_finder.store.state(
        Feedback(person="acme:ben", subject="acme:ada", text="kubernetes ingress", helpful=True, at=own_finder.now())
    )
    assert ada.helped()["helpful"] == 1, "whoever never turned to her does not count"


# --- badges ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def signing(tmp_path: Path) -> Signing:
    """A file with one key."""
    new_key(tmp_path / "keys.json")
    return Signing(tmp_path / "keys.json", ADDRESS)


def checked(text: str, keys: dict[str, Any]) -> dict[str, Any]:
    """What a credential says, whose signature one of these keys bears out."""
    found = jws.deserialize_compact(text, KeySet.import_key_set(keys), algorithms=["Ed25519"])
    assert "d" not in json.dumps([sorted(key) for key in keys["keys"]]).replace("kid", ""), "a private part"
    return dict(json.loads(found.payload))


def is_revoked(caller: Caller, number: int) -> bool:
    """Whether the list says so of a place."""
    listed = checked(caller.client.get("/badges/status").text, caller.client.get("/badges/keys").json())
    packed = listed["credentialSubject"]["encodedList"].removeprefix("u")
    bits = gzip.decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
    assert len(bits) * 8 == PLACES
    return bool(bits[number // 8] & (0x80 >> number % 8))


def taken(caller: Caller) -> tuple[dict[str, Any], int]:
    """A badge, checked, and its place."""
    answer = caller.ask("POST", "/v1/me/recognition/badge")
    assert (answer.status_code, answer.headers["content-type"]) == (201, "application/vc+jwt"), answer.text
    found = checked(answer.text, caller.client.get("/badges/keys").json())
    return found, int(found["credentialStatus"]["statusListIndex"])


def test_a_badge_names_its_person_alone_and_can_be_checked_revoked_and_outlives_a_new_key(
    own_finder: ExpertFinder, signing: Signing
) -> None:
    written(own_finder, act("thanks", "ben", "thank", "post-1"))
    ada = Caller(own_finder, "ada", signing)
    badge, number = taken(ada)
    assert badge["type"] == ["VerifiableCredential", "OpenBadgeCredential"]
    assert badge["credentialSubject"]["identifier"][0]["identityHash"] == "Ada Lind"
    assert "1 people gave thanks for 1 posts" in badge["credentialSubject"]["achievement"]["description"]
    assert "Ben" not in json.dumps(badge)
    assert not is_revoked(ada, number)
    before = ada.client.get("/badges/keys").json()
    assert new_key(signing.keys) == 1
    assert stat.S_IMODE(signing.keys.stat().st_mode) == 0o600
    again, other = taken(ada)
    after = ada.client.get("/badges/keys").json()
    assert [key["kid"] for key in after["keys"]][1:] == [key["kid"] for key in before["keys"]]
    assert again["id"] != badge["id"]
    assert ada.ask("DELETE", "/v1/me/recognition/badge").status_code == 204
    assert is_revoked(ada, number)
    assert is_revoked(ada, other)
    assert own_finder.store.statements(Badge) == []


def test_who_leaves_takes_the_badges_back_and_nobody_is_named_by_the_list(
    own_finder: ExpertFinder, signing: Signing
) -> None:
    written(own_finder, act("thanks", "ben", "thank", "post-1"))
    ada, ben = Caller(own_finder, "ada", signing), Caller(own_finder, "ben", signing)
    _, number = taken(ada)
    assert ada.ask("DELETE", "/v1/me?confirm=acme:ada").status_code == 204
    assert is_revoked(ben, number)
    assert "acme:ada" not in repr(own_finder.store.beside().statements)


def test_nothing_is_signed_without_a_reason_without_a_file_or_without_an_address(
    own_finder: ExpertFinder, signing: Signing
) -> None:
    assert_problem(Caller(own_finder, "finn", signing).ask("POST", "/v1/me/recognition/badge"), 400, "invalid-question")
    assert Caller(own_finder, "ada").ask("POST", "/v1/me/recognition/badge").status_code == 404
    written(own_finder, act("thanks", "ben", "thank", "post-1"))
    signing.keys.write_text('{"keys": []}')
    assert_problem(Caller(own_finder, "ada", signing).ask("POST", "/v1/me/recognition/badge"), 503, "not-ready")
    with pytest.raises(InvalidSetting, match="PUBLIC_URL"):
        signing_of(Settings(badge_keys=str(signing.keys)))
    assert signing_of(Settings()) is None


def test_the_page_of_a_person_has_it_and_its_form_is_taken(own_finder: ExpertFinder, signing: Signing) -> None:
    own_finder.store.apply(KNOWN)
    written(own_finder, act("thanks", "ben", "thank", "post-1"))
    desk = Desk(signed_app(own_finder, signing=signing)).signed_in_as("ada")
    assert "different people: 1" in desk.get("/me").text
    answer = desk.post("/me/badge", of="/me")
    assert answer.headers["content-disposition"] == 'attachment; filename="help-that-worked.jwt"'
    assert answer.text.count(".") == 2
    assert desk.post("/me/badge", {"act": "revoke"}, of="/me").status_code == 303
    assert own_finder.store.statements(Badge) == []
    assert "signed badge" not in Desk(signed_app(own_finder)).signed_in_as("ada").get("/me").text
