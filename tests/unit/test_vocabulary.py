"""The vocabulary that is shipped says for each act what it is worth and why, and a broken one is refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from expertfinder.configuration.vocabulary import load, vocabulary
from expertfinder.errors import SourceError

VERB = """
[half_life.usual]
multiple = 1.0
reason = "all"

[verbs.praise]
family = "praised"
weight = 0.5
credits = "author"
activity = "Like"
aliases = ["laud"]
reason = "it helped"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "vocabulary.toml"
    path.write_text(text)
    return path


def test_every_verb_has_a_weight_beside_authorship_and_a_reason() -> None:
    shipped = vocabulary()
    assert shipped.verbs
    for verb in shipped.verbs.values():
        assert 0 <= verb.weight <= 1
        assert verb.reason
        assert verb.half_life in shipped.half_lives
        assert verb.credits in ("actor", "author", "none")
        assert verb.tie in ("turned-to", "worked-with", "none")
        assert verb.turns in ("actor", "author")


def test_who_answers_or_reviews_is_turned_to_and_who_replies_or_thanks_turns_to_the_author() -> None:
    turned = {verb.name: verb.turns for verb in vocabulary().verbs.values() if verb.tie == "turned-to"}
    assert {turned[name] for name in ("answer", "review", "approve", "merge", "sponsor")} == {"author"}
    assert {turned[name] for name in ("reply", "accept", "thank", "mention", "cite", "message")} == {"actor"}


def test_no_alias_takes_the_name_of_another_verb() -> None:
    names = {verb.name for verb in vocabulary().verbs.values()}
    assert all(vocabulary().verbs[name].name == name for name in names)


@pytest.mark.parametrize(
    "name", ["review", "approve", "merge", "edit", "reply", "answer", "accept", "like", "co_author"]
)
def test_the_verbs_of_the_native_format_are_known(name: str) -> None:
    verb = vocabulary().verb(name)
    assert verb is not None
    assert verb.name == name


def test_a_verb_is_known_by_its_activity_its_alias_and_in_any_case(tmp_path: Path) -> None:
    words = load(written(tmp_path, VERB))
    assert {words.verb(name) for name in ("praise", "Praise", "Like", "like", "laud")} == {words.verbs["praise"]}
    assert words.verb("blame") is None


def test_a_kind_that_is_not_listed_weighs_one(tmp_path: Path) -> None:
    words = load(written(tmp_path, VERB + '\n[kinds.question]\nweight = 0.2\nreason = "who asks"\n'))
    assert words.authorship("question") == 0.2
    assert words.authorship("answer") == 1.0


def test_a_half_life_that_is_not_declared_is_refused_by_verb_and_field(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"vocabulary\.toml, field half_life: .*'praise'"):
        load(written(tmp_path, VERB + 'half_life = "endless"\n'))


def test_a_weight_above_one_is_refused_by_verb_and_field(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"vocabulary\.toml, field weight: .*'praise'"):
        load(written(tmp_path, VERB.replace("0.5", "1.5")))
