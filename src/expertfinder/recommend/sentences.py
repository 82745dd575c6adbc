"""The sentences of answers, and which parts of a score get one.

A sentence stands as a `Sentence` in the module that says it. `tests/quality/test_sentences.py` lists them all and
recomputes each from the facts; a sentence without a recomputation fails there. It is said in the language that is
spoken where it is called (`configuration.languages`).
"""

from __future__ import annotations

from expertfinder.configuration.languages import phrase

SAID = 0.02
"""Share of the score below which a part gets no sentence: so little moves no place that anybody looks at (not
measured)."""


class Sentence(str):
    """A sentence with named slots in braces; calling it fills them in. Without slots it is said as it stands."""

    __slots__ = ()

    def __call__(self, **facts: object) -> str:
        """The sentence with its slots filled in."""
        return phrase(str(self), **facts)
