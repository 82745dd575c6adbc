"""C8, C9: homes of earlier code are opened and asked by today's; a backup that is restored answers as before."""

from __future__ import annotations

import random
import shutil
import tarfile
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from tests.leak.worlds import WORDS
from tests.quality.scene import FACTS

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.home import Home
from expertfinder.ask.keys import issue_key
from expertfinder.errors import FormatNotSupported
from expertfinder.index.encoders.encoder import DEFAULT, encoder
from expertfinder.model import SHARED, Interaction, Query
from expertfinder.store import Ask, AuditEntry, Feedback, TopicWish, Visibility, open_store
from expertfinder.store.copying import copy_store

RELEASED = sorted((Path(__file__).parent / "released").glob("*.tar.gz"))
"""Each is a home as the code of that commit wrote it: four people, four posts, two acts, feedback, a key, a hiding."""
QUESTIONS = 200
AS_OF = date(2026, 6, 1)
AT = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize("released", RELEASED, ids=lambda path: path.name)
def test_a_home_of_earlier_code_is_opened_made_anew_and_asked(released: Path, tmp_path: Path) -> None:
    with tarfile.open(released) as archive:
        archive.extractall(tmp_path, filter="data")
    home = Home(tmp_path / "oldhome")
    with pytest.raises(FormatNotSupported, match="expertfinder index"):
        ExpertFinder.open(home).close()
    with closing(home.open_store()) as store:
        assert (store.count("person"), store.count("post"), store.count("interaction")) == (4, 4, 2)
        (said,) = store.statements(Feedback)
        assert (said.person, said.subject, said.helpful) == ("mill:bob", "mill:ann", True)
        assert store.hides() == {"mill:dot"}
        assert [one.event for one in store.audit()] == ["hide"]
        kept = store.keys()
        assert [(one.person, one.scopes) for one in kept] == [("mill:bob", ("experts:read",))]
        home.build_index(store, encode=encoder(DEFAULT), as_of=date(2025, 6, 1))
        store.write_audit(AuditEntry(at=AT, actor="prompt", event="show", subject="mill:dot"))
        assert store.check_audit().broken is None, "the lines of before are part of the chain"
    with closing(ExpertFinder.open(home)) as finder:
        assert finder.find(Query(text="gauging a river in ice"), SHARED).recommendations[0].subject == "mill:ann"
        board = finder.find(Query(text="quagga merger"), finder.viewer("mill:cem")).recommendations
        assert [one.subject for one in board] == [] or board[0].subject != "mill:dot"
        assert "quagga" not in repr(finder.find(Query(text="quagga merger"), SHARED).recommendations)


def told(finder: ExpertFinder) -> list[object]:
    """What a home says: answers to drawn questions through three pairs of eyes, and all that it keeps beside facts."""
    draw = random.Random(9)
    texts = [" ".join(draw.sample(WORDS[:40], draw.randint(1, 3))) for _ in range(QUESTIONS)]
    viewers = [SHARED, finder.viewer("a:p1"), finder.viewer("a:p3")]
    answers: list[object] = [finder.find(Query(text=text), viewers[n % 3]) for n, text in enumerate(texts)]
    return [*answers, finder.store.beside()]


def test_a_backup_that_is_restored_answers_as_the_home_did_at_its_moment(
    tmp_path: Path,
) -> None:
    home, backup = Home(tmp_path / "home"), tmp_path / "backup"
    backup.mkdir()
    with closing(home.open_store()) as store:
        store.apply(FACTS)
        store.state(Visibility(person="a:p2", seen_by="nobody", at=AT))
        store.state(
            TopicWish(person="a:p4", topic="kubernetes", label="kubernetes", says="moved_on", listed="never", at=AT)
        )
        store.state(Ask(person="a:p5", subject="a:p1", day="2026-05-01", text="proxy", why="", at=AT))
        store.state(Feedback(person="a:p5", subject="a:p1", text="proxy", helpful=False, at=AT + timedelta(days=1)))
        store.hide("a:p7")
        store.erase("a:p8")
        store.write_audit(AuditEntry(at=AT, actor="a:p1", event="assess", subject="a:p3"))
        issue_key(store, scopes=["experts:read"], person="a:p1")
        home.build_index(store, encode=encoder(DEFAULT), as_of=AS_OF)
    with closing(ExpertFinder.open(home)) as finder:
        before = told(finder)
    late = Interaction(
        id="a:late", source="a", actor="a:p1", verb="like", object="a:q1", created_at=AT, audience=FACTS[0].audience
    )
    with closing(home.open_store()) as store, closing(open_store(backup / "record.sqlite", copying=True)) as kept:
        copy_store(store, kept, origin="home")
        store.apply([late])  # after the backup's moment
    shutil.copy(home.folder / "secret", backup / "secret")
    shutil.rmtree(home.folder)
    home.folder.mkdir()
    record = home.folder / "record.sqlite"
    with closing(Home(backup).open_store()) as kept, closing(open_store(record, copying=True)) as store:
        copy_store(kept, store, origin="backup")
        shutil.copy(backup / "secret", home.folder / "secret")
        home.build_index(store, encode=encoder(DEFAULT), as_of=AS_OF)
        assert store.check_audit().broken is None
    with closing(ExpertFinder.open(home)) as finder:
        for one, other in zip(before, told(finder), strict=True):
            assert one == other
        assert finder.store.get("person", ["a:p8"]) == []
