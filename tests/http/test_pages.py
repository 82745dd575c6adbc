"""The pages as HTML: what they say, through whose eyes, and that nothing of other people's words is markup."""

from __future__ import annotations

import re

import pytest
from tests.http.client import Client
from tests.http.conftest import CANARY

from expertfinder.http.pages.drawing import charts
from expertfinder.http.pages.wording import number, outside
from expertfinder.model import Reason

ROW = re.compile(r'<li class="row">.*?</li>(?=\s*(?:<li class="row">|</ol>))', re.DOTALL)
OPTION = re.compile(r'<option value="([^"]*)"( selected)?')


def test_the_first_page_offers_a_question_eyes_and_topics(demo_client: Client) -> None:
    page = demo_client.get("/").text
    assert '<input id="q" name="q"' in page
    assert ">kubernetes</a>" in page
    eyes = [value for value, _ in OPTION.findall(page.partition('name="as"')[2].partition("</select>")[0])]
    assert eyes[0] == ""
    assert "acme:dana" in eyes
    assert "acme:hana" not in eyes
    assert "acme:ivo" not in eyes


def test_the_answer_has_people_reasons_evidence_and_the_score_twice(demo_client: Client) -> None:
    page = demo_client.get("/", params={"q": "kubernetes ingress"}).text
    card = page.partition('<li class="row">')[2].partition('<li class="row">')[0]
    assert "Ada Lind" in card
    assert "Cluster engineer · Platform · Lisbon" in card
    assert re.search(r'<a dir="auto" href="/posts/acme:post-\d+">', card)
    why = re.search(r'href="(/why\?[^"]+)"', card)
    assert why is not None
    card = demo_client.get(why[1].replace("&amp;", "&")).text
    part = demo_client.get(why[1].replace("&amp;", "&") + "&part=1").text
    assert "<html" not in part
    assert part.partition('<div class="because-shown">')[2].rpartition("</div>")[0].strip() in card
    assert demo_client.get("/why?q=kubernetes&person=acme:none").status_code == 404
    assert 'role="img" aria-label="' in card
    score = re.search(r'<text class="value sum"[^>]*>([\d.]+)</text>', card)
    in_table = re.search(r'<th scope="row">Score</th><td>([\d.]+)</td>', card)
    assert score is not None
    assert in_table is not None
    assert score[1] == in_table[1]


def test_the_fragment_is_the_answer_of_the_page(demo_client: Client) -> None:
    asked = {"q": "kubernetes ingress", "as": "acme:dana"}
    fragment = demo_client.get("/answer", params=asked).text
    assert fragment.strip()
    assert fragment.strip() in demo_client.get("/", params=asked).text


def test_an_abstention_says_what_to_do_next(demo_client: Client) -> None:
    page = demo_client.get("/", params={"q": "kubernetes", "place": "Nowhere"}).text
    assert "No clear expert found" in page
    assert "Clear filters" in page
    assert '<option value="Nowhere" selected>' in page
    assert '<li class="row">' not in page


def test_other_eyes_see_other_evidence_and_every_link_keeps_them(demo_client: Client) -> None:
    asked = {"q": f"{CANARY} merger"}
    dana = demo_client.get("/", params={**asked, "as": "acme:dana"}).text
    assert "Cleo Marsh" in dana
    assert ("acme:dana", " selected") in OPTION.findall(dana)
    links = re.findall(r'<a dir="auto" href="(/(?:people|posts)/[^"]+)"', dana)
    assert links
    assert all(link.endswith("?as=acme%3Adana") for link in links)
    everybody = demo_client.get("/", params=asked).text
    # The question itself, and in the address under which it can be put to others, is all there is of it.
    assert CANARY not in everybody.replace(f"{CANARY} merger", "").replace(f"{CANARY}+merger", "")
    assert f"The {CANARY} merger" in dana
    assert "as=acme" not in everybody


def test_a_restricted_post_is_a_page_for_its_group_and_nothing_for_others(demo_client: Client) -> None:
    assert CANARY in demo_client.get("/posts/acme:post-26?as=acme:dana").text
    hidden, absent = (demo_client.get(f"/posts/acme:post-{number}") for number in (26, 99))
    assert hidden.status_code == absent.status_code == 404

    def told(response) -> str:  # type: ignore[no-untyped-def]
        return str(response.text).replace(response.headers["x-request-id"], "ID")

    assert told(hidden) == told(absent)
    assert told(demo_client.get("/people/acme:hana")) == told(demo_client.get("/people/acme:none"))


def test_a_persons_page_keeps_seen_and_said_apart(demo_client: Client) -> None:
    page = demo_client.get("/people/acme:ada").text
    seen, _, said = page.partition("Skills they list")
    assert ">kubernetes</a>" in seen
    assert "sailing" not in seen
    assert '<li dir="auto">sailing</li>' in said
    assert "Newest evidence" in page
    ask = 'href="/questions?to=acme%3Aada'
    assert ask in page
    assert ask not in demo_client.get("/people/acme:ada?as=acme:ada").text, "nobody asks themselves"


