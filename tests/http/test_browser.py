"""The pages in a real headless Chromium: typing, choosing, the keyboard, both schemes, both widths, hostile words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from tests.http.browser import chromium, served
from tests.http.hostile import PAYLOADS, hostile_world
from tests.sizes import size

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.keys import issue_key
from expertfinder.http import Options
from expertfinder.store import Feedback

pytestmark = pytest.mark.needs_browser

PAGES = {
    "first": "/",
    "answer": "/?q=kubernetes+ingress",
    "eyes": "/?q=quillfeather+merger&as=acme:dana",
    "abstention": "/?q=kubernetes&place=Nowhere",
    "refused": "/?q=kubernetes&since=yesterday",
    "person": "/people/acme:ada",
    "post": "/posts/acme:post-1",
    "nothing": "/posts/acme:none",
    "myself": "/people/acme:finn?as=acme:finn",
    "my page": "/me?as=acme:ada",
    "communities": "/communities",
    "where": "/communities?q=kubernetes",
    "community": "/communities/acme:guild:cluster?as=acme:dana",
    "champions": "/champions?size=2&one_per_unit=true",
    "no champions": "/champions?topic=falconry",
    "topics": "/topics",
    "insights": "/insights",
    "topic": "/topics/kubernetes",
    "meet": "/meet?as=acme:finn",
    "team": "/team?skills=kubernetes&skills=invoices",
    "beside": "/?q=kubernetes&place=Nowhere&as=acme:dana",
}
WIDTHS = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1280, "height": 900}}
LOOKS = [("phone", "dark"), ("desktop", "light"), ("phone", "light"), ("desktop", "dark")][: size("looks")]
"""Width and colour scheme: the first two have each of both."""


@pytest.fixture(scope="module")
def browser(browser_path: str) -> Iterator[Browser]:
    """One browser for all of these tests."""
    with chromium(browser_path) as opened:
        yield opened


@pytest.fixture(scope="module")
def address(finder: ExpertFinder) -> Iterator[str]:
    """The demonstration mode over acme, for real."""
    with served(finder, Options(insecure_demo=True)) as at:
        yield at


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A page whose errors and reports fail the test."""
    with watched(browser, address) as opened:
        yield opened


class watched:  # noqa: N801
    """A page in a context of its own; leaving asserts that no script failed and no policy was broken."""

    def __init__(self, browser: Browser, address: str, **context: Any) -> None:
        self.context = browser.new_context(base_url=address, **context)
        self.wrong: list[str] = []

    def __enter__(self) -> Page:
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("dialog", lambda dialog: (self.wrong.append(dialog.message), dialog.dismiss()))
        page.on("console", lambda message: self.wrong.append(message.text) if _matters(message.text) else None)
        return page

    def __exit__(self, *_: object) -> None:
        self.context.close()
        assert self.wrong == []


def _matters(text: str) -> bool:
    """Everything in the console, but for the browser's remark on what is honestly refused or not there."""
    return not any(f"status of {status}" in text for status in (400, 401, 403, 404))


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_barrier_and_nothing_runs_off_it(
    browser: Browser, address: str, name: str, width: str, scheme: str
) -> None:
    with watched(browser, address, viewport=WIDTHS[width], color_scheme=scheme, bypass_csp=True) as page:
        page.goto(PAGES[name])
        unfold(page)
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_typing_suggests_and_gives_no_verdict(page: Page) -> None:
    page.goto("/")
    box = page.get_by_label("Who knows about this?")
    box.press_sequentially("ada li", delay=15)
    expect(page.locator("#suggestions a").first).to_have_text("Ada Lind")
    expect(page.get_by_role("status")).to_have_text("Suggestions: 1")
    box.press_sequentially("zzyx", delay=15)
    expect(page.locator("#suggestions a")).to_have_count(0)
    expect(page.locator("#answer")).not_to_contain_text("No clear expert found")
    box.fill("kuber")
    page.locator("#suggestions a", has_text="kubernetes").click()
    expect(page.locator(".row").first).to_contain_text("Ada Lind")


def test_a_name_is_answered_with_the_person_first(page: Page) -> None:
    page.goto("/?q=ada+lind")
    expect(page.locator(".named a")).to_have_text("Ada Lind")


def test_asking_shows_the_answer_and_says_so(page: Page, address: str) -> None:
    page.goto("/")
    page.get_by_label("Who knows about this?").press_sequentially("kubernetes ingress", delay=15)
    page.keyboard.press("Enter")
    expect(page.locator(".row").first).to_contain_text("Ada Lind")
    expect(page.get_by_role("status")).to_contain_text("to try")
    expect(page).to_have_title("kubernetes ingress – expertfinder")
    expect(page).to_have_url(f"{address}/?q=kubernetes+ingress")
    page.get_by_label("Site").select_option("Lagos")
    expect(page.get_by_role("status")).to_have_text("No clear expert found")
    expect(page.locator(".row")).to_have_count(0)


