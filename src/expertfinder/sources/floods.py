"""Accounts that look like machines by what they write: the same again and again, but for numbers."""

from __future__ import annotations

import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable

from expertfinder.model import Fact, Person, Post

FEWEST = 10
"""Posts from which on an account is looked at: ten reports of one form suggest a program, or a very diligent person."""
SAME = 0.8
"""Share of an account's posts that say the same from which on the report names the account. It decides nothing."""
_BEGINNING = 200
"""Characters of a post that are compared."""
_COUNTED = re.compile(r"[a-fA-F]*+\d[0-9a-fA-F]*+")
"""Numbers, and words of hexadecimal digits with a number in them: dates, addresses, names of machines, hashes."""


class Floods:
    """What each account writes, met part by part; of each post eight bytes are kept."""

    def __init__(self) -> None:
        self._said: defaultdict[str, array[int]] = defaultdict(lambda: array("q"))
        self._names: dict[str, str] = {}

    def meet(self, facts: Iterable[Fact]) -> None:
        """Remember names of people, and a hash of each post."""
        for fact in facts:
            if isinstance(fact, Person):
                self._names[fact.id] = fact.name if fact.is_human else ""
            elif isinstance(fact, Post) and len(fact.authors) == 1:
                text = f"{fact.title} {fact.text[:_BEGINNING]}".strip()
                self._said[fact.authors[0]].append(hash(_COUNTED.sub("#", text)[:_BEGINNING]))

    def looking_like_machines(self) -> list[str]:
        """A sentence for each account that looks like a machine and is not known as one, by id. A person decides."""
        found = []
        for author, said in sorted(self._said.items()):
            posts = len(said)
            if posts < FEWEST:
                continue
            [(_, often)] = Counter(said).most_common(1)
            if often >= SAME * posts and self._names.get(author, author):
                name = self._names.get(author) or author
                found.append(
                    f"{name} ({author}) looks like a machine: {often:,} of {posts:,} posts say the same but for "
                    "numbers; if it is one, say `kind: machine` in its record or list its name (EXPERTFINDER_MACHINES)"
                )
        return found
