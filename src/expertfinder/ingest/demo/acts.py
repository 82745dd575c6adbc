"""What people do to posts and to each other: views, likes, accepts, thanks, reviews; the planted truth is in them."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from expertfinder.ingest.demo.cast import Member
from expertfinder.ingest.demo.scene import SHOWS, Draft, Scene

REVIEWERS = {"document": (2, 3), "commit": (1, 2), "video": (0, 2), "blog": (0, 1)}
"""Kind -> the least and the most reviewers of one post."""


FEWEST_SIGNS = 3
"""Every planted expert shows at least so many signs of a topic, or nobody could find them."""
BOUND, UNBOUND = (0.5, 0.72), (0.0, 0.1)
"""The least and the most share of a community that thanks a binder, and that thanks anybody else who writes in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One interaction. `post` or `person` is its object; who may know of it follows from the post."""

    actor: str
    verb: str
    at: datetime
    post: Draft | None = None
    person: str = ""
    value: float | None = None


def write_acts(scene: Scene, drafts: list[Draft]) -> list[Act]:
    """All acts, oldest first. A private draft has none, because nobody else has seen it."""
    actor = _Actor(scene)
    replies: dict[int, list[Draft]] = defaultdict(list)
    for draft in drafts:
        if draft.parent is not None:
            replies[draft.parent.number].append(draft)
    for draft in drafts:
        if draft.private:
            continue
        actor.read(draft)
        actor.judge(draft)
        if draft.parent is not None:
            actor.add(
                draft.author, "answer" if draft.kind == "answer" else "reply", draft, at=draft.at, target=draft.parent
            )
        if draft.names and (not draft.group or draft.names in scene.plan.groups[draft.group].members):
            actor.mention(draft)
        if draft.kind == "question":
            actor.settle(draft, [reply for reply in replies[draft.number] if reply.kind == "answer"])
    actor.be_fair(drafts)
    actor.bind(drafts)
    return sorted(actor.acts, key=_order)


def _order(act: Act) -> tuple[datetime, str, str, int, Literal["post", "person"], str]:
    return (
        act.at,
        act.actor,
        act.verb,
        act.post.number if act.post else -1,
        "post" if act.post else "person",
        act.person,
    )


class _Actor:
    def __init__(self, scene: Scene) -> None:
        self.scene, self.rng = scene, scene.rng
        self.acts: list[Act] = []

    def add(self, actor: str, verb: str, draft: Draft, *, at: datetime, target: Draft | None = None) -> None:
        """Somebody acts on a post: on `draft`, or on `target` where the draft itself is the act (an answer)."""
        if self.scene.member(actor).here(at):
            self.acts.append(Act(actor=actor, verb=verb, post=target or draft, at=at))

    def mention(self, draft: Draft) -> None:
        """The author names a colleague."""
        self.acts.append(Act(actor=draft.author, verb="mention", person=draft.names, post=draft, at=draft.at))

    def _audience(self, draft: Draft) -> list[Member]:
        inside = self.scene.plan.groups[draft.group].members if draft.group else None
        return [
            member for member in self.scene.cast
            if member.id != draft.author and member.here(draft.at) and (inside is None or member.id in inside)
        ]  # fmt: skip

    def read(self, draft: Draft) -> None:
        """Add views, likes and a few shares of a post. Famous people get most likes: likes prove no knowledge."""
        part = self.scene.member(draft.author).part
        audience = self._audience(draft)
        mean = 9.0 if part == "famous" else 1.5 if part == "flooder" else 3.0
        readers = min(len(audience), int(self.rng.expovariate(1 / mean) + 0.7))
        for member in self.rng.sample(audience, readers):
            at = self.scene.soon(draft.at, hours=90)
            self.add(member.id, "view", draft, at=at)
            if self.rng.random() < (0.35 if part == "famous" or draft.deep else 0.15):
                self.add(member.id, "like", draft, at=at)
            if self.rng.random() < 0.03 and not draft.group:
                self.add(member.id, "share", draft, at=at)
            if draft.kind in ("video", "document") and self.rng.random() < 0.5:
                stars = min(5, max(1, round(self.rng.gauss(4.2 if draft.deep else 3.1, 0.8))))
                self.acts.append(Act(actor=member.id, verb="rate", post=draft, at=at, value=float(stars)))

    def judge(self, draft: Draft) -> None:
        """Add reviews, mostly by experts (quiet ones above all), and now and then an approval, an edit or thanks."""
        least, most = REVIEWERS.get(draft.kind, (0, 0))
        done: list[str] = [draft.author, *draft.co_authors]
        for _ in range(self.rng.randint(least, most)):
            at = self.scene.soon(draft.at, hours=60)
            experts = [
                expert for expert in self.scene.plan.experts[draft.subject.id]
                if expert.since <= at < expert.until and expert.person not in done
            ]  # fmt: skip
            if experts and self.rng.random() < 0.75:
                weights = [SHOWS["review"][expert.manner] * expert.grade + 0.1 for expert in experts]
                reviewer = self.rng.choices(experts, weights)[0].person
            else:
                other = self.scene.dabbler(draft.subject, at)
                if other is None or other.id in done:
                    continue
                reviewer = other.id
            done.append(reviewer)
            self.add(reviewer, "review", draft, at=at)
            if draft.kind in ("document", "commit") and self.rng.random() < 0.4:
                self.add(reviewer, "approve", draft, at=self.scene.soon(at, hours=20))
            if draft.kind == "document" and self.rng.random() < 0.25:
                self.add(reviewer, "edit", draft, at=self.scene.soon(at, hours=20))
            if draft.deep is False and self.rng.random() < 0.3:
                later = self.scene.soon(at, hours=20)
                self.acts.append(Act(actor=draft.author, verb="thank", person=reviewer, post=draft, at=later))

    def be_fair(self, drafts: list[Draft]) -> None:
        """Let experts who show fewer than `FEWEST_SIGNS` signs of a topic review more of its posts."""
        signs = Counter((draft.subject.id, draft.author) for draft in drafts if draft.deep and not draft.private)
        signs.update((act.post.subject.id, act.actor) for act in self.acts if act.verb == "review" and act.post)
        about: dict[str, list[Draft]] = defaultdict(list)
        for draft in drafts:
            if (draft.deep or draft.kind in REVIEWERS) and not draft.private:
                about[draft.subject.id].append(draft)
        for topic, experts in self.scene.plan.experts.items():
            for expert in experts:
                seen = [d for d in about[topic] if d.author != expert.person and expert.since <= d.at < expert.until]
                missing = max(0, FEWEST_SIGNS - signs[topic, expert.person])
                for draft in self.rng.sample(seen, min(missing, len(seen))):
                    self.add(expert.person, "review", draft, at=self.scene.soon(draft.at))

    def settle(self, question: Draft, answers: list[Draft]) -> None:
        """The asker accepts an expert's answer more often than another one, and thanks for it."""
        sound = [answer for answer in answers if answer.deep]
        chosen = sound or answers
        if not chosen or self.rng.random() >= (0.62 if sound else 0.15):
            return
        answer = self.rng.choice(chosen)
        at = self.scene.soon(answer.at, hours=48)
        if not self.scene.member(question.author).here(at):
            return
        self.add(question.author, "accept", answer, at=at)
        if self.rng.random() < 0.5:
            self.add(question.author, "thank", answer, at=at)

    def bind(self, drafts: list[Draft]) -> None:
        """Most members of a community thank its binders, and people of a unit thank who binds it to another."""
        scene, plan = self.scene, self.scene.plan
        by_author: dict[str, list[Draft]] = defaultdict(list)
        for draft in drafts:
            if not draft.group and not draft.private and not draft.chatter:
                by_author[draft.author].append(draft)
        for group in plan.communities.values():
            for person in group.members:
                share = self.rng.uniform(*(BOUND if person in group.binders else UNBOUND))
                posts = [draft for draft in by_author[person] if draft.community == group.id]
                for other in group.members:
                    if posts and other != person and self.rng.random() < share:
                        self._thank(other, posts)
        for (first, second), binders in plan.pairs.items():
            for person in binders:
                other_unit = second if scene.member(person).unit == first else first
                posts = [d for d in by_author[person] if d.parent and scene.member(d.parent.author).unit == other_unit]
                others = [member.id for member in scene.cast if member.unit == other_unit and member.id != person]
                for other in self.rng.sample(others, min(len(others), self.rng.randint(3, 5))):
                    if posts:
                        self._thank(other, posts)

    def _thank(self, actor: str, posts: list[Draft]) -> None:
        draft = self.rng.choice(posts)
        self.add(actor, "thank", draft, at=self.scene.soon(draft.at, hours=70))
