"""What a person follows: as a feed, in a weekly mail, to a program; trimmed when it is told, and ended at once."""

from __future__ import annotations

import hmac
import json
from base64 import b64decode, b64encode
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from hashlib import sha256
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from tests.http.client import Client
from tests.http.conftest import CANARY, LEGAL, NOW, person, post
from tests.http.signing import KNOWN, Desk, signed_app
from tests.http.test_problems import assert_problem
from tests.http.test_wishes import client_of, key_of
from typer.testing import CliRunner

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.network import Networking
from expertfinder.ask.oneself.questions import Questions
from expertfinder.ask.oneself.subscriptions import Following, Subscriptions
from expertfinder.ask.oneself.telling import Letterhead, digest, send_digests, send_messages
from expertfinder.ask.oneself.webhooks import check_address, deliver, public_address, signed
from expertfinder.cli.app import app as prompt
from expertfinder.configuration.languages import LANGUAGES
from expertfinder.errors import InvalidQuestion, StoreUnavailable
from expertfinder.store import Subscription

ATOM = "{http://www.w3.org/2005/Atom}"
HEAD = Letterhead(sender="experts@acme.example", public_url="https://experts.example")
HOSTS = ("hooks.acme.example",)
HOOK = "https://hooks.acme.example/in?x=1"
MAILED = person("ada", "Ada Lind", title="Cluster engineer", accounts=("email:ada@acme.example",))


def follow(client: Client, key: dict[str, str], follows: str, subject: str, **more: str) -> dict[str, str]:
    """Something followed over HTTP."""
    body = {"follows": follows, "subject": subject, **more}
    answer = client.post("/v1/me/subscriptions", json=body, headers=key)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-encoding"] == "identity"
    found: dict[str, str] = answer.json()
    return found


def links(client: Client, feed: str) -> list[str]:
    """Where the entries of a feed lead."""
    answer = client.get(feed)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/atom+xml"
    tree = ElementTree.fromstring(answer.text)
    return [link.attrib["href"] for link in tree.iter(f"{ATOM}link")]


def subscriptions_of(finder: ExpertFinder) -> Subscriptions:
    return Subscriptions(finder, Questions(finder, Networking(finder)), hosts=HOSTS)


def test_a_feed_tells_what_its_follower_may_read_when_it_is_read_and_no_text(own_finder: ExpertFinder) -> None:
    client, ben, dana = client_of(own_finder), key_of(own_finder, "acme:ben"), key_of(own_finder, "acme:dana")
    of_ben, of_dana = (follow(client, key, "topic", "Merger")["feed"] for key in (ben, dana))
    secret = {f"/posts/acme:post-{number}" for number in range(26, 34)}
    assert links(client, of_ben) == ["/posts/acme:post-35"]
    assert {*links(client, of_dana)} == {*secret, "/posts/acme:post-35"}
    assert CANARY not in client.get(of_dana).text
    own_finder.store.apply([person("dana", "Dana Ruiz", org_unit="Legal")])
    own_finder.refresh()
    assert links(client, of_dana) == links(client, of_ben), "a right that is gone is gone from the feed"
    own_finder.store.apply([post(38, "ben", "The merger again", "Booked, too.")])
    own_finder.refresh()
    assert links(client, of_ben) == ["/posts/acme:post-38", "/posts/acme:post-35"]


