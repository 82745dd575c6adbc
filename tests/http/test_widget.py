"""The widget in a real Chromium, in pages of other origins under the strictest policy it needs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI, Request
from playwright.sync_api import Browser, Page, Route, expect
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from tests.http.browser import chromium, serving, serving_others
from tests.http.conftest import Keys, two_days_later
from tests.http.hostile import PAYLOADS as HOSTILE
from tests.sizes import size

from expertfinder.ask.finder import ExpertFinder
from expertfinder.http import Options, create_app
from expertfinder.http.middleware.embedding import WIDGET_PATH

pytestmark = pytest.mark.needs_browser
PATIENCE = 120_000
"""Milliseconds that a busy machine has for a page; only to end what hangs."""

WIDTHS = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1280, "height": 900}}
LOOKS: dict[str, dict[str, str]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "forced colours": {"forced_colors": "active"},
}


@dataclass(slots=True)
class Intranet:
    """A server of somebody else's: its pages, and what their browser reported of broken policies."""

    policy: str = "default-src 'none'"
    pages: dict[str, str] = field(default_factory=dict)
    scripts: dict[str, str] = field(default_factory=dict)

    def app(self) -> FastAPI:
        """An app that serves the pages under the policy, and their scripts."""
        app = FastAPI()

        @app.get("/{name}")
        def page(name: str, request: Request) -> Response:
            if name in self.scripts:
                return Response(self.scripts[name], media_type="text/javascript")
            return HTMLResponse(self.pages.get(name, ""), headers={"Content-Security-Policy": self.policy})

        return app


@dataclass(frozen=True, slots=True)
class Place:
    """The service, two intranets that may ask it and one that may not, each with its address."""

    service: str
    intranet: Intranet
    own: str
    other: str
    foreign: str
    seen: list[tuple[str, str, str]]
    """Method, path and query, origin, of what reached the service."""

    def put(self, name: str, *elements: str, head: str = "", token: str) -> str:
        """Write a page with these elements, whose tokens are `token`; its path."""
        self.intranet.pages[name] = (
            f'<!doctype html><html lang="en"><head><title>The intranet</title>{head}'
            f'<script src="/{name}.js" defer></script><script src="{self.service}{WIDGET_PATH}" defer></script></head>'
            f"<body><main><h1>Intranet</h1>{''.join(elements)}</main></body></html>"
        )
        self.intranet.scripts[f"{name}.js"] = (
            "window.told = []; window.asked = 0; const tell = (event) => told.push([event.type, event.detail]);"
            "for (const name of ['ef-select', 'ef-error']) document.addEventListener(name, tell);"
            "for (const one of document.querySelectorAll('expert-finder'))"
            f"  one.tokenProvider = async () => {{ asked += 1; return {json.dumps(token)}; }};"
        )
        return f"/{name}"

    def element(self, **attributes: str) -> str:
        """The tag of a widget that asks this service."""
        given = {"endpoint": self.service, "lang": "en", **attributes}
        written = " ".join(f'{name}="{escape(value)}"' for name, value in given.items())
        return f"<expert-finder {written}></expert-finder>"

    def requests(self, method: str) -> list[str]:
        """What reached the API by this method since `seen` was emptied."""
        return [path for how, path, _ in self.seen if how == method and path.startswith("/v1/")]


class Watching:
    """ASGI middleware that writes down what reaches an app."""

    def __init__(self, app: ASGIApp, *, seen: list[tuple[str, str, str]]) -> None:
        self.app = app
        self.seen = seen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            origin = dict(scope["headers"]).get(b"origin", b"").decode()
            self.seen.append((scope["method"], f"{scope['path']}?{scope['query_string'].decode()}", origin))
        await self.app(scope, receive, send)


@contextmanager
def placed(finder: ExpertFinder) -> Iterator[Place]:
    """Everything running; the policy of the intranet names the service and nothing else of others."""
    intranet, seen = Intranet(), list[tuple[str, str, str]]()
    with serving_others(intranet.app()) as own, serving_others(intranet.app()) as other:
        app = create_app(finder, finder.store, Options(cors_origins=(own, other), now=two_days_later))
        app.add_middleware(Watching, seen=seen)
        with serving_others(intranet.app()) as foreign, serving(app) as service:
            intranet.policy = (
                f"default-src 'none'; script-src 'self' {service}; connect-src {service}; "
                "require-trusted-types-for 'script'; trusted-types 'none'; base-uri 'none'"
            )
            yield Place(service, intranet, own, other, foreign, seen)


