"""Forms that only our own pages can send."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.http.client import Client
from tests.http.signing import Desk, signed_app

from expertfinder.ask.finder import ExpertFinder
from expertfinder.http.signin.forms import TOKEN, is_of, masked


def test_a_form_of_ours_is_taken_and_any_other_is_not(known_finder: ExpertFinder) -> None:
    app = signed_app(known_finder)
    dana, ada = Desk(app).signed_in_as("dana"), Desk(app).signed_in_as("ada")
    of_ada = TOKEN.search(ada.get("/").content)
    assert of_ada is not None
    stolen = of_ada[0].decode().rpartition('value="')[2].rstrip('"')
    for form in ({}, {"form_token": ""}, {"form_token": "x" * 86}, {"form_token": stolen}):
        assert dana.send("/signout", form).status_code == 403
    for headers in (
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "same-site", "Origin": "https://wiki.experts.example"},
        {"Sec-Fetch-Site": "none", "Origin": ""},
        {"Sec-Fetch-Site": "", "Origin": ""},
        {"Sec-Fetch-Site": "", "Origin": "null"},
        {"Sec-Fetch-Site": "", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://experts.example"},
    ):
        assert dana.post("/signout", **headers).status_code == 403
    assert dana.post("/signout", **{"Sec-Fetch-Site": "", "Origin": "https://experts.example"}).status_code == 200


def test_a_script_of_ours_sends_the_token_in_a_header(known_finder: ExpertFinder) -> None:
    desk = Desk(signed_app(known_finder)).signed_in_as("dana")
    found = TOKEN.search(desk.get("/").content)
    assert found is not None
    token = found[0].decode().rpartition('value="')[2].rstrip('"')
    answer = desk.send("/signout", {}, **{"X-Form-Token": token, "Content-Type": "application/json"})
    assert answer.status_code == 200


def test_who_is_not_signed_in_sends_no_form(known_finder: ExpertFinder, demo_client: Client) -> None:
    desk = Desk(signed_app(known_finder))
    assert desk.send("/signout", {}).status_code == 303
    assert desk.send("/signout", {}, **{"Sec-Fetch-Dest": "empty"}).status_code == 401
    assert demo_client.post("/signout").status_code == 404  # there is nothing to sign out of


def test_two_copies_of_a_page_differ_in_their_tokens_alone(known_finder: ExpertFinder) -> None:
    desk = Desk(signed_app(known_finder)).signed_in_as("dana")
    one, two = desk.get("/?q=kubernetes"), desk.get("/?q=kubernetes")
    assert one.content != two.content
    assert TOKEN.sub(b"", one.content) == TOKEN.sub(b"", two.content)
    assert len(TOKEN.findall(one.content)) == one.content.count(b"form_token") >= 1
    assert one.headers["etag"] == two.headers["etag"], "a tag is made without the tokens"


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_a_token_is_of_its_secret_alone_and_never_the_same_twice(secret: bytes, other: bytes) -> None:
    token, again = masked(secret), masked(secret)
    assert token != again
    assert len(token) == 86
    assert is_of(token, secret)
    assert is_of(again, secret)
    assert is_of(token, other) == (secret == other)
    assert not is_of(token[:-1], secret)
    assert not is_of(token + "A", secret)


@given(st.text(max_size=120))
def test_any_text_is_no_token_and_breaks_nothing(text: str) -> None:
    assert not is_of(text, b"s" * 32) or len(text) == 86


def test_compression_tells_nothing_of_a_token() -> None:
    """A page that repeats what somebody guesses is no shorter for a right guess than for wrong ones (BREACH)."""
    secret = b"0123456789abcdef" * 2
    right = masked(secret)[:8]

    def bytes_with(guess: str) -> float:
        pages = [gzip.compress(f'value="{masked(secret)}" ... {guess}'.encode(), mtime=0) for _ in range(200)]
        return sum(map(len, pages)) / len(pages)

    assert abs(bytes_with(right) - bytes_with("A7xk-Q2_")) < 0.5


@pytest.mark.parametrize("path", ["/", "/signed-out", "/communities", "/champions"])
def test_pages_say_that_they_depend_on_the_cookie(known_finder: ExpertFinder, path: str) -> None:
    answer = Desk(signed_app(known_finder)).signed_in_as("dana").get(path)
    assert answer.status_code == 200
    assert answer.headers["vary"] == "Accept-Encoding, Authorization, Cookie, Accept-Language"
    assert answer.headers["cache-control"].startswith("private")
