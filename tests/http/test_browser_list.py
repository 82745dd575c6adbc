"""The list in a real browser: how much fits on a screen, what it weighs, the keyboard alone, forced colours, print."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Response, expect
from tests.answers.prompt import typed
from tests.http.browser import served
from tests.http.test_browser import PAGES, address, browser, page, unfold, watched

from expertfinder.ask.finder import ExpertFinder
from expertfinder.configuration.languages import LANGUAGES
from expertfinder.http import Options

__all__ = ["address", "browser", "page"]

pytestmark = pytest.mark.needs_browser

UNSEEN = """() => {
  const canvas = Object.assign(document.body.appendChild(document.createElement('i')), {style: 'color: Canvas'})
  const paper = getComputedStyle(canvas).color
  const texts = [...document.body.querySelectorAll(':not(svg, svg *)')].filter(
    one => one !== canvas && [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
  return texts.filter(one => getComputedStyle(one).color === paper).map(one => one.outerHTML.slice(0, 200))
}"""
"""Texts in the colour of the plate that a browser lays behind every text where colours are forced."""

SCREENS = {"laptop": ((1280, 800), 5, 1_500), "phone": ((390, 844), 3, 2_200)}
"""Size, names that are to be seen at once, and the height of an answer with ten people at most, in pixels."""
HEAVIEST = 15_000
"""Bytes of an answer page on the wire, the style and the script included."""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExpertFinder]:
    """The organisation that `expertfinder demo` writes."""
    folder = tmp_path_factory.mktemp("demo")
    assert typed(["demo"], folder).code == 0
    finder = ExpertFinder.open(folder)
    yield finder
    finder.close()


@pytest.fixture(scope="module")
def shown(demo: ExpertFinder) -> Iterator[str]:
    """The address of that organisation's pages."""
    with served(demo, Options(insecure_demo=True)) as at:
        yield at


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("screen", SCREENS)
def test_names_stand_on_the_first_screen_and_ten_people_on_a_short_page_in_every_language(
    browser: Browser, shown: str, screen: str, language: str
) -> None:
    (width, height), names, tall = SCREENS[screen]
    with watched(browser, shown, viewport={"width": width, "height": height}, locale=language) as page:
        page.goto("/?q=vibration+analysis")
        assert page.locator("html").get_attribute("lang") == language
        expect(page.locator(".row")).to_have_count(10)
        bottoms = [one.bounding_box() for one in page.locator(".row h3").all()]
        assert sum(box is not None and box["y"] + box["height"] <= height for box in bottoms) >= names
        assert page.evaluate("document.documentElement.scrollHeight") <= tall
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_an_answer_is_light_and_a_second_one_is_one_request(browser: Browser, shown: str) -> None:
    with watched(browser, shown) as page:
        at = shown
        answers: list[Response] = []
        page.on("response", lambda answer: answers.append(answer))
        page.goto("/?q=vibration+analysis")
        page.wait_for_load_state("networkidle")
        sizes = [answer.request.sizes() for answer in answers]
        assert len(answers) <= 3
        assert sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes) <= HEAVIEST
        answers.clear()
        page.goto("/?q=weld+fatigue")
        page.wait_for_load_state("networkidle")
        asked = [answer for answer in answers if not answer.from_service_worker]
        cached = page.evaluate("performance.getEntriesByType('resource').filter(one => one.transferSize).length")
        assert [answer.url for answer in asked if "/static/" not in answer.url] == [f"{at}/?q=weld+fatigue"]
        assert cached == 0


def tab_to(page: Page, name: str, *, most: int = 80) -> None:
    """Press Tab until what has the focus is called so."""
    for _ in range(most):
        page.keyboard.press("Tab")
        named = page.evaluate(
            "(one => (one.getAttribute('aria-label') || one.textContent || '').trim().replace(/\\s+/g, ' '))"
            "(document.activeElement)"
        )
        if named == name:
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
            return
    raise AssertionError(f"nothing called {name!r} can be reached")


def test_the_keyboard_alone_searches_sees_why_and_plans(page: Page) -> None:
    page.goto("/")
    page.keyboard.type("kubern")
    expect(page.locator("#suggestions a").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.closest('#suggestions') !== null")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("etes ingress")
    page.keyboard.press("Enter")
    expect(page.locator(".row").first).to_be_visible()
    tab_to(page, "Why Ada Lind")
    page.keyboard.press("Enter")
    expect(page.locator(".because[aria-expanded=true]")).to_have_count(1)
    expect(page.get_by_role("img", name="Matching posts").first).to_be_visible()
    page.goto("/?q=kubernetes+ingress")
    tab_to(page, "Ask Ada Lind")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Answered before?")).to_be_visible()
    expect(page.get_by_role("link", name="Ada Lind")).to_be_visible()
    tab_to(page, "Look again")
    page.goto("/me?as=acme:ada")
    tab_to(page, "All questions")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Questions that reached you")).to_be_visible()
    page.goto("/champions?community=acme:guild:cluster&size=1")
    tab_to(page, "Exclude Ada Lind")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Left out")).to_be_visible()
    tab_to(page, "Take back Ada Lind")
    page.keyboard.press("Enter")
    expect(page.locator(".chosen tbody")).to_contain_text("Ada Lind")
    tab_to(page, "Keep Ada Lind")
    page.keyboard.press("Enter")
    expect(page.locator(".chosen [aria-pressed=true]")).to_have_count(1)


@pytest.mark.parametrize("name", ["answer", "person", "champions", "community", "insights", "topic"])
def test_forced_colours_have_no_barrier_and_nothing_is_told_by_colour_alone(
    browser: Browser, address: str, name: str
) -> None:
    with watched(browser, address, forced_colors="active", bypass_csp=True) as page:
        page.goto(PAGES[name])
        unfold(page)
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate(UNSEEN) == []
        if name == "answer":
            assert "●●" in page.locator(".badge").first.inner_text()


def test_a_service_that_is_away_is_seen_and_the_old_answer_is_gone(browser: Browser, address: str) -> None:
    with browser.new_context(base_url=address) as context:  # not `watched`: the browser tells of the 503, too
        page = context.new_page()
        page.goto("/?q=kubernetes+ingress")
        page.route("**/answer?*", lambda route: route.fulfill(status=503, body="away"))
        page.get_by_label("Who knows about this?").fill("invoices")
        page.keyboard.press("Enter")
        expect(page.locator(".alert")).to_be_visible()
        expect(page.locator(".row")).to_have_count(0)


@pytest.mark.parametrize(("path", "hint"), [("/team", "Name what the team should know"), ("/champions", "")])
def test_what_a_form_says_of_itself_is_seen_and_labels_end_where_fields_begin(
    browser: Browser, address: str, path: str, hint: str
) -> None:
    with watched(browser, address) as page:
        page.goto(path)
        if hint:
            expect(page.get_by_text(hint)).to_be_visible()
        fields = [one.bounding_box() for one in page.locator(".fields input:visible, .fields select:visible").all()]
        rows = {round(box["y"] + box["height"]) for box in fields if box}
        assert len(rows) <= 2


def test_a_printed_answer_has_its_people_and_no_form(browser: Browser, address: str) -> None:
    with watched(browser, address) as page:
        page.goto("/?q=kubernetes+ingress")
        page.emulate_media(media="print")
        expect(page.locator(".row").first).to_be_visible()
        for gone in ("nav", "#ask", ".tools", ".acts .pill"):
            expect(page.locator(gone).first).to_be_hidden()
