"""An invented port: people in seven crafts with ties among them, and of everything that permissions are about, some.

Whoever may read what: posts for groups, for people, for all but somebody, for nobody; people who are hidden, who may be
found by a group or by themselves alone; people who left; humans with several records. `FACTS` are there when the index
is built, `came_later` writes what comes after it. All of it follows from one seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from random import Random

from expertfinder.model import (
    NOBODY,
    ORGANISATION,
    Audience,
    Community,
    Fact,
    Interaction,
    Person,
    Post,
    Source,
)
from expertfinder.store import Store

AS_OF = date(2026, 6, 1)
"""The day that ages are counted to, given when the index is built."""
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
SEED = "brinehaven"
DAYS = 900
"""Days over which posts are spread before the day of the index."""

BOARD = Audience("groups", groups=("port:board",))
COUNCIL = Audience("groups", groups=("port:council", "port:board"))
ALL_BUT_PIET = Audience("organisation", deny=("port:p22",))
ALL_BUT_BOARD = Audience("organisation", deny=("port:board",))


@dataclass(frozen=True, slots=True)
class Craft:
    """What a unit of the port writes about."""

    tag: str
    unit: str
    place: str
    words: tuple[str, ...]


CRAFTS = (
    Craft("cranes", "Quayside", "Brinehaven North", (
        "gantry crane", "spreader", "twistlock", "hoist rope", "boom hinge", "sway of the load", "wheel brake",
        "drive inverter", "cabin joystick", "wind gauge")),
    Craft("pilotage", "Marine", "Brinehaven South", (
        "pilot ladder", "tidal window", "tug bollard pull", "draught survey", "fairway buoy", "swinging basin",
        "mooring line", "under-keel clearance", "berth plan", "fog signal")),
    Craft("customs", "Trade", "Old Town", (
        "tariff code", "import declaration", "cargo manifest", "transit bond", "seal number", "duty relief",
        "origin certificate", "inspection scan", "binding ruling", "free zone")),
    Craft("reefers", "Cold Chain", "Brinehaven North", (
        "reefer plug", "setpoint drift", "defrost cycle", "genset fuel", "humidity probe", "banana cargo",
        "compressor alarm", "pharma shipment", "door gasket", "fresh air vent")),
    Craft("rail", "Inland", "Marsh Junction", (
        "wagon axle", "shunting plan", "siding length", "brake test", "timetable slot", "intermodal frame",
        "loading gauge", "catenary gap", "train composition", "dangerous goods wagon")),
    Craft("yard-software", "Systems", "Old Town", (
        "yard planner", "message queue", "schema migration", "gate camera", "position feed", "retry policy",
        "release train", "stowage file", "api gateway", "slow query")),
    Craft("safety", "Safety", "Marsh Junction", (
        "lockout tag", "gas detector", "muster point", "permit to work", "near miss", "rescue drill",
        "confined space", "fatigue roster", "lashing cage", "first responder")),
)  # fmt: skip
EACH = 11
"""People in each craft."""
FIRST = (
    "Aino", "Bram", "Celia", "Dov", "Edda", "Farid", "Greta", "Hugo", "Imke", "Jaro", "Kaia", "Lars", "Mina", "Nils",
    "Odile", "Piet", "Quinn", "Runa", "Sven", "Tove", "Ulla", "Vito", "Wanda", "Xaver", "Ylva", "Zeno",
)  # fmt: skip
LAST = (
    "Ankerson", "Boei", "Cordes", "Duinker", "Ebbing", "Fokke", "Grind", "Haveman", "Iersel", "Jol", "Kade", "Loods",
    "Meerpaal", "Netten", "Oever", "Peil", "Ree", "Sluis", "Tros", "Ulk", "Vlet", "Want",
)  # fmt: skip
TEMPLATES = (
    "The {a} failed again after the {b} was changed; check the {c} first and write down what the {d} shows.",
    "How we look after the {a}: measure the {b} each week, replace the {c} each spring, and never trust the {d} alone.",
    "Before the night shift starts, compare the {a} with the {b}. A worn {c} hides behind a good {d} for months.",
    "Lesson from last winter: salt gets into the {a}, then the {b} follows, and in the end the {c} stops the {d}.",
    "Whoever plans around the {a} should know that the {b} needs two hours, the {c} a day, and the {d} a week.",
    "Three numbers decide: how old the {a} is, how often the {b} was repaired, and whether {c} and {d} agree.",
)
KINDS = ("answer", "answer", "document", "message", "commit", "video", "comment")
OPENERS = ("Notes on the", "Trouble with the", "A better", "Checklist for the", "Questions about the")
VERBS = ("thank", "thank", "accept", "like", "review", "edit", "endorse", "cite", "share", "curate", "mention")


def _people() -> list[Person]:
    rng = Random(f"{SEED}:people")
    made = []
    for number in range(EACH * len(CRAFTS)):
        craft = CRAFTS[number // EACH]
        made.append(
            Person(
                id=f"port:p{number:02d}",
                source="port",
                name=f"{FIRST[number % len(FIRST)]} {LAST[number * 5 % len(LAST)]}",
                title=f"{rng.choice(('Officer', 'Engineer', 'Planner'))}, {craft.unit}",
                org_unit=craft.unit,
                location=craft.place if rng.random() < 0.8 else rng.choice(CRAFTS).place,
                bio=f"Works with the {rng.choice(craft.words)} and the {rng.choice(craft.words)}.",
                skills=tuple(rng.sample(craft.words, 2)) if rng.random() < 0.6 else (),
                languages=tuple(rng.sample(("en", "nl", "fi", "pt"), rng.choice((1, 2)))),
                accounts=(f"email:p{number:02d}@brinehaven.example",),
                availability="no time until autumn" if number in (16, 40) else "",
                audience=ORGANISATION,
            )
        )
    return made


def _apart(people: list[Person]) -> list[Person]:
    """The same with those of whom permissions speak: groups, who is hidden, who left, who is found by some alone."""
    special: dict[int, dict[str, object]] = {
        5: {"groups": ("port:board",)},
        14: {"groups": ("port:board", "port:council")},
        22: {"name": "Piet Denied"},
        27: {"groups": ("port:council",)},
        33: {"hidden": True},
        34: {"left_at": NOON - timedelta(days=40)},
        41: {"audience": BOARD},
        47: {"audience": Audience("private", people=("port:p47",))},
        52: {"audience": ALL_BUT_PIET},
        60: {"hidden": True},
        66: {"left_at": NOON - timedelta(days=300)},
        71: {"audience": COUNCIL},
    }
    return [replace(person, **special.get(number, {})) for number, person in enumerate(people)]  # type: ignore[arg-type]


def _second_records(people: Sequence[Person]) -> list[Person]:
    """Chat accounts of some, one of them for the board alone, and what a forum merely says: an account of somebody who
    has one, and one that claims to be a member of the board."""
    made = [
        Person(
            id=f"chat:{people[number].name.split()[0].lower()}{number}",
            source="chat",
            name=people[number].name if number % 2 else people[number].name.split()[0].lower(),
            accounts=(f"email:p{number:02d}@brinehaven.example",),
            audience=BOARD if number == 18 else ORGANISATION,
        )
        for number in (0, 7, 12, 18, 30, 45)
    ]
    said = [
        Person(
            id=f"forum:{name}", source="forum", name=name, skills=(skill,), groups=groups,
            accounts=(f"email:p{number:02d}@brinehaven.example",), audience=ORGANISATION,
        )
        for name, number, skill, groups in (
            ("aino-old", 0, "sailing", ()),
            ("climber", 3, "rope rescue", ("port:board",)),
            ("brine", 22, "sailing", ()),
        )
    ]  # fmt: skip
    return [*made, *said]


def _audience(rng: Random) -> Audience:
    """Three in four posts are for everybody."""
    dice = rng.random()
    if dice < 0.76:
        return ORGANISATION
    if dice < 0.84:
        return BOARD
    if dice < 0.90:
        return COUNCIL
    if dice < 0.93:
        return Audience("private", people=("port:p05", f"port:p{rng.randrange(30):02d}"))
    if dice < 0.97:
        return rng.choice((ALL_BUT_PIET, ALL_BUT_BOARD))
    return NOBODY


def _text(rng: Random, craft: Craft) -> str:
    return " ".join(
        template.format(**dict(zip("abcd", rng.sample(craft.words, 4), strict=True)))
        for template in rng.sample(TEMPLATES, rng.choice((1, 2)))
    )


def _posts() -> list[Post]:
    """Of each craft questions with answers and posts of their own; a few people of a craft write most of it."""
    made: list[Post] = []
    by_chat = {0: "chat:aino0", 12: "chat:mina12", 30: "chat:edda30"}
    for place, craft in enumerate(CRAFTS):
        rng = Random(f"{SEED}:posts:{craft.tag}")
        members = [place * EACH + number for number in range(EACH)]
        weights = [1.0 / (1 + number % EACH) for number in range(EACH)]
        asked: list[Post] = []
        for number in range(62):
            author = rng.choices(members, weights)[0]
            if rng.random() < 0.06:
                author = rng.randrange(EACH * len(CRAFTS))
            who = by_chat.get(author, "") if rng.random() < 0.4 else ""
            authors = [who or f"port:p{author:02d}"]
            if rng.random() < 0.12:
                authors.append(f"port:p{rng.choice(members):02d}")
            thread = rng.choice(asked) if asked and rng.random() < 0.45 else None
            question = thread is None and rng.random() < 0.35
            audience = _audience(rng)
            if thread is not None and thread.audience != ORGANISATION:
                audience = thread.audience
            post = Post(
                id=f"port:{craft.tag}-{number:02d}",
                source="port",
                authors=tuple(dict.fromkeys(authors)),
                kind="question" if question else rng.choice(KINDS),
                title="" if thread else f"{rng.choice(OPENERS)} {rng.choice(craft.words)}",
                text=_text(rng, craft),
                created_at=None if rng.random() < 0.03 else NOON - timedelta(days=rng.randrange(2, DAYS), hours=number),
                parent=thread.id if thread else "",
                tags=(craft.tag,) if rng.random() < 0.7 else (),
                community=f"port:circle-{craft.tag}" if rng.random() < 0.2 and place < 3 else "",
                language=rng.choice(("en", "en", "nl")),
                url=f"https://wiki.brinehaven.example/{craft.tag}/{number}" if rng.random() < 0.3 else "",
                audience=audience,
            )
            made.append(post)
            if question:
                asked.append(post)
    return made


def _acts(posts: Sequence[Post]) -> list[Interaction]:
    """Within a craft mostly; some on people, some for the board alone, some without a day."""
    made = []
    by_tag = {craft.tag: [post for post in posts if post.id.startswith(f"port:{craft.tag}-")] for craft in CRAFTS}
    for place, craft in enumerate(CRAFTS):
        rng = Random(f"{SEED}:acts:{craft.tag}")
        for number in range(150):
            actor = place * EACH + rng.randrange(EACH)
            if rng.random() < 0.07:
                actor = rng.randrange(EACH * len(CRAFTS))
            to_person = rng.random() < 0.2
            goal = f"port:p{place * EACH + rng.randrange(EACH):02d}" if to_person else rng.choice(by_tag[craft.tag]).id
            verb = rng.choice(("thank", "endorse", "ask_advice", "co_work")) if to_person else rng.choice(VERBS)
            made.append(
                Interaction(
                    id=f"port:act-{craft.tag}-{number:03d}",
                    source="port",
                    actor=f"port:p{actor:02d}",
                    verb=verb,
                    object=goal,
                    object_type="person" if to_person else "post",
                    created_at=None if rng.random() < 0.04 else NOON - timedelta(days=rng.randrange(1, DAYS)),
                    audience=BOARD if rng.random() < 0.06 else ORGANISATION,
                )
            )
    return made


def _ids(*numbers: int) -> tuple[str, ...]:
    return tuple(f"port:p{number:02d}" for number in numbers)


def _circle(short: str, name: str, members: Sequence[str], **more: object) -> Community:
    fields: dict[str, object] = {"audience": ORGANISATION, **more}
    return Community(id=f"port:{short}", source="port", name=name, members=tuple(members), **fields)  # type: ignore[arg-type]


CIRCLES = (
    _circle("circle-cranes", "Crane circle", _ids(0, 1, 2, 3, 5, 33, 41), leads=_ids(0, 33),
            description="Gantry cranes and what hangs on them"),
    _circle("circle-pilotage", "Pilots' table", _ids(11, 12, 13, 15, 16, 22), leads=_ids(11),
            description="Tides, tugs and the fairway"),
    _circle("circle-customs", "Customs corner", _ids(22, 23, 24, 27, 52), parent="port:circle-trade",
            description="Declarations, seals and duty"),
    _circle("circle-trade", "Trade forum", _ids(22, 23, 24, 25, 26, 44, 45), leads=_ids(23)),
    _circle("boardroom", "The merger room", _ids(5, 14, 41, 60), leads=_ids(14), audience=BOARD,
            description="The purchase of the inland terminal"),
    _circle("open-but-piet", "Everybody but one", _ids(2, 13, 24, 35, 46), audience=ALL_BUT_PIET),
)  # fmt: skip

_PEOPLE = _apart(_people())
_CHATS = _second_records(_PEOPLE)
_POSTS = _posts()
FACTS: tuple[Fact, ...] = (
    Source(id="port", audience=ORGANISATION, directory=True),
    Source(id="chat", audience=ORGANISATION, proves=("email",)),
    Source(id="forum", audience=ORGANISATION),
    *_PEOPLE,
    *_CHATS,
    *_POSTS,
    *_acts(_POSTS),
    *CIRCLES,
)

HYDROGEN = (
    "Hydrogen bunkering at the outer quay: cool the transfer arm, purge with nitrogen, and keep the exclusion zone "
    "until the pressure sensor is back at zero."
)


def _late(number: int, author: str, text: str, **more: object) -> Post:
    fields: dict[str, object] = {"kind": "answer", "audience": ORGANISATION, **more}
    return Post(
        id=f"port:late-{number}",
        source="port",
        authors=(author,),
        title=f"Bunkering, part {number}",
        text=f"{HYDROGEN} {text}",
        created_at=NOON - timedelta(hours=number),
        **fields,  # type: ignore[arg-type]
    )


def came_later(store: Store) -> None:
    """Write what comes after the index was built: posts, acts, a person, a post withdrawn, one narrowed, one hidden."""
    newcomer = Person(
        id="port:new", source="port", name="Nova Later", title="Bunkering officer", org_unit="Marine",
        location="Brinehaven South", languages=("en",), audience=ORGANISATION,
    )  # fmt: skip
    store.apply(
        (
            newcomer,
            _late(1, "port:new", "The arm is older than the tank.", tags=("pilotage",)),
            _late(2, "port:new", "Two people stand at the valve."),
            _late(3, "port:p11", "The tidal window is what limits it.", tags=("pilotage",)),
            _late(4, "port:p14", "The board has bought a second arm.", audience=BOARD),
            _late(5, "port:p70", "The gas detector at the muster point must be moved.", parent="port:late-1"),
            _late(6, "chat:mina12", "The berth plan leaves room for it on Mondays."),
            *(
                Interaction(
                    id=f"port:late-act-{number}",
                    source="port",
                    actor=f"port:p{number:02d}",
                    verb=verb,
                    object=f"port:{goal}",
                    created_at=NOON,
                    audience=ORGANISATION,
                )
                for number, verb, goal in (
                    (12, "accept", "late-1"),
                    (13, "thank", "late-1"),
                    (17, "review", "cranes-03"),
                    (70, "endorse", "late-3"),
                )
            ),
            *(replace(post, audience=BOARD) for post in _POSTS if post.id in ("port:cranes-07", "port:reefers-11")),
            *(replace(post, text=f"{post.text} Amended.") for post in _POSTS if post.id == "port:rail-05"),
            replace(CIRCLES[1], members=(*CIRCLES[1].members, "port:new")),
        )
    )
    store.delete("post", ["port:safety-04", "port:yard-software-02"])
    store.delete("interaction", ["port:act-customs-003", "port:act-customs-004"])
    store.hide("port:p38")