@pytest.fixture(scope="module")
def browser(browser_path: str) -> Iterator[Browser]:
    """One browser for all of these tests."""
    with chromium(browser_path) as opened:
        yield opened


@pytest.fixture(scope="module")
def place(finder: ExpertFinder) -> Iterator[Place]:
    """The service over acme, and the intranets."""
    with placed(finder) as running:
        yield running


@contextmanager
def visited(browser: Browser, url: str, *, expected: tuple[str, ...] = (), **context: Any) -> Iterator[Page]:
    """A page of its own; leaving asserts that no script failed, no dialog opened and no policy was broken."""
    opened = browser.new_context(**context)
    opened.set_default_timeout(PATIENCE)
    page = opened.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("dialog", lambda dialog: (wrong.append(dialog.message), dialog.dismiss()))
    page.on("console", lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None)
    try:
        page.goto(url)
        yield page
    finally:
        opened.close()
    assert [text for text in wrong if not any(known in text for known in expected)] == []


ADA = "Ada Lind"
expect.set_options(timeout=PATIENCE / 4)


def test_a_view_is_one_request_and_its_preflight_is_remembered(browser: Browser, place: Place, keys: Keys) -> None:
    path = place.put("one", place.element(query="kubernetes ingress"), token=keys.dana)
    place.seen.clear()
    with visited(browser, place.own + path) as page:
        expect(page.get_by_role("button", name=ADA)).to_be_visible()
        assert (len(place.requests("OPTIONS")), len(place.requests("GET"))) == (1, 1)
        page.reload()
        expect(page.get_by_role("button", name=ADA)).to_be_visible()
        assert (len(place.requests("OPTIONS")), len(place.requests("GET"))) == (1, 2)
        assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]


# What each state is reached by: attributes, the name of the key whose token it gets, and the text that shows it.
STATES: dict[str, tuple[dict[str, str], str, str]] = {
    "experts": ({"query": "kubernetes ingress"}, "dana", " evidence"),
    "context": ({"context": "auto"}, "dana", "Asked with up to 200 characters"),
    "named": ({"query": "ada lind"}, "dana", ADA),
    "meet": ({"mode": "meet"}, "dana", "People to meet"),
    "meet of somebody": ({"mode": "meet", "query": "acme:finn"}, "dana", ADA),
    "communities": ({"mode": "communities", "query": "kubernetes"}, "dana", "Cluster guild"),
    "every community": ({"mode": "communities"}, "dana", "Cluster guild"),
    "champions": ({"mode": "champions", "query": "acme:guild:cluster"}, "dana", "Together they reach"),
    "champions of a topic": ({"mode": "champions", "query": "falconry"}, "dana", "No clear expert found"),
    "person": ({"mode": "person", "query": "acme:ada"}, "dana", "Cluster engineer"),
    "person by name": ({"mode": "person", "query": "okafor"}, "dana", "Ben Okafor"),
    "nobody of that name": ({"mode": "person", "query": "zzyzx"}, "dana", "Nothing found"),
    "waiting": ({}, "dana", "Who knows about this?"),
    "abstained": ({"query": "falconry"}, "dana", "No clear expert found"),
    "not there": ({"mode": "person", "query": "acme:hana"}, "dana", "Nothing found"),
    "expired": ({"query": "kubernetes"}, "expired", "Your sign-in has expired."),
    "refused": ({"query": "kubernetes"}, "ingest", "You may not ask this here."),
    "nobody's key": ({"mode": "meet"}, "shared", "You may not ask this here."),
    "wrong endpoint": ({"endpoint": "ftp://127.0.0.1"}, "dana", "not set up correctly"),
    "away": ({"query": "kubernetes", "endpoint": "http://127.0.0.1:9"}, "dana", "cannot be reached"),
}
REFUSED = ("401", "403", "404", "ERR_UNSAFE_PORT")
"""What the console says of what is honestly refused."""


SEEN = [
    ("phone", "dark"),
    ("desktop", "forced colours"),
    ("desktop", "light"),
    ("phone", "light"),
    ("desktop", "dark"),
    ("phone", "forced colours"),
][: size("widget looks")]
"""Width and look: the first three have each of both."""


