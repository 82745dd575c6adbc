"""The posts: threads of questions and answers, writing of every other kind, and the comments that bind people."""

from __future__ import annotations

from datetime import timedelta

from expertfinder.ingest.demo.cast import Member
from expertfinder.ingest.demo.scene import Draft, Scene
from expertfinder.ingest.demo.telling import Occasion, Teller
from expertfinder.ingest.demo.truth import Group
from expertfinder.ingest.demo.words import Subject

SHARES = {
    "question": 0.20, "answer": 0.27, "comment": 0.15, "blog": 0.08, "status": 0.12, "document": 0.065, "video": 0.04,
    "commit": 0.075,
}  # fmt: skip
"""The eight kinds, with the share of each among all posts."""

EXPERT_ANSWERS, EXPERT_POSTS = 0.72, 0.68
"""Share of the answers, and of blogs, documents, videos and commits, that planted experts write. The rest is noise."""
RESTRICTED = 0.88
"""Share of the posts about a restricted group's topic that only the group may read."""
MOST_ANSWERS = 4
"""A question has at most so many answers. Chosen, not measured."""
PRIVATE = 0.04
"""Share of the ordinary status notes that are drafts for nobody but the author."""
FLOOD = 0.17
"""Share of the status notes that are near-copies by the flooder."""
SMALL_TALK = 0.2
"""Share of the status notes that are about no topic at all."""


def write_posts(scene: Scene, count: int) -> list[Draft]:
    """Exactly `count` drafts, oldest first."""
    return _Writer(scene).write(count)


