"""The words of expertfinder: frozen records that everything else speaks in. Imports nothing of the package.

Three nouns come in (`Person`, `Post`, `Interaction`; a declared `Community` is a fourth, an ordinary file), `Evidence`
is computed from them, a `Query` and a `Viewer` go in, a `Ranking` of `Recommendation`s with `Reason`s comes out.

Ids are `source:id` strings. Times are aware and in UTC; an unknown time is `None`. Tuples keep the order of the source.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Literal


def _listed(names: Iterable[str]) -> str:
    """Names as one text that no other set of names has: an id may hold a comma or a bar itself."""
    return ",".join(sorted({name.replace("%", "%25").replace(",", "%2C").replace("|", "%7C") for name in names}))


# --- who may read, who asks ------------------------------------------------------------------------------------------

Scope = Literal["organisation", "groups", "private", "nobody"]


@dataclass(frozen=True, slots=True)
class Audience:
    """Who may read a fact.

    `organisation`: everybody with a viewer; `groups`: members of any of `groups`; `private`: the persons in `people`;
    `nobody`: what an unknown permission becomes. `deny` names groups or persons who may not read it in any case.
    """

    scope: Scope = "nobody"
    groups: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """A canonical text: equal audiences have equal keys."""
        known = _KEYS.get(id(self))
        if known is None or known[0] is not self:
            if len(_KEYS) >= MOST_AUDIENCES:
                _KEYS.clear()
            known = _KEYS[id(self)] = self, _key_of(self)
        return known[1]


MOST_AUDIENCES = 65_536
"""Audiences that are remembered: an organisation has few beside its facts."""
_KEYS: dict[int, tuple[Audience, str]] = {}  # by identity: found thrice as fast; what is in here lives, with its id


@lru_cache(maxsize=MOST_AUDIENCES)
def _key_of(audience: Audience) -> str:
    names = (_listed(part) for part in (audience.groups, audience.people, audience.deny))
    return "|".join((audience.scope, *names))


ORGANISATION = Audience("organisation")
NOBODY = Audience("nobody")


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks. `person` is `None` for the shared tier alone; `everything` is an audited exception, never a default."""

    person: str | None = None
    """Id of the record that the viewer is: what others' records are joined with it gives no right."""
    groups: frozenset[str] = frozenset()
    everything: bool = False
    denied_as: frozenset[str] = frozenset()
    """Ids and groups of the records that are joined with it: what denies one of them denies the viewer."""

    @property
    def key(self) -> str:
        """A canonical text: equal viewers have equal keys."""
        own = _listed((self.person,) if self.person else ())
        return f"{int(self.everything)}|{own}|{_listed(self.groups)}|{_listed(self.denied_as)}"


SHARED = Viewer()
"""The shared tier: what the whole organisation may read, and nothing else."""

AccountKind = Literal["person", "machine", "shared"]
"""What an account is: somebody's, a program's, or that of several people (a front desk, a team)."""