@pytest.mark.parametrize(("width", "look"), SEEN)
def test_no_state_has_a_barrier(browser: Browser, place: Place, keys: Keys, width: str, look: str) -> None:
    with visited(browser, place.own, expected=REFUSED, viewport=WIDTHS[width], bypass_csp=True, **LOOKS[look]) as page:
        for name, (attributes, key, shown) in STATES.items():
            path = place.put(
                name.replace(" ", "-").replace("'", ""), place.element(**attributes), token=getattr(keys, key)
            )
            page.goto(place.own + path)
            expect(page.locator("expert-finder section")).to_contain_text(shown)
            expect(page.locator("expert-finder [aria-busy]")).to_have_count(0)
            for why in page.get_by_role("button", name="Why?").all():
                why.click()
            found = Axe().run(page)
            assert found.violations_count == 0, (name, found.generate_report())
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name


def test_suggestions_and_the_loading_state_have_no_barrier(browser: Browser, place: Place, keys: Keys) -> None:
    path = place.put("typed", place.element(), token=keys.dana)
    with visited(browser, place.own + path, bypass_csp=True) as page:
        page.get_by_role("combobox").press_sequentially("kuber", delay=10)
        expect(page.get_by_role("option").first).to_be_visible()
        page.keyboard.press("ArrowDown")
        assert Axe().run(page).violations_count == 0
    path = place.put("slow", place.element(query="kubernetes"), token=keys.dana)
    place.intranet.scripts["slow.js"] += (
        "document.querySelector('expert-finder').tokenProvider = () => new Promise(() => {});"
    )
    with visited(browser, place.own + path, bypass_csp=True) as page:
        expect(page.locator("[aria-busy=true]")).to_have_text("Loading …")
        assert Axe().run(page).violations_count == 0


def test_the_keyboard_alone_asks_looks_why_helps_and_puts_away(
    browser: Browser, place: Place, keys: Keys, finder: ExpertFinder
) -> None:
    path = place.put("keyboard", place.element(), token=keys.dana)
    with visited(browser, place.own + path) as page:
        page.keyboard.press("Tab")
        page.keyboard.type("kuber", delay=10)
        expect(page.get_by_role("status")).to_contain_text("suggestion")
        page.keyboard.press("ArrowDown")
        box = page.get_by_role("combobox")
        active = page.locator(f"#{box.get_attribute('aria-activedescendant')}")
        expect(active).to_have_attribute("aria-selected", "true")
        page.keyboard.press("Escape")
        expect(box).to_have_attribute("aria-expanded", "false")
        page.keyboard.type("netes", delay=10)
        expect(page.get_by_role("option").first).to_be_visible()
        page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name=ADA)).to_be_visible()
        expect(page.get_by_role("status")).to_contain_text("result")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        expect(page.get_by_role("button", name=ADA)).to_be_focused()
        page.keyboard.press("Enter")
        assert page.evaluate("told") == [["ef-select", {"id": "acme:ada", "kind": "person", "mode": "experts"}]]
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        expect(page.get_by_role("button", name="Why?").first).to_have_attribute("aria-expanded", "true")
        expect(page.locator(".why").first).to_be_visible()
        page.keyboard.press("Tab")
        expect(page.get_by_role("button", name="Helpful").first).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Thank you")).to_be_visible()
        rows = page.locator(".row").count()
        page.get_by_role("button", name="Hide").first.focus()
        page.keyboard.press("Enter")
        expect(page.locator(".row")).to_have_count(rows - 1)
        expect(page.get_by_role("button", name=ADA)).to_have_count(0)


def test_a_page_of_a_foreign_origin_gets_nothing(browser: Browser, place: Place, keys: Keys) -> None:
    path = place.put("foreign", place.element(query="kubernetes"), token=keys.dana)
    place.seen.clear()
    with visited(browser, place.foreign + path, expected=("CORS policy", "ERR_FAILED")) as page:
        expect(page.locator("expert-finder section")).to_contain_text("cannot be reached")
        assert ADA not in page.content()
    assert place.requests("GET") == []
    assert len(place.requests("OPTIONS")) == 1


