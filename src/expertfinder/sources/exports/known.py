"""The accounts that were named so far. One that is named only in a private place is shown to its members alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


class Known:
    """The accounts whose records were given, each with those who may read the record."""

    def __init__(self) -> None:
        self._groups: dict[str, frozenset[str] | None] = {}

    def __contains__(self, id: str) -> bool:
        return id in self._groups

    def again(self, id: str) -> dict[str, object]:
        """The audience field with which the record of an account was given last; no groups where it was never given."""
        groups = self._groups.get(id, frozenset())
        return {} if groups is None else {"audience": {"groups": sorted(groups)}}

    def audience(self, id: str, place: Mapping[str, object]) -> dict[str, object] | None:
        """The audience field with which to give the record of an account now; `None`: it was given so before.

        `place`: the audience field of the place in which the account is named, empty for one that says nothing.
        Of accounts in several private places the record is for the members of each; of one in an open place, for all.
        """
        said = place.get("audience")
        groups = said.get("groups") if isinstance(said, Mapping) else None
        before = self._groups.get(id, frozenset())
        if before is None:
            return None
        if not isinstance(groups, Iterable):
            self._groups[id] = None
            return {}
        now = before | {str(group) for group in groups}
        if now == before:
            return None
        self._groups[id] = now
        return {"audience": {"groups": sorted(now)}}
