"""The contract outward, `api/openapi.json`: written from the app, and compared with it.

python scripts/contract.py --write    write it anew
python scripts/contract.py --check    exit 1 where the file and the app differ (CI runs this)
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from difflib import unified_diff
from pathlib import Path

from expertfinder.ask.finder import ExpertFinder
from expertfinder.http import create_app
from expertfinder.http.app import contract

FILE = Path(__file__).resolve().parents[1] / "api" / "openapi.json"
SHOWN = 60
"""Lines of difference; more than this is a rewrite, and nobody reads it here."""


def document() -> str:
    """The contract of the app as text: sorted by nothing but the app's own order, so that a diff reads as a change."""
    with tempfile.TemporaryDirectory() as folder:
        finder = ExpertFinder.open(Path(folder))
        try:
            return json.dumps(contract(create_app(finder, finder.store)), indent=2, ensure_ascii=False) + "\n"
        finally:
            finder.close()


def main(arguments: list[str] | None = None) -> int:
    """Write or compare; 0 when they agree."""
    parser = argparse.ArgumentParser(description="api/openapi.json is what the app serves")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--write", action="store_true", help="write the file anew")
    what.add_argument("--check", action="store_true", help="exit 1 where the file and the app differ")
    parser.add_argument("--file", type=Path, default=FILE, help="another file")
    asked = parser.parse_args(arguments)
    now = document()
    if asked.write:
        asked.file.write_text(now, encoding="utf-8")
        print(f"{asked.file}: written")
        return 0
    before = asked.file.read_text(encoding="utf-8") if asked.file.exists() else ""
    if before == now:
        print(f"{asked.file}: as the app serves it")
        return 0
    differing = list(unified_diff(before.splitlines(), now.splitlines(), "file", "app", lineterm=""))
    print("\n".join(differing[:SHOWN]))
    print(f"{asked.file} and the app differ; python scripts/contract.py --write", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