def test_the_key_of_a_feed_opens_this_feed_alone_until_one_stops_or_is_gone(own_finder: ExpertFinder) -> None:
    client, ben = client_of(own_finder), key_of(own_finder, "acme:ben")
    first, second = follow(client, ben, "topic", "kubernetes"), follow(client, ben, "topic", "billing")
    key = first["feed"].rpartition("/")[2]
    (kept, *_) = [one for one in own_finder.store.statements(Subscription) if one.subscription == first["id"]]
    assert kept.digest == sha256(key.encode()).hexdigest()
    assert key not in repr(own_finder.store.beside())
    for path in ("/v1/me", "/v1/me/subscriptions", "/v1/experts?q=kubernetes"):
        assert client.get(path, headers={"Authorization": f"Bearer {key}"}).status_code == 401
    listed = client.get("/v1/me/subscriptions", headers=ben).text
    exported = client.get("/v1/me/export", headers=ben).text
    assert key not in listed + exported
    assert kept.digest not in listed + exported
    stopped = client.request("DELETE", f"/v1/me/subscriptions/{first['id']}", headers=ben)
    assert stopped.status_code == 204
    assert_problem(client.get(first["feed"]), 404, "not-found")
    assert links(client, second["feed"])
    own_finder.store.hide("acme:ben")
    own_finder.refresh()
    hidden = client.get(second["feed"])
    own_finder.store.erase("acme:ben")
    own_finder.refresh()
    assert_problem(client.get(second["feed"]), 404, "not-found")
    assert own_finder.store.statements(Subscription) == []
    assert hidden.status_code in (200, 404)


def test_questions_are_followed_by_topic_by_community_and_one_by_one(own_finder: ExpertFinder) -> None:
    client = client_of(own_finder)
    key = {who: key_of(own_finder, f"acme:{who}") for who in ("ada", "ben", "cleo", "dana")}
    circle = follow(client, key["ada"], "community", "acme:guild:cluster")["feed"]
    room = follow(client, key["cleo"], "community", "acme:deal")["feed"]
    body = {"agreed": True, "anonymous": True}
    put = {"text": "who renews the certificates", "community": "acme:guild:cluster", **body}
    made = client.post("/v1/questions", json=put, headers=key["ben"]).json()["id"]
    one = follow(client, key["dana"], "question", made)["feed"]
    other = {"text": f"the {CANARY} clause", "community": "acme:deal", **body}
    client.post("/v1/questions", json=other, headers=key["dana"])
    assert links(client, circle) == links(client, room) == ["/questions"]
    topic = follow(client, key["ben"], "topic", f"{CANARY} clause")["feed"]
    assert links(client, topic) == []
    before = client.get(one).text
    client.post(f"/v1/questions/{made}/claim", headers=key["ada"])
    after = client.get(one).text
    assert "A question was taken on" in after
    assert before != after
    for feed in (circle, room, one):
        told = client.get(feed).text
        assert not [word for word in ("certificates", CANARY, "ben", "Ben") if word in told]
    for follows, subject in (("community", "acme:deal"), ("question", "none")):
        answer = client.post("/v1/me/subscriptions", json={"follows": follows, "subject": subject}, headers=key["ben"])
        assert_problem(answer, 404, "not-found")


def test_a_week_is_told_in_one_mail_with_links_and_ended_with_one_click(own_finder: ExpertFinder) -> None:
    client, ada = client_of(own_finder), key_of(own_finder, "acme:ada")
    own_finder.store.apply([MAILED])
    own_finder.refresh()
    for subject in ("kubernetes", "billing"):
        follow(client, ada, "topic", subject, via="mail")
    begun = own_finder.now()
    sent: list[EmailMessage] = []
    following = subscriptions_of(own_finder)

    def a_run(days: int) -> tuple[int, int, int]:
        own_finder.now = lambda: begun + timedelta(days=days)
        return tuple(send_digests(own_finder, following, HEAD, sent.append))  # type: ignore[return-value]

    assert a_run(6) == (0, 0, 0), "it is not due"
    new = replace(post(40, "finn", "kubernetes again", "Words."), created_at=begun + timedelta(days=3))
    own_finder.store.apply([new, replace(new, id="acme:post-41", audience=LEGAL)])
    own_finder.refresh()
    assert a_run(8) == (1, 0, 0)
    assert a_run(9) == (0, 0, 0)
    assert a_run(16) == (0, 0, 0), "nobody gets a mail with nothing in it"
    (mail,) = sent
    text = mail.get_content()
    assert (mail["To"], mail["List-Unsubscribe-Post"]) == ("ada@acme.example", "List-Unsubscribe=One-Click")
    assert mail["Content-Language"] in LANGUAGES
    assert "https://experts.example/posts/acme:post-40" in text
    assert not [word for word in ("post-41", "Words", "again", "billing") if word in text]
    path = str(mail["List-Unsubscribe"]).strip("<>").removeprefix("https://experts.example")
    assert_problem(client.post(path[:-1] + ("x" if path[-1] != "x" else "y")), 404, "not-found")
    assert client.post(path, content="List-Unsubscribe=One-Click").status_code == 204
    assert own_finder.store.statements(Subscription) == []
    assert_problem(client.post(path), 404, "not-found")


