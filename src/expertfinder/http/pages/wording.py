"""The pages' words for what the model has as codes. Numbers are for the table; people read words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from babel import Locale, UnknownLocaleError
from pydantic import ValidationError

from expertfinder.ask.answer import matches as matches
from expertfinder.model import Confidence, Covered, Person, Reason, Recommendation

if TYPE_CHECKING:
    from expertfinder.http.pages.drawing.rows import Row
    from expertfinder.store.questions import Went

FILTERS = {
    "place": "Site",
    "unit": "Unit",
    "language": "Language",
    "since": "Active",
    "kind": "Kind of post",
}
"""Parameter -> label, in the order of the form."""

SUGGESTED = {"person": "Person", "topic": "Topic", "community": "Community", "unit": "Unit"}
"""What kind of thing a suggestion is, where nothing else is said of it."""

LOOKS = {
    "assess": "asked how well you know something",
    "slate": "had you in an answer to a talent question",
    "acted for": "asked in your name",
    "operate": "looked at the page of whoever runs the service",
    "privacy": "opened what is kept about you, as you asked",
    "erase": "had a record of yours forgotten",
    "hide": "hid you",
    "show": "let you be found again",
    "join": "said that two records are you",
    "part": "said that two records are two people",
}
"""Event of the audit log -> what somebody did, as the person it was about reads it."""

PARTS = {
    "words and meaning": ("Matching posts", "posts of the person with the words of the question"),
    "meaning": ("Related posts", "posts of the person that mean something near the question"),
    "profile": ("Body of work", "words of the question in all that the person wrote and handled over time"),
    "topics": ("Topics", "tags of the question on posts of the person"),
    "activity": ("Activity", "how much the person did of late, on any subject; it counts little"),
    "centre": ("Focus", "how near the middle of all the person did lies to the question"),
    "declared": ("Own word", "what the person says of themselves; no evidence by itself"),
}
"""Part of a score -> its label, and what it is made of."""

_ANSWERS = {
    Confidence.HIGH: "It is very likely that one of the first three can help.",
    Confidence.MEDIUM: "One of the first three can probably help.",
    Confidence.LOW: "The evidence is thin: take this as a place to start.",
}
_TRENDS = {"rising": "↗ rising", "steady": "→ steady", "fading": "↘ fading", "none": "–"}


@dataclass(frozen=True, slots=True)
class Badge:
    """How sure we are of one person: so many dots of three, and words."""

    dots: str
    """Characters, not colours: they are seen in print and in forced colours, too."""
    words: str


_BADGES = {
    Confidence.HIGH: Badge("●●●", "Strong evidence"),
    Confidence.MEDIUM: Badge("●●○", "Some evidence"),
    Confidence.LOW: Badge("●○○", "Little evidence"),
}


def badge(one: Recommendation) -> Badge:
    """How sure we are of one person. Who has one post near the question has no more than that."""
    cited = {citation.post for reason in one.reasons for citation in reason.citations}
    if not cited:
        return Badge("○○○", "Own word only")
    if not one.topics and (one.caveat or (len(cited) == 1 and one.posts <= 1)):
        return Badge("●○○", "One post only" if one.posts <= 1 else "Rests on one post")
    return _BADGES[one.confidence]


def covered(one: Covered) -> Badge:
    """How sure we are of one person for one of several topics."""
    return _BADGES[one.confidence] if one.confidence else Badge("–", "nothing found")


def otherwise(same: str) -> str:
    """The query string of a question with several topics where one is enough, or all of them where it was one."""
    return (
        "&".join(part for part in same.split("&") if part != "any=true") if "any=true" in same else f"{same}&any=true"
    )


def whole(confidence: Confidence) -> str:
    """How sure we are of the answer as a whole, in a sentence."""
    return _ANSWERS[confidence]


def trend(code: str) -> str:
    """Where a topic is going, with an arrow."""
    return _TRENDS[code]


def part(name: str) -> str:
    """The name of a part of the score as a label; of anything else that has a code, the code as words."""
    if name in PARTS:
        return PARTS[name][0]
    of, _, about = name.partition(": ")
    if about and of in PARTS:  # of one of several topics
        return f"{PARTS[of][0]}: {about}"
    words = name.replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:]


def topic(label: str) -> str:
    """A topic as people write it: `weld fatigue` for `weld-fatigue`."""
    return label if " " in label else label.replace("-", " ")


def day(at: datetime | None) -> str:
    """`3 March 2024`, or that it is not known."""
    return f"{at.day} {at:%B %Y}" if at else "undated"


def people(count: int) -> str:
    """`1 person`, `7 people`."""
    return "1 person" if count == 1 else f"{count} people"


def posts(count: int) -> str:
    """`1 post`, `7 posts`."""
    return "1 post" if count == 1 else f"{count} posts"


def communities(count: int) -> str:
    """`1 community`, `7 communities`."""
    return "1 community" if count == 1 else f"{count} communities"


def champions(count: int) -> str:
    """`1 champion`, `7 champions`."""
    return "1 champion" if count == 1 else f"{count} champions"


def community_kind(code: str) -> str:
    """Where a community comes from: the organisation has it, or it was detected in who works with whom."""
    return "informal" if code == "detected" else "declared"


def by_month(months: Sequence[int]) -> str:
    """What a drawing of months says."""
    busiest = max(months, default=0)
    return f"{sum(months)} acts in the last {len(months)} months, {busiest} in the busiest of them"


def share(part: int, whole: int) -> str:
    """`165 of 288 people (57 %)`."""
    return f"{part} of {people(whole)} ({round(100 * part / whole)} %)" if whole else people(part)


def turned(name: str, *, to: bool, by: bool) -> str:
    """Who turns to whom, as it stands below the name of the other one: `to` them, `by` them, seen from `name`."""
    if to and by:
        return "work with each other"
    return f"{name} asks them" if to else f"asks {name}" if by else f"worked on the same thing as {name}"


def said(reasons: Sequence[Reason]) -> str:
    """The reasons as a paragraph."""
    return " ".join(reason.text for reason in reasons if reason.text)


def distinct(reasons: Sequence[Reason], every: Sequence[Recommendation]) -> str:
    """The sentences of the reasons that not more than half of the others have, too; all where that leaves none."""
    count = Counter(text for one in every for text in {reason.text for reason in one.reasons})
    few = [reason for reason in reasons if count[reason.text] == 1 or count[reason.text] <= len(every) / 2]
    return said(few) or said(reasons[:1])


def where(person: Person) -> str:
    """Title, unit and place of a person, as far as they are known."""
    return " · ".join(part for part in (person.title, person.org_unit, person.location) if part)


def number(value: float) -> str:
    """A score for reading: three decimals, without a negative zero."""
    return f"{value:.3f}".replace("-0.000", "0.000")


def outside(url: str) -> bool:
    """Whether an address may stand behind a link: a browser runs what other schemes say."""
    return url.lower().startswith(("https://", "http://"))


# --- one person of an answer -----------------------------------------------------------------------------------------


def did(act: str) -> str:
    """What somebody did with a post, to stand before its title: `Wrote`."""
    first = act.partition(", ")[0] or "worked on"
    return first[:1].upper() + first[1:]


def month(at: datetime | None) -> str:
    """`Sep 2026`; empty where it is not known."""
    return f"{at:%b %Y}" if at else ""


def behind(row: Row) -> str:
    """What is said after the strongest post of a person: its date, thanks, and how much more there is."""
    lead, one = row.lead, row.one
    if lead is None:
        return ""
    said = f", {month(lead.at)}" if lead.at else ", undated"
    if "was thanked for" in lead.act and lead.act != "was thanked for":
        said += ", thanked for it"
    more = one.posts - 1
    if more > 0:
        said += f"; {more} more on this"
        if one.last_seen and lead.at and month(one.last_seen) != month(lead.at):
            said += f", last {month(one.last_seen)}"
    return said


def mail(address: str, person: Person, question: str) -> str:
    """A link that begins an e-mail with the question."""
    question = " ".join(question.split())
    short = question if len(question) <= 70 else question[:69].rstrip() + "…"
    body = f"Hello {person.name},\n\nI am looking for somebody who knows about: {question[:500]}\n\n"
    query = urlencode({"subject": f"A question about {short}", "body": body}, quote_via=quote)
    return f"mailto:{quote(address, safe='@')}?{query}"


def went(how: Went) -> str:
    """What became of a question at somebody, as who put it reads it."""
    return {"asked": "asked", "claimed": "has taken it on", "declined": "leaves it to others"}[how]


COLUMNS: tuple[object, ...] = ("name", "title", "unit", "site", "evidence", "best evidence", "date", "posts")
"""Of the table of an answer."""


def line(row: Row) -> tuple[object, ...]:
    """One person as a line of the table of an answer."""
    person, lead = row.person, row.lead
    told = (lead.title, lead.at.date().isoformat() if lead.at else "") if lead else ("", "")
    return (person.name, person.title, person.org_unit, person.location, row.badge.words, *told, row.one.posts)


_FORMULA = re.compile(r"[=+\-@\t\r\n|%]")


def cell(value: object) -> str:
    """A value for a cell that no spreadsheet takes for a formula, whatever it begins with."""
    text = str(value)
    plain = text.lstrip(" \u00a0\ufeff")
    return f"'{text}" if plain and _FORMULA.match(plain) and not isinstance(value, int | float) else text


# --- the form --------------------------------------------------------------------------------------------------------


def within(days: int) -> str:
    """A span of time back from today: `last 2 years`."""
    if days < 365:
        return f"last {round(days / 30)} months"
    years = round(days / 365)
    return "last year" if years == 1 else f"last {years} years"


def language(code: str) -> str:
    """The English name of a language by its code; what is no code stays as it is."""
    try:
        return Locale.parse(code, sep="-").get_display_name("en") or code
    except (UnknownLocaleError, ValueError):
        return code


def is_language(code: str) -> bool:
    """Whether a code can stand in `lang`: anything else there misleads a screen reader."""
    return re.fullmatch(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", code) is not None


def initials(person: Person) -> str:
    """One or two letters for somebody without a picture."""
    words = [word for word in re.split(r"[\W_]+", person.name or person.id.partition(":")[2]) if word]
    chosen = words[:1] + words[1:][-1:]
    return "".join(word[0] for word in chosen).upper() or "?"


_WRONG = {
    "int_parsing": "write a whole number",
    "bool_parsing": "write true or false",
    "literal_error": "choose one of the list",
    "string_too_short": "write something",
}


def refused(error: ValidationError, labels: Mapping[str, str]) -> str:
    """What is wrong with the first field of a form, in words: never what was sent."""
    first = error.errors()[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    context = first.get("ctx", {})
    kind = first["type"]
    if kind == "string_too_long":
        said = f"write at most {context.get('max_length')} characters"
    elif kind in ("greater_than_equal", "less_than_equal"):
        bound, word = (context.get("ge"), "at least") if kind.startswith("greater") else (context.get("le"), "at most")
        said = f"write {word} {bound}"
    elif kind == "too_long":
        said = f"choose at most {context.get('max_length')}"
    elif "date" in kind:
        said = "write a day, as 2026-01-31"
    else:
        said = _WRONG.get(kind, "write it in another form")
    return f"{labels.get(name, part(name))}: {said}"


def looked(event: str) -> str:
    """What somebody did whom the audit log names."""
    return LOOKS.get(event, event)
