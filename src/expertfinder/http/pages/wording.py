"""The pages' words for what the model has as codes. Numbers are for the table; people read words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date as calendar_date
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from babel import Locale, UnknownLocaleError

from expertfinder.ask.answer import matches as matches
from expertfinder.configuration import languages as tongues
from expertfinder.configuration.languages import N_, gettext, phrase, phrases
from expertfinder.model import Confidence, Covered, Person, Reason, Recommendation

if TYPE_CHECKING:
    from expertfinder.http.pages.drawing.rows import Row
    from expertfinder.store.statements.questions import Afterwards, Saved, Went

FILTERS = {
    "place": N_("Site"),
    "unit": N_("Unit"),
    "language": N_("Language"),
    "availability": N_("Available"),
    "zone": N_("Time zone"),
    "since": N_("Active"),
    "kind": N_("Kind of post"),
}
"""Parameter -> label, in the order of the form."""

STATES = {
    "draft": N_("A draft"),
    "reviewed": N_("Reviewed"),
    "endorsed": N_("Endorsed"),
    "withdrawn": N_("Withdrawn"),
    "expired": N_("The endorsement has expired"),
}
"""State of a post -> what a page says of it."""
ROLES = {
    "expert": N_("Expert"),
    "champion": N_("Champion"),
    "sponsor": N_("Sponsor"),
    "curator": N_("Curator"),
}
"""What somebody is nominated for -> its label; an expert is endorsed for a topic."""
SAVED: dict[Saved, str] = {
    "": "",
    "nothing": N_("no time"),
    "minutes": N_("some minutes"),
    "hours": N_("some hours"),
    "days": N_("a day or more"),
}
"""How much time an answer saved, as the asker chooses it."""
AFTERWARDS: dict[Afterwards, str] = {
    "": "",
    "nothing": N_("do nothing new"),
    "went_on": N_("go on with my work"),
    "decided": N_("decide something"),
    "learned": N_("do it myself the next time"),
    "passed_on": N_("pass it on to others"),
}
"""What the asker could do with an answer."""

AUDIENCES = {"organisation": N_("everybody"), "nobody": N_("nobody"), "private": N_("those who are named")}
"""Scope of an audience -> who may read; any other scope is shown as it is written."""

TITLE_IN_A_SENTENCE = 90
"""Characters of a title in the list: with its date and what is behind it, three lines of a phone 390 pixels wide."""

SUGGESTED = {"person": N_("Person"), "topic": N_("Topic"), "community": N_("Community"), "unit": N_("Unit")}
"""What kind of thing a suggestion is, where nothing else is said of it."""

PARTS = {
    "words and meaning": (N_("Matching posts"), N_("posts of the person with the words of the question")),
    "meaning": (N_("Related posts"), N_("posts of the person that mean something near the question")),
    "profile": (N_("Body of work"), N_("words of the question in all that the person wrote and handled over time")),
    "topics": (N_("Topics"), N_("tags of the question on posts of the person")),
    "activity": (N_("Activity"), N_("how much the person did of late, on any subject; it counts little")),
    "centre": (N_("Focus"), N_("how near the middle of all the person did lies to the question")),
    "declared": (N_("Own word"), N_("what the person says of themselves; no evidence by itself")),
}
"""Part of a score -> its label, and what it is made of."""

TO_ONESELF = {
    "profile": N_("Words of the question stand in what you wrote and handled over time."),
    "declared": N_("You say so of yourself."),
    "centre": "",
}
"""Part of a score -> its sentence to the person it is about, where that of an answer speaks of somebody else."""

_ANSWERS = {
    Confidence.HIGH: N_("It is very likely that one of the first three can help."),
    Confidence.MEDIUM: N_("One of the first three can probably help."),
    Confidence.LOW: N_("The evidence is thin: take this as a place to start."),
}
_TRENDS = {"rising": N_("↗ rising"), "steady": N_("→ steady"), "fading": N_("↘ fading"), "none": "–"}
_KINDS = (
    *(N_("Answer"), N_("Question"), N_("Message"), N_("Document"), N_("Article"), N_("Note"), N_("Page"), N_("Commit")),
    *(N_("Issue"), N_("Comment"), N_("Review"), N_("Video"), N_("Video description"), N_("Event"), N_("Course")),
    *(N_("Blog post"), N_("Post"), N_("Mail"), N_("Pull request"), N_("Merge request"), N_("Ticket"), N_("Talk")),
)
"""Kinds of posts that our sources make, as labels; a kind that is none of them stands as it is."""
_ROLES = (
    *(N_("Champion"), N_("Curator"), N_("Connector"), N_("Reader"), N_("Newcomer"), N_("Rising contributor")),
    *(N_("Mentor"), N_("Contacts"), N_("Interests"), N_("Coverage")),
)
"""Roles and parts of other scores, as labels."""


@dataclass(frozen=True, slots=True)
class Badge:
    """How sure we are of one person: so many dots of three, and words."""

    dots: str
    """Characters, not colours: they are seen in print and in forced colours, too."""
    words: str


_BADGES = {
    Confidence.HIGH: Badge("●●●", N_("Strong evidence")),
    Confidence.MEDIUM: Badge("●●○", N_("Some evidence")),
    Confidence.LOW: Badge("●○○", N_("Little evidence")),
}


def badge(one: Recommendation) -> Badge:
    """How sure we are of one person. Somebody without any post has no dot.

    On a question of one topic, somebody whose place rests on one post has one dot.
    """
    cited = {citation.post for reason in one.reasons for citation in reason.citations}
    if not cited:
        return Badge("○○○", gettext("Own word only"))
    if not one.topics and (one.caveat or (len(cited) == 1 and one.posts <= 1)):
        return Badge("●○○", gettext("One post only") if one.posts <= 1 else gettext("Rests on one post"))
    return _said(_BADGES[one.confidence])


def _said(known: Badge) -> Badge:
    return Badge(known.dots, gettext(known.words))


def mid(words: str) -> str:
    """Words as they stand within a sentence: the first letter small."""
    return words[:1].lower() + words[1:]


def covered(one: Covered) -> Badge:
    """How sure we are of one person for one of several topics."""
    return _said(_BADGES[one.confidence]) if one.confidence else Badge("–", gettext("nothing found"))


def otherwise(same: str) -> str:
    """The query string of the same question with the other choice: one topic is enough (`any=true`), or all count."""
    return (
        "&".join(part for part in same.split("&") if part != "any=true") if "any=true" in same else f"{same}&any=true"
    )


def whole(confidence: Confidence) -> str:
    """How sure we are of the answer as a whole, in a sentence."""
    return gettext(_ANSWERS[confidence])


def trend(code: str) -> str:
    """Where a topic is going, with an arrow."""
    return gettext(_TRENDS[code])


def part(name: str) -> str:
    """The name of a part of the score as a label; of anything else that has a code, the code as words."""
    if name in PARTS:
        return gettext(PARTS[name][0])
    of, _, about = name.partition(": ")
    if about and of in PARTS:  # of one of several topics
        return f"{gettext(PARTS[of][0])}: {about}"
    words = name.replace("_", " ").replace("-", " ").strip()
    return gettext(words[:1].upper() + words[1:])


def topic(label: str) -> str:
    """A topic as people write it: `weld fatigue` for `weld-fatigue`."""
    return label if " " in label else label.replace("-", " ")


def day(at: datetime | None) -> str:
    """`3 March 2024`, or that it is not known."""
    return tongues.day(at) if at else gettext("undated")


def people(count: int) -> str:
    """`1 person`, `7 people`."""
    return phrases("1 person", "{count} people", count)


def posts(count: int) -> str:
    """`1 post`, `7 posts`."""
    return phrases("1 post", "{count} posts", count)


def communities(count: int) -> str:
    """`1 community`, `7 communities`."""
    return phrases("1 community", "{count} communities", count)


def champions(count: int) -> str:
    """`1 champion`, `7 champions`."""
    return phrases("1 champion", "{count} champions", count)


def community_kind(code: str) -> str:
    """Where a community comes from: the organisation has it, or it was detected in who works with whom."""
    return gettext("informal") if code == "detected" else gettext("declared")


def by_month(months: Sequence[int]) -> str:
    """What a drawing of months says. `months`: the number of acts in each."""
    busiest = max(months, default=0)
    return phrase(
        "{acts} acts in the last {months} months, {busiest} in the busiest of them",
        acts=sum(months),
        months=len(months),
        busiest=busiest,
    )


def share(part: int, whole: int) -> str:
    """`165 of 288 people (57 %)`."""
    if not whole:
        return people(part)
    return phrase("{part} of {people} ({share} %)", part=part, people=people(whole), share=round(100 * part / whole))


def turned(name: str, *, to: bool, by: bool) -> str:
    """Who turns to whom, in words below the name of the other person.

    `to`: the person called `name` turns to the other one; `by`: the other one turns to that person.
    """
    if to and by:
        return gettext("work with each other")
    if to:
        return phrase("{name} asks them", name=name)
    return phrase("asks {name}", name=name) if by else phrase("worked on the same thing as {name}", name=name)


def said(reasons: Sequence[Reason]) -> str:
    """The reasons as a paragraph."""
    return " ".join(reason.text for reason in reasons if reason.text)


def distinct(reasons: Sequence[Reason], every: Sequence[Recommendation]) -> str:
    """The sentences of the reasons that not more than half of `every` have; the first one where that leaves none."""
    count = Counter(text for one in every for text in {reason.text for reason in one.reasons})
    few = [reason for reason in reasons if count[reason.text] == 1 or count[reason.text] <= len(every) / 2]
    return said(few) or said(reasons[:1])


def where(person: Person) -> str:
    """Title, unit and place of a person, as far as they are known."""
    return " · ".join(part for part in (person.title, person.org_unit, person.location) if part)


def number(value: float) -> str:
    """A score for reading: three decimals, without a negative zero."""
    return tongues.decimal(value, 3)


def tenth(value: float) -> str:
    """A number with one decimal."""
    return tongues.decimal(value, 1)


def percent(share: float) -> str:
    """`35 %`; what is there and rounds to nothing is `< 1 %`."""
    rounded = round(100 * share)
    return f"{rounded} %" if rounded or share <= 0 else "< 1 %"


def about(spread: float) -> str:
    """`about 3 people`: as many people with equal shares would hold the topic. At least 1."""
    return phrases("about 1 person", "about {count} people", max(round(spread), 1))


def carried(spread: float) -> str:
    """On how many people a topic rests, in a sentence."""
    return phrases("It rests on 1 person.", "It rests on about {count} people.", max(round(spread), 1))


def date(on: str | calendar_date) -> str:
    """`3 March 2024` of a day, or of one that is written `2024-03-03`."""
    return tongues.day(calendar_date.fromisoformat(on) if isinstance(on, str) else on)


def moment(at: datetime) -> str:
    """`3 March 2024, 14:05 UTC`."""
    return f"{tongues.day(at)}, {at:%H:%M} UTC"


def audience(scope: str) -> str:
    """Who may read, by the scope of an audience."""
    return gettext(AUDIENCES.get(scope, scope))


def in_short(reasons: Sequence[Reason]) -> str:
    """The first two sentences of the reasons, to the person they are about: which posts match, and which are related.

    Sentences speak of a third person; those that cannot be said to somebody of themselves are left out.
    """
    said = [(TO_ONESELF.get(one.part.partition(":")[0]), one.text) for one in reasons if one.text]
    texts = [text if own is None else gettext(own) for own, text in said]
    return " ".join([text for text in texts if text][:2])


def counts(pairs: Sequence[tuple[str, int]]) -> str:
    """`Pumps (7), Sales (2)`."""
    return ", ".join(f"{name} ({count})" for name, count in pairs)


def languages(codes: Sequence[str]) -> str:
    """The names of languages, one after the other."""
    return ", ".join(map(language, codes))


def joining(community: str) -> str:
    """The subject of a mail to the people who lead a community."""
    return phrase("Joining {community}", community=community)


def filter_label(name: str) -> str:
    """The label of a filter by its parameter."""
    return gettext(FILTERS.get(name, name.capitalize()))


def outside(url: str) -> bool:
    """Whether a link may lead to an address. Only http and https: a browser runs what some other schemes contain."""
    return url.lower().startswith(("https://", "http://"))


# --- one person of an answer -----------------------------------------------------------------------------------------


def did(act: str) -> str:
    """What somebody did with a post, to stand before its title: `Wrote`."""
    first = gettext(act.partition(", ")[0] or N_("worked on"))
    return first[:1].upper() + first[1:]


def month(at: datetime | None) -> str:
    """`Sep 2026`; empty where it is not known."""
    return tongues.month(at) if at else ""


def short(title: str) -> str:
    """A title as it stands in a sentence of the list: cut at a word where it is too long for one."""
    if len(title) <= TITLE_IN_A_SENTENCE:
        return title
    cut = title[:TITLE_IN_A_SENTENCE]
    return (cut.rpartition(" ")[0] or cut).rstrip(" ,;:-") + "…"


def behind(row: Row) -> str:
    """What is said after the strongest post of a person: its date, thanks, and how much more there is."""
    lead, one = row.lead, row.one
    if lead is None:
        return ""
    said = f", {month(lead.at) or gettext('undated')}"
    if "was thanked for" in lead.act and lead.act != "was thanked for":
        said += gettext(", thanked for it")
    more = one.posts - 1
    if more > 0:
        said += phrases("; {count} more on this", "; {count} more on this", more)
        if one.last_seen and lead.at and month(one.last_seen) != month(lead.at):
            said += phrase(", last {month}", month=month(one.last_seen))
    return said


def mail(address: str, person: Person, question: str) -> str:
    """A link that begins an e-mail with the question."""
    question = " ".join(question.split())
    short = question if len(question) <= 70 else question[:69].rstrip() + "…"
    body = phrase(
        "Hello {name},\n\nI am looking for somebody who knows about: {question}\n\n",
        name=person.name,
        question=question[:500],
    )
    query = urlencode({"subject": phrase("A question about {topic}", topic=short), "body": body}, quote_via=quote)
    return f"mailto:{quote(address, safe='@')}?{query}"


def went(how: Went) -> str:
    """What somebody whom a question reached did with it, in words for the asker."""
    said = {"asked": N_("asked"), "claimed": N_("has taken it on"), "declined": N_("leaves it to others")}
    return gettext(said[how])


# --- the form --------------------------------------------------------------------------------------------------------


def within(days: int) -> str:
    """A span of time back from today: `last 2 years`."""
    if days < 365:
        return phrase("last {count} months", count=round(days / 30))
    return phrases("last year", "last {count} years", round(days / 365))


def language(code: str) -> str:
    """The name of a language by its code; what is no code stays as it is."""
    return _language(code, tongues.language())


@lru_cache(maxsize=1024)  # a page names a few, and a code may be anything
def _language(code: str, tongue: str) -> str:
    try:
        return Locale.parse(code, sep="-").get_display_name(tongue) or code
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


def spoken(words: Mapping[Any, str]) -> dict[str, str]:
    """Words by their codes, in the language that is spoken."""
    return {code: gettext(text) for code, text in words.items()}
