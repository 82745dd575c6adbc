"""iCalendar (RFC 5545): who meets whom, and how often the same people meet. Nothing of what is said is read.

| in the calendar | becomes |
|---|---|
| an event with attendees, all dates of a series as one | a post of kind `meeting` or `series`, for its attendees |
| an attendee who did not decline | the act `attend`, which the attendees may read |
| an organiser or attendee with an address | a person, whose record only they may read |
| `STATUS:CANCELLED`, `METHOD:CANCEL` | the event is taken back |

An event has no text, and a title only with `--titles`. Events of a CLASS other than PUBLIC are left out as a whole, and
so are appointments without attendees, rooms, tasks, journals and alarms. Rules of recurrence are never worked out.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time
from typing import Any, Final

from icalendar import Calendar, Event
from icalendar.error import BrokenCalendarProperty

from expertfinder.errors import SourceError
from expertfinder.sources.exports import ExportReader, Made, Spot, Tree, lines
from expertfinder.sources.exports.fields import Raw
from expertfinder.sources.formats import Format
from expertfinder.sources.lines import LINE_LIMIT
from expertfinder.sources.reader import Withdrawal
from expertfinder.sources.records import Said

PRIVATE: Final = "events that are not PUBLIC"
ALONE: Final = "appointments without attendees"
NAMELESS: Final = "events without a UID, which would be others with each import"
OTHERS: Final = "tasks, journals and times that are free or busy"
ROOMS: Final = "rooms, resources and groups that were invited"
DECLINED: Final = "attendees who declined"
TITLED: Final = "titles of events; --titles reads them"
_PARTS: Final = ("VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VTIMEZONE")


class IcalendarReader(ExportReader):
    """Reads calendars (`Reader`), an event at a time."""

    def begin(self) -> None:
        """Forget the events of an earlier reading."""
        self._names: dict[str, str] = {}
        self._gone: dict[str, list[str]] = {}
        self._series: dict[str, dict[str, Any]] = {}

    def read(self, tree: Tree) -> Iterator[Said | Withdrawal]:
        """Every fact in the order of the events; those of series are put together at the end."""
        names = tree.names if tree.is_file else [*tree.under(ending=".ics"), *tree.under(ending=".ical")]
        for name in names:
            cancelled, zones = False, ""
            for spot, kind, text in _components(tree, name):
                if kind == "METHOD":
                    cancelled = text == "CANCEL"
                elif kind == "VTIMEZONE":
                    zones += text
                elif kind == "VEVENT":
                    yield from self.facts_of(spot, self._reading(text, zones, cancelled=cancelled), {})
                else:
                    self.left_out(OTHERS)
        for uid, series in self._series.items():
            if uid not in self._gone and len(series["people"]) > 1:
                yield from self.facts_of(Spot(str(self.path)), _reading_of(series), {})
        for uid, people in self._gone.items():
            yield Withdrawal("post", f"{self.source.id}:{uid}")
            for person in people:
                yield Withdrawal("interaction", f"{self.source.id}:{uid}/attend/{person}")

    def _reading(self, text: str, zones: str, *, cancelled: bool) -> Callable[[Raw], Made]:
        def read(_: Raw) -> Made:
            try:
                return list(self._learned(_event(text, zones), cancelled=cancelled))
            except BrokenCalendarProperty as error:
                raise SourceError(f"this event cannot be read: {str(error)[:120]}", field="VEVENT") from None

        return read

    def _met(self, people: Mapping[str, str]) -> Made:
        """The people of an event. Nobody else may know whom somebody meets: each record is for the person alone."""
        for person, name in people.items():
            if person not in self._names or (name and name != self._names[person]):
                self._names[person] = name
                named = {"id": person, "name": name, "accounts": [f"email:{person}"]}
                yield "person", {**named, "audience": "private"}

    def _learned(self, event: Event, *, cancelled: bool) -> Made:
        """What an event becomes. An event of a series is kept, and the series is given when all events are read."""
        uid = str(event.get("UID", "")).strip()
        if not uid:
            self.left_out(NAMELESS if "ATTENDEE" in event else ALONE)
            return
        once = "RECURRENCE-ID" in event
        if str(event.get("CLASS", "PUBLIC")).strip().upper() != "PUBLIC":
            self.left_out(PRIVATE)
            if not once:
                self._gone[uid] = list(dict(_invited(event)))
            return
        if cancelled or str(event.get("STATUS", "")).upper() == "CANCELLED":
            if not once:
                self._gone[uid] = list(dict(_invited(event)))
            return
        people = dict(_invited(event, self.left_out))
        if len(people) < 2:
            self.left_out(ALONE)
            return
        if uid in self._gone:
            return
        yield from self._met(people)
        title = str(event.get("SUMMARY", ""))
        titled = "titles" in self.options
        self.left_out(TITLED, int(bool(title) and not titled))
        organiser = _address(event.get("ORGANIZER", ""))
        said = {"id": uid, "people": dict.fromkeys(people), "title": title if titled else "", "at": _start(event)}
        repeats = once or "RRULE" in event or "RDATE" in event
        if not repeats:
            yield from _meeting({**said, "by": organiser, "kind": "meeting"})
            return
        known = self._series.setdefault(uid, {**said, "by": organiser, "kind": "series", "whole": not once})
        if not once:
            known |= {**said, "by": organiser or known["by"], "whole": True}
        elif not known["whole"]:  # only single days are known so far: who is invited to all of them
            known["people"] = {who: None for who in known["people"] if who in said["people"]}


def _meeting(series: dict[str, Any]) -> Made:
    uid, people = series["id"], list(series["people"])
    audience = {"people": people}
    by = [series["by"]] if series["by"] in series["people"] else []
    shared = {"title": series["title"], "created_at": series["at"], "audience": audience}
    yield "post", {"id": uid, "kind": series["kind"], "authors": by, **shared}
    for person in people:
        act = {"id": f"{uid}/attend/{person}", "actor": person, "verb": "attend", "object": uid}
        yield "interaction", {**act, "created_at": series["at"], "audience": audience}


def _reading_of(series: dict[str, Any]) -> Callable[[Raw], Made]:
    return lambda _: _meeting(series)


def _untold(why: str) -> None:
    return


def _invited(event: Event, left_out: Callable[[str], None] = _untold) -> Iterator[tuple[str, str]]:
    """The people of an event: address and name."""
    organiser = event.get("ORGANIZER")
    if organiser is not None and not isinstance(organiser, list) and (address := _address(organiser)):
        yield address, str(organiser.params.get("CN", ""))
    attendees = event.get("ATTENDEE", [])
    for attendee in attendees if isinstance(attendees, list) else [attendees]:
        params = getattr(attendee, "params", {})
        if str(params.get("CUTYPE", "INDIVIDUAL")).upper() not in ("INDIVIDUAL", "UNKNOWN"):
            left_out(ROOMS)
        elif str(params.get("PARTSTAT", "")).upper() == "DECLINED":
            left_out(DECLINED)
        elif address := _address(attendee):
            yield address, str(params.get("CN", ""))


def _address(value: object) -> str:
    """The e-mail address of a calendar user; empty for one that is known by something else."""
    text = str(value).strip()
    address = text[7:] if text.lower().startswith("mailto:") else ""
    return address.lower() if "@" in address and not any(letter.isspace() for letter in address) else ""


def _start(event: Event) -> str:
    """When an event begins, in UTC; a time without a zone is taken as UTC."""
    begins = getattr(event.get("DTSTART"), "dt", None)
    if isinstance(begins, datetime):
        return (begins.replace(tzinfo=UTC) if begins.tzinfo is None else begins.astimezone(UTC)).isoformat()
    return datetime.combine(begins, time(), UTC).isoformat() if isinstance(begins, date) else ""


def _event(text: str, zones: str) -> Event:
    """The event of these lines, read with the time zones of its calendar."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of zones whose name is guessed
            calendar = Calendar.from_ical(f"BEGIN:VCALENDAR\r\n{zones}{text}END:VCALENDAR\r\n")
            found = next(iter(calendar.walk("VEVENT")), None)
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError, OSError) as error:
        raise SourceError(f"this event cannot be read: {str(error)[:120]}", field="VEVENT") from None
    if not isinstance(found, Event):
        raise SourceError("this event cannot be read", field="VEVENT")
    return found