def test_other_eyes_are_one_choice_away(page: Page) -> None:
    page.goto("/?q=quillfeather+merger")
    expect(page.locator("#answer")).not_to_contain_text("The quillfeather merger")
    page.get_by_label("Viewing as").select_option("acme:dana")
    expect(page.locator(".row").first).to_contain_text("Cleo Marsh")
    page.locator(".lead a").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("quillfeather")


def test_the_keyboard_is_enough(page: Page) -> None:
    page.goto("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("kubernetes")
    page.keyboard.press("Enter")
    expect(page.locator(".row").first).to_be_visible()
    seen = set()
    for _ in range(12):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.textContent.trim()"))
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none"
    assert "Search" in seen
    assert "Ada Lind" in seen


def test_without_script_the_form_is_an_ordinary_form(browser: Browser, address: str) -> None:
    with watched(browser, address, java_script_enabled=False) as page:
        page.goto("/")
        page.get_by_label("Who knows about this?").fill("kubernetes ingress")
        page.get_by_role("button", name="Search").click()
        expect(page.locator(".row").first).to_contain_text("Ada Lind")
        page.get_by_role("link", name="Ada Lind", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Ada Lind")


def test_a_person_leads_to_a_community_and_that_to_its_champions(browser: Browser, address: str) -> None:
    with watched(browser, address, java_script_enabled=False) as page:
        page.goto("/people/acme:ada")
        expect(page.get_by_role("img", name="Ada Lind and the 1 people nearest")).to_be_visible()
        expect(page.locator("table.twin")).to_contain_text("Dana Ruiz")
        page.get_by_role("link", name="Cluster guild").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Cluster guild")
        page.get_by_role("link", name="Plan its champions").click()
        expect(page.get_by_role("combobox", name="For", exact=True)).to_have_value("community:acme:guild:cluster")
        page.get_by_label("How many").fill("1")
        page.get_by_role("button", name="Suggest champions").click()
        expect(page.get_by_role("heading", level=2).first).to_contain_text("1 champion")
        expect(page.locator("table.twin").first).to_contain_text("Ada Lind")
        expect(page.locator("circle.unreached")).to_have_count(1)


def unfold(page: Page) -> None:
    """Show why, of everybody."""
    for link in page.locator("[data-why]").all():
        if link.get_attribute("aria-expanded") != "true":
            link.click()
        expect(link).to_have_attribute("aria-expanded", "true")
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")


def say(page: Page, key: str) -> None:
    """Give a key in the dialog that asks for one."""
    page.get_by_label("Your key").fill(key)
    page.get_by_role("button", name="Send").click()


def test_whether_somebody_helped_is_said_in_the_name_of_a_key_and_not_of_the_eyes(
    browser: Browser, own_finder: ExpertFinder
) -> None:
    danas = issue_key(own_finder.store, scopes=["experts:read"], person="acme:dana")[1]
    with served(own_finder, Options(insecure_demo=True)) as at, watched(browser, at) as page:
        page.goto("/?q=kubernetes+ingress&as=acme:finn")
        unfold(page)
        ada = page.get_by_role("group", name="Did Ada Lind help?")
        ada.get_by_role("button", name="Helpful", exact=True).click()
        page.keyboard.press("Escape")
        assert own_finder.store.statements(Feedback) == []
        ada.get_by_role("button", name="Helpful", exact=True).click()
        say(page, danas)
        expect(ada).to_contain_text("that is kept")
        expect(ada.get_by_role("button", name="Helpful", exact=True)).to_have_attribute("aria-pressed", "true")
        page.get_by_label("Who knows about this?").fill("kubernetes ingress timeout")
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{at}/?q=kubernetes+ingress+timeout&as=acme%3Afinn")
        unfold(page)
        expect(ada).not_to_contain_text("that is kept")
        ada.get_by_role("button", name="Not helpful").click()  # the page still has the key
        expect(ada).to_contain_text("that is kept")
        kept = [(one.person, one.subject, one.text, one.helpful) for one in own_finder.store.statements(Feedback)]
        assert kept == [
            ("acme:dana", "acme:ada", "kubernetes ingress", True),
            ("acme:dana", "acme:ada", "kubernetes ingress timeout", False),
        ]
        assert page.evaluate("document.cookie + localStorage.length + sessionStorage.length") == "00"


def test_a_key_that_is_none_is_told_and_forgotten(browser: Browser, own_finder: ExpertFinder) -> None:
    nobodys = issue_key(own_finder.store, scopes=["experts:read"])[1]
    with served(own_finder, Options(insecure_demo=True)) as at, watched(browser, at) as page:
        page.goto("/?q=kubernetes+ingress")
        unfold(page)
        ada = page.get_by_role("group", name="Did Ada Lind help?")
        for key in ("ef_garbage_0123", nobodys, "no ☃ key"):
            ada.get_by_role("button", name="Not helpful").click()
            say(page, key)
            expect(ada).to_contain_text("Not kept")
            expect(ada.locator("[aria-pressed=true]")).to_have_count(0)
        assert own_finder.store.statements(Feedback) == []


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_the_dialog_for_a_key_has_no_barrier(browser: Browser, address: str, width: str, scheme: str) -> None:
    with watched(browser, address, viewport=WIDTHS[width], color_scheme=scheme, bypass_csp=True) as page:
        page.goto("/?q=kubernetes+ingress")
        unfold(page)
        page.get_by_role("button", name="Not helpful").first.click()
        expect(page.get_by_role("dialog", name="Send feedback")).to_be_visible()
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_script_there_is_no_button_that_would_do_nothing(browser: Browser, address: str) -> None:
    with watched(browser, address, java_script_enabled=False) as page:
        page.goto("/?q=kubernetes+ingress")
        expect(page.locator(".row").first).to_be_visible()
        expect(page.get_by_role("button", name="Helpful")).to_have_count(0)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExpertFinder]:
    """An organisation whose every word is an attack."""
    with closing(
        hostile_world(tmp_path_factory.mktemp("hostile"), PAYLOADS, url="javascript:alert(1)", posts=3)
    ) as made:
        yield made


def test_hostile_words_run_nothing_and_break_no_policy(browser: Browser, hostile: ExpertFinder) -> None:
    with served(hostile, Options(insecure_demo=True)) as at, watched(browser, at) as page:
        page.goto("/?q=pumps&as=x:0")
        assert page.locator(".row").count() > 0
        with page.expect_response("**/answer?*"):
            page.get_by_label("Who knows about this?").fill("attack pumps")
            page.keyboard.press("Enter")
        expect(page).to_have_url(f"{at}/?q=attack+pumps&as=x%3A0")
        unfold(page)
        assert page.locator(".row").count() > 0
        refused = page.locator(".told", has_text="Not kept")
        for n, button in enumerate(page.get_by_role("button", name="Not helpful").all(), 1):
            button.click()
            say(page, page.evaluate("location.href"))
            expect(refused).to_have_count(n)  # until it is refused, the page sends the same key again and asks for none
        expect(refused).to_have_count(page.locator(".helped").count())
        for n, payload in enumerate(PAYLOADS):
            page.goto(f"/people/x:{n}")
            expect(page.get_by_role("heading", level=1)).to_have_text(" ".join(payload.split()))
            links = page.locator("a[href^='/posts/']")
            if links.count():
                links.first.click()
                assert page.locator("a.out").count() == 0
            page.goto(f"/communities/x:g{n}?as=x:{n}")
            expect(page.get_by_role("heading", level=1)).to_have_text(" ".join(payload.split()))
            assert page.locator("svg.sociogram circle").count() == len(PAYLOADS)
            assert page.locator("main script, main iframe, main img, base, main style").count() == 0
            page.goto(page.evaluate("q => '/?' + new URLSearchParams({q})", f"{payload} pumps"))
            assert page.locator("#answer script, #answer iframe, #answer img, base, main style").count() == 0


def test_hostile_names_in_lists_and_forms_of_the_network_run_nothing(browser: Browser, hostile: ExpertFinder) -> None:
    with served(hostile, Options(insecure_demo=True)) as at, watched(browser, at) as page:
        for path in ("/communities", "/communities?q=pumps", "/champions", "/champions?community=x:g1&size=9"):
            page.goto(path)
            assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.content(), path
            assert page.locator("main script, main iframe, main img, base, main style").count() == 0
        names = ("topic", "units", "community", "q", "kind", "after")
        for number, payload in enumerate(PAYLOADS):
            for name in [names[(number + step) % len(names)] for step in range(size("X3"))]:
                page.goto(page.evaluate("([n, q]) => '/champions?' + new URLSearchParams({[n]: q})", [name, payload]))
                page.goto(page.evaluate("([n, q]) => '/communities?' + new URLSearchParams({[n]: q})", [name, payload]))


def test_a_planted_script_would_be_noticed(browser: Browser, address: str) -> None:
    """The instruments of this file work: a page that breaks the policy is reported."""
    planted = watched(browser, address)
    page = planted.__enter__()
    page.goto("/")
    page.evaluate("document.body.append(Object.assign(document.createElement('script'), {text: 'alert(1)'}))")
    page.wait_for_timeout(100)
    with pytest.raises(AssertionError):
        planted.__exit__()
