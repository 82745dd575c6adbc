"""Who was named so far, and for whom: somebody who is only named in a private place is told to nobody else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


class Known:
    """The accounts whose records were given, each with those who may read the record."""

    def __init__(self) -> None:
        self._groups: dict[str, frozenset[str] | None] = {}

    def __contains__(self, id: str) -> bool:
        return id in self._groups

    def again(self, id: str) -> dict[str, object]:
        """The field of the audience with which the record of an account was given last; nobody's, where it was not."""
        groups = self._groups.get(id, frozenset())
        return {} if groups is None else {"audience": {"groups": sorted(groups)}}

    def audience(self, id: str, place: Mapping[str, object]) -> dict[str, object] | None:
        """The field of the audience with which the record of an account is to be given now; `None`: it was before.

        `place`: the field of the audience of the place in which the account is named, empty for one that says nothing.
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
