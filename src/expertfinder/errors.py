"""Every error the product raises, as one tree. `status`, `type` and `title` are class attributes, read at run time.

    ExpertFinderError
    ├── NotFound                404   absent, or not for this viewer: the two are one
    ├── Forbidden               403   the caller has no right to this operation
    ├── Unauthenticated         401
    ├── InvalidQuestion         400   a question that cannot be asked
    ├── SourceError             422   a file or record that cannot be read: file, line and field are named
    ├── Conflict                409   a write that contradicts what is there
    ├── TooLarge                413
    ├── TooManyRequests         429   asked more often than one viewer may: come again later
    ├── StoreError              500
    │   ├── StoreUnavailable    503   busy, full, read-only or away: try again
    │   ├── StoreOutOfSpace     507
    │   └── FormatNotSupported  500   made by a newer version, or by another encoder
    ├── DeadlinePassed          503   a computation over the whole graph took too long and was stopped
    ├── NotReady                503   no snapshot yet: what to run is said
    └── Stale                   503   new facts have not been picked up for too long
A caller writes:

    try:
        ranking = finder.find(query, viewer)
    except ExpertFinderError as error:
        print(error.title, error.detail)
"""

from __future__ import annotations

from typing import ClassVar

from expertfinder.configuration.languages import N_


class ExpertFinderError(Exception):
    """The root. `detail` says in one sentence what happened and what to do next; `extras` are typed members."""

    status: ClassVar[int] = 500
    type: ClassVar[str] = "internal"
    title: ClassVar[str] = N_("Something went wrong inside expertfinder")

    def __init__(self, detail: str, **extras: str | int | float | tuple[str, ...] | None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.extras = {name: value for name, value in extras.items() if value is not None}


class NotFound(ExpertFinderError):
    """Absent and invisible are the same answer."""

    status = 404
    type = "not-found"
    title = N_("There is nothing here for you")


class Forbidden(ExpertFinderError):
    """The caller is known and has no right to the operation."""

    status = 403
    type = "forbidden"
    title = N_("This key may not do that")


class Unauthenticated(ExpertFinderError):
    """No key, or one that is unknown, revoked or expired."""

    status = 401
    type = "unauthenticated"
    title = N_("A valid key is needed")


class InvalidQuestion(ExpertFinderError):
    """A question that cannot be asked: empty, too long, or with a filter that means nothing."""

    status = 400
    type = "invalid-question"
    title = N_("This question cannot be asked")


class SourceError(ExpertFinderError):
    """A file or a record that cannot be read. Extras: `file`, `line` or `record` (from 1), `field`."""

    status = 422
    type = "source-error"
    title = N_("A record cannot be read")

    def __str__(self) -> str:
        where = [str(self.extras[name]) for name in ("file",) if name in self.extras]
        if "line" in self.extras:
            where.append(f"line {self.extras['line']}")
        if "record" in self.extras:
            where.append(f"record {self.extras['record']}")
        if "field" in self.extras:
            where.append(f"field {self.extras['field']}")
        return f"{', '.join(where)}: {self.detail}" if where else self.detail


class Conflict(ExpertFinderError):
    """A write that contradicts what is there."""

    status = 409
    type = "conflict"
    title = N_("This contradicts what is already there")


class TooLarge(ExpertFinderError):
    """A body, a line or a batch over its limit. Extras: `limit`."""

    status = 413
    type = "too-large"
    title = N_("This is too large")


class TooManyRequests(ExpertFinderError):
    """One viewer asks more often than a person types. Extras: `retry_after` (seconds)."""

    status = 429
    type = "too-many-requests"
    title = N_("This was asked too often in a short time")


class StoreError(ExpertFinderError):
    """The record could not be read or written."""

    type = "store-error"
    title = N_("The record could not be read or written")


class StoreUnavailable(StoreError):
    """Busy, locked, read-only or away. Nothing was written; try again. Extras: `retry_after` (seconds)."""

    status = 503
    type = "store-unavailable"
    title = N_("The record is not available just now")


class StoreOutOfSpace(StoreError):
    """The disk is full. Nothing was written."""

    status = 507
    type = "store-out-of-space"
    title = N_("There is no space left for the record")


class FormatNotSupported(StoreError):
    """A home made by a newer version, or an index made with another encoder; says which command makes it anew."""

    type = "format-not-supported"
    title = N_("This was made by something that we cannot read")


class NotReady(ExpertFinderError):
    """There is no snapshot to answer from yet."""

    status = 503
    type = "not-ready"
    title = N_("There is no index to answer from yet")


class Stale(ExpertFinderError):
    """The service answers from what it has and has not been able to look for new facts. Extras: `seconds`."""

    status = 503
    type = "stale"
    title = N_("New facts are not picked up")


class DeadlinePassed(ExpertFinderError):
    """A computation over the whole graph did not end in time and was stopped. Extras: `seconds`."""

    status = 503
    type = "deadline-passed"
    title = N_("This took too long and was stopped")
