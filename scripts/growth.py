"""How a service's memory grows with its requests: mixed routes, as fast as it answers, from another process.

    python scripts/growth.py [--home FOLDER] [--requests N] [--minutes M] [--workers N] [--json]

Without a home the demo organisation is written and served. It ends with the first of the two bounds. The memory is
that of all processes of the service (PSS: shared pages are counted once), of which a line is printed for each
twentieth of the requests; the growth is that of the last tenth against the tenth after warming up (`WARMING`).
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote, urlencode

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
from scripts.service import family, held, serving

from expertfinder.ask.finder import ExpertFinder
from expertfinder.model import Viewer

WARMING = 0.2
"""Share of the requests before memory is compared: every route and every viewer was met, caches are full."""
VIEWERS = 300
"""People who ask, more than the views that are kept (256), so that views come and go."""
LOOKS = 20
"""Lines of memory that are printed."""


def main() -> int:
    """Ask and print. The exit code is 0."""
    parser = argparse.ArgumentParser(description="How a service's memory grows with its requests.")
    parser.add_argument("--home", type=Path, help="an organisation with an index; the demo without it")
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="expertfinder-growth-") as temporary:
        home = options.home or Path(temporary) / "home"
        if options.home is None:
            subprocess.run([sys.executable, "-m", "expertfinder", "demo", "--home", str(home)], check=True)
        found = grown(home, paths_of(home), options)
    print(json.dumps(found) if options.json else told(found))
    return 0


def paths_of(home: Path) -> list[str]:
    """Requests of many people by mixed routes, in an order that is drawn with a seed."""
    draw = random.Random(3)
    finder = ExpertFinder.open(home)
    people = [one.id for one in finder.viewers(limit=VIEWERS)]
    topics = [topic.label for topic in finder.topics(Viewer(), limit=100)]
    communities = [one.id for one in finder.snapshot.communities][:20]
    finder.close()
    paths = []
    for _ in range(2_000):
        who, topic, other = draw.choice(people), draw.choice(topics), draw.choice(people)
        asked = {"q": f"{topic} {draw.choice(topics)}", "as": who}
        routes = [
            f"/v1/experts?{urlencode(asked)}",
            f"/answer?{urlencode(asked)}",
            f"/v1/suggest?{urlencode({'q': topic[:3], 'as': who})}",
            f"/people/{quote(other)}?{urlencode({'as': who})}",
            f"/v1/people/{quote(other)}?{urlencode({'as': who})}",
            f"/topics?{urlencode({'as': who})}",
            f"/me?{urlencode({'as': who})}",
            f"/meet?{urlencode({'as': who})}",
            "/readyz",
            f"/v1/experts?{urlencode({'q': 'x' * draw.randrange(1, 2000), 'as': who})}",
            "/v1/nothing/here",
        ]
        routes += [f"/communities/{quote(draw.choice(communities))}?{urlencode({'as': who})}"] if communities else []
        paths.append(draw.choice(routes))
    return paths


def grown(home: Path, paths: list[str], options: argparse.Namespace) -> dict[str, object]:
    """Serve a home, ask, and look at its memory."""
    looks: list[tuple[int, float]] = []
    statuses: dict[int, int] = {}
    with serving(home, workers=options.workers) as (address, service):
        host = address.partition("://")[2]
        began, asked = time.monotonic(), 0
        while asked < options.requests and time.monotonic() - began < 60 * options.minutes:
            connection = http.client.HTTPConnection(host, timeout=120)
            for path in paths[asked % len(paths) :][:50]:
                connection.request("GET", path)
                answer = connection.getresponse()
                answer.read()
                statuses[answer.status] = statuses.get(answer.status, 0) + 1
                asked += 1
            connection.close()
            looks.append((asked, held(service.pid)))
        cpu = sum(one.cpu_times().user + one.cpu_times().system for one in family(service.pid))
    return {"requests": asked, "statuses": statuses, "cpu_s": cpu, "pss_mb": looks, "growth": growth(looks)}


def growth(looks: list[tuple[int, float]]) -> float:
    """By what share the median of the last tenth is above that of the tenth after warming up."""
    asked = np.array([number for number, _ in looks])
    memory = np.array([megabytes for _, megabytes in looks])
    last = asked[-1]
    before = memory[(asked > WARMING * last) & (asked <= (WARMING + 0.1) * last)]
    return float(np.median(memory[asked > 0.9 * last]) / np.median(before) - 1)


def told(found: dict[str, object]) -> str:
    """The figures as lines."""
    looks: list[tuple[int, float]] = found["pss_mb"]  # type: ignore[assignment]
    some = looks[:: max(len(looks) // LOOKS, 1)]
    lines = [f"{asked:>9,} requests  {memory:8.1f} MB" for asked, memory in some]
    asked = f"{found['requests']:,} requests, {found['statuses']}, {found['cpu_s']:.0f} CPU s"
    return "\n".join([*lines, f"{asked}, growth {found['growth']:+.2%}"])


if __name__ == "__main__":
    raise SystemExit(main())
