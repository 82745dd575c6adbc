"""How a question is read: which of the organisation's words a word of it may be.

A word of a question is looked up as it is written. Beside it count the words of posts that are forms of it (pump,
pumps). Where nobody wrote any form, the vocabulary says what may be meant: another spelling (Muenchen), the parts of a
compound (database, data base), a compound with it (Küche, Großküche), or the word that it is one slip of the pen away
from. Where the question has none of the words of the organisation, the topic of the same meaning speaks for it.

A slip is corrected to words that several people share, that name a topic, or that several posts have; never to a word
that stands in names of people only, since names are not in the vocabulary.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass, field, replace

import numpy as np

from expertfinder.index.encoders.encoder import Encoder
from expertfinder.index.posts import kin
from expertfinder.index.posts.bm25 import Asked, Reading, Statistics
from expertfinder.index.posts.concepts import NO_CONCEPTS, Concepts
from expertfinder.index.posts.function_words import (
    ENGLISH,
    LONG,
    FunctionWords,
    Subject,
    accented_of,
    function_words,
)
from expertfinder.index.posts.language import script_of
from expertfinder.index.posts.lexicon import SHORTEST_SLIP, Lexicon, has_forms, stems
from expertfinder.index.posts.tokens import PAIRED, is_name, pairs, respelled, spellings, tokenise, written

VARIANT = 0.3
"""What an occurrence of another form counts where the word is known as it was asked."""
NUMBER = 1.0
"""The same where one form is the plural of the other."""
MOST_FORMS = 4
"""Other forms of a word that are looked up, those of most posts."""
SHORTEST_PART = 4
"""Letters of each part of a compound."""
LINKS = ("", "s", "es", "n", "en", "er")
"""What stands between the parts of German, Dutch and Scandinavian compounds."""
SILENT = 0.2
"""Share of a question's words that shared posts have, up to which a topic of the same meaning is looked for."""
UNDERSTOOD = 0.4
"""Share of a question that the encoder must understand for its meaning to name a topic."""
TOPIC_NEAR, TOPICS_USUAL, TOPIC_NEAR_TENFOLD = 0.26, 50, 0.15
"""The cosine from which on a topic means the same, where there are so many topics; and what is added for ten times as
many, of which one is near by accident more often (`docs/ranking.md`)."""
SYNONYM = 0.45
"""The same for a question in English (falconry has .33 with "fleet"), or one with known words (audits fournisseurs)."""
KIN = 3
"""Letters that forms of one word begin with alike, where its language has no groups of forms here."""
MOST_RUNS = 3
"""Runs of letters and of digits that a word is taken apart into."""
COMPOUND = 0.7
"""What an occurrence of a compound counts for a part of it."""
COMPOUNDING = frozenset(["da", "de", "fi", "hu", "nl", "no", "sv"])
"""Languages that write compounds as one word, of which a part is a word although no post has it alone."""
SHORTEST_JOINED = 4
"""Letters of a word that is joined of words of grammar alone: to-do is one, the "a-t" of "y a-t-il" is none."""
SLIPS = 3
"""Unknown words of a long question, none of any language, that are looked at for slips; the others say enough."""

