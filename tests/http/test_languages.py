"""The pages in other languages: which one is chosen, that all words are said in it, and that the API stays English."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.support import Translations
from tests.http.client import Client
from tests.http.conftest import NOW, Keys, bearer, indexed
from tests.unit.test_words import seen, tool

from expertfinder.ask.finder import ExpertFinder
from expertfinder.configuration import languages
from expertfinder.http import Options, create_app
from expertfinder.http.middleware.headers import LANGUAGE_COOKIE
from expertfinder.model import ORGANISATION, Community, Fact, Interaction, Person, Post, Source

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


# --- no English is left ----------------------------------------------------------------------------------------------

RUSSIAN = "ru"
"""The people and posts of this organisation are Cyrillic, so a Latin word on a page is one of ours."""
OWN = {"expertfinder", "ef", "CSV", "JSON", "Atom", *languages.LANGUAGES.values()}
KEPT = re.compile(r"(%\(\w+\)s|%%|\{\w*(?::\w+)?\}|<[^>]*>|EXPERTFINDER_\w+|`[^`]*`|EACH)")
LETTERS = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", "абцдефгхийклмнопярстувшхузАБЦДЕФГХИЙКЛМНОПЯРСТУВШХУЗ"
)


def pseudo(text: str) -> str:
    """A text in other letters, its slots and its markup as they are."""
    return "".join(part if KEPT.fullmatch(part) else part.translate(LETTERS) for part in KEPT.split(text))


def cyrillic() -> list[Fact]:
    """Six people, thirty posts, two communities: enough for every section of every page."""
    of = {"source": "x", "audience": ORGANISATION}
    names = ("Анна Белова", "Борис Гусев", "Вера Дымова", "Глеб Ежов", "Дина Жукова", "Егор Зимин")
    facts: list[Fact] = [Source(id="x", audience=ORGANISATION, directory=True)]
    for n, name in enumerate(names):
        said = {"name": name, "title": "Инженер", "org_unit": "Отдел", "location": "Тверь", "bio": "Насосы и трубы."}
        keys = {"accounts": (f"idp:{n}", f"email:{n}@x.example"), "languages": ("ru", "de"), "skills": ("пение",)}
        facts.append(
            Person(id=f"x:{n}", **said, **keys, availability="утром", manager="x:0", joined_at=NOW, **of)  # type: ignore[arg-type]
        )
    for n in range(30):
        kind = ("answer", "question", "message")[n % 3]
        text = f"Насос номер {'и' * (n % 7 + 1)} шумит: проверьте подшипник, {'вал ' * (n % 5)}давление и трубы."
        facts.append(
            Post(
                id=f"x:p{n}",
                authors=(f"x:{n % 4}",),
                kind=kind,
                title=f"Насос, часть {'о' * (n % 9 + 1)}",
                text=text,
                tags=("насосы",) if n % 2 else ("трубы",),
                created_at=NOW - timedelta(days=n * 9),
                language="ru",
                parent=f"x:p{n - 1}" if n % 3 == 2 else "",
                **of,  # type: ignore[arg-type]
            )
        )
        facts.append(
            Interaction(id=f"x:i{n}", actor=f"x:{(n + 1) % 6}", verb="thank", object=f"x:p{n}", created_at=NOW, **of)  # type: ignore[arg-type]
        )
    for n, members in enumerate((("x:0", "x:1", "x:2", "x:3"), ("x:2", "x:3", "x:4", "x:5", "x:1"))):
        facts.append(
            Community(
                id=f"x:g{n}",
                name="Насосный круг",
                description="О насосах",
                members=members,
                leads=members[:1],
                **of,  # type: ignore[arg-type]
            )
        )
    return facts


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExpertFinder]:
    """The Cyrillic organisation, asked in a language whose words are ours in other letters."""
    words = Catalog(locale=RUSSIAN)
    for text in tool().extracted():
        if text.id:
            one = pseudo(text.id if isinstance(text.id, str) else text.id[1])
            words.add(text.id, one if isinstance(text.id, str) else (one,) * words.num_plurals)
    packed = BytesIO()
    write_mo(packed, words)
    packed.seek(0)
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(languages.LANGUAGES, RUSSIAN, "Русский")
        patched.setitem(languages._read, RUSSIAN, Translations(packed))
        finder = ExpertFinder.open(indexed(tmp_path_factory.mktemp("foreign"), cyrillic()))
        yield finder
        finder.close()


PAGES = (
    "/", "/?q=насос", "/?q=Анна",
    "/?q=насос&place=Нигде", "/?q=насос&since=вчера", "/?q=рыба", "/why?q=насос&person=x:1",
    "/suggest?q=Ан", "/people/x:1", "/posts/x:p3", "/posts/x:none", "/topics", "/topics/насосы", "/topics?q=рыба",
    "/communities", "/communities?q=насос", "/communities/x:g0", "/champions", "/champions?size=2&add=Егор", "/meet",
    "/champions?topic=рыба", "/team?skills=насосы&skills=рыба", "/insights", "/questions", "/questions?q=насос&to=x:2",
)  # fmt: skip


def latin(page: str) -> set[str]:
    """Latin words that people read on a page."""
    page = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "", page)  # the id of a request
    return {word for text in seen(page) for word in re.findall(r"[A-Za-zç]{2,}", text)} - OWN


@pytest.mark.parametrize("path", PAGES)
def test_no_english_is_left_on_a_page_in_another_language(foreign: ExpertFinder, path: str) -> None:
    demo = Client(create_app(foreign, foreign.store, Options(insecure_demo=True)), base_url="http://127.0.0.1")
    eyes = f"{path}{'&' if '?' in path else '?'}as=x:5"
    for asked in (path, eyes):
        assert (
            latin(demo.get(asked, headers={"Accept-Language": RUSSIAN}).text) - set(re.findall(r"\w+", path)) == set()
        )
