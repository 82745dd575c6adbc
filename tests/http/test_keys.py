"""Keys: what is kept, what is refused, and that every refusal sounds the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from expertfinder.ask.finder import ExpertFinder
from expertfinder.ask.keys import allows, check_key, issue_key, revoke_key
from expertfinder.errors import InvalidQuestion, NotFound, Unauthenticated


def test_a_key_is_good_for_what_it_was_issued_for(own_finder: ExpertFinder) -> None:
    key, text = issue_key(own_finder.store, scopes=["experts:read"], person="acme:dana", days=7, note="laptop")
    assert check_key(own_finder.store, text) == key
    assert key.person == "acme:dana"
    assert allows(key.scopes, "experts:read")
    assert not allows(key.scopes, "ingest:write")


def test_an_admin_key_is_good_for_everything(own_finder: ExpertFinder) -> None:
    key, _ = issue_key(own_finder.store, scopes=["admin"])
    assert allows(key.scopes, "ingest:write")


def test_the_store_never_sees_the_secret(own_finder: ExpertFinder) -> None:
    key, text = issue_key(own_finder.store, scopes=["admin"])
    secret = text.rpartition("_")[2]
    assert len(secret) == 64
    assert secret not in repr(own_finder.store.key(key.id))
    assert all(secret.encode() not in file.read_bytes() for file in own_finder.home.folder.glob("record*"))


def test_two_keys_differ(own_finder: ExpertFinder) -> None:
    assert len({issue_key(own_finder.store, scopes=["admin"])[1] for _ in range(20)}) == 20


def test_all_refusals_are_the_same_words(own_finder: ExpertFinder) -> None:
    store = own_finder.store
    key, good = issue_key(store, scopes=["admin"], days=1)
    gone, revoked = issue_key(store, scopes=["admin"])
    revoke_key(store, gone.id)
    tomorrow = datetime.now(UTC) + timedelta(days=1, seconds=1)
    wrong = ["", "ef", "ef_", f"ef_{key.id}", f"ef_{key.id}_", good[:-1], good + "0", good.upper(), f"xx_{good[3:]}"]
    wrong += [f"ef_nobody_{good.rpartition('_')[2]}", revoked, "é" * 10, "ef_" + "a" * 10_000_000]
    words = set()
    for text, now in [*((text, None) for text in wrong), (good, tomorrow)]:
        with pytest.raises(Unauthenticated) as refused:
            check_key(store, text, now=now)
        words.add(refused.value.detail)
    assert len(words) == 1
    assert check_key(store, good) == key


@pytest.mark.parametrize(("scopes", "days"), [([], 5), (["root"], 5), (["admin"], 0), (["admin"], 367)])
def test_a_key_without_sense_is_not_made(own_finder: ExpertFinder, scopes: list[str], days: int) -> None:
    before = own_finder.store.keys()
    with pytest.raises(InvalidQuestion):
        issue_key(own_finder.store, scopes=scopes, days=days)
    assert own_finder.store.keys() == before


def test_only_a_key_that_is_there_can_be_revoked(own_finder: ExpertFinder) -> None:
    with pytest.raises(NotFound):
        revoke_key(own_finder.store, "nobody")
