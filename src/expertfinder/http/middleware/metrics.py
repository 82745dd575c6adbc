"""What the service counts of itself, for Prometheus, and its log as lines of JSON. No name, no question, no id.

Requests are counted by the template of their path (`/v1/people/{id}`), so that nothing of anybody is in a label.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Annotated, Final

import orjson
from fastapi import APIRouter, Depends, Request, Security
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.responses import Response

from expertfinder.http.auth import Caller, caller
from expertfinder.http.context import Door, door

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""HTTP methods that have a label of their own. Any other counts as `other`, so that callers cannot make labels."""
FIELDS: Final = ("request", "method", "route", "status", "milliseconds", "people")
"""What a line of the access log says besides time, level and place."""

router = APIRouter(include_in_schema=False)


class Metrics:
    """The counters of one service. Safe to share between threads."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ["method", "route", "status"]
        self._requests = Counter(
            "expertfinder_requests", "Requests that were answered.", labels, registry=self.registry
        )
        self._seconds = Histogram(
            "expertfinder_request_seconds", "Seconds until an answer was sent.", ["route"], registry=self.registry
        )
        self._refused = Counter(
            "expertfinder_refused", "Requests that were refused: 401, 403, 429.", ["status"], registry=self.registry
        )
        self._index = Gauge(
            "expertfinder_index_sequence", "Number of the last change that the index holds.", registry=self.registry
        )
        self._look = Gauge(
            "expertfinder_last_look_seconds", "Seconds since new facts were last looked for.", registry=self.registry
        )
        self._sessions = Gauge("expertfinder_sessions", "People who are signed in.", registry=self.registry)

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer. `route`: the template of its path; `seconds`: how long it took."""
        self._requests.labels(method if method in METHODS else "other", route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)
        if status in (401, 403, 429):
            self._refused.labels(str(status)).inc()

    def shown(self, *, index: int | None, look: float, sessions: int) -> bytes:
        """All counters in the text format of Prometheus.

        `index`: number of the last change that the index holds, `None` without an index; `look`: seconds since the last
        look for new facts; `sessions`: people who are signed in.
        """
        if index is not None:
            self._index.set(index)
        self._look.set(look)
        self._sessions.set(sessions)
        return generate_latest(self.registry)


@router.get("/metrics")
async def metrics(
    request: Request,
    _: Annotated[Caller, Security(caller, scopes=["metrics:read"])],
    here: Annotated[Door, Depends(door)],
) -> Response:
    """Counters for Prometheus."""
    kept: Metrics = request.app.state.metrics
    index = here.finder.snapshot.manifest.sequence if here.finder.ready else None
    look = here.watcher.age() or 0
    shown = await here.call(lambda: kept.shown(index=index, look=look, sessions=here.sessions.count()))
    return Response(shown, media_type=CONTENT_TYPE_LATEST)


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, place, what is said, and the fields of a request."""

    def format(self, record: logging.LogRecord) -> str:
        """A record as JSON."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        fields = {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        line |= fields or {"message": record.getMessage()}
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return orjson.dumps(line).decode()


def log_to_stderr(how: str) -> None:
    """Log each request as a line on stderr. `how`: `json`, `text`, or `warnings` for no lines but warnings."""
    if how == "warnings":
        return
    lines = logging.StreamHandler()
    lines.setFormatter(JsonLines() if how == "json" else logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    ours = logging.getLogger("expertfinder")
    ours.handlers = [lines]
    ours.setLevel(logging.INFO)
    ours.propagate = False