def test_two_hosts_and_two_widgets_stand_side_by_side(browser: Browser, place: Place, keys: Keys) -> None:
    two = (place.element(query="kubernetes"), place.element(mode="communities", query="kubernetes", lang="de"))
    path = place.put("two", *two, token=keys.dana)
    for origin in (place.own, place.other):
        with visited(browser, origin + path) as page:
            expect(page.locator("expert-finder").first.get_by_role("button", name=ADA)).to_be_visible()
            expect(page.locator("expert-finder").last.get_by_role("button", name="Cluster guild")).to_be_visible()
            expect(page.get_by_role("button", name="Warum?").first).to_be_visible()


def test_a_style_that_unsets_everything_does_not_break_it(browser: Browser, place: Place, keys: Keys) -> None:
    path = place.put("unset", place.element(query="kubernetes"), token=keys.dana)
    with visited(browser, place.own + path) as page:
        expect(page.get_by_role("button", name=ADA)).to_be_visible()
        before = page.locator("expert-finder").bounding_box()
        page.evaluate(
            "const sheet = new CSSStyleSheet(); sheet.replaceSync('* {all: unset} head {display: none}');"
            "document.adoptedStyleSheets = [sheet]"
        )
        after = page.locator("expert-finder section").bounding_box()
        assert before is not None
        assert after is not None
        assert after["height"] == pytest.approx(before["height"], rel=0.2)
        assert page.locator("expert-finder").evaluate("one => getComputedStyle(one).display") == "block"
        page.evaluate(
            "const own = new CSSStyleSheet(); own.replaceSync('expert-finder {--ef-accent: rgb(1, 2, 3)}"
            " expert-finder::part(name) {letter-spacing: 3px}'); document.adoptedStyleSheets = [own]"
        )
        name = page.get_by_role("button", name=ADA)
        assert name.evaluate("one => getComputedStyle(one).letterSpacing") == "3px"
        assert page.locator(".go").evaluate("one => getComputedStyle(one).backgroundColor") == "rgb(1, 2, 3)"


def test_the_token_goes_to_the_first_endpoint_alone(browser: Browser, place: Place, keys: Keys) -> None:
    path = place.put("fixed", place.element(query="kubernetes"), token=keys.dana)
    with visited(browser, place.own + path) as page:
        expect(page.get_by_role("button", name=ADA)).to_be_visible()
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.url))
        page.evaluate(
            "const one = document.querySelector('expert-finder'); one.setAttribute('endpoint', 'https://thief.example');"
            "one.setAttribute('query', 'billing')"
        )
        expect(page.get_by_role("button", name="Ben Okafor")).to_be_visible()
        assert all(url.startswith(place.service) for url in sent)


UNSAFE = (
    *("http://intranet.example", "https://user:word@finder.example", "javascript:alert(1)", "//finder.example"),
    *("", "data:,", "https://"),
)


def test_an_endpoint_that_is_no_safe_origin_gets_no_token(browser: Browser, place: Place, keys: Keys) -> None:
    every = [place.element(query="kubernetes", endpoint=endpoint) for endpoint in UNSAFE]
    path = place.put("unsafe", *every, token=keys.dana)
    with visited(browser, place.own + path) as page:
        for one in page.locator("expert-finder section").all():
            expect(one).to_contain_text("not set up correctly")
        assert page.evaluate("asked") == 0
        assert page.evaluate("told") == [["ef-error", {"status": 0, "type": "endpoint"}]] * len(every)


def test_an_expired_token_is_asked_for_again_once(browser: Browser, place: Place, keys: Keys) -> None:
    path = place.put("again", place.element(query="kubernetes"), token=keys.dana)
    place.intranet.scripts["again.js"] = (
        "window.given = []; document.querySelector('expert-finder').tokenProvider = async ({expired}) => "
        f"{{ given.push(expired); return expired ? {json.dumps(keys.dana)} : {json.dumps(keys.expired)}; }};"
    )
    with visited(browser, place.own + path, expected=("401",)) as page:
        expect(page.get_by_role("button", name=ADA)).to_be_visible()
        assert page.evaluate("given") == [False, True]


def test_of_the_page_at_most_two_hundred_characters_are_sent_and_never_in_an_address(
    browser: Browser, place: Place, keys: Keys
) -> None:
    head = f'<meta name="description" content="{"kubernetes ingress 🦆 " * 40}">'
    path = place.put("context", place.element(context="auto"), head=head, token=keys.dana)
    with visited(browser, f"{place.own}/none") as page:
        with page.expect_request("**/experts:search") as sent:
            page.goto(place.own + path)
        body = sent.value.post_data_json
        assert body is not None
        assert len(body["text"]) == 200
        expect(page.locator("expert-finder")).to_contain_text("Asked with up to 200 characters of this page.")
    assert not any("ingress" in path for path in place.requests("GET"))