@pytest.mark.parametrize("at", ["sender", "address", "url"])
@pytest.mark.parametrize("bad", ["\n", "\r\n", "\r", "\u2028", "\0"])
def test_no_line_break_gets_into_a_header(own_finder: ExpertFinder, at: str, bad: str) -> None:
    given = {"sender": HEAD.sender, "address": "ada@acme.example", "url": HEAD.public_url}
    given[at] += f"{bad}Bcc: eve@evil.example"
    kept, _ = subscriptions_of(own_finder).follow(
        Following(follows="topic", subject=f"kubernetes{bad}Bcc: eve", via="mail"), own_finder.viewer("acme:ada")
    )
    head = Letterhead(sender=given["sender"], public_url=given["url"])
    with pytest.raises(InvalidQuestion, match="one line"):
        digest(head, given["address"], [(kept, [])], NOW)
    whole = digest(HEAD, "ada@acme.example", [(kept, [])], NOW)
    assert not [name for name in whole if name.lower() == "bcc"]
    assert b"\nBcc" not in bytes(whole)


def test_a_program_is_told_once_and_what_it_did_not_take_comes_again(own_finder: ExpertFinder) -> None:
    following, viewer = subscriptions_of(own_finder), own_finder.viewer("acme:ben")
    kept, secret = following.follow(Following(follows="topic", subject="kubernetes", via="webhook", url=HOOK), viewer)
    begun = own_finder.now()
    new = replace(post(40, "finn", "kubernetes again", "Words."), created_at=begun + timedelta(hours=1))
    own_finder.store.apply([new])
    own_finder.refresh()
    own_finder.now = lambda: begun + timedelta(hours=2)
    came: list[tuple[str, dict[str, str], bytes]] = []

    def program(status: int) -> Any:
        def take(url: str, headers: dict[str, str], body: bytes, hosts: frozenset[str]) -> int:
            assert hosts == frozenset(HOSTS)
            came.append((url, headers, body))
            return status

        return take

    assert send_messages(own_finder, following, HEAD.public_url, program(302))[1:] == (0, 1)
    assert send_messages(own_finder, following, HEAD.public_url, program(204))[1:] == (1, 0)
    assert send_messages(own_finder, following, HEAD.public_url, program(204))[1:] == (0, 0)
    (_, first, _), (url, headers, body) = came
    assert (url, headers["webhook-id"]) == (HOOK, first["webhook-id"])
    said = json.loads(body)
    assert (said["type"], said["data"]["id"]) == ("post.new", "acme:post-40")
    assert b"Words" not in body
    assert b"again" not in body
    signing = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    mac = hmac.new(b64decode(secret.removeprefix("whsec_")), signing, sha256).digest()
    assert headers["webhook-signature"] == f"v1,{b64encode(mac).decode()}"
    assert kept.secret == secret


