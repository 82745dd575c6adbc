"""The contract against made-up calls: schemathesis finds nothing, and most of its calls get somewhere."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from tests.http.browser import serving
from tests.sizes import size

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.keys import issue_key
from expertfinder.http import Options, create_app

log = logging.getLogger(__name__)

EXAMPLES = {"positive": size("H2 valid"), "negative": size("H2 invalid")}
"""For each operation. What is invalid is refused before the core is reached, and is mostly covered by enumeration."""
SECONDS = 240
"""Only to end what hangs."""
LEAST_SUCCESS = 0.6
FOLDER = Path(__file__).parent


class Counting:
    """ASGI middleware that counts the statuses an app gives."""

    def __init__(self, app: ASGIApp, *, counts: Counter[int]) -> None:
        self.app = app
        self.counts = counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.counts[message["status"]] += 1
            await send(message)

        await self.app(scope, receive, counted)


def run(finder: ExpertFinder, mode: str) -> tuple[str, Counter[int]]:
    """Let the tool loose on the finder's app with a key that may do everything; what it said, and the statuses."""
    key = issue_key(finder.store, scopes=["admin"], person="acme:dana")[1]
    counts: Counter[int] = Counter()
    app = create_app(finder, finder.store, Options(talent_purposes=("staffing",)))
    app.add_middleware(Counting, counts=counts)
    with serving(app) as address:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(FOLDER / "schemathesis.toml")),
                *("run", f"{address}/v1/openapi.json"),
                *("--header", f"Authorization: Bearer {key}", "--mode", mode, "--seed", "1"),
                *("--max-examples", str(EXAMPLES[mode]), "--generation-database", "none", "--no-color"),
                # Where every text is right, as for the topic in a path, nearly all drawn calls are not wrong enough.
                *("--continue-on-failure", "--suppress-health-check=filter_too_much"),
            ],
            env={**os.environ, "SCHEMATHESIS_HOOKS": "known_ids", "EXPECTED_CALLS": mode, "PYTHONPATH": str(FOLDER)},
            cwd=finder.home.folder,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    said = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", done.stdout + done.stderr)
    assert done.returncode in (0, 1), said
    return said, counts


def test_valid_calls_find_no_fault_and_most_of_them_succeed(own_finder: ExpertFinder) -> None:
    said, counts = run(own_finder, "positive")
    calls = sum(counts.values())
    good = sum(count for status, count in counts.items() if 200 <= status < 300)
    log.info("%d calls, %.0f %% to a 2xx: %s", calls, 100 * good / calls, dict(sorted(counts.items())))
    assert "FAILURES" not in said, said
    assert "ERRORS" not in said, said
    assert calls > EXAMPLES["positive"] * 10
    assert good / calls >= LEAST_SUCCESS, counts


def test_invalid_calls_find_no_fault(own_finder: ExpertFinder) -> None:
    said, counts = run(own_finder, "negative")
    log.info("%d calls: %s", sum(counts.values()), dict(sorted(counts.items())))
    assert "FAILURES" not in said, said
    assert "ERRORS" not in said, said
    assert counts[422] > 10 * EXAMPLES["negative"]
