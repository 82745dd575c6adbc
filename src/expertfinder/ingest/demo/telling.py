"""Sentences: what a post of each kind says about an aspect, at a place and a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from expertfinder.ingest.demo.cast import Member
from expertfinder.ingest.demo.words import Aspect, Subject, Words

SEASONS = (
    "winter",
    "winter",
    "spring",
    "spring",
    "spring",
    "summer",
    "summer",
    "summer",
    "autumn",
    "autumn",
    "autumn",
    "winter",
)
"""The season of each month, January first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """What a post is about: who writes, when, which aspects (the first one leads), and a colleague whom it may name."""

    author: Member
    at: datetime
    subject: Subject
    aspects: tuple[Aspect, ...]
    colleague: Member


@dataclass(frozen=True, slots=True)
class Told:
    """The words of a post; `names` says whether the colleague is named in them."""

    title: str
    text: str
    names: bool


class Teller:
    """Writes posts. The same seed and the same calls give the same words. A repeated text is drawn anew."""

    def __init__(self, words: Words, rng: Random) -> None:
        self.words, self.rng = words, rng
        self.told: set[str] = set()

    def tell(self, kind: str, about: Occasion) -> Told:
        """The title and text of one post of this kind (a key of `_PLANS`).

        A text that was told before is drawn anew, at most 12 times.
        """
        told = self._attempt(kind, about)
        for _ in range(12):
            if told.text not in self.told:
                break
            told = self._attempt(kind, about)
        self.told.add(told.text)
        return told

    def _attempt(self, kind: str, about: Occasion) -> Told:
        slots = self._slots(about)
        table, plan = _PLANS[kind]
        titles = self.words.sentences[table].get("title", [])
        title = "" if kind in _UNTITLED or not titles else self._pick(table, "title").format_map(slots)
        sentences: list[str] = []
        aspects = list(about.aspects)
        for part, chance in plan:
            if self.rng.random() >= chance:
                continue
            # A second mention of a part speaks of the next aspect, where there is one.
            if part.startswith("+"):
                aspects = aspects[1:] + aspects[:1]
                part = part[1:]
            slots |= self._facts(aspects[0], said=" ".join(sentences))
            sentences.append(_sentence(self._pick(table, part).format_map(slots)))
        text = " ".join(dict.fromkeys(sentences))
        return Told(_sentence(title), text, about.colleague.name in f"{title} {text}")

    def _pick(self, table: str, part: str) -> str:
        source, _, name = part.rpartition(".")
        sentences = self.words.sentences[source or table][name]
        return self.rng.choice(sentences)

    def _facts(self, aspect: Aspect, *, said: str) -> dict[str, str]:
        """Facts about the aspect, those first that have not been said in this post."""

        def fresh(facts: Sequence[str]) -> str:
            return self.rng.choice([fact for fact in facts if fact not in said] or facts)

        return {
            "aspect": aspect.name,
            "problem": fresh(aspect.problems),
            "advice": fresh(aspect.advice),
            "why": aspect.why,
        }

    def _slots(self, about: Occasion) -> dict[str, str]:
        rng, company = self.rng, self.words.company
        earlier = about.at - timedelta(days=rng.randint(10, 400))
        site = about.author.site if rng.random() < 0.5 else rng.choice(company["sites"])["name"]
        return {
            "topic": about.subject.name,
            "synonym": rng.choice(about.subject.synonyms),
            "project": rng.choice(company["projects"]),
            "site": site,
            "unit": rng.choice(company["units"])["name"],
            "when": f"{SEASONS[earlier.month - 1]} {earlier.year}",
            "count": str(rng.randint(2, 40)),
            "person": about.colleague.name,
            **self._facts(about.aspects[0], said=""),
        }


_UNTITLED = frozenset({"answer", "thin_answer", "famous_answer", "comment", "bridge"})

_PLANS: dict[str, tuple[str, Sequence[tuple[str, float]]]] = {
    "question": ("question", (("open", 1), ("middle", 1), ("more", 0.8), ("more", 0.5), ("close", 1))),
    "answer": (
        "answer",
        (("open", 0.7), ("advice", 1), ("why", 0.7), ("advice", 0.5), ("proof", 0.8)),
    ),
    "thin_answer": ("thin_answer", (("text", 1), ("text", 0.6), ("comment.tail", 0.4))),
    "famous_answer": ("famous", (("answer", 1), ("answer", 0.5), ("close", 0.5))),
    "blog": (
        "blog",
        (("open", 1), ("middle", 1), ("answer.why", 1), ("answer.advice", 1), ("+middle", 0.8), ("answer.advice", 1),
         ("answer.proof", 0.8), ("close", 1)),
    ),
    "thin_blog": ("blog", (("open", 1), ("middle", 1), ("question.more", 1), ("+middle", 0.7), ("close", 1))),
    "famous": ("famous", (("open", 1), ("middle", 1), ("middle", 1), ("+middle", 0.6), ("close", 1))),
    "status": ("status", (("text", 1), ("tail", 0.9), ("tail", 0.3))),
    "chatter": ("chatter", (("text", 1), ("status.tail", 0.6))),
    "document": (
        "document",
        (("open", 1), ("middle", 1), ("step", 1), ("answer.why", 0.6), ("+middle", 1), ("step", 1), ("answer.why", 0.5),
         ("+step", 0.7), ("answer.proof", 0.4), ("close", 1)),
    ),
    "thin_document": ("document", (("open", 1), ("middle", 1), ("+middle", 0.8), ("answer.proof", 0.6), ("close", 1))),
    "video": (
        "video",
        (("open", 1), ("document.middle", 1), ("document.step", 1), ("answer.why", 0.7), ("+document.step", 0.6),
         ("close", 1)),
    ),
    "commit": ("commit", (("open", 1), ("middle", 1), ("document.step", 0.7))),
    "comment": ("comment", (("thin", 1), ("tail", 0.5))),
    "bridge": ("comment", (("bridge", 1), ("bridge", 0.4), ("tail", 0.6))),
    "flood": ("flood", (("text", 1),)),
}  # fmt: skip
"""Kind of telling -> table of sentences.toml, and its parts in order with the chance of each."""


def _sentence(text: str) -> str:
    """The text with a capital letter in front."""
    return text[:1].upper() + text[1:]
