"""Sites of questions and answers: what was read is what their exports say, again, later, and for whom."""

from __future__ import annotations

import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest
from tests.sources.examples import example, reader_of
from tests.sources.truth import Told, check_again, check_truth

from expertfinder.errors import SourceError
from expertfinder.model import Interaction, Person, Post
from expertfinder.sources.times import moment


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a file of a dump, in order."""
    return [dict(row.attrib) for row in ElementTree.parse(path).getroot()]


def edited(folder: Path, name: str, change: dict[str, dict[str, str] | None]) -> Path:
    """A copy of the dump in which rows of a file (by `Id`) have other attributes, or are not there (`None`)."""
    root = folder / "edited"
    shutil.copytree(example("stackexchange"), root)
    tree = ElementTree.parse(root / name)
    above = tree.getroot()
    for row in list(above):
        wished = change.get(row.attrib["Id"], {})
        if wished is None:
            above.remove(row)
        else:
            row.attrib.update(wished)
    tree.write(root / name)
    return root


def told_of(path: Path) -> dict[str, Told]:
    """The posts of a dump."""
    posts = {row["Id"]: row for row in rows(path / "Posts.xml") if row["PostTypeId"] in ("1", "2", "4", "5")}
    told = {}
    for number, row in posts.items():
        authors = (f"u{row['OwnerUserId']}",) if "OwnerUserId" in row else ()
        parent = f"p{row['ParentId']}" if "ParentId" in row else ""
        told[f"p{number}"] = Told(authors, parent, at=moment(row["CreationDate"]), words=row.get("Title", ""))
    for row in rows(path / "Comments.xml"):
        if row["PostId"] in posts:
            authors = (f"u{row['UserId']}",) if "UserId" in row else ()
            at = moment(row["CreationDate"])
            told[f"c{row['Id']}"] = Told(authors, f"p{row['PostId']}", at=at, words=row["Text"])
    return told


def facts_of(path: Path, **options: str) -> dict[str, Person | Post | Interaction]:
    """What an import would keep, by id without the source."""
    facts = reader_of("stackexchange", **options)(path).facts()
    return {fact.id.removeprefix("shop:"): fact for fact in facts if isinstance(fact, Person | Post | Interaction)}


def test_what_is_read_of_a_dump_is_what_it_says() -> None:
    path = example("stackexchange")
    check_truth(reader_of("stackexchange")(path).facts(), told_of(path))


def test_answers_and_comments_have_the_tags_of_their_question_even_where_it_comes_later() -> None:
    found = facts_of(example("stackexchange"))
    tags = {id: post.tags for id, post in found.items() if isinstance(post, Post)}
    assert tags["p3"] == tags["c1"] == tags["c3"] == tags["p1"] == ("pumps", "sealing")
    assert tags["p2"] == tags["p9"] == ("heating",)


def test_who_asked_accepts_on_the_day_of_the_vote_and_other_votes_are_nothing() -> None:
    acts = [fact for fact in facts_of(example("stackexchange")).values() if isinstance(fact, Interaction)]
    (accepted,) = (act for act in acts if act.verb == "accept")
    assert (accepted.actor, accepted.object) == ("shop:u2", "shop:p3")
    assert accepted.created_at == moment("2020-02-04")
    assert {act.verb for act in acts} == {"accept", "reply"}


def test_without_votes_an_answer_is_accepted_when_it_was_written(tmp_path: Path) -> None:
    root = edited(tmp_path, "Posts.xml", {})
    (root / "Votes.xml").unlink()
    (root / "Users.xml").unlink()
    accepted = facts_of(root)["accept/p3"]
    assert isinstance(accepted, Interaction)
    assert accepted.created_at == moment("2020-02-01T12:00:00")


def test_a_deleted_account_is_nobody_and_the_site_itself_is_a_machine() -> None:
    found = facts_of(example("stackexchange"))
    assert not {id for id in found if "99" in id}
    machine, answer = found["u-1"], found["p4"]
    assert isinstance(machine, Person)
    assert isinstance(answer, Post)
    assert machine.kind == "machine"
    assert answer.authors == ()


def test_what_an_answer_quotes_is_told_from_its_own_words_and_code_keeps_its_lines() -> None:
    answer = facts_of(example("stackexchange"))["p3"]
    assert isinstance(answer, Post)
    assert answer.text == "> drips when it is cold\nThe gasket shrinks.\ntake silicone\nnot rubber"


def test_posts_have_addresses_where_that_of_the_site_is_told() -> None:
    found = facts_of(example("stackexchange"), site="https://questions.example/")
    links = {id: post.url for id, post in found.items() if isinstance(post, Post)}
    assert links["p1"] == "https://questions.example/q/1"
    assert links["p3"] == "https://questions.example/a/3"
    with pytest.raises(SourceError, match="'site' is an address"):
        facts_of(example("stackexchange"), site="questions")


def test_a_newer_dump_with_edits_and_deletions_is_as_if_it_had_come_first(tmp_path: Path) -> None:
    newer = edited(tmp_path, "Posts.xml", {"1": {"Title": "Why does it leak?", "AcceptedAnswerId": "4"}, "2": None})
    check_again(reader_of("stackexchange"), example("stackexchange"), newer, tmp_path)
