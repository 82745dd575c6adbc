"""What an erasure costs on a made-up organisation, and what is left of the erased in the files of its home.

    python scripts/benchmark_erasure.py [--size XS|S|M] [--people N] [--home FOLDER] [--json]

Among the people of `scripts/generated.py` are some whose ids, names, addresses, titles and phrases stand nowhere else;
they write posts alone, with others, in a group and for themselves, and do a hundred things to posts of others each.
They are erased as the prompt does it. Every file of the home is read before and after: texts plain and in two bytes a
letter, vectors as their first eight numbers, and the text engine is asked for their words. 1 where anything is left,
or where something planted is not found before.

`--home`: a folder that keeps the organisation between runs; it is copied before anybody is erased.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import shutil
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import tantivy

sys.path.insert(0, str(Path(__file__).parents[1]))
from scripts import generated
from scripts.benchmark import Clock
from scripts.benchmark_scrub import Victims
from scripts.generated import SIZES, Size

from expertfinder.ask.home import Home
from expertfinder.ask.oneself.erasing import belongings_of
from expertfinder.configuration.settings import settings
from expertfinder.index.encoders.encoder import Encoder, encoder
from expertfinder.index.snapshot import open_snapshot
from expertfinder.model import ORGANISATION, Audience, Fact, Interaction, Person, Post
from expertfinder.store import Store

ACTS = 100
"""What each of the erased did to posts of others."""
NUMBERS = 8
"""So many numbers of a vector in a row are looked for: 32 bytes stand nowhere by chance."""
BLOCK = 8_000_000
"""Bytes of a file that are looked at together."""


def planted(size: Size, people: int) -> tuple[Victims, list[Fact]]:
    """The people who are erased, and what is theirs beside what `Victims` gives each."""
    draw = random.Random(11)
    victims = Victims(draw, people)
    facts: list[Fact] = []
    for fact in victims.facts():
        if isinstance(fact, Person):
            fact = replace(fact, accounts=(f"email:{address(fact.id)}",))
        facts.append(replace(fact, source="s"))
    for number, (who, phrase) in enumerate(zip(victims.ids, victims.phrases, strict=True)):
        own = Audience("people", people=(who,))
        at = generated.START
        for post_id, authors, audience, text in (
            (f"s:with{number}", (who, "s:p1"), ORGANISATION, "w12 w77 w3"),  # stays, without them
            (f"{who}.room", (who,), Audience("groups", groups=("s:half",)), f"{phrase} w12 w77"),
            (f"{who}.alone", (who,), own, f"{phrase} w12 w78"),
        ):
            facts.append(Post(id=post_id, source="s", authors=authors, text=text, created_at=at, audience=audience))
        for act in range(ACTS):
            did = Interaction(
                id=f"{who}.a{act}",
                source="s",
                actor=who,
                verb="like",
                object=f"s:d{draw.randrange(size.posts):07d}",
                created_at=at,
                audience=ORGANISATION,
            )
            facts.append(did)
    return victims, facts


def address(person: str) -> str:
    """Where mail reaches them."""
    return f"{person.rpartition(':')[2]}@mail.example"


def filled(home: Home, size: Size, facts: list[Fact], encode: Encoder) -> None:
    """The record and its index."""
    store = home.open_store()
    generated.load(store, generated.organisation(size))
    generated.load(store, facts)
    home.build_index(store, encode=encode, as_of=generated.AS_OF)
    store.close()


def vectors_of(home: Home, encode: Encoder, victims: Victims) -> list[bytes]:
    """Of each post that they alone wrote, the bytes that its vector begins with."""
    snapshot = open_snapshot(home.index, encode=encode)
    theirs = tuple(f"{who}." for who in victims.ids)
    found = []
    for tier in (snapshot.shared.segment, snapshot.restricted.segment):
        for row, post in enumerate(tier.ids):
            if post.startswith(theirs):
                found.append(np.ascontiguousarray(tier.vectors[row]).tobytes()[: 4 * NUMBERS])
    return [vector for vector in found if any(vector)]


def residue(folder: Path, patterns: dict[str, list[bytes]]) -> dict[str, list[str]]:
    """What is looked for -> the files that hold it."""
    longest = max(len(each) for some in patterns.values() for each in some)
    found: dict[str, set[str]] = {}
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        before = b""
        with path.open("rb") as file:
            while piece := file.read(BLOCK):
                content = before + piece
                for name, some in patterns.items():
                    if any(each in content for each in some):
                        found.setdefault(name, set()).add(str(path.relative_to(folder)))
                before = piece[-longest:]
    return {name: sorted(files) for name, files in found.items()}


def in_engine(home: Home, words: list[str]) -> list[str]:
    """Those of the words that the text engine has in any document, or keeps of one that is gone."""
    folder = home.index / (home.index / "current").read_text().strip() / "engine"
    index = tantivy.Index.open(str(folder))
    searcher = index.searcher()
    return [word for word in words if searcher.terms_with_prefix("words", word[:6])]  # whatever its stem


def erased(home: Home, store: Store, victims: Victims, encode: Encoder) -> dict[str, Any]:
    """What the prompt does, timed."""
    steps: dict[str, Any] = {}
    clock, last = Clock.started(), Clock.started()
    for who in victims.ids:
        theirs = belongings_of(store, who)
        for record in theirs.records:
            store.erase(record, keys=theirs.keys)
    steps["record"] = last.taken()
    at = [("", Clock.started())]

    def progress(what: str, done: int, total: int) -> None:
        name, since = at[0]
        if what != name:
            steps[name] = since.taken()
            at[0] = (what, Clock.started())

    home.forget(store, encode=encode, as_of=generated.AS_OF, progress=progress)
    steps[at[0][0]] = at[0][1].taken()
    return {**clock.taken(), "steps": {name: taken for name, taken in steps.items() if name}}


def measure(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """All figures."""
    size, encode = SIZES[options.size], encoder(settings().encoder)
    victims, facts = planted(size, options.people)
    kept = Path(options.home) if options.home else folder / "kept"
    if not (kept / "index" / "current").exists():
        filled(Home(kept), size, facts, encode)
    home = Home(folder / "home")
    shutil.copytree(kept, home.folder)
    texts = [*victims.planted, *(address(who) for who in victims.ids), *(who.partition(":")[2] for who in victims.ids)]
    patterns = {text: [form for case in {text, text.lower()} for form in _forms(case)] for text in texts}
    for number, vector in enumerate(vectors_of(home, encode, victims)):
        patterns[f"vector {number}"] = [vector]
    words = sorted({word for phrase in victims.phrases for word in phrase.split()})
    before = residue(home.folder, patterns)
    figures: dict[str, Any] = {"planted": len(patterns) + len(words)}
    figures["found_before"] = len(before) + len(in_engine(home, words))
    store = home.open_store()
    figures |= erased(home, store, victims, encode)
    store.close()
    left = residue(home.folder, patterns)
    figures["found_after"] = len(left) + len(in_engine(home, words))
    figures["left"] = left
    figures["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return figures


def _forms(text: str) -> list[bytes]:
    return [text.encode(), text.encode("utf-16-le"), text.encode("utf-16-be")]


def main(arguments: list[str] | None = None) -> int:
    """Measure, and print one figure a line; 1 where anything is left."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=list(SIZES), default="XS")
    parser.add_argument("--people", type=int, default=1, help="how many are erased")
    parser.add_argument("--home", default="", help="a folder that keeps the organisation between runs")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="benchmark-erasure-") as folder:
        figures = measure(Path(folder), options)
    figures["at"] = datetime.now(UTC).isoformat()
    if options.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:<16} {round(value, 2) if isinstance(value, float) else value!s}")
    return 1 if figures["found_after"] or figures["found_before"] != figures["planted"] else 0


if __name__ == "__main__":
    sys.exit(main())
