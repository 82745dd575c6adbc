"""The planner of champions, topics, teams, and posts as text: what a form says is done, and no words of others run."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.http.client import Client

from expertfinder.http.pages.drawing.markdown import FOLDED, rendered

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
GUILD = "community:acme:guild:cluster"


def plan(client: Client, *fields: tuple[str, str]) -> str:
    """The page after the form was sent."""
    return client.post("/champions", content=urlencode(fields), headers=FORM).text


def chosen(page: str) -> list[str]:
    """Who is in the set."""
    table = page.partition('<table class="twin chosen">')[2].partition("</table>")[0]
    return re.findall(r'<th scope="row"><a href="/people/([^"?]+)', table)


def test_one_field_says_for_whom(demo_client: Client) -> None:
    page = plan(demo_client, ("for", GUILD), ("size", "1"))
    assert chosen(page) == ["acme:ada"]
    assert f'<option value="{GUILD}" selected>' in page
    few = plan(demo_client, ("for", "unit:Platform"), ("size", "1"))
    assert '<option value="unit:Platform" selected>' in few
    assert "A group of fewer than 3 people needs no champion." in few


def test_who_is_excluded_is_not_in_the_set_until_taken_back(demo_client: Client) -> None:
    page = plan(demo_client, ("for", GUILD), ("size", "1"), ("already", "acme:ada"), ("unwilling", "acme:ada"))
    assert "acme:ada" not in chosen(page)
    assert '<input type="hidden" name="unwilling" value="acme:ada">' in page
    assert "Left out" in page
    back = plan(demo_client, ("for", GUILD), ("size", "1"), ("unwilling", "acme:ada"), ("back", "acme:ada"))
    assert chosen(back) == ["acme:ada"]


def test_who_is_kept_stays_and_is_said_to(demo_client: Client) -> None:
    page = plan(demo_client, ("for", GUILD), ("size", "1"), ("already", "acme:finn"))
    assert chosen(page) == ["acme:finn"]
    assert 'name="back" value="acme:finn" aria-pressed="true"' in page


def test_somebody_is_added_by_name_among_those_one_may_find(demo_client: Client) -> None:
    assert 'name="already" value="acme:dana"' in plan(demo_client, ("add", "Dana R"))
    assert "Nobody is called so" in plan(demo_client, ("add", "Ivo Unseen"))


def test_a_topic_has_its_people_and_says_how_well_it_is_held(demo_client: Client) -> None:
    page = demo_client.get("/topics/kubernetes").text
    assert "Ada Lind" in page
    assert "Who holds it" in page
    assert "Fewer than five people asked" in page
    assert demo_client.get("/topics/no-such").status_code == 404
    assert '<a dir="auto" href="/topics/kubernetes">' in demo_client.get("/topics?q=kuber").text


def test_a_team_shows_who_brings_what_and_what_nobody_brings(demo_client: Client) -> None:
    page = demo_client.get("/team", params={"skills": ["kubernetes ingress", "falconry", ""]}).text
    assert "Ada Lind" in page
    assert "Too few people are known for: falconry" in page
    assert "Skill" in demo_client.get("/team").text


# --- the text of a post ----------------------------------------------------------------------------------------------

SAFE = re.compile(
    r"</?(?:p|br|em|strong|s|code|pre|ul|ol|li|blockquote|hr|h[3-6]|table|thead|tbody|tr|th|td)(?: start=\"\d+\")?>"
)
LINK = re.compile(r'<a(?: href="https?://[^"<>]*")? rel="noopener noreferrer nofollow">|</a>')


PIECES = (
    *("# ", "> ", "- ", "```\n", "`", "**", "[", "](", ")", "\n", "\n\n", "|", "---", "word", "\t", "&#106;"),
    *("javascript:alert(1)", "data:text/html,x", "https://a.example/x", "<http://x>", "<javascript:x>", "![x]("),
    *("<script>", "</script>", "<img src=x onerror=alert(1)>", "<a href='javascript:x'>", "<svg/onload=x>"),
    '" onclick="x',
)


@given(st.lists(st.sampled_from(PIECES), max_size=24).map("".join))
def test_nothing_of_a_post_but_its_form_becomes_markup(text: str) -> None:
    for part in rendered(text):
        left = LINK.sub("", SAFE.sub("", str(part)))
        assert "<" not in left, part
        assert not re.search(r'href="(?!https?://)', part)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("one\n\ntwo", "<p>one</p>\n<p>two</p>\n"),
        ("# Head\n- a", "<h3>Head</h3>\n<ul>\n<li>a</li>\n</ul>\n"),
        ("`x` <b>", "<p><code>x</code> &lt;b&gt;</p>\n"),
        ("[a](/me/erase) [c](mailto:x@a.example)", "<p>[a](/me/erase) [c](mailto:x@a.example)</p>\n"),
        ("[b]()", '<p><a rel="noopener noreferrer nofollow">b</a></p>\n'),
        ("[a](https://a.example)", '<p><a href="https://a.example" rel="noopener noreferrer nofollow">a</a></p>\n'),
    ],
)
def test_a_post_has_paragraphs_lists_code_and_links(text: str, html: str) -> None:
    assert rendered(text) == (html, "")


def test_a_long_post_is_folded_after_a_whole_block() -> None:
    text = "\n\n".join(["word " * 100] * 20)
    shown, folded = rendered(text)
    assert shown.endswith("</p>\n")
    assert FOLDED <= len(shown) < 2 * FOLDED
    assert shown.count("word") + folded.count("word") == 2000
