"""Sites of questions and answers: what was read is what their exports say, again, later, and for whom."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import orjson
import pytest
from tests.sources.examples import example, reader_of
from tests.sources.truth import Told, check_again, check_leaks, check_truth

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


def test_what_an_answer_quotes_stays_among_its_words_and_code_keeps_its_lines() -> None:
    answer = facts_of(example("stackexchange"))["p3"]
    assert isinstance(answer, Post)
    assert answer.text == "drips when it is cold\nThe gasket shrinks.\ntake silicone\nnot rubber"


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


# --- Discourse -------------------------------------------------------------------------------------------------------

PLACES = {1: "Pumps", 2: "Pumps/Seals", 3: "Board", 4: "Staff"}
GROUPS = {3: ("group/board",), 4: ("category/4",)}


def topics(path: Path) -> list[dict[str, Any]]:
    return [orjson.loads(file.read_bytes()) for file in sorted(path.glob("t/*.json"))]


def forum_told(path: Path) -> dict[str, Told]:
    """The posts of the topics that are saved in a forum."""
    told = {}
    for topic in topics(path):
        category = topic["category_id"]
        if category not in PLACES:
            continue
        for post in topic["post_stream"]["posts"]:
            number = post["post_number"]
            if post["post_type"] != 1 or post["user_deleted"]:
                continue
            nobody = post["user_id"] is None or post["username"].startswith("anon")
            told[f"{topic['id']}/{number}"] = Told(
                authors=() if nobody else (f"u{post['user_id']}",),
                parent="" if number == 1 else f"{topic['id']}/{post['reply_to_post_number'] or 1}",
                place=PLACES[category],
                at=moment(post["created_at"]),
                groups=GROUPS.get(category),
                words=topic["title"] if number == 1 else "",
            )
    return told


def test_what_is_read_of_a_forum_is_what_its_topics_say() -> None:
    check_truth(reader_of("discourse")(example("discourse")).facts(), forum_told(example("discourse")))


def test_whoever_began_a_topic_accepts_its_answer() -> None:
    facts = list(reader_of("discourse")(example("discourse")).facts())
    acts = {(fact.actor, fact.verb, fact.object) for fact in facts if isinstance(fact, Interaction)}
    assert ("shop:u12", "accept", "shop:1/2") in acts
    posts = {fact.id: fact for fact in facts if isinstance(fact, Post)}
    assert (posts["shop:1/1"].kind, posts["shop:1/2"].kind, posts["shop:1/3"].kind) == ("question", "answer", "reply")
    assert posts["shop:1/1"].tags == ("sealing", "winter")
    assert posts["shop:1/3"].text == "> ann:\n> The gasket shrinks.\nThat was it."


def test_direct_messages_of_a_forum_are_not_read_where_nothing_is_known_of_its_categories(tmp_path: Path) -> None:
    root = tmp_path / "forum"
    shutil.copytree(example("discourse"), root)
    (root / "categories.json").unlink()
    reader = reader_of("discourse")(root)
    read = {fact.id.removeprefix("shop:") for fact in reader.facts() if isinstance(fact, Post)}
    assert "3/1" not in read
    assert {"2/1", "4/1"} <= read
    assert any("has no categories" in remark for remark in reader.counts.remarks)


def test_people_of_a_forum_have_their_groups_and_leave_when_they_are_suspended() -> None:
    people = {
        fact.id: fact for fact in reader_of("discourse")(example("discourse")).facts() if isinstance(fact, Person)
    }
    assert people["shop:u11"].accounts == ("discourse:ann", "email:ann@works.example")
    assert people["shop:u13"].groups == ("shop:group/board",)
    assert people["shop:u14"].left_at == moment("2023-12-01")
    assert people["shop:u-1"].kind == "machine"
    assert "shop:u15" not in people


def test_a_forum_is_read_a_file_a_post_as_it_is_by_topics(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    for topic in reversed(topics(example("discourse"))):
        for post in topic["post_stream"]["posts"]:
            about = {"category_id": topic["category_id"], "topic_title": topic["title"]}
            (tmp_path / "posts" / f"{post['id']}.json").write_bytes(orjson.dumps(post | about))
    shutil.copy(example("discourse") / "categories.json", tmp_path / "categories.json")
    facts = list(reader_of("discourse")(tmp_path).facts())
    check_truth(facts, forum_told(example("discourse")))
    assert "accept/1/2" in {fact.id.removeprefix("shop:") for fact in facts}


def test_a_newer_export_of_a_forum_with_edits_and_deletions_is_as_if_it_had_come_first(tmp_path: Path) -> None:
    newer = tmp_path / "newer"
    shutil.copytree(example("discourse"), newer)
    topic = topics(newer)[0]
    posts = topic["post_stream"]["posts"]
    posts[0]["cooked"] = "<p>It drips in every weather.</p>"
    posts[1]["deleted_at"] = "2024-03-01T00:00:00.000Z"
    del posts[4]
    (newer / "t" / "1.json").write_bytes(orjson.dumps(topic))
    check_again(reader_of("discourse"), example("discourse"), newer, tmp_path)


def test_what_stands_in_closed_categories_moves_nothing_for_those_outside(tmp_path: Path) -> None:
    without = tmp_path / "without"
    shutil.copytree(example("discourse"), without)
    for closed in (2, 3, 4, 5):
        (without / "t" / f"{closed}.json").unlink()
    # Bob has left the board, in which he wrote; a post of his there was deleted.
    left = tmp_path / "left"
    shutil.copytree(example("discourse"), left)
    board = orjson.loads((left / "t" / "2.json").read_bytes())
    first = board["post_stream"]["posts"][0]
    for number, gone in ((3, False), (4, True)):
        by = {"id": 202 + number, "post_number": number, "user_id": 12, "username": "bob", "user_deleted": gone}
        said = {"cooked": "<p>Gone: deleted by author.</p>" if gone else "<p>I leave the turbine to you, it leaks.</p>"}
        board["post_stream"]["posts"].append(first | by | said | {"reply_to_post_number": 1})
    (left / "t" / "2.json").write_bytes(orjson.dumps(board))
    for number in (1, 6):
        topic = orjson.loads((without / "t" / f"{number}.json").read_bytes())
        posts = topic["post_stream"]["posts"]
        topic["post_stream"]["posts"] = [post for post in posts if post["post_type"] == 1 and not post["user_deleted"]]
        (without / "t" / f"{number}.json").write_bytes(orjson.dumps(topic))
    make = reader_of("discourse")
    words = ["insolvent", "Only for moderators", "deleted by author", "Where is this"]
    check_leaks(make(left), make(without), outsiders=["u12"], insider="u13", words=words)


# --- Stack Internal --------------------------------------------------------------------------------------------------


def internal_told() -> dict[str, Told]:
    """The posts of the example, of version 2.3 and of version 3, written out by hand."""
    day = "2020-02-0"
    return {
        "p1": Told(("u2",), at=moment(f"{day}1T10:00Z"), words="Why does the north pump leak?"),
        "p3": Told(("u1",), "p1", at=moment(f"{day}1T12:00Z"), words="The gasket shrinks."),
        "c1": Told(("u2",), "p3", at=moment(f"{day}2T08:00Z"), words="That was it."),
        "p4": Told((), "p1", at=moment(f"{day}2T12:00Z"), words="Whoever left wrote this."),
        "p9": Told(("u5",), at=moment(f"{day}5T12:00Z"), words="The heating stays cold"),
        "p10": Told(("u1",), "p9", at=moment(f"{day}5T13:00Z"), words="Bleed it first."),
        "c2": Told(("u5",), "p10", at=moment(f"{day}5T15:00Z"), words="It helped."),
        "p12": Told(("u1",), at=moment(f"{day}6T12:00Z"), words="How we choose gaskets"),
    }


def test_what_is_read_of_stack_internal_is_what_both_versions_of_its_interface_say() -> None:
    facts = list(reader_of("stack-internal")(example("stack-internal")).facts())
    check_truth(facts, internal_told())
    acts = {(fact.actor, fact.verb, fact.object) for fact in facts if isinstance(fact, Interaction)}
    assert {("shop:u2", "accept", "shop:p3"), ("shop:u5", "accept", "shop:p10")} <= acts
    people = {fact.id: fact for fact in facts if isinstance(fact, Person)}
    assert people["shop:u1"].accounts == ("idp:e-1", "email:ann@works.example")
    assert people["shop:u1"].org_unit == "Hall"
    assert set(people) == {"shop:u1", "shop:u2", "shop:u5"}
    posts = {fact.id: fact for fact in facts if isinstance(fact, Post)}
    assert posts["shop:c2"].tags == ("heating",)


def test_a_newer_export_of_stack_internal_is_as_if_it_had_come_first(tmp_path: Path) -> None:
    newer = tmp_path / "newer"
    shutil.copytree(example("stack-internal"), newer)
    page = orjson.loads((newer / "questions_v3.json").read_bytes())
    page["items"][0]["title"] = "The heating stays cold in spring"
    (newer / "questions_v3.json").write_bytes(orjson.dumps(page))
    answers = orjson.loads((newer / "answers.json").read_bytes())
    answers["items"][0]["isDeleted"] = True
    (newer / "answers.json").write_bytes(orjson.dumps(answers))
    check_again(reader_of("stack-internal"), example("stack-internal"), newer, tmp_path)