_LETTERS_OR_DIGITS = re.compile(r"[0-9]+|[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class QuestionReader:
    """Reads questions by a vocabulary as it stands now."""

    lexicon: Lexicon
    statistics: Statistics
    came: frozenset[str] = frozenset()
    """Words of posts that came since the vocabulary was made."""
    encode: Encoder | None = None
    """Knows words of any language, which are no slips of the pen, and which topic is near; without it nothing does."""
    concepts: Concepts = NO_CONCEPTS
    """Other labels of what a question names are looked up with it."""
    lists: FunctionWords = field(default_factory=function_words)
    spoken: frozenset[str] = frozenset()
    """The languages of the question that is being read."""

    def posts(self, place: int) -> float:
        """Shared posts that have the word at a place."""
        row = int(self.lexicon.rows[place])
        return float(self.statistics.having[row]) if row < len(self.statistics.frequency) else 0.0

    def knows(self, word: str) -> bool:
        """Whether a shared post has the word, or a post that came since."""
        place = self.lexicon.place(word)
        return word in self.came or (place >= 0 and self.posts(place) > 0)

    def read(self, text: str) -> Reading:
        """The words of a question that name its subject, with their forms, in the order of the text.

        What has slips of the pen is read as if it had none: a slip in a word of courtesy makes no subject of it.
        """
        if len(written(text)) >= LONG:  # how long a description is, its courtesies do not tell
            text = self.lists.without_courtesy(text)
        first = self._read_once(text)
        slips = {one.word: one.forms[0][0] for one in first.words if one.corrected}
        if not slips:
            return first
        meant = {right: wrong for wrong, right in slips.items()}
        again = self._read_once(self._mended(text, slips))
        # Posts that only some may read may have a word as it was asked.
        words = [
            replace(one, word=meant[one.word], forms=(*one.forms, (meant[one.word], 1.0)), corrected=True)
            if one.word in meant
            else one
            for one in again.words
        ]
        return replace(again, words=words) if words else first

    def _mended(self, text: str, slips: dict[str, str]) -> str:
        """A text with the words that are meant in the place of those with a slip."""
        for form, word in written(text):
            if word in slips:
                text = text.replace(form, slips[word])
        return text

    def _read_once(self, text: str) -> Reading:
        about, all_of_it = self.lists.subjects(text), written(text)
        # A word that names the subject tells no language, though it may be a function word of one (EN 1090, CI, Go).
        subjects = {one.written for one in about}
        around = [word for form, word in all_of_it if form not in subjects]
        told = self.lists.languages_of(around, accented_of(all_of_it)) or [script_of(text)]
        spoken = frozenset(filter(None, told))
        read = replace(self, spoken=spoken)._read(text, about, all_of_it)
        return replace(read, lasts=self.concepts.lasts(tokenise(text))) if self.concepts else read

    def _read(self, text: str, about: list[Subject], all_of_it: list[tuple[str, str]]) -> Reading:
        spoken, every = self.spoken, [word for _, word in all_of_it]
        function = [self.lists.languages[name].function for name in spoken if name in self.lists.languages]
        slips = {one for one in about if any(kin.is_transposed(one.word, some) for some in function)}
        about = [one for one in about if one not in slips or self.knows(one.word)] or about
        strange = [one.word for one in about if has_forms(one.word) and not self.knows(one.word)]
        here = self.lexicon.languages
        abroad = spoken.isdisjoint(here) if spoken else kin.is_foreign(strange, here, self.encode)
        if len(every) >= LONG:
            read = {subject.word: self._of(subject, short=False) for subject in about}
            unknown = [one for one in about if has_forms(one.word) and not self._any_known(read[one.word])]
            odd = dict.fromkeys(one for one in unknown if not self._is_word(one.word))
            prose = self.lists.without_courtesy(text)
            for one in [] if abroad else list(odd)[:SLIPS]:
                slip = self._slip(one.word)
                if slip is not None:
                    read[one.word] = [self._meant(one.word, slip, corrected=True)]
                    prose = prose.replace(one.written, slip)
            return Reading([one for subject in about for one in read[subject.word]], prose, spoken)
        forms = {subject.word: self._of(subject, short=not abroad) for subject in about}
        found = [one for subject in about for one in forms[subject.word]]
        for words, joined in self._joined(text, every, forms.keys()):
            gone = {word for word in forms if word.lower() in words and not self._any_known(forms[word])}
            found = [one for one in found if one.word not in gone]
            if forms.keys() <= set(words):  # nothing else is asked: who writes the one word has said its parts
                found = [replace(one, forms=tuple(dict((*one.forms, *joined.forms)).items())) for one in found]
            found.append(Asked(joined.word, (*joined.forms, *((word.lower(), 1.0) for word in gone))))
        # A word that texts of any subject have tells little where nobody wrote it (a problem, the boss).
        names = {one.word for one in about if is_name(one.written) or (one.word.isascii() and one.word.isupper())}
        found = [replace(one, is_name=one.word in names or is_name(one.word)) for one in found]
        if not abroad:
            found = [one if self._is_said(one) else replace(one, unsaid=self._specific(one.word)) for one in found]
        meant = [self._prose(subject, forms[subject.word]) for subject in about]
        prose = " ".join(meant) if meant != [form for form, _ in all_of_it] else text
        known = sum(self.knows(one.word) if abroad else self._any_known([one]) for one in found)
        silent = known < len(found) if abroad else known <= SILENT * len(found)
        found, label = self._widened(found, tokenise(text)) if self.concepts.all else (found, "")
        if label and silent:
            return Reading(found, label, frozenset(), label if label in self.lexicon.labels else None)
        # Whether it is English is looked up in the tables of the encoder, and most questions do without.
        english = (silent or known < len(found)) and self._is_english(prose)
        far = silent or (known < len(found) and not english)
        topic = self._topic(prose, nearer=english or not silent) if far else None
        if topic is None:
            return Reading(found, prose, spoken)
        named = [one for subject in self.lists.subjects(topic) for one in self._of(subject, short=True)]
        return Reading([*found, *(one for one in named if one.word not in forms)], prose, spoken, topic)

    def _widened(self, found: list[Asked], words: list[str]) -> tuple[list[Asked], str]:
        """The words of a question with those of other labels of the concepts that it names, as far as posts have them;
        and the first of these labels, as words.

        A label of one word is a form of the word that it stands for; of one with several each word is looked up. Words
        that only posts have which not everybody may read are forms, too: they decide nothing here.
        """
        first = ""
        for start, end, concept in self.concepts.within(words):
            said = words[start:end]
            others = [one for one in concept.words if one != " ".join(said)]
            known = [one for one in others if all(self.knows(word) or self._variants(word) for word in one.split())]
            first = first or " ".join(known[:1])
            unseen = dict.fromkeys(word for one in others for word in one.split() if not self.knows(word))
            hidden = [(word, 1.0) for word in unseen if self.lexicon.place(word) >= 0][:MOST_FORMS]
            for place, one in enumerate(found):
                if one.word in said:
                    alone = [
                        form for other in known[:MOST_FORMS] if " " not in other for form in self._one(other).forms
                    ]
                    found[place] = replace(one, forms=tuple(dict((*alone, *hidden, *one.forms)).items()))
                    hidden = []
            for other in known[:MOST_FORMS]:
                there = {form for one in found for form, _ in one.forms}
                found += [self._one(word) for word in other.split() if word not in there]
        return found, first

    def _one(self, word: str) -> Asked:
        return self._forms(word, short=True)[0]

    def _of(self, subject: Subject, *, short: bool) -> list[Asked]:
        """A subject with its forms; a run of characters of a script without spaces as its pairs."""
        word = subject.word
        if not word.islower() and word.isascii() and word.isalpha():
            return [Asked(word, ((word if self.knows(word) else word.lower(), 1.0),))]
        if PAIRED.match(word):
            found = pairs(word)
            # A particle of Korean stands at the end of the word before it.
            if (
                len(found) > 1
                and script_of(word) == "ko"
                and [self.knows(pair) for pair in found[-2:]] == [True, False]
            ):
                found = found[:-1]
            return [Asked(pair, ((pair, 1.0),)) for pair in found]
        if word.isdigit():
            return [Asked(word, ((word, 1.0),))]
        if not self.knows(word):
            longer = [one for one in kin.begins_of_names(word, self.lexicon.begin_with(word)) if self.knows(one)]
            if longer:  # A320, of which posts say A320neo
                return [Asked(word, ((word, 1.0), *((one, COMPOUND) for one in longer[:MOST_FORMS])))]
            parts = _LETTERS_OR_DIGITS.findall(word)
            letters = [part for part in parts if not part.isdigit()]
            if len(letters) < len(parts) <= MOST_RUNS and letters and all(map(self.knows, letters)):
                return [Asked(part, ((part, 1.0),)) for part in parts]  # iso27001, of which posts say ISO 27001
            family = [] if self._variants(word) else self._kin(word)
            if family:
                return [Asked(word, ((word, 1.0), *((other, 1.0) for other in family)))]
        return self._forms(word, short=short)

    def _kin(self, word: str) -> list[str]:
        """Words of shared posts with the same stem in a language of the question that few posts are in, or with more
        endings than its stemmer has."""
        found: set[str] = set()
        here = set(self.lexicon.languages)
        asked = self.spoken - (here - kin.AGGLUTINATIVE) if self.spoken else here & kin.AGGLUTINATIVE
        for language in sorted(asked) if has_forms(word) else ():
            stem = stems([word], language)[0]
            near = [other for other in self.lexicon.begin_with(word[:KIN]) if self.knows(other)]
            alike = zip(near, stems(near, language), strict=True)
            found |= {other for other, its in alike if its == stem or kin.ends_apart(word, other, language)}
        return sorted(found, key=lambda other: (-self._often(other), other))[:MOST_FORMS]

    def _is_english(self, prose: str) -> bool:
        """Whether a question is in English: by its function words, or because all of its words are English."""
        if self.spoken or self.encode is None:
            return self.spoken == {ENGLISH}
        return all(kin.is_english(word, self.encode) for word in prose.lower().split())

    def is_in(self, language: str) -> bool:
        """Whether the question may be in a language, and posts are."""
        return language in self.lexicon.languages and (not self.spoken or language in self.spoken)

    def _is_word(self, word: str) -> bool:
        """Whether an unknown word is spelled as it should be; in an English question it must be an English one."""
        return self.encode is not None and self.encode.is_word(word, ENGLISH if self.spoken == {ENGLISH} else "")

    def _is_said(self, one: Asked) -> bool:
        """Whether a shared post that somebody wrote has a form of a word: then it weighs what its posts say."""
        rows = [int(self.lexicon.rows[place]) for form, _ in one.forms if (place := self.lexicon.place(form)) >= 0]
        return any(self.statistics.frequency[row] > 0 for row in rows if row < len(self.statistics.frequency))

    def _specific(self, word: str) -> float:
        return 1.0 if self.encode is None else self.encode.specific(word)

    def _any_known(self, asked: list[Asked]) -> bool:
        return any(self.knows(form) for one in asked if not one.corrected for form, _ in one.forms)

    def _prose(self, subject: Subject, asked: list[Asked]) -> str:
        """A subject as an encoder is to read it: what is meant where it was corrected, a compound in its parts."""
        if asked and asked[0].corrected:
            return asked[0].forms[0][0]
        word = subject.word
        if self.encode is None or not has_forms(word) or self.knows(word) or self.encode.is_word(subject.written):
            return subject.written
        if len(asked) == 1 and self._any_known(asked):
            return next(form for form, _ in asked[0].forms if self.knows(form))
        word, found = subject.written.lower(), [(0, subject.written)]
        for end in range(SHORTEST_PART, len(word) - SHORTEST_PART + 1):
            for link in LINKS:
                first, second = word[:end], word[end + len(link) :]
                whole = len(second) >= SHORTEST_PART and word[end:].startswith(link)
                if whole and self.encode.is_word(first) and self.encode.is_word(second):
                    found.append((min(len(first), len(second)), f"{first} {second}"))
        return max(found)[1]

    def _topic(self, prose: str, *, nearer: bool) -> str | None:
        """The topic that means what a question says in words that are not the organisation's; `None` without one.

        `nearer`: who asks in English could have used its words, and who used one of them may mean just that.
        """
        if self.encode is None or not self.lexicon.labels or self.encode.understood(prose) < UNDERSTOOD:
            return None
        vector = self.encode.encode([prose])[0].astype(np.float64)
        near = np.einsum("ij,j->i", self.lexicon.label_vectors.astype(np.float64), vector)
        best = int(np.argmax(near))
        least = TOPIC_NEAR + TOPIC_NEAR_TENFOLD * max(float(np.log10(len(near) / TOPICS_USUAL)), 0.0)
        return self.lexicon.labels[best] if near[best] >= max(least, SYNONYM if nearer else 0.0) else None

    def _forms(self, word: str, *, short: bool) -> list[Asked]:
        exact, unseen = (word, 1.0), [(other, 1.0) for other in self._unseen(word)]
        variants = self._variants(word) if short or not self.knows(word) else []
        if self.knows(word):
            others = [(self.lexicon.words[place], self._share(word, place)) for place in variants]
            return [Asked(word, (exact, *others, *unseen))]
        if variants:
            return [Asked(word, (exact, *((self.lexicon.words[place], 1.0) for place in variants), *unseen))]
        return (self._guessed(word) if short else []) or [Asked(word, (exact, *unseen))]

    def _share(self, word: str, place: int) -> float:
        """What an occurrence of another form counts: more where only the number differs."""
        one, other = sorted((word, self.lexicon.words[place]), key=len)
        return NUMBER if other in (one + "s", one + "es", one[:-1] + "ies") else VARIANT

    def _variants(self, word: str) -> list[int]:
        """Other forms of a word that shared posts have, those of most posts first."""
        if not has_forms(word):
            return []
        every = (*self.lexicon.of_stem(word), *map(self.lexicon.place, kin.other_end(word)))
        found = [place for place in every if place >= 0 and self.lexicon.words[place] != word]
        having = [(-self.posts(place), self.lexicon.words[place], place) for place in found if self.posts(place) > 0]
        return [place for _, _, place in sorted(having)[:MOST_FORMS]]

    def _unseen(self, word: str) -> list[str]:
        """Other forms of a word that only posts have which not everybody may read. They decide nothing here."""
        found = self.lexicon.of_stem(word) if has_forms(word) else []
        words = (self.lexicon.words[place] for place in found if self.posts(place) <= 0)
        return [other for other in words if other != word]

    def _guessed(self, word: str) -> list[Asked]:
        """What a word that nobody wrote may mean: spelled otherwise, in parts, in compounds, or after a slip."""
        if not has_forms(word):
            return []
        others = respelled(word)
        for other in others:
            if self.knows(other) or self._variants(other):
                return [self._meant(word, other)]
        for other in (word, *others):
            parts = self._parts(other)
            if parts:
                return [Asked(part, (*self._forms(part, short=True)[0].forms, (word, 1.0))) for part in parts]
            compounds = self._compounds(other)
            if compounds:
                return [Asked(word, ((word, 1.0), *((compound, COMPOUND) for compound in compounds)))]
        slip = self._slip(word)
        if slip:
            return [self._meant(word, slip, corrected=True)]
        near = [one for one in kin.derived(word, self.lexicon.begin_with(word)) if self.knows(one)]
        if near and self.is_in(ENGLISH):
            return [Asked(word, ((word, 1.0), *((one, COMPOUND) for one in near[:MOST_FORMS])))]
        return []

    def _meant(self, word: str, other: str, *, corrected: bool = False) -> Asked:
        """A word that stands for another one; posts that only some may read may have it as it was asked."""
        return Asked(word, (*self._forms(other, short=True)[0].forms, (word, 1.0)), corrected)

    def _parts(self, word: str) -> tuple[str, ...]:
        """The two known words that a compound is made of; of several ways the one whose rarer part is the most used."""
        found: list[tuple[float, tuple[str, str]]] = []
        for end in range(SHORTEST_PART, len(word) - SHORTEST_PART + 1):
            for link in LINKS:
                first, second = word[:end], word[end + len(link) :]
                if len(second) >= SHORTEST_PART and word[end:].startswith(link) and self._both(first, second):
                    found.append((min(self._often(first), self._often(second)), (first, second)))
        if not found and self.encode is not None:
            for first, second in kin.transparent(word, self.encode):  # website, of which posts say web site
                if self._both(first, second):
                    return first, second
        return max(found, default=(0.0, ()))[1]

    def _both(self, first: str, second: str) -> bool:
        if {first, second} & self.lists.every:
            return False
        return all(
            self.knows(part) or any(self.lexicon.words[at] not in self.lists.every for at in self._variants(part))
            for part in (first, second)
        )

    def _often(self, word: str) -> float:
        places = [self.lexicon.place(word), *self._variants(word)]
        return sum(self.posts(place) for place in places if place >= 0)

    def _compounds(self, part: str) -> list[str]:
        """Compounds that begin or end with a word, and whose rest is a known word; those of most posts first."""
        if len(part) < SHORTEST_PART:
            return []
        found: set[str] = set()
        for compound in self.lexicon.begin_with(part):
            rest = compound[len(part) :]
            found |= {compound for link in LINKS if rest.startswith(link) and self._is_rest(rest[len(link) :])}
        for compound in self.lexicon.end_with(part):
            rest = compound[: -len(part)]
            found |= {
                compound for link in LINKS if rest.endswith(link) and self._is_rest(rest[: len(rest) - len(link)])
            }
        known = [(-self._often(compound), compound) for compound in found if self.knows(compound)]
        return [compound for _, compound in sorted(known)[:MOST_FORMS]]

    def _is_rest(self, rest: str) -> bool:
        if len(rest) < SHORTEST_PART:
            return False
        if self.encode is not None and not COMPOUNDING.isdisjoint(self.lexicon.languages) and self.encode.is_word(rest):
            return True
        return self.knows(rest) or bool(self._variants(rest))

    def offer(self, word: str) -> str | None:
        """The word that somebody may have meant who typed one that nobody here writes, for showing it to them."""
        if self.knows(word) or self._variants(word):
            return None
        return self._slip(word, self.lexicon.offered)

    def _slip(self, word: str, among: np.ndarray | None = None) -> str | None:
        """The shared word that is the fewest slips away, of equals one with the same first letter, with the same
        letters, of most posts. `among`: places, by length; the organisation's own words without it. `None` for a word
        that is spelled as it should be."""
        if len(word) < SHORTEST_SLIP - 1 or self._is_word(word):
            return None
        return self.lexicon.near(word, self.lexicon.own if among is None else among, self.posts)

    def _joined(self, text: str, every: list[str], subjects: Set[str]) -> Iterator[tuple[tuple[str, ...], Asked]]:
        """Words of a question that are known as one, or one that is known as several, beside those it stands for."""
        said: set[str] = set(subjects)
        for spelling in spellings(text):
            if spelling.split and (spelling.words[0] not in subjects or self.knows(spelling.words[0])):
                continue
            least = SHORTEST_JOINED if subjects.isdisjoint(spelling.words) else 0
            for form in spelling.forms:
                if len(form) >= least and form not in said and (self.knows(form) or self._variants(form)):
                    said.add(form)
                    yield spelling.words, self._forms(form, short=True)[0]
        for words, joined in kin.neighbours(every, subjects):
            one = next((one for one in (joined, joined.removesuffix("s"), joined + "s") if self.knows(one)), "")
            if one and one not in said and joined not in said:
                said.add(one)
                yield words, self._forms(one, short=True)[0]
