"""The pages in other languages: which one is chosen, that all words are said in it, and that the API stays English."""

from __future__ import annotations

import re

import pytest
from tests.http.client import Client
from tests.http.conftest import Keys, bearer

from expertfinder.configuration import languages
from expertfinder.http.middleware.headers import LANGUAGE_COOKIE

LANG = re.compile(r'<html lang="([a-z]+)">')
OTHERS = [code for code in languages.LANGUAGES if code != languages.ENGLISH]


def spoken(client: Client, path: str = "/", *, cookie: str = "", header: str = "") -> str:
    """The language of a page, which its document and its header agree on."""
    sent = {"Accept-Language": header} if header else {}
    answer = client.get(path, headers=sent | ({"Cookie": f"{LANGUAGE_COOKIE}={cookie}"} if cookie else {}))
    found = LANG.search(answer.text)
    assert found is not None
    assert answer.headers["content-language"] == found[1]
    assert set(re.split(r",\s*", answer.headers["vary"])) >= {"Accept-Language", "Cookie"}
    return found[1]


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", ""),
        ("de", "de"),
        ("de-CH, fr;q=0.9, en;q=0.1", "de"),
        ("sv, fr-CA;q=0.3, en;q=0.2", "fr"),
        ("en-US,en;q=0.9,de;q=0.8", "en"),
        ("de;q=0, fr;q=nan, *, en;q=2", ""),
        ("FR", "fr"),
        (",".join(["xx"] * 30 + ["de"]), ""),
        ("de\x00;q=1;;,;q=", ""),
    ],
)
def test_a_header_names_the_language_that_weighs_most_and_that_we_have(header: str, code: str) -> None:
    assert languages.wanted(header) == code


def test_a_choice_comes_before_the_browser_and_what_is_unknown_is_english(demo_client: Client) -> None:
    assert spoken(demo_client) == "en"
    assert spoken(demo_client, header="fr") == "fr"
    assert spoken(demo_client, cookie="de", header="fr") == "de"
    assert spoken(demo_client, cookie="../de", header="sv") == "en"
    assert spoken(demo_client, "/people/acme:none", header="de") == "de"


def test_the_footer_leads_back_to_the_page_in_the_language_that_was_chosen(demo_client: Client) -> None:
    page = demo_client.get("/topics?q=kube&as=acme:dana").text
    (back,) = re.findall(r'<input type="hidden" name="to" value="([^"]*)">', page)
    assert back == "/topics?q=kube&amp;as=acme:dana"
    answer = demo_client.get("/language", params={"to": back.replace("&amp;", "&"), "language": "de"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/topics?q=kube&as=acme:dana")
    assert answer.headers["set-cookie"].startswith(f"{LANGUAGE_COOKIE}=de;")
    assert spoken(demo_client, answer.headers["location"], cookie="de") == "de"


@pytest.mark.parametrize("to", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_a_choice_leads_to_no_other_place_and_keeps_no_unknown_language(demo_client: Client, to: str) -> None:
    answer = demo_client.get("/language", params={"to": to, "language": "xx"})
    assert answer.headers["location"] == "/"
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("code", OTHERS)
def test_the_api_answers_in_english_whatever_is_preferred(client: Client, keys: Keys, code: str) -> None:
    path = "/v1/experts?q=kubernetes+ingress"
    plain = client.get(path, headers=bearer(keys.shared))
    other = client.get(path, headers=bearer(keys.shared) | {"Accept-Language": code})
    assert other.text == plain.text
    assert other.headers["vary"] == plain.headers["vary"]
    assert "content-language" not in other.headers


@pytest.mark.parametrize("code", OTHERS)
def test_a_page_in_another_language_has_another_tag(demo_client: Client, code: str) -> None:
    path = "/?q=kubernetes+ingress"
    english = demo_client.get(path)
    other = demo_client.get(path, headers={"Accept-Language": code, "If-None-Match": english.headers["etag"]})
    assert (other.status_code, other.text == english.text) == (200, False)
    again = demo_client.get(path, headers={"Accept-Language": code, "If-None-Match": other.headers["etag"]})
    assert again.status_code == 304
    assert demo_client.get(path).text == english.text