# --- what comes in ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Someone who can be found: one record of one source (one human may have several, see `accounts`)."""

    id: str
    source: str
    name: str = ""
    title: str = ""
    org_unit: str = ""
    location: str = ""
    bio: str = ""
    skills: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    manager: str = ""
    groups: tuple[str, ...] = ()
    """Ids (`source:id`) of the groups that the person may read as a member of."""
    availability: str = ""
    time_zone: str = ""
    """A name of the IANA database (`Europe/Berlin`), or an offset (`+02:00`)."""
    accounts: tuple[str, ...] = ()
    """Keys that identify the human across sources, such as `email:a@b.example` or `github:handle`; lower case."""
    left_at: datetime | None = None
    hidden: bool = False
    judged: bool | None = None
    kind: AccountKind = "person"
    joined_at: datetime | None = None
    turned_to_by: int = 0
    """How many people at least said in a survey that they turn to this one; 0 where nothing was asked."""
    audience: Audience = NOBODY

    @property
    def is_human(self) -> bool:
        """Whether it is somebody: machines and shared accounts are nobody to ask, and earn no credit."""
        return self.kind == "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """Anything authored: message, answer, document, commit, description of a video."""

    id: str
    source: str
    authors: tuple[str, ...] = ()
    """Person ids as the source gives them, prefixed; who is not known stays unattributed."""
    kind: str = "document"
    title: str = ""
    text: str = ""
    created_at: datetime | None = None
    parent: str = ""
    tags: tuple[str, ...] = ()
    community: str = ""
    language: str = ""
    url: str = ""
    audience: Audience = NOBODY


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction:
    """Who did what to what, when. `verb` is a word of `graph/vocabulary.toml`, or unknown and then of no weight."""

    id: str
    source: str
    actor: str
    verb: str
    object: str
    object_type: Literal["post", "person"] = "post"
    created_at: datetime | None = None
    value: float | None = None
    audience: Audience = NOBODY


@dataclass(frozen=True, slots=True, kw_only=True)
class Community:
    """A declared group or a detected cluster; `kind` says which."""

    id: str
    source: str
    name: str = ""
    description: str = ""
    members: tuple[str, ...] = ()
    leads: tuple[str, ...] = ()
    parent: str = ""
    kind: str = "declared"
    audience: Audience = NOBODY


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where facts come from, and who may read those that say nothing themselves (decision 0027)."""

    id: str
    audience: Audience = NOBODY
    description: str = ""
    directory: bool = False
    """Whether its records of people decide who is a member of what, who is hidden, and how somebody is called."""
    proves: tuple[str, ...] = ()
    """Kinds of account keys that it answers for (`employee`, `email` ...); a directory that names none, for all."""


Fact = Person | Post | Interaction | Community | Source


# --- what is computed ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Evidence:
    """One person-post association: this kind of act, this strong, at this time, visible to this audience."""

    person: str
    post: str
    kind: str
    """`authored` or the family of the act as the vocabulary names it (`reviewed`, `answered`, ...)."""
    strength: float
    at: datetime | None
    audience: Audience


@dataclass(frozen=True, slots=True)
class Topic:
    """A concept with labels (SKOS: prefLabel, altLabel, broader). `posts` counts the shared tier only."""

    id: str
    label: str
    alt_labels: tuple[str, ...] = ()
    broader: str = ""
    posts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Expertise:
    """Evidence of one person for one topic, summed; declared and observed are kept apart."""

    topic: Topic
    declared: bool
    observed: float
    """Strength between 0 and 1, relative to the strongest observed topic of the same person."""
    posts: int
    trend: Literal["rising", "steady", "fading", "none"]
    last_seen: datetime | None


