"""Makes the pictures in docs/images anew: pages of the demo in a real browser, as a visitor first sees them.

    python scripts/images.py [--to FOLDER] [--home FOLDER]

It needs a Chromium (`CHROMIUM_PATH`, or the system's). Without `--home` the demo is written first, in a minute.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from scripts.service import serving  # noqa: E402 - the folder above is known from here on
from tests.conftest import find_browser  # noqa: E402
from tests.http.browser import chromium  # noqa: E402

PICTURES = {
    "answer": ("/?q=currency+hedging", 1040, 560),
    "answer-phone": ("/?q=currency+hedging", 390, 700),
    "champions": ("/champions?k=4", 1040, 760),
    "community": ("/communities/demo:builders", 1040, 620),
    "insights": ("/insights", 1040, 620),
    "topic": ("/topics/topic:weld%20fatigue", 1040, 620),
}
"""Name of a picture -> its page, and the width and height of the window in pixels."""


def main() -> int:
    """Write the demo where no home is given, serve it, take the pictures. The exit code is 0 where all went well."""
    parser = argparse.ArgumentParser(description="Make the pictures of docs/images anew.")
    parser.add_argument("--to", type=Path, default=ROOT / "docs" / "images", help="the folder for the pictures")
    parser.add_argument("--home", type=Path, help="a home of the demo; without it one is written and removed")
    options = parser.parse_args()
    browser = find_browser()
    if browser is None:
        raise SystemExit("no Chromium was found: install one, or name it with CHROMIUM_PATH")
    product = Path(sys.executable).with_name("expertfinder")
    with TemporaryDirectory() as folder:
        home = options.home or Path(folder)
        if options.home is None:
            subprocess.run([product, "demo", "--home", home], check=True, stdout=subprocess.DEVNULL)
        with serving(home) as (address, _):
            taken(address, browser, options.to)
    return 0


def taken(address: str, path: str, folder: Path) -> None:
    """Take each picture. Raises `SystemExit` for a page that is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    with chromium(path) as browser:
        for name, (page, width, height) in PICTURES.items():
            window = browser.new_page(viewport={"width": width, "height": height}, color_scheme="light", locale="en")
            answer = window.goto(address + page, wait_until="networkidle")
            if answer is None or not answer.ok:
                raise SystemExit(f"{page} was answered with {answer.status if answer else 'nothing'}")
            window.screenshot(path=folder / f"{name}.png")
            window.close()


if __name__ == "__main__":
    raise SystemExit(main())
