"""Everyday questions: how the product holds up where no judged set asks, on the demo organisation and on sets.

    python scripts/everyday.py demo [--home FOLDER] [--only PART ...] [--missed] [--vocabulary FILE]
    python scripts/everyday.py SET ... [--names] [--vocabulary FILE]

`demo` writes the demo organisation (or takes the one in FOLDER) and measures, part by part:
- forms: each of its questions as it is, in a sentence, in plural, with a hyphen and with a slip of the pen: how often
  the first person stays the same; and how often made-up words are answered by nobody.
- languages: twenty topics in twelve other languages (`everyday.toml`), as a keyword and as a sentence: how often a
  planted expert is among the first three, in shares of how often in English.
- sites: each question under a filter for each of six sites: how often *high* is right, and how often it is said where
  nobody of the site knows.
- newcomer, flooder: how often somebody without a history who wrote one empty sentence, and the planted flooder, stand
  first, and how often *high* is said of them.

For a SET in the native format it prints the MAP of our ranking with its interval, of each person among the first ten
how often a word of confidence was right, and the CPU milliseconds of an answer; `--names` adds those of `names.py`.
With `--vocabulary` the set, or the demo, is measured with this vocabulary imported (its name is that of the file); a
home that is given with `--home` keeps it.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from expertfinder.ask.finder import ExpertFinder
from expertfinder.evaluation import figure, judged, loaded
from expertfinder.evaluation.figures import measure
from expertfinder.evaluation.ranking import EVERYTHING, Places, kinds
from expertfinder.index.encoders.encoder import DEFAULT, encoder
from expertfinder.index.posts.concepts import words_of
from expertfinder.index.snapshot import day_of
from expertfinder.ingest.concepts import read_vocabulary
from expertfinder.ingest.vocabularies import From, put_vocabulary
from expertfinder.model import ORGANISATION, SHARED, Confidence, Person, Post, Query, Ranking
from expertfinder.recommend.experts.experts import answered
from expertfinder.store.statements.concepts import text_of
from names import measured, taken_for_names

WORDS = Path(__file__).with_suffix(".toml")
SEED, NONSENSE, FIRST, SHOWN = 1, 100, 3, 10
EMPTY = "Just do {topic}. {Topic} is simple, everybody can do {topic} within a day, and {topic} never fails."
"""What somebody writes of a topic who has done nothing."""


# --- the demo organisation -------------------------------------------------------------------------------------------


class Demo:
    """The demo organisation with its planted truth."""

    def __init__(self, home: Path) -> None:
        if not (home / "demo" / "truth.json").exists():
            subprocess.run(
                [sys.executable, "-m", "expertfinder", "demo", "--home", home, "--json"], check=True, stdout=-3
            )
        self.finder = ExpertFinder.open(home)
        self.truth = json.loads((home / "demo" / "truth.json").read_text("utf-8"))
        lines = (home / "demo" / "queries.jsonl").read_text("utf-8").splitlines()
        self.texts = {one["id"]: one["text"] for one in map(json.loads, lines)}
        self.right: defaultdict[str, set[str]] = defaultdict(set)
        for line in (home / "demo" / "qrels.tsv").read_text("utf-8").splitlines():
            query, _, person, grade = line.split()
            if int(grade) > 0:
                self.right[query].add(f"demo:{person}")

    def experts(self, topic: str) -> set[str]:
        """The planted experts of a topic."""
        return {f"demo:{one['person']}" for one in self.truth["experts"][topic]}

    def find(self, text: str, *, limit: int = SHOWN, place: str = "") -> Ranking:
        """What everybody is answered."""
        return self.finder.find(Query(text=text, limit=limit, place=place), SHARED)

    def first(self, text: str) -> str:
        """Who is named first; empty for nobody."""
        return next((one.subject for one in self.find(text, limit=1).recommendations), "")


def sentence(text: str, _: random.Random) -> str:
    """A question in a sentence."""
    long = len(text.split()) >= 12
    return (
        f"Hello, can somebody help me with this: {text}"
        if long
        else f"Can somebody help me with {text[0].lower()}{text[1:]}?"
    )


def plural(text: str, _: random.Random) -> str:
    """A question with its last word in the other number."""
    *before, last = text.rstrip("?.! ").split()
    if last.endswith("s"):
        other = last + "es" if last.endswith("ss") else last[:-1]
    else:
        other = last[:-1] + "ies" if last.endswith("y") and last[-2] not in "aeiou" else last + "s"
    return " ".join((*before, other))


def hyphen(text: str, _: random.Random) -> str:
    """A question whose last two long words that stand together are joined."""
    words = text.split()
    pairs = [
        at
        for at in range(len(words) - 1)
        if words[at].isalpha() and words[at + 1].strip(".,?").isalpha() and min(len(words[at]), len(words[at + 1])) > 3
    ]
    return (
        " ".join((*words[: pairs[-1]], "-".join(words[pairs[-1] : pairs[-1] + 2]), *words[pairs[-1] + 2 :]))
        if pairs
        else text
    )


def slip(text: str, draw: random.Random) -> str:
    """A question with one slip of the pen in a word of six letters or more."""
    words = text.split()
    long = [at for at, word in enumerate(words) if len(word) >= 6 and word.isalpha()]
    if not long:
        return text
    at = draw.choice(long)
    word = words[at]
    place = draw.randrange(1, len(word) - 1)
    made = (
        word[:place] + word[place + 1 :],
        word[:place] + word[place + 1] + word[place] + word[place + 2 :],
        word[:place] + draw.choice("etaoin") + word[place:],
    )
    return " ".join((*words[:at], made[draw.randrange(3)], *words[at + 1 :]))


def forms(demo: Demo, missed: list[str]) -> Iterable[str]:
    """One question in five forms, and words that nobody has."""
    draw, same = random.Random(SEED), {}
    as_it_is = {text: demo.first(text) for text in demo.texts.values()}
    for change in (sentence, plural, hyphen, slip):
        other = {text: change(text, draw) for text in as_it_is}
        lost = [text for text, changed in other.items() if demo.first(changed) != as_it_is[text]]
        missed += [f"{change.__name__}: {other[text]}" for text in lost]
        same[change.__name__] = 1 - len(lost) / len(as_it_is)
    shares = ", ".join(f"{name} {share:.3f}" for name, share in same.items())
    yield f"the same first person: {shares}; five forms {(1 + sum(same.values())) / 5:.3f}"
    made = [
        "".join(draw.choice("bcdfghjklmnpqrstvwxz") + draw.choice("aeiou") for _ in range(draw.randrange(2, 5)))
        for _ in range(NONSENSE)
    ]
    answered_ = [word for word in made if demo.first(word)]
    missed += [f"nonsense: {word}" for word in answered_]
    yield f"made-up words without an answer: {1 - len(answered_) / NONSENSE:.2f} of {NONSENSE}"


def languages(demo: Demo, missed: list[str]) -> Iterable[str]:
    """Topics in other languages."""
    said = tomllib.loads(WORDS.read_text("utf-8"))
    found: defaultdict[tuple[str, str], list[bool]] = defaultdict(list)
    for topic, names in said["topic"].items():
        for language, name in {"en": demo.truth["topics"][topic]["name"], **names}.items():
            for form, text in (("keyword", name), ("sentence", said["sentence"][language].format(name))):
                people = {one.subject for one in demo.find(text, limit=FIRST).recommendations}
                found[form, language].append(bool(people & demo.experts(topic)))
                if not found[form, language][-1]:
                    missed.append(f"{language} {form}: {text} ({topic})")
    for form in ("keyword", "sentence"):
        of = {language: sum(hits) for (which, language), hits in found.items() if which == form}
        english = of.pop("en")
        share = sum(of.values()) / len(of) / english
        yield f"{form}: English {english} of {len(said['topic'])}; others in shares of it {share:.3f} ({of})"


def sites(demo: Demo, missed: list[str]) -> Iterable[str]:
    """The words of confidence under a filter on the site."""
    people = {one.id: one for one in demo.finder.snapshot.people}
    places = [place for place, _ in Counter(one.location for one in people.values() if one.location).most_common(6)]
    said: Counter[tuple[str, bool]] = Counter()
    nobody: Counter[str] = Counter()
    for query, text in demo.texts.items():
        for place in places:
            right = {one for one in demo.right[query] if people[one].location == place}
            found = demo.find(text, place=place)
            word = found.confidence.value if found.confidence else "abstained"
            if not right:
                nobody[word] += 1
                missed += [f"high where nobody knows: {text} ({place})"] * (word == "high")
            said[word, any(one.subject in right for one in found.recommendations[:FIRST])] += 1
    for word in ("high", "medium", "low"):
        yield f"{word}: {said[word, True]} of {said[word, True] + said[word, False]} right"
    share = nobody["high"] / nobody.total()
    yield f"where nobody of the site knows ({nobody.total()}): {dict(nobody)}; high {share:.3f}"


def newcomer(demo: Demo, missed: list[str]) -> Iterable[str]:
    """One empty sentence for each topic, each by somebody new."""
    topics = {
        key: one["name"]
        for key, one in demo.truth["topics"].items()
        if one["group"] is None and key in demo.truth["experts"]
    }
    facts: list[Person | Post] = []
    newest = max(one.created_at for one in demo.finder.store.all("post") if one.created_at)
    for key, topic in topics.items():
        who = f"demo:new-{key}"
        text = EMPTY.format(topic=topic, Topic=topic[0].upper() + topic[1:])
        facts.append(Person(id=who, source="demo", name=f"New {topic.title()}", audience=ORGANISATION))
        facts.append(
            Post(
                id=f"{who}-1",
                source="demo",
                authors=(who,),
                kind="message",
                text=text,
                created_at=newest,
                audience=ORGANISATION,
            )
        )
    demo.finder.store.apply(facts)
    demo.finder.refresh()
    first, among, high = [], 0, 0
    for topic in topics.values():
        found = demo.find(topic).recommendations
        mine = [(place, one) for place, one in enumerate(found) if one.subject.startswith("demo:new-")]
        first += [topic] * any(place == 0 for place, _ in mine)
        among += any(place < FIRST for place, _ in mine)
        high += any(one.confidence is Confidence.HIGH for _, one in mine)
    demo.finder.store.delete("post", [one.id for one in facts if isinstance(one, Post)])
    demo.finder.store.delete("person", [one.id for one in facts if isinstance(one, Person)])
    demo.finder.refresh()
    missed += [f"a newcomer is first: {topic}" for topic in first]
    yield f"a newcomer's empty sentence, {len(topics)} topics: first {len(first)}, among three {among}, high {high}"


def flooder(demo: Demo, missed: list[str]) -> Iterable[str]:
    """The planted flooder, on every question and every topic."""
    flood = {f"demo:{one}" for one in demo.truth["flooders"]}
    asked = [*demo.texts.values(), *(one["name"] for one in demo.truth["topics"].values())]
    first, high = [], 0
    for text in asked:
        found = demo.find(text).recommendations
        first += [text] * (found[:1] != () and found[0].subject in flood)
        high += any(one.subject in flood and one.confidence is Confidence.HIGH for one in found)
    missed += [f"the flooder is first: {text}" for text in first]
    yield f"the planted flooder, {len(asked)} questions: first {len(first)}, high {high}"


PARTS: dict[str, Callable[[Demo, list[str]], Iterable[str]]] = {
    one.__name__: one for one in (forms, languages, sites, newcomer, flooder)
}


# --- sets ------------------------------------------------------------------------------------------------------------


def taught(finder: ExpertFinder, vocabulary: Path) -> str:
    """Import a vocabulary and index anew. How many concepts and topics there are then."""
    began = time.process_time()
    concepts = read_vocabulary(vocabulary.name, vocabulary.read_bytes())
    done = put_vocabulary(
        finder.store, concepts, From(name="vocabulary", file=vocabulary.name, language="en", by="script")
    )
    spent = time.process_time() - began
    day = day_of(finder.snapshot.manifest.as_of).date()
    finder.home.build_index(finder.store, encode=encoder(DEFAULT), as_of=day)
    finder.refresh()
    known = {
        concept.label.lower()
        for one in concepts
        if (concept := finder.snapshot.concepts.of(words_of(text_of(one.labels[0]))))
    }
    topics = finder.topics(EVERYTHING, limit=100_000)
    met = sum(one.label.lower() in known for one in topics)
    took = f"{done.concepts} concepts, {done.labels} labels, {spent:.2f} CPU s"
    return f"{took}; {met} of {len(topics)} topics are one of them"


def of_set(folder: Path, *, names: bool, vocabulary: Path | None) -> Iterable[str]:
    """The figures of one set."""
    asked = judged(folder)
    with loaded(folder) as finder:
        if vocabulary is not None:
            yield f"{folder.name}: {taught(finder, vocabulary)}"
        places, run = Places(finder.view(EVERYTHING), 1000), {}
        said: Counter[tuple[str, bool]] = Counter()
        strong, times = 0, []
        for name, query in asked.asked:
            seen, put, encode = finder.asked(query, EVERYTHING)
            run[name] = places.cut(answered(seen, put, encode=encode))
            began = time.process_time()
            found = finder.find(query, EVERYTHING)
            times.append(1000 * (time.process_time() - began))
            for one in found.recommendations:
                grade = asked.truth[name].get(one.subject.split(":", 1)[1], 0)
                said[one.confidence.value, grade > 0] += 1
            strong += any(one.confidence is Confidence.HIGH for one in found.recommendations)
        every = [name for name, _ in asked.asked]
        precision = measure(run, asked.truth, every)["MAP"]
        for kind, some in (kinds(every) or {"": every}).items():
            of = figure([precision[name] for name in some])
            yield f"{folder.name} {kind}: {len(some)} questions, MAP {of.mean:.4f} [{of.low:.3f}, {of.high:.3f}]"
        counts = {word: (said[word, True], said[word, True] + said[word, False]) for word in ("high", "medium", "low")}
        shares = ", ".join(
            f"{word} {hits} of {all_} ({hits / max(1, all_):.2f})" for word, (hits, all_) in counts.items()
        )
        yield f"{folder.name} of each person: {shares}; high said in {strong / len(every):.2f} of the answers"
        middle, late = np.percentile(times, (50, 99))
        yield f"{folder.name} CPU of an answer: p50 {middle:.1f} ms, p99 {late:.1f} ms"
        if names:
            for one in measured(finder, folder, SEED):
                share = one.first / one.asked
                yield f"{folder.name} {one.way}: {one.first} of {one.asked} ({share:.4f}), {one.milliseconds} ms"
            number, taken = taken_for_names(finder, folder)
            yield f"{folder.name}: of {number} questions taken for names: {taken}"


def main() -> int:
    """Measure what is named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="+", help="`demo`, or folders of sets or their names under EXPERTFINDER_SETS")
    parser.add_argument("--home", type=Path, help="where the demo is, or is written")
    parser.add_argument("--only", action="append", choices=PARTS, help="parts of `demo`")
    parser.add_argument("--names", action="store_true", help="people by name, too")
    parser.add_argument("--vocabulary", type=Path, help="a vocabulary that is imported first")
    parser.add_argument("--missed", action="store_true", help="say which did not hold")
    given = parser.parse_args()
    for what in given.what:
        if what == "demo":
            with tempfile.TemporaryDirectory(prefix="expertfinder-everyday-") as place:
                demo, missed = Demo(given.home or Path(place)), list[str]()
                if given.vocabulary is not None:
                    print(f"demo: {taught(demo.finder, given.vocabulary)}", flush=True)
                for name in given.only or PARTS:
                    for line in PARTS[name](demo, missed):
                        print(f"{name}: {line}", flush=True)
                for line in missed if given.missed else ():
                    print(f"  {line}")
                demo.finder.close()
            continue
        folder = Path(what) if Path(what).is_dir() else Path(os.environ.get("EXPERTFINDER_SETS", ".")) / what
        for line in of_set(folder, names=given.names, vocabulary=given.vocabulary):
            print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