# --- what is asked and answered --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A question. `text` may be a word or a page, `topics` adds to it; the filters say what may count.

    What a filter leaves out counts nowhere: in no part of a score, and not in how sure an answer is.
    """

    text: str = ""
    topics: tuple[str, ...] = ()
    """Added to the text, and looked up among the tags of posts: posts about them count more."""
    question_tags: tuple[str, ...] = ()
    """Tags of the question itself, as forums have them: looked up among the tags of posts, not added to the text."""
    tags: tuple[str, ...] = ()
    """Filter: only posts count that carry at least one of these tags themselves, in any letter case."""
    place: str = ""
    unit: str = ""
    language: str = ""
    availability: str = ""
    """Filter: only people whose own record has these words about when they can be asked."""
    zone: str = ""
    """Filter: only people of this time zone, by a part of its name or by what its clock shows."""
    kinds: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    """Only what is older counts, and ages are counted to it: the question as it would have been answered then."""
    any: bool = False
    """Of several topics one is enough; else who covers all of them comes first."""
    asker: str | None = None
    """Never ranked."""
    exclude_posts: frozenset[str] = frozenset()
    """Never evidence for this question (its own thread, in an evaluation)."""
    only_posts: frozenset[str] | None = None
    """Filter: nothing else is evidence, as on a regulated topic; `None`: any post."""
    limit: int = 10

    @property
    def filtered(self) -> bool:
        """Whether only some posts count: those with a tag, of a kind or of a time, or endorsed ones."""
        timed = self.since is not None or self.until is not None
        return bool(self.tags or self.kinds or timed or self.only_posts is not None)

    @property
    def of_some(self) -> bool:
        """Whether only some people count: those of a place, unit, language, availability or time zone."""
        return bool(self.place or self.unit or self.language or self.availability or self.zone)

    @property
    def of_everybody(self) -> Query:
        """The same question to the whole organisation: without the filters on people."""
        return replace(self, place="", unit="", language="", availability="", zone="")

    @property
    def whole_text(self) -> str:
        """The text of the question, with its topics."""
        return "\n".join((self.text, *self.topics))


class Confidence(StrEnum):
    """How sure. What each word has meant on judged questions is measured in `docs/ranking.md`."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """One post behind a reason, that the viewer may read."""

    post: str
    title: str
    kind: str
    act: str
    at: datetime | None
    url: str = ""
    contribution: float
    """What this post adds to this part of the score."""
    without: float
    """The score of the recommendation without this post (leave one out, normalisers held fixed)."""
    rank_without: int
    """Its rank then, from 1."""
    snippet: str = ""
    """What the post says around words of the question; empty where its text is not at hand."""
    where: str = ""
    """What the source knows the post by: the short hash of a commit, a path; empty where its id says neither."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One named part of a score. The score of a recommendation is the sum of the values of its reasons."""

    part: str
    value: float
    text: str
    """A sentence; empty where the part is too small for one, or none holds."""
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """One of several topics of a question, and how sure it is that somebody knows it."""

    topic: str
    """As it stands in the question."""
    confidence: Confidence | None
    """`None` where nothing that the viewer may read speaks for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """One subject with its role, score, confidence and reasons."""

    subject: str
    role: str
    score: float
    confidence: Confidence
    reasons: tuple[Reason, ...] = ()
    last_seen: datetime | None = None
    """The day of the newest of a person's posts near the question that the viewer may read."""
    posts: int = 0
    """How many of the posts that match the question best, by words or in meaning, a person had a part in."""
    caveat: str = ""
    """What to know before asking this one, in a sentence; empty where there is nothing."""
    topics: tuple[Covered, ...] = ()
    """Of a question with several topics, each of them, in its order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """The ordered answer. `abstained` says why there is none; then `recommendations` is empty."""

    query: Query
    named: tuple[str, ...] = ()
    """Ids of the people whom the question names, where it is a name, a title or a unit: they come before the experts
    for its words."""
    recommendations: tuple[Recommendation, ...] = ()
    abstained: str | None = None
    confidence: Confidence | None = None
    """Of the answer as a whole: how likely one of the first three is right."""
    version: str = ""
    """Moves only with what this viewer may read (decision 0006)."""
    notes: tuple[str, ...] = field(default=())
    topics: tuple[str, ...] = ()
    """What the question asks for, where it is several topics, in its order; empty for a question of one."""

    @property
    def clear(self) -> int:
        """How many of the recommendations are clear matches: more than a try."""
        return sum(one.confidence is not Confidence.LOW for one in self.recommendations)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """Something that a text which is being typed may come to name."""

    kind: Literal["person", "topic", "community", "unit"]
    id: str
    """Empty for a unit, which has none."""
    label: str
    detail: str
    """Of a person the title and the unit; else empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestions:
    """What may be meant, the nearest first."""

    found: tuple[Suggestion, ...]
    did_you_mean: str | None
    """The text with words of this organisation in the place of those that nobody here writes; `None` without any."""
    version: str
    """Moves only with what this viewer may read (decision 0006)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NearPost:
    """One of a person's posts that lie nearest to a text, that the viewer may read."""

    post: str
    title: str
    kind: str
    act: str
    at: datetime | None
    url: str = ""
    contribution: float
    """What it adds to the nearness."""
    without: float
    """The score without this post (leave one out)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """How well one person knows what a text is about. A hint for whoever asks, and no judgement of the person."""

    person: str
    score: float
    """0 to 1, comparable between texts and between people: .5 is nearer than nine in ten pairs of a text and a person
    of the organisation are, .1 is what the middle pair has."""
    confidence: Confidence
    """How much evidence there is, not how good it looks."""
    nearness: float
    """The sum of the values of the reasons, in standard deviations of the organisation's posts; the score rises with
    it and with nothing else."""
    posts: int
    """Of the person's, that the viewer may read."""
    reasons: tuple[Reason, ...] = ()
    nearest: tuple[NearPost, ...] = ()
    notes: tuple[str, ...] = ()
    """A sentence for each value of a filter that nothing has which the viewer may find."""
    version: str = ""
    """Moves only with what this viewer may read (decision 0006)."""
