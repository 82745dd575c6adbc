"""The demo organisation: the same bytes each time, records that hang together, and a truth that shows in them."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import expertfinder
from expertfinder.ingest.demo import DemoSummary, write_demo
from expertfinder.ingest.demo.said import plant_network, plant_organisation, plant_said
from expertfinder.ingest.demo.words import load_words
from expertfinder.store import Ask, Feedback, Introduction, Pilot, PutQuestion, RoleProfile, Routed, open_store

FILES = (
    "communities.jsonl", "interactions.jsonl", "people.jsonl", "posts.jsonl", "qrels.tsv", "queries.jsonl",
    "queries_unanswerable.jsonl", "truth.json",
)  # fmt: skip


class Demo:
    """The files of one demo organisation, read back."""

    def __init__(self, summary: DemoSummary) -> None:
        self.summary = summary
        self.people = _lines(summary.folder / "people.jsonl")
        self.posts = _lines(summary.folder / "posts.jsonl")
        self.acts = _lines(summary.folder / "interactions.jsonl")
        self.communities = _lines(summary.folder / "communities.jsonl")
        self.queries = _lines(summary.folder / "queries.jsonl")
        self.unanswerable = _lines(summary.folder / "queries_unanswerable.jsonl")
        rows = [line.split("\t") for line in (summary.folder / "qrels.tsv").read_text("utf-8").splitlines()]
        self.qrels = [(query, person, int(grade)) for query, _, person, grade in rows]
        self.truth: dict[str, Any] = json.loads((summary.folder / "truth.json").read_text("utf-8"))
        self.person = {each["id"]: each for each in self.people}
        self.post = {each["id"]: each for each in self.posts}


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _digest(folder: Path) -> str:
    return hashlib.sha256(b"".join((folder / name).read_bytes() for name in FILES)).hexdigest()


def _shingles(text: str) -> frozenset[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return frozenset(zip(words, words[1:], words[2:], strict=False))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The default organisation: 300 people, 3,000 posts."""
    return Demo(write_demo(tmp_path_factory.mktemp("demo")))


def test_the_same_arguments_give_the_same_bytes_under_any_hash_seed(tmp_path: Path) -> None:
    digests = []
    for hash_seed in ("1", "2"):
        folder = tmp_path / hash_seed
        code = (
            "import sys, pathlib; from expertfinder.ingest.demo import write_demo; "
            "write_demo(pathlib.Path(sys.argv[1]), people=120, posts=600)"
        )
        source = str(Path(expertfinder.__path__[0]).parent)
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": source}
        subprocess.run([sys.executable, "-c", code, str(folder)], check=True, env=environment)
        digests.append(_digest(folder))
    assert digests[0] == digests[1]


def test_another_seed_gives_another_organisation(tmp_path: Path) -> None:
    write_demo(tmp_path / "a", seed=1, people=120, posts=600)
    write_demo(tmp_path / "b", seed=2, people=120, posts=600)
    assert _digest(tmp_path / "a") != _digest(tmp_path / "b")


def test_the_last_day_is_a_parameter_and_nothing_lies_after_it(tmp_path: Path) -> None:
    small = Demo(write_demo(tmp_path, people=120, posts=600, as_of=date(2024, 2, 29)))
    dated = [each["created_at"] for each in (*small.posts, *small.acts)]
    assert max(dated) <= "2024-02-29T20:00:00Z"
    assert min(each["created_at"] for each in small.posts) < "2020-09-01"


@pytest.mark.parametrize(("people", "posts"), [(99, 3000), (300, 399), (10_001, 3000)])
def test_an_organisation_too_small_or_too_large_to_plant_a_truth_in_is_refused(
    people: int, posts: int, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=r"must be"):
        write_demo(tmp_path, people=people, posts=posts)


def test_it_has_the_size_asked_for_and_eight_kinds_of_post(demo: Demo) -> None:
    assert (len(demo.people), len(demo.posts)) == (300, 3000) == (demo.summary.people, demo.summary.posts)
    kinds = Counter(post["kind"] for post in demo.posts)
    assert dict(kinds) == demo.summary.kinds
    assert len(kinds) == 8
    assert min(kinds.values()) >= 100
    assert demo.summary.interactions == len(demo.acts)


