"""A question of one word is read in the language of the posts that have the word."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import numpy as np
import pytest
from tests.leak.crawl import opened
from tests.quality.scene import LAST, person, post

from expertfinder.index.encoders.encoder import DEFAULT, encoder
from expertfinder.model import ORGANISATION, Audience, Community, Query, Viewer

SYLLABLES = ("quil", "fea", "zor", "bran", "kel", "vint", "mo", "tas", "dru", "pel", "xan", "gor", "lim", "sta", "ven")
INNER = Audience("groups", groups=("a:inner",))
MEMBER = Viewer("a:p0", frozenset({"a:inner"}))
SAYING = (
    "The {name} merger needs a clause about liability before it is signed with the notary.",
    "Before the {name} closes, the escrow of the source has to be with the notary.",
    "What we learned from {name}: ask the works council early, and write down who agreed to what.",
)
GERMAN = (
    "Das Gift im Keller wurde entsorgt, und die Firma hat die Messung danach noch einmal geprüft.",
    "Wer mit Gift arbeitet, trägt Handschuhe und eine Maske, und nach der Arbeit wird die Kleidung gewaschen.",
    "Die Messung der Luft zeigt kein Gift mehr, aber der Raum bleibt bis zur Freigabe geschlossen.",
)
PLAIN = (
    "The pump in the boiler room leaks oil and has to be repaired before the winter.",
    "Who wants to read the invoice of the month may ask for it at the front desk.",
    "The ledger closes with the month, and the rate of the day is the one of the bank.",
)
EINFACH = (
    "Die Pumpe im Heizraum verliert Öl und muss vor dem Winter repariert werden.",
    "Wer die Rechnung des Monats lesen will, kann am Empfang nach ihr fragen.",
    "Die Kasse wird mit dem Monat geschlossen, und es gilt der Kurs der Bank an diesem Tag.",
)


def names() -> list[str]:
    """Drawn names that the encoder reads otherwise in an English text than alone."""
    draw, encode = Random(7), encoder(DEFAULT)
    drawn = ["".join(draw.choices(SYLLABLES, k=3)) for _ in range(60)]
    told = [name for name in drawn if not np.array_equal(encode.encode([name]), encode.encode([name], "en"))]
    return told[:12]


@pytest.mark.parametrize("audience", [ORGANISATION, INNER], ids=["shared", "restricted"])
def test_a_made_up_name_finds_who_wrote_of_it(audience: Audience) -> None:
    made_up = names()
    inner = Community(id="a:inner", source="a", name="Inner", members=("a:p0",), audience=ORGANISATION)
    facts = [inner, *(person(f"p{n}", groups=("a:inner",) if n == 0 else ()) for n in range(len(made_up) + 4))]
    for number, name in enumerate(made_up, start=1):
        for part, text in enumerate(SAYING):
            at = LAST - timedelta(days=3 * part)
            facts.append(post(f"{name}{part}", f"p{number}", text.format(name=name), at=at, audience=audience))
    for number in range(60):
        at = LAST - timedelta(days=number)
        facts.append(post(f"plain{number}", f"p{number % 5}", PLAIN[number % 3] + f" Note {number}.", at=at))
    with opened(facts) as finder:
        for number, name in enumerate(made_up, start=1):
            answer = finder.find(Query(text=name), MEMBER)
            assert [one.subject for one in answer.recommendations[:1]] == [f"a:p{number}"], name


def test_a_word_that_two_languages_share_is_read_as_the_posts_mean_it() -> None:
    facts = [person(f"p{n}") for n in range(6)]
    for part, text in enumerate(GERMAN):
        facts.append(post(f"gift{part}", "p5", text, at=LAST - timedelta(days=3 * part)))
    for number in range(60):
        at = LAST - timedelta(days=number)
        facts.append(post(f"plain{number}", f"p{number % 5}", EINFACH[number % 3] + f" Zettel {number}.", at=at))
    with opened(facts) as finder:
        alone = finder.find(Query(text="Gift"), MEMBER)
        assert [one.subject for one in alone.recommendations[:1]] == ["a:p5"]