def test_a_signature_is_that_of_the_specification() -> None:
    headers = signed(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.acme.example/in",
        "https://hooks.acme.example.evil.example/in",
        "https://evil.example/in",
        "https://user@hooks.acme.example/in",
        "https://hooks.acme.example/in#part",
        "https://hooks.acme.example/in\r\nX: y",
        "https://hooks.acme.example/in out",
        "https://[::1]/in",
        "https://hooks.acme.example:port/in",
        "https://h\u043eoks.acme.example/in",
        "file:///etc/passwd",
        "https:///in",
    ],
)
def test_only_a_host_that_is_named_is_told(own_finder: ExpertFinder, url: str) -> None:
    with pytest.raises(InvalidQuestion):
        check_address(url, HOSTS)
    with pytest.raises(InvalidQuestion):
        deliver(url, {}, b"", HOSTS)
    wanted = Following(follows="topic", subject="x", via="webhook", url=url)
    with pytest.raises(InvalidQuestion):
        subscriptions_of(own_finder).follow(wanted, own_finder.viewer("acme:ben"))


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
        *("::1", "fe80::1%eth0", "fd00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "ff02::1", "224.0.0.1", "240.0.0.1"),
    ],
)
def test_a_name_that_leads_inside_is_not_told(address: str) -> None:
    for found in ([address], ["93.184.216.34", address], [address, "93.184.216.34"]):
        with pytest.raises(StoreUnavailable, match="not public"):
            public_address("hooks.acme.example", 443, lambda host, port, found=found: found)  # type: ignore[misc]
    assert public_address("x", 443, lambda host, port: ["93.184.216.34"]) == "93.184.216.34"


@pytest.mark.parametrize(
    "body",
    [
        {"follows": "topic", "subject": " - "},
        {"follows": "topic", "subject": "x", "via": "webhook"},
        {"follows": "topic", "subject": "x", "via": "feed", "url": HOOK},
        {"follows": "topic", "subject": "x", "via": "webhook", "url": HOOK},
    ],
)
def test_odd_subscriptions_are_refused(own_finder: ExpertFinder, body: dict[str, str]) -> None:
    client, ben = client_of(own_finder), key_of(own_finder, "acme:ben")
    assert_problem(client.post("/v1/me/subscriptions", json=body, headers=ben), 400, "invalid-question")
    assert own_finder.store.statements(Subscription) == []


def test_a_feed_is_begun_and_ended_on_my_page(own_finder: ExpertFinder) -> None:
    own_finder.store.apply(KNOWN)
    own_finder.refresh()
    ada = Desk(signed_app(own_finder)).signed_in_as("ada")
    begun = ada.post("/me/subscriptions", {"follows": "topic", "subject": "kubernetes", "via": "feed"}, of="/me")
    assert begun.status_code == 200
    assert begun.headers["content-encoding"] == "identity"
    (kept,) = own_finder.store.statements(Subscription)
    key = begun.text.split("/v1/feeds/")[1].split("<")[0].split('"')[0]
    assert sha256(key.encode()).hexdigest() == kept.digest
    assert key not in ada.get("/me").text
    ended = ada.post("/me/subscriptions", {"subscription": kept.subscription}, of="/me")
    assert ended.status_code == 303
    assert own_finder.store.statements(Subscription) == []


def test_the_prompt_writes_mails_and_sends_nothing_unless_it_is_set_up(
    own_finder: ExpertFinder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = own_finder.home.folder
    refused = CliRunner().invoke(prompt, ["notify", "--home", str(home)])
    assert "EXPERTFINDER_MAIL_SERVER" in str(refused.exception)
    monkeypatch.setenv("EXPERTFINDER_MAIL_FROM", HEAD.sender)
    monkeypatch.setenv("EXPERTFINDER_PUBLIC_URL", HEAD.public_url)
    own_finder.store.apply([MAILED])
    own_finder.refresh()
    wanted = Following(follows="topic", subject="kubernetes", via="mail")
    kept, _ = subscriptions_of(own_finder).follow(wanted, own_finder.viewer("acme:ada"))
    own_finder.store.state(replace(kept, sent="2020-01-01T00:00:00+00:00"))
    for told in ("mails: 1, messages to programs: 0, failed: 0", "mails: 0"):
        done = CliRunner().invoke(prompt, ["notify", "--home", str(home), "--out", str(tmp_path / "out")])
        assert told in done.output, done.output
    (written,) = (tmp_path / "out").glob("*.eml")
    assert b"List-Unsubscribe: <https://experts.example/v1/unsubscribe/" in written.read_bytes()