def test_ids_names_and_addresses_are_unique_and_every_reference_resolves(demo: Demo) -> None:
    for values in (
        [each["id"] for each in demo.people],
        [each["name"] for each in demo.people],
        [each["accounts"][0] for each in demo.people],
        [each["id"] for each in demo.posts],
    ):
        assert len(values) == len(set(values))
    communities = {each["id"] for each in demo.communities}
    for post in demo.posts:
        assert set(post["authors"]) <= set(demo.person)
        assert post.get("parent", post["id"]) in demo.post
        assert post.get("community") is None or post["community"] in communities
    for act in demo.acts:
        assert act["actor"] in demo.person
        assert act["object"] in (demo.person if act["object_type"] == "person" else demo.post)
    for person in demo.people:
        assert person.get("manager", person["id"]) in demo.person


def test_answers_follow_questions_and_reactions_follow_posts(demo: Demo) -> None:
    for post in demo.posts:
        if post["kind"] == "answer":
            assert demo.post[post["parent"]]["kind"] == "question"
        if "parent" in post:
            assert demo.post[post["parent"]]["created_at"] < post["created_at"]
    for act in demo.acts:
        if act["object_type"] == "post":
            assert demo.post[act["object"]]["created_at"] <= act["created_at"]
        if act["verb"] == "accept":
            question = demo.post[demo.post[act["object"]]["parent"]]
            assert question["authors"] == [act["actor"]]


def test_nobody_acts_after_leaving_and_newcomers_have_no_past(demo: Demo) -> None:
    for leaver in demo.truth["leavers"]:
        assert demo.person[leaver["person"]]["left_at"] == leaver["left_at"]
    new = {each["person"]: each["joined_at"] for each in demo.truth["newcomers"]}
    assert new
    assert demo.truth["leavers"]
    assert all(joined >= "2026-09-01" for joined in new.values())
    done = [(author, post["created_at"]) for post in demo.posts for author in post["authors"]]
    done += [(act["actor"], act["created_at"]) for act in demo.acts]
    for person, at in done:
        assert at >= new.get(person, "")
        assert at <= demo.person[person].get("left_at", "9")


def test_a_few_write_much_and_many_write_nothing(demo: Demo) -> None:
    written = Counter(author for post in demo.posts for author in post["authors"])
    loudest = [count for _, count in written.most_common(30)]
    assert sum(loudest) / written.total() > 0.5
    assert len(written) < 0.7 * len(demo.people)


def test_only_members_write_and_react_where_a_group_alone_may_read(demo: Demo) -> None:
    groups = {each["id"]: set(each["members"]) for each in demo.truth["restricted_groups"]}
    assert len(groups) == 2
    seen: Counter[str] = Counter()
    for record in (*demo.posts, *demo.acts):
        if isinstance(record["audience"], dict):
            (group,) = record["audience"]["groups"]
            seen[group] += 1
            assert set(record.get("authors", [record.get("actor")])) <= groups[group]
    assert set(seen) == set(groups)
    assert min(seen.values()) > 50
    for person in demo.people:
        assert set(person.get("groups", ())) == {group for group, members in groups.items() if person["id"] in members}


def test_an_act_is_never_more_open_than_its_post_and_private_drafts_draw_none(demo: Demo) -> None:
    private = {post["id"] for post in demo.posts if post["audience"] == "private"}
    assert private
    for act in demo.acts:
        if act["object_type"] == "post":
            assert act["audience"] == demo.post[act["object"]]["audience"]
            assert act["object"] not in private


def test_a_comment_is_never_more_open_than_what_it_answers(demo: Demo) -> None:
    for post in demo.posts:
        if "parent" in post:
            assert post["audience"] == demo.post[post["parent"]]["audience"]


