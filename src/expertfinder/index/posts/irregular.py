"""Spellings and plurals that a stemmer does not bring together: colour and color, mice and mouse, travaux and travail.

A word is rewritten before it is stemmed, in posts and questions alike. The result is a key that forms of one word
share, and need not be a word itself.
"""

from __future__ import annotations

import re

_VERB = "(?=(?:e|es|ed|ing|er|ers)$)"
_RULES = {
    "en": (
        (r"^sulph", "sulf"),
        (r"^alumini", "alumin"),
        (r"^tyre", "tire"),
        (r"^grey", "gray"),
        (r"^mould", "mold"),
        (r"^programme(?=s?$)", "program"),
        (r"^(licen|defen|offen|practi)ce(?=s?$)", r"\1se"),
        (r"(?<=[a-z]{3})our(?=(?:s|ed|ing|er|ers|ful|less|able|al|ally|ist|ite|ites)?$)", "or"),
        (r"(?<=[a-z]{4})is(?=(?:e|es|ed|ing|er|ers|ation|ations|ational)$)", "iz"),
        (r"lys" + _VERB, "lyz"),
        (r"(?<=[a-z]{2}[bt])re(?=s?$)", "er"),
        (r"(?<=[a-z]{2}log)ue(?=s?$)", ""),
        (r"(?<=mode|labe|rave|ance|igna|anne|unne|leve)ll(?=(?:ed|ing|er|ers)$)", "l"),
        (r"^(kni|li|wi|hal|lea|shel|cal|hoo|wol|thie|loa|shea)(?:ves|fe|f)$", r"\1f"),
        (r"(?<=wo|re|ts|es|ds)men$", "man"),
    ),
    "ar": ((r"^(?:وال|بال|كال|فال|لل|ال)(?=.{3})", ""),),
    "fr": ((r"(?<=[a-z]{2})(?<!e)aux$", "al"), (r"(?<=[a-z])([eo]u)x$", r"\1")),
    "es": ((r"(?<=[a-z])ces$", "z"),),
    "pt": ((r"(?<=[a-z]{2})ais$", "al"), (r"(?<=[a-z]{2})oes$", "ao")),
}
"""Language -> what is written in two ways, or has a plural of its own, and how it is read."""
_COMPILED = {
    language: tuple((re.compile(pattern), other) for pattern, other in rules) for language, rules in _RULES.items()
}
_OTHERS = {
    "en": {
        "children": "child",
        "feet": "foot",
        "geese": "goose",
        "indices": "index",
        "matrices": "matrix",
        "men": "man",
        "mice": "mouse",
        "teeth": "tooth",
        "vertices": "vertex",
    },
    "fr": {"baux": "bail", "clef": "cle", "clefs": "cle", "travaux": "travail", "vitraux": "vitrail", "yeux": "oeil"},
}
"""Language -> words that follow no rule."""


def regular(word: str, language: str) -> str:
    """A folded word as its other spellings and its plural are read in a language; most stay as they are."""
    known = _OTHERS.get(language, {}).get(word)
    if known is not None:
        return known
    for pattern, other in _COMPILED.get(language, ()):
        word = pattern.sub(other, word)
    return word