WRAPPED = (
    "{}",
    "x{}",
    '"{}',
    "'>>{}",
    "</li></ul>{}",
    "<!--{}",
    "]]>{}",
    "\u202e{}",
    "<b>{}</b>",
    "&lt;{}&#60;script&#62;",
)
"""What stands around a hostile text: ten forms of each of twenty make two hundred."""
PAYLOADS = [form.format(payload) for payload in HOSTILE for form in WRAPPED]


def poisoned(answer: Any, payload: str) -> Any:
    """The answer with the payload in place of every text in it, ids, dates and links among them."""
    if isinstance(answer, str):
        return payload
    if isinstance(answer, list):
        return [poisoned(one, payload) for one in answer]
    return {name: poisoned(of, payload) for name, of in answer.items()} if isinstance(answer, dict) else answer


def poison(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer of the service whose lists have one element for each payload."""
    return {
        name: [poisoned(of[0], payload) for payload in PAYLOADS if of]
        if isinstance(of, list)
        else poison(of)
        if isinstance(of, dict)
        else poisoned(of, PAYLOADS[0])
        for name, of in answer.items()
    }


@pytest.mark.parametrize(
    "mode", ["experts", "named", "meet of somebody", "communities", "champions", "person", "person by name"]
)
def test_two_hundred_hostile_texts_in_every_field_run_nothing(
    browser: Browser, place: Place, keys: Keys, mode: str
) -> None:
    assert len(set(PAYLOADS)) == 200
    attributes, key, _ = STATES[mode]
    path = place.put("hostile", place.element(**attributes, limit="10"), token=getattr(keys, key))

    def answered(route: Route) -> None:
        told = route.fetch()
        route.fulfill(response=told, json=poison(told.json()))

    with visited(browser, f"{place.own}/none", expected=("404",)) as page:
        page.route(
            f"{place.service}/v1/**",
            lambda route: route.continue_() if route.request.method == "OPTIONS" else answered(route),
        )
        page.goto(place.own + path)
        expect(page.locator("expert-finder .row").first).to_be_visible()
        shown = page.locator(".row").count()
        assert shown >= (1 if mode in ("experts", "person", "person by name") else 200)
        root = "[...document.querySelector('expert-finder').shadowRoot.querySelectorAll('*')]"
        page.evaluate(f"{root}.filter(one => one.matches('.acts button')).forEach(one => one.click())")
        if "meet" not in mode:
            page.get_by_role("combobox").fill("kuber")
            expect(page.get_by_role("option")).to_have_count(len(PAYLOADS))
        elements = page.evaluate(f"{root}.map(one => one.localName)")
        assert set(elements) <= {
            *("section", "h2", "form", "label", "div", "input", "button", "ul", "li", "p", "span", "a", "q")
        }
        links = page.evaluate(f"{root}.filter(one => one.localName == 'a').map(one => one.href)")
        assert all(link.startswith(("https://", "http://")) for link in links)


def test_hostile_texts_in_the_attributes_and_the_page_run_nothing(browser: Browser, place: Place, keys: Keys) -> None:
    path = place.put("attributes", place.element(), token=keys.dana)
    with visited(browser, place.own + path, expected=("403",)) as page:
        page.route(
            f"{place.service}/v1/**",
            lambda route: route.fulfill(
                status=403,
                json={"type": "<b>#<img src=x onerror=alert(1)>"},
                headers={"Access-Control-Allow-Origin": place.own, "Access-Control-Allow-Headers": "*"},
            ),
        )
        page.evaluate(
            "async (payloads) => { const one = document.querySelector('expert-finder');"
            "for (const payload of payloads) { document.title = payload;"
            "for (const name of ['mode', 'query', 'context', 'limit', 'lang', 'theme', 'endpoint', 'class', 'dir'])"
            " { one.setAttribute(name, payload); await 0; } one.removeAttribute('query');"
            " one.setAttribute('context', 'auto'); await new Promise((done) => setTimeout(done)); } }",
            PAYLOADS,
        )
        expect(page.locator("expert-finder section")).to_be_visible()
        assert page.locator("expert-finder script, expert-finder img, expert-finder iframe").count() == 0