def test_every_planted_expert_left_traces_in_the_topic(demo: Demo) -> None:
    words = {
        subject.id: [subject.name, *subject.synonyms]
        + [said for each in subject.aspects for said in (each.name, each.why, *each.problems, *each.advice)]
        for subject in load_words().subjects
    }
    signs: dict[str, set[str]] = defaultdict(set)
    for post in demo.posts:
        for author in post["authors"]:
            signs[author].add(post["id"])
    for act in demo.acts:
        if act["verb"] == "review":
            signs[act["actor"]].add(act["object"])

    def speaks(post: dict[str, Any], topic: str) -> bool:
        thread = f"{post.get('title', '')} {post['text']}"
        if "parent" in post:
            above = demo.post[post["parent"]]
            thread += f" {above.get('title', '')} {above['text']}"
        return any(word.lower() in thread.lower() for word in words[topic])

    for topic, experts in demo.truth["experts"].items():
        assert 2 <= sum(1 for expert in experts if expert["manner"] != "left") <= 6
        for expert in experts:
            assert sum(speaks(demo.post[post], topic) for post in signs[expert["person"]]) >= 2, (topic, expert)


def test_the_famous_are_liked_most_and_know_nothing(demo: Demo) -> None:
    likes: Counter[str] = Counter()
    for act in demo.acts:
        if act["verb"] == "like":
            likes.update(demo.post[act["object"]]["authors"])
    assert {person for person, _ in likes.most_common(2)} == set(demo.truth["famous"])
    judged = {person for _, person, _ in demo.qrels}
    assert not judged & {*demo.truth["famous"], *demo.truth["flooders"]}


def test_the_flooder_repeats_and_hardly_anybody_else_does(demo: Demo) -> None:
    flood = set(demo.truth["flooders"])
    texts = [(post["authors"][0] in flood, _shingles(post["text"])) for post in demo.posts]
    by_shingle: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for place, (_, shingles) in enumerate(texts):
        for shingle in shingles:
            by_shingle[shingle].append(place)
    copies: Counter[bool] = Counter()
    for place, (flooded, shingles) in enumerate(texts):
        common = Counter(other for shingle in shingles for other in by_shingle[shingle] if other != place)
        alike = any(shared / len(shingles | texts[other][1]) > 0.8 for other, shared in common.items())
        copies[flooded] += alike
    assert copies[True] >= 30
    assert copies[False] <= 0.01 * len(texts)


def test_texts_are_sentences_without_open_slots(demo: Demo) -> None:
    for post in demo.posts:
        for text in (post["text"], post.get("title", post["text"])):
            assert text[0].isupper() or not text[0].isalpha(), text
            assert "{" not in text
            assert "}" not in text
            assert "  " not in text
        assert post["text"][-1] in ".!?"


def test_every_question_has_somebody_who_knows_and_never_the_asker(demo: Demo) -> None:
    assert len(demo.queries) >= 80
    assert len(demo.unanswerable) == 20
    right = defaultdict(set)
    for query, person, grade in demo.qrels:
        assert grade in (1, 2)
        assert "left_at" not in demo.person[person]
        right[query].add(person)
    assert set(right) == {query["id"] for query in demo.queries}
    asked = {query["id"]: query["asker"] for query in demo.queries if "asker" in query}
    assert len(asked) >= 20
    assert all(asker not in right[query] for query, asker in asked.items())
    assert all(query["answerable"] is False for query in demo.unanswerable)


def test_no_long_question_is_copied_from_a_post(demo: Demo) -> None:
    known = frozenset[tuple[str, ...]]().union(*(_shingles(post["text"]) for post in demo.posts))
    for query in demo.queries:
        shingles = _shingles(query["text"])
        if len(shingles) > 10:
            assert len(shingles & known) / len(shingles) < 0.5, query["text"]