def _components(tree: Tree, name: str) -> Iterator[tuple[Spot, str, str]]:
    """The parts of a calendar, each with its lines as they stand, and `METHOD` with its value."""
    inside, begins, size = "", Spot(tree.named(name)), 0
    block: list[str] = []
    skipped = ""
    any_part = False
    for spot, raw in lines(tree, name):
        line = raw.rstrip("\r\n")
        plain = line.strip().upper()
        any_part = any_part or plain == "BEGIN:VCALENDAR"
        if not inside:
            if plain.startswith("METHOD:"):
                yield spot, "METHOD", plain.partition(":")[2].strip()
            if plain.startswith("BEGIN:") and plain[6:] in _PARTS:
                inside, begins, block, size = plain[6:], spot, [line], 0
            continue
        size += len(line)
        if size > LINE_LIMIT:
            raise SourceError(f"a component is longer than {LINE_LIMIT:,} characters", **begins.extras)
        if plain.startswith("BEGIN:") and not skipped and inside == "VEVENT":
            skipped = plain[6:]  # an alarm, or what programs put into an event
        if not skipped:
            block.append(line)
        if skipped and plain == f"END:{skipped}":
            skipped = ""
        elif plain == f"END:{inside}" and not skipped:
            yield begins, inside, "\r\n".join([*block, ""])
            inside = ""
    if inside:
        raise SourceError(f"{inside} has no end: the file may be cut", **begins.extras)
    if not any_part:
        raise SourceError("this is no calendar: it has no BEGIN:VCALENDAR", file=tree.named(name))


FORMAT = Format(
    name="icalendar",
    summary="Who meets whom, of calendars (iCalendar, .ics): attendees and series, no words",
    open=IcalendarReader,
    options={"titles": "Read the titles of public events, too."},
    flags=("titles",),
    keys=("email",),
    audiences=True,
    withdraws=True,
)
