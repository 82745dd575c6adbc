"""How long a source keeps what it gives: older posts and acts are withdrawn at each import and each new index."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from expertfinder.ingest.withdrawal import Place, place_of, withdraw
from expertfinder.model import Fact, Interaction, Post
from expertfinder.store import Kind, Statement, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention(Statement):
    """For how many days a source keeps posts and interactions; people, communities and what has no date stay."""

    KIND: ClassVar[str] = "retention"
    KEY: ClassVar[tuple[str, ...]] = ("source",)
    ABOUT: ClassVar[tuple[str, ...]] = ()
    source: str
    days: int


def remember(store: Store, source: str, days: int) -> None:
    """Keep how long a source keeps what it gives; 0: for ever."""
    wanted = Retention(source=source, days=days, at=datetime.now(UTC))
    if days:
        store.state(wanted)
    else:
        store.retract(wanted)


def kept_days(store: Store, source: str) -> int:
    """For how many days a source keeps what it gives; 0: for ever."""
    return next((one.days for one in store.statements(Retention) if one.source == source), 0)


def horizons(store: Store, now: datetime, *, also: Mapping[str, int] | None = None) -> dict[str, datetime]:
    """Source -> the moment before which it keeps nothing. `also`: source -> days, in place of the record's."""
    days = {one.source: one.days for one in store.statements(Retention)} | dict(also or {})
    return {source: now - timedelta(days=number) for source, number in days.items() if number}


def expired(facts: Iterable[Fact], until: Mapping[str, datetime]) -> Iterator[Place]:
    """Kind and id of the facts that are older than their source keeps them (`until`: see `horizons`)."""
    for fact in facts:
        moment = until.get(fact.source) if isinstance(fact, Post | Interaction) else None
        if moment is not None and fact.created_at is not None and fact.created_at < moment:  # type: ignore[union-attr]
            yield place_of(fact)


def expired_in(store: Store, until: Mapping[str, datetime]) -> list[Place]:
    """Kind and id of the facts in the record that are older than their source keeps them."""
    return [*expired(store.all("post"), until), *expired(store.all("interaction"), until)] if until else []


def expire(store: Store, now: datetime) -> dict[Kind, int]:
    """Withdraw what is older than its source keeps it. Returns how many facts of each kind were withdrawn."""
    old = expired_in(store, horizons(store, now))
    return {kind: number for kind, number in withdraw(store, old, by="retention", remember=False).items() if number}
