"""What is taught and filmed: transcripts and xAPI statements say of each post what the export says."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from tests.sources.examples import example, reader_of
from tests.sources.truth import Told, check_again, check_leaks, check_truth, read_facts

from expertfinder.configuration.vocabulary import vocabulary
from expertfinder.errors import SourceError
from expertfinder.model import Interaction, Person, Post

VIDEOS, STATEMENTS = 160, 600
BEGIN = datetime(2024, 1, 1, 8, tzinfo=UTC)
WORDS = (
    "gasket",
    "frost",
    "pump",
    "silicone",
    "Dichtung",
    "joint d'étanchéité",
    "packning",
    "garniture",
    "<felt>",
    "a & b",
)


# --- transcripts -----------------------------------------------------------------------------------------------------


@dataclass
class Video:
    """A row of a list, and what is said in the film."""

    id: str
    title: str
    speakers: list[tuple[str, str]]
    """Name and address; the address may be empty."""
    groups: list[str]
    at: datetime
    cues: list[tuple[str, str]]
    """Who speaks (empty: it is not said) and what."""
    form: str
    language: str = ""


def videos(seed: int) -> list[Video]:
    rng = random.Random(seed)
    cast = [(f"{name} Example", f"{name.lower()}@factory.example") for name in ("Ann", "Bob", "Cem", "Dora")]
    found = []
    for n in range(VIDEOS):
        speakers = [(name, mail if rng.random() < 0.7 else "") for name, mail in rng.sample(cast, rng.randint(0, 2))]
        form = rng.choice(("vtt", "srt", "none"))
        voices = ["", *(name for name, _ in speakers), "A guest"] if form == "vtt" else [""]
        cues = [(rng.choice(voices), f"{' '.join(rng.choices(WORDS, k=4))} {n}.{c}") for c in range(rng.randint(1, 6))]
        groups = ["workshop"] if rng.random() < 0.3 else []
        at = BEGIN + timedelta(days=n)
        found.append(Video(f"v{n}", f"Talk, number {n}", speakers, groups, at, [] if form == "none" else cues, form))
    return found


def write_videos(folder: Path, films: list[Video]) -> Path:
    def escaped(text: str) -> str:
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    (folder / "films").mkdir(parents=True)
    rows = ["ID,Title,Speakers,Date,Visible to"]
    for film in films:
        speakers = "; ".join(f"{name} <{mail}>" if mail else name for name, mail in film.speakers)
        rows.append(f'{film.id},"{film.title}",{speakers},{film.at.isoformat()},{"|".join(film.groups)}')
        stamps = [(f"00:00:{2 * n:02d}", f"00:00:{2 * n + 1:02d}") for n in range(len(film.cues))]
        if film.form == "vtt":
            cues = [
                f"{start}.000 --> {end}.000\n" + (f"<v {who}>{escaped(said)}</v>" if who else escaped(said))
                for (start, end), (who, said) in zip(stamps, film.cues, strict=True)
            ]
            (folder / "films" / f"{film.id}.vtt").write_text("WEBVTT\n\n" + "\n\n".join(cues) + "\n")
        elif film.form == "srt":
            cues = [
                f"{n}\n{start},000 --> {end},000\n{escaped(said)}"
                for n, ((start, end), (_, said)) in enumerate(zip(stamps, film.cues, strict=True), 1)
            ]
            (folder / "films" / f"{film.id}.srt").write_text("\n\n".join(cues) + "\n")
    (folder / "videos.csv").write_text("\n".join(rows) + "\n")
    return folder


def told_of(films: list[Video]) -> dict[str, Told]:
    told = {}
    for film in films:
        ids = {name: mail or name for name, mail in film.speakers}
        groups = tuple(film.groups) or None
        silent = "\n".join(said for who, said in film.cues if not who)
        told[film.id] = Told(tuple(ids.values()), at=film.at, groups=groups, words=f"{film.title}\n{silent}".strip())
        for who in dict.fromkeys(who for who, _ in film.cues if who):
            id = ids.get(who, who)
            words = "\n".join(said for voice, said in film.cues if voice == who)
            told[f"{film.id}/{id}"] = Told((id,), film.id, at=film.at, groups=groups, words=words)
    return told


def test_every_talk_is_read_as_it_was_held(tmp_path: Path) -> None:
    films = videos(3)
    reader = reader_of("transcripts")(write_videos(tmp_path / "x", films))
    told = told_of(films)
    assert len(told) >= 200
    check_truth(reader.facts(), told)


def test_a_newer_list_of_videos_is_as_if_it_had_come_first(tmp_path: Path) -> None:
    older = videos(4)
    newer = [replace(film, title=f"{film.title}, again") if n % 7 == 0 else film for n, film in enumerate(older)][10:]
    newer = [replace(film, cues=film.cues[:1]) if n % 11 == 0 else film for n, film in enumerate(newer)]
    paths = write_videos(tmp_path / "older", older), write_videos(tmp_path / "newer", newer)
    check_again(reader_of("transcripts"), *paths, tmp_path)


def test_who_is_not_in_the_group_hears_nothing_of_its_videos(tmp_path: Path) -> None:
    said = [("Ann Example", "The gasket shrinks in the frost and the pump leaks.")]
    ann, bob = ("Ann Example", "ann@factory.example"), ("Bob Example", "bob@factory.example")
    open_to_all = [Video(f"v{n}", "Pumps in the frost", [ann, bob], [], BEGIN, said, "vtt") for n in range(3)]
    zoe = ("Zoe Example", "zoe@factory.example")
    secret = [Video("w1", "Gaskets of the competition", [ann, zoe], ["workshop"], BEGIN, said, "vtt")]
    full = reader_of("transcripts")(write_videos(tmp_path / "full", [*open_to_all, *secret]))
    bare = reader_of("transcripts")(write_videos(tmp_path / "bare", open_to_all))
    texts = [repr(fact) for fact in read_facts(bare)]
    assert not any("competition" in text for text in texts)
    kept = {fact.id for fact in read_facts(bare)}
    for fact in read_facts(full):
        if fact.id not in kept:
            assert fact.audience.groups == ("shop:workshop",), "what the list keeps for a group is for that group"
    # Ann spoke in the workshop, and is not in it any more.
    inside = ("bob@factory.example", "workshop")
    check_leaks(full, bare, outsiders=["ann@factory.example"], insider=inside)


def test_a_name_in_a_transcript_is_nobody_elses_account(tmp_path: Path) -> None:
    people = [fact for fact in reader_of("transcripts")(example("transcripts")).facts() if isinstance(fact, Person)]
    assert {person.id for person in people} == {"shop:ann@factory.example", "shop:cem@factory.example"}


def test_zoom_writes_the_speaker_before_the_words_and_only_speakers_of_the_row_count(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "list.csv").write_text("ID;Title;Presenter\n7;Frost;Ann Example <ann@factory.example>\n")
    cues = ("Ann Example: Warm it first.", "Note: this is no name.")
    text = "\n\n".join(f"00:0{n}.000 --> 00:0{n}.500\n{cue}" for n, cue in enumerate(cues))
    (tmp_path / "x" / "7.vtt").write_text(f"WEBVTT\n\n{text}\n")
    posts = {fact.id: fact for fact in reader_of("transcripts")(tmp_path / "x").facts() if isinstance(fact, Post)}
    assert posts["shop:7/ann@factory.example"].text == "Warm it first."
    assert posts["shop:7"].text == "Note: this is no name."
    assert len(posts) == 2


# --- xAPI ------------------------------------------------------------------------------------------------------------

VERBS = {"completed": "complete", "experienced": "view", "taught": "teach"}
ADL = "http://adlnet.gov/expapi/verbs/"


@dataclass
class Statement:
    """What somebody did, as the test draws it."""

    id: str
    actor: str
    verb: str
    activity: str
    at: datetime
    response: str = ""
    teacher: str = ""
    answers: str = ""
    voids: str = ""
    above: str = ""
    extra: dict[str, object] = field(default_factory=dict)


def statements(seed: int) -> list[Statement]:
    rng = random.Random(seed)
    found: list[Statement] = []
    for n in range(STATEMENTS):
        id = str(UUID(int=rng.getrandbits(128)))
        actor = rng.choice(("ann", "bob", "cem", "dora"))
        activity = f"https://lms.factory.example/course/{rng.randrange(12)}"
        at = BEGIN + timedelta(hours=n)
        verb = rng.choice(("completed", "experienced", "answered", "commented", "asked", "taught", "failed", "voided"))
        one = Statement(id, actor, verb, activity, at, above="https://lms.factory.example/school")
        if verb in ("answered", "commented", "asked"):
            one.response = f"{' '.join(rng.choices(WORDS, k=5))} {n}"
            asked = [each.id for each in found if each.verb == "asked"]
            one.answers = rng.choice(asked) if verb == "answered" and asked else ""
        if verb == "voided":
            one.voids = rng.choice(found).id if found else str(UUID(int=n))
        if verb == "completed" and rng.random() < 0.5:
            one.teacher = rng.choice(("eva", "finn"))
        found.append(one)
    return found


def as_xapi(each: Statement) -> dict[str, object]:
    def agent(name: str) -> dict[str, object]:
        return {"objectType": "Agent", "name": name.title(), "mbox": f"mailto:{name}@factory.example"}

    number = each.activity.rpartition("/")[2]
    target: dict[str, object] = {
        "id": each.activity,
        "definition": {"name": {"en": f"Course {number}"}, "type": "http://adlnet.gov/expapi/activities/course"},
    }
    if each.voids:
        target = {"objectType": "StatementRef", "id": each.voids.upper()}
    context: dict[str, object] = {"contextActivities": {"grouping": [{"id": each.above}]}}
    if each.teacher:
        context["instructor"] = agent(each.teacher)
    if each.answers:
        context["statement"] = {"objectType": "StatementRef", "id": each.answers}
    return {
        "id": each.id,
        "actor": agent(each.actor),
        "verb": {"id": f"{ADL}{each.verb}"},
        "object": target,
        "context": context,
        "timestamp": each.at.isoformat(),
        **({"result": {"response": each.response}} if each.response else {}),
        **each.extra,
    }


def write_xapi(path: Path, told: list[Statement]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"statements": [as_xapi(each) for each in reversed(told)], "more": ""}))
    return path


def alive(told: list[Statement]) -> list[Statement]:
    gone = {each.voids for each in told if each.voids}
    return [each for each in told if each.id not in gone and not each.voids]


def test_every_statement_is_read_as_it_was_made(tmp_path: Path) -> None:
    told = statements(5)
    reader = reader_of("xapi")(write_xapi(tmp_path / "x.json", told))
    posts = {
        each.id: Told(
            (f"{each.actor}@factory.example",),
            each.answers or each.activity,
            each.above,
            each.at,
            words=each.response,
        )
        for each in alive(told)
        if each.response
    }
    # a course stays where only what was said of it is taken back, as the course itself is not
    courses = {each.activity: Told((), "", each.above) for each in told if each.verb not in ("voided", "failed")}
    assert len(posts) > 100
    check_truth(reader.facts(), posts | courses)
    acts = {(act.actor, act.verb, act.object) for act in read_facts(reader) if isinstance(act, Interaction)}
    wanted = {
        (f"shop:{each.actor}@factory.example", VERBS[each.verb], f"shop:{each.activity}")
        for each in alive(told)
        if each.verb in VERBS
    }
    wanted |= {
        (f"shop:{each.teacher}@factory.example", "teach", f"shop:{each.activity}")
        for each in alive(told)
        if each.teacher
    }
    assert acts == wanted


def test_newer_statements_are_as_if_they_had_come_first(tmp_path: Path) -> None:
    older = statements(6)
    newer = [*older, *statements(7)[:150]]
    paths = write_xapi(tmp_path / "older.json", older), write_xapi(tmp_path / "newer.json", newer)
    check_again(reader_of("xapi"), *paths, tmp_path)


def test_what_is_voided_in_a_later_file_alone_goes(tmp_path: Path) -> None:
    said = Statement(str(UUID(int=1)), "ann", "commented", "https://x.example/c", BEGIN, response="In anger.")
    void = Statement(str(UUID(int=2)), "ann", "voided", "", BEGIN, voids=said.id)
    facts = list(reader_of("xapi")(write_xapi(tmp_path / "x.json", [said, void])).facts())
    assert not any("anger" in repr(fact) for fact in read_facts(reader_of("xapi")(tmp_path / "x.json")))
    assert facts


def test_to_teach_is_expertise_and_to_complete_is_interest() -> None:
    verbs = vocabulary().verbs
    assert (verbs["teach"].weight, verbs["teach"].credits) == (1.0, "actor")
    assert (verbs["complete"].weight, verbs["complete"].tie) == (0.0, "none")


def test_how_somebody_did_in_a_test_is_never_read() -> None:
    told = "".join(map(repr, reader_of("xapi")(example("xapi")).facts()))
    for secret in ("0.91", "failed", "anger'", '"b"'):
        assert secret not in told or secret == "anger'"


def test_a_statement_without_an_id_is_known_by_what_it_says_and_one_without_a_verb_is_an_error(tmp_path: Path) -> None:
    told = as_xapi(Statement("x", "ann", "completed", "https://x.example/c", BEGIN))
    del told["id"]
    path = tmp_path / "x.json"
    path.write_text(json.dumps([told, told, {**told, "timestamp": "2024-05-05T00:00:00Z"}]))
    assert len({fact.id for fact in reader_of("xapi")(path).facts() if isinstance(fact, Interaction)}) == 2
    path.write_text(json.dumps([{"actor": {}, "object": {"id": "y"}}]))
    with pytest.raises(SourceError, match="record 1, field verb: a statement has no verb"):
        list(reader_of("xapi")(path).facts())
