"""A real server in a thread, and a real browser in front of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, sync_playwright
from starlette.types import ASGIApp

from expertfinder.ask.finder import ExpertFinder
from expertfinder.http import Options, create_app, server

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
"""A container has no sandbox of its own to give, and a test browser has nothing to look up."""
START_SECONDS = 20


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """Serve on a free port until the block ends; its address."""
    with started(server(app, host="127.0.0.1", port=0)) as address:
        yield address


@contextmanager
def serving_others(app: ASGIApp) -> Iterator[str]:
    """Serve an app that is not ours on a free port until the block ends; its address."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, access_log=False, log_level="warning")
    with started(uvicorn.Server(config)) as address:
        yield address


@contextmanager
def started(running: uvicorn.Server) -> Iterator[str]:
    """Run a server in a thread until the block ends; its address."""
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    give_up = time.monotonic() + START_SECONDS
    while not running.started:
        assert thread.is_alive(), "the server did not start"
        assert time.monotonic() < give_up, "the server did not start in time"
        time.sleep(0.02)
    port = running.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        running.should_exit = True
        thread.join(START_SECONDS)
        assert not thread.is_alive(), "the server did not stop"


@contextmanager
def served(finder: ExpertFinder, options: Options) -> Iterator[str]:
    """Serve an app over a finder; its address."""
    with serving(create_app(finder, finder.store, options)) as address:
        yield address


@contextmanager
def chromium(path: str) -> Iterator[Browser]:
    """A headless browser, the system's own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()