def test_binders_are_thanked_by_more_of_their_community_than_others(demo: Demo) -> None:
    ranks = []
    for community in demo.communities:
        thanked: dict[str, set[str]] = defaultdict(set)
        for act in demo.acts:
            if act["verb"] == "thank" and act["object_type"] == "post" and act["actor"] in community["members"]:
                thanked[demo.post[act["object"]]["authors"][0]].add(act["actor"])
        binders = demo.truth["binders"]["communities"][community["id"]]
        assert set(binders) | set(community["leads"]) <= set(community["members"])
        order = sorted(community["members"], key=lambda person: (-len(thanked[person]), person))
        ranks += [order[: len(binders)].count(binder) for binder in binders]
    assert sum(ranks) / len(ranks) >= 0.8


def test_leads_are_binders_in_part_only(demo: Demo) -> None:
    binders = demo.truth["binders"]["communities"]
    leads = [lead in binders[each["id"]] for each in demo.communities for lead in each["leads"]]
    assert 0 < sum(leads) < len(leads)


def test_every_pair_of_units_has_a_binder_from_one_of_them(demo: Demo) -> None:
    units = {person["org_unit"] for person in demo.people}
    pairs = demo.truth["binders"]["unit_pairs"]
    assert len(pairs) == len(units) * (len(units) - 1) // 2
    for pair in pairs:
        assert all(demo.person[binder]["org_unit"] in pair["units"] for binder in pair["binders"])


def test_some_declare_skills_that_nothing_supports(demo: Demo) -> None:
    named = {topic: each["name"] for topic, each in demo.truth["topics"].items()}
    experts = {topic: {e["person"] for e in each} for topic, each in demo.truth["experts"].items()}
    assert len(demo.truth["declared_only"]) >= 40
    for person, topics in demo.truth["declared_only"].items():
        for topic in topics:
            assert named[topic] in demo.person[person]["skills"]
            assert person not in experts[topic]


def test_the_three_things_to_try_name_people_who_are_there(demo: Demo) -> None:
    clear, closed, nobody = demo.summary.tries
    ids = [_ids(text, demo.person) for text in (clear, closed, nobody)]
    assert [len(each) for each in ids] == [1, 2, 0]
    insider, outsider = (demo.person[person] for person in ids[1])
    assert insider["groups"]
    assert "groups" not in outsider
    assert any(query["text"] in clear for query in demo.queries)
    assert any(query["text"] in nobody for query in demo.unanswerable)


def _ids(text: str, known: Iterable[str]) -> list[str]:
    return [word for word in re.findall(r"m\d{3}", text) if word in set(known)]


def test_a_community_fell_asleep_and_people_said_what_became_of_their_questions(demo: Demo) -> None:
    newest: dict[str, str] = defaultdict(str)
    for post in demo.posts:
        for author in post["authors"]:
            newest[author] = max(newest[author], post["created_at"])
    for act in demo.acts:
        if act["verb"] not in ("view", "like"):
            newest[act["actor"]] = max(newest[act["actor"]], act["created_at"])
    (asleep,) = [each for each in demo.communities if max(newest[one] for one in each["members"]) < "2026-08"]
    assert len(asleep["members"]) >= 10
    store = open_store(demo.summary.folder / "said.sqlite")
    try:
        plant_said(store, demo.summary.folder)
        plant_network(store, demo.summary.folder)
        put = store.statements(PutQuestion)
        assert (
            {one.answered for one in put}
            == {one.anonymous for one in put}
            == {bool(one.community) for one in put}
            == {True, False}
        )
        assert {one.answer.removeprefix("demo:") for one in put if one.answer} <= set(demo.post)
        known = {f"demo:{one}" for one in demo.person}
        assert {one for each in store.statements(Routed) for one in (each.person, each.subject)} <= known
        helped = {(one.person, one.text) for one in store.statements(Feedback)}
        assert helped == {(one.person, one.text) for one in store.statements(Ask)} != set()
        (kept,) = store.all("community")
        plant_organisation(store, demo.summary.folder)
        assert {one.label for one in store.statements(RoleProfile)} <= {one["title"] for one in demo.people}
        assert len(store.statements(Pilot)) == 1
        introduced = store.statements(Introduction)
        assert introduced
        assert all({one.one, one.other} <= set(kept.members) and one.one < one.other for one in introduced)
    finally:
        store.close()