class _Writer:
    def __init__(self, scene: Scene) -> None:
        self.scene, self.rng = scene, scene.rng
        self.teller = Teller(scene.words, scene.rng)
        self.drafts: list[Draft] = []
        self.voices: dict[int, set[str]] = {}
        self.weights = [self.rng.uniform(0.7, 1.4) * (1.6 if each.group else 1.0) for each in scene.words.subjects]
        self.coding = [1.0 if subject.commits else 0.0 for subject in scene.words.subjects]

    def write(self, count: int) -> list[Draft]:
        wanted = {kind: round(count * share) for kind, share in SHARES.items()}
        wanted["status"] += count - sum(wanted.values())
        for number in range(wanted["question"]):
            self._question(number)
        self._answers(wanted["answer"])
        for kind in ("blog", "document", "video", "commit"):
            for _ in range(wanted[kind]):
                self._own(kind)
        for _ in range(wanted["status"]):
            self._status()
        self._comments(wanted["comment"])
        return sorted(self.drafts, key=lambda draft: (draft.at, draft.number))

    # --- one post ----------------------------------------------------------------------------------------------------

    def _add(self, kind: str, telling: str, draft: Draft) -> Draft:
        """Give a draft its words, kind, number, readers, tags and community, and keep it."""
        author = self.scene.member(draft.author)
        aspects = draft.aspects or (self.rng.randrange(len(draft.subject.aspects)),)
        colleague = self.scene.colleague(draft.subject, draft.at, without=(author.id,))
        told = self.teller.tell(
            telling,
            Occasion(
                author=author,
                at=draft.at,
                subject=draft.subject,
                aspects=tuple(draft.subject.aspects[each] for each in aspects),
                colleague=colleague,
            ),
        )
        draft.number, draft.kind = len(self.drafts), kind
        draft.title, draft.text, draft.aspects = told.title, told.text, aspects
        draft.names = colleague.id if told.names else ""
        if draft.parent is not None:
            draft.group, draft.community = draft.parent.group, draft.community or draft.parent.community
        elif draft.subject.group and self.rng.random() < RESTRICTED:
            draft.group = draft.subject.group
        if not (draft.parent or draft.chatter or draft.group) and self.rng.random() < (
            0.6 if kind == "question" else 0.35
        ):
            draft.tags = (draft.subject.id,)
        home = self.scene.plan.communities.get(draft.subject.community)
        if (
            home
            and not draft.community
            and not draft.chatter
            and draft.author in home.members
            and self.rng.random() < 0.6
        ):
            draft.community = home.id
        self.drafts.append(draft)
        return draft

    def _subject(self, kind: str = "") -> Subject:
        weights = [w * c for w, c in zip(self.weights, self.coding, strict=True)] if kind == "commit" else self.weights
        return self.rng.choices(self.scene.words.subjects, weights)[0]

    def _aspects(self, subject: Subject, first: int, many: int) -> tuple[int, ...]:
        rest = [number for number in range(len(subject.aspects)) if number != first]
        return (first, *self.rng.sample(rest, many - 1))

    # --- threads -----------------------------------------------------------------------------------------------------

    def _question(self, number: int) -> None:
        subjects = self.scene.words.subjects
        subject = subjects[number] if number < len(subjects) else self._subject()
        at = self.scene.day()
        known = [expert.person for expert in self.scene.plan.experts[subject.id]]
        asker = self.scene.someone(subject, at, without=known if self.rng.random() < 0.93 else ())
        if asker is not None:
            aspect = self.rng.randrange(len(subject.aspects))
            self._add("question", "question", Draft(subject=subject, author=asker.id, at=at, aspects=(aspect,)))

    def _answers(self, count: int) -> None:
        questions = list(self.drafts)
        self.voices = {question.number: {question.author} for question in questions}
        while count > 0:
            question = self.rng.choice(questions)
            if len(self.voices[question.number]) > MOST_ANSWERS or not self._answer(question):
                continue
            count -= 1

    def _answer(self, question: Draft) -> bool:
        scene, subject, aspect = self.scene, question.subject, question.aspects[0]
        at, luck = scene.soon(question.at), self.rng.random()
        expert = scene.expert(subject, "answer", at=at, aspect=aspect) if luck < EXPERT_ANSWERS else None
        author = (
            scene.member(expert.person) if expert
            else self._famous(subject) if luck > 0.9
            else scene.dabbler(subject, at)
        )  # fmt: skip
        if author is None or author.id in self.voices[question.number]:
            return False
        self.voices[question.number].add(author.id)
        telling = "answer" if expert else "famous_answer" if author.part == "famous" else "thin_answer"
        # Now and then somebody without planted knowledge gives sound advice too.
        if telling == "thin_answer" and self.rng.random() < 0.2:
            telling = "answer"
        draft = Draft(subject=subject, author=author.id, at=at, aspects=(aspect,), parent=question)
        draft.deep = expert is not None
        self._add("answer", telling, draft)
        return True

    def _famous(self, subject: Subject) -> Member | None:
        """One of the two famous people, who write about every topic; `None` for a topic of a restricted group."""
        return None if subject.group else self.rng.choice([m for m in self.scene.cast if m.part == "famous"])

    # --- writing of one's own ----------------------------------------------------------------------------------------

    def _own(self, kind: str) -> None:
        scene, luck = self.scene, self.rng.random()
        while True:
            subject, at = self._subject(kind), scene.day()
            first = self.rng.randrange(len(subject.aspects))
            expert = scene.expert(subject, "write", at=at, aspect=first) if luck < EXPERT_POSTS else None
            loud = self._famous(subject) if kind in ("blog", "video") and luck > 0.72 else None
            author = scene.member(expert.person) if expert else loud or scene.dabbler(subject, at)
            if author is not None:
                break
        telling = kind if expert or kind in ("video", "commit") else f"thin_{kind}"
        telling = "famous" if loud and not expert else telling
        many = {"blog": 2, "document": 3, "video": 2}.get(kind, 1)
        aspects = self._aspects(subject, first, many)
        draft = Draft(subject=subject, author=author.id, at=at, aspects=aspects, deep=expert is not None)
        if kind == "document" and self.rng.random() < 0.3:
            other = scene.dabbler(subject, at)
            draft.co_authors = (other.id,) if other and other.id != author.id else ()
        self._add(kind, telling, draft)

    def _status(self) -> None:
        scene, luck = self.scene, self.rng.random()
        while True:
            subject, at = self._subject(), scene.day()
            first = self.rng.randrange(len(subject.aspects))
            expert, telling = None, "status"
            author: Member | None
            if luck < FLOOD:
                # The flooder writes about five topics that anybody may read about.
                subject, telling = scene.words.subjects[self.rng.randrange(5) * 7], "flood"
                first, author = 0, next(m for m in scene.cast if m.part == "flooder")
            elif luck < FLOOD + SMALL_TALK:
                # About nothing, so any topic that is open to everybody will do.
                subject, telling = scene.words.subjects[0], "chatter"
                author = scene.someone(subject, at)
            else:
                expert = scene.expert(subject, "write", at=at, aspect=first) if self.rng.random() < 0.5 else None
                author = scene.member(expert.person) if expert else scene.dabbler(subject, at)
            if author is not None:
                break
        draft = Draft(
            subject=subject, author=author.id, at=at, aspects=(first % len(subject.aspects),), deep=expert is not None
        )
        draft.chatter = telling == "chatter"
        self._add("status", telling, draft)
        if telling == "status" and not draft.group and self.rng.random() < PRIVATE:
            draft.private, draft.community, draft.names = True, "", ""

    # --- comments ----------------------------------------------------------------------------------------------------

    def _comments(self, count: int) -> None:
        """Write comments: two fifths bind communities, a third binds units, the rest is talk."""
        open_posts = [draft for draft in self.drafts if not draft.private]
        plan, left = self.scene.plan, count
        binders = [(group, binder) for group in plan.communities.values() for binder in group.binders]
        for turn in range(round(count * 0.4)):
            left -= self._bind_community(open_posts, *binders[turn % len(binders)])
        pairs = [(units, binder) for units, people in plan.pairs.items() for binder in people]
        for turn in range(round(count * 0.33)):
            left -= self._bind_units(open_posts, *pairs[turn % len(pairs)])
        while left > 0:
            parent = self.rng.choice(open_posts)
            someone = self.scene.someone(parent.subject, parent.at, without=(parent.author,))
            if someone is not None and (not parent.group or someone.id in plan.groups[parent.group].members):
                left -= self._comment(parent, someone.id, "comment", community="")

    def _bind_community(self, posts: list[Draft], group: Group, binder: str) -> int:
        """The binder replies to another member in the community, first to those without a reply. How many: 0 or 1."""
        met = {draft.parent.author for draft in self.drafts if draft.author == binder and draft.parent is not None}
        fit = [
            draft for draft in posts
            if draft.author in group.members and draft.author != binder and not draft.group and not draft.chatter
            and self.scene.member(binder).joined_at < draft.at < self.scene.end - timedelta(days=3)
        ]  # fmt: skip
        fit = [d for d in fit if d.subject.community == group.id] or fit
        fit = [d for d in fit if d.author not in met] or fit
        return self._comment(self.rng.choice(fit), binder, "bridge", community=group.id) if fit else 0

    def _bind_units(self, posts: list[Draft], units: tuple[str, str], binder: str) -> int:
        """The binder of two units replies to somebody of the other unit. Returns how many replies: 0 or 1."""
        home = self.scene.member(binder).unit
        other = units[1] if home == units[0] else units[0]
        fit = [
            draft for draft in posts
            if not draft.group and not draft.chatter and self.scene.member(draft.author).unit == other
            and self.scene.member(binder).joined_at < draft.at and draft.author != binder
        ]  # fmt: skip
        return self._comment(self.rng.choice(fit), binder, "bridge", community="") if fit else 0

    def _comment(self, parent: Draft, author: str, telling: str, *, community: str) -> int:
        at = self.scene.soon(parent.at, hours=50)
        if not self.scene.member(author).here(at):
            return 0
        draft = Draft(subject=parent.subject, author=author, at=at, aspects=parent.aspects[:1], parent=parent)
        draft.community = community
        self._add("comment", telling, draft)
        return 1