@pytest.mark.parametrize("viewer", ["", "acme:ada"])
def test_a_topic_and_the_search_for_it_say_the_same_of_each_person(demo_client: Client, viewer: str) -> None:
    eyes = {"as": viewer} if viewer else {}
    listed = demo_client.get("/topics", params=eyes).text
    topics = re.findall(r'href="/topics/([^"?]+)', listed)
    assert "kubernetes" in topics
    rows = 0
    for label in topics[:4]:
        page = demo_client.get(f"/topics/{label}", params=eyes).text
        search = re.search(r'<a class="pill" href="(/\?q=[^"]+)">Search for this topic', page)
        assert search is not None, label
        found = demo_client.get(search[1].replace("&amp;", "&")).text
        said, asked = (ROW.findall(one) for one in (page, found))
        assert said == asked, label
        rows += len(said)
        for why in re.findall(r'href="(/why\?[^"]+)"', page):
            assert demo_client.get(why.replace("&amp;", "&")).status_code == 200, why
    assert rows


def test_an_unknown_viewer_and_a_bad_filter_are_told(demo_client: Client) -> None:
    assert demo_client.get("/?as=acme:nobody").status_code == 404
    refused = demo_client.get("/", params={"q": "kubernetes", "since": "yesterday"})
    assert "We couldn’t run this search" in refused.text
    assert "Active: write a day, as 2026-01-31." in refused.text
    assert "yesterday" not in re.sub(r'name="to" value="[^"]*"', "", refused.text)  # where the language is chosen
    asked = {"q": "kubernetes", "since": "", "place": " "}
    assert demo_client.get("/", params=asked).text.count('<li class="row">') > 0


def test_the_pages_have_no_inline_script_no_inline_style_and_nothing_of_others(demo_client: Client) -> None:
    network = ("/people/acme:finn?as=acme:finn", "/communities", "/communities/acme:guild:cluster", "/champions")
    for path in ("/?q=kubernetes", "/people/acme:ada", "/posts/acme:post-1", "/posts/acme:none", *network):
        page = demo_client.get(path).text
        assert re.fullmatch(
            r'<script src="/static/page\.js\?v=[0-9a-f]{8}" defer>', *re.findall(r"<script[^>]*>", page)
        )
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", page)
        assert not re.search(r'(?:src|href)="(?:https?:)?//', page)


def test_other_peoples_words_are_no_markup(demo_client: Client) -> None:
    asked = {"q": '"><script>alert(1)</script> kubernetes', "place": "<b>"}
    hostile = asked["q"]
    for path, given in (
        *((path, asked) for path in ("/", "/answer")),
        ("/communities", {"q": hostile}),
        ("/champions", {"topic": hostile, "units": "<b>"}),
    ):
        page = demo_client.get(path, params=given).text
        assert "<script>alert" not in page
        assert "<b>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in demo_client.get("/", params=asked).text


def test_no_template_and_no_script_turns_text_into_markup() -> None:
    folder = charts.__file__.rpartition("/")[0]
    import pathlib

    for file in pathlib.Path(folder).rglob("*.*"):
        if file.suffix in (".html", ".js"):
            assert not re.search(
                r"\|\s*safe|autoescape|innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(",
                file.read_text("utf-8"),
            ), file


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "//evil.example", "", " https://x"]
)
def test_only_web_addresses_stand_behind_links(url: str) -> None:
    assert not outside(url)
    assert outside("https://wiki.example/7")


def test_a_waterfall_begins_each_part_where_the_one_before_ended() -> None:
    reasons = [
        Reason(part="documents", value=2.0, text=""),
        Reason(part="load", value=-0.5, text=""),
        Reason(part="topic_fit", value=1.0, text=""),
    ]
    drawn = charts.waterfall(reasons, most=5.0)
    first, second, third, total = drawn.bars
    one = (charts.WIDTH - charts.LABEL - charts.VALUE) / 5.0
    assert first.x == charts.LABEL
    assert first.width == pytest.approx(2 * one, abs=0.1)
    assert second.x + second.width == pytest.approx(first.x + first.width, abs=0.2)
    assert (second.kind, second.value) == ("minus", "-0.500")
    assert third.x == pytest.approx(second.x, abs=0.1)
    assert (third.label, total.label, total.value, total.kind) == ("Topic fit", "Score", "2.500", "sum")
    assert total.width == pytest.approx(2.5 * one, abs=0.1)
    assert drawn.words == "Documents 2.000; Load -0.500; Topic fit 1.000; together 2.500"


def test_a_score_of_nothing_can_be_drawn() -> None:
    assert charts.waterfall([], most=0.0).bars[0].value == "0.000"
    assert number(-0.00001) == "0.000"
