"""What all shapes have in common: they are read from the attributes of an answer, and an id becomes what it names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationInfo, model_validator
from pydantic_core import PydanticOmit

from expertfinder.model import Community, Person, Viewer

if TYPE_CHECKING:
    from expertfinder.ask.finder import ExpertFinder
    from expertfinder.ask.network import Networking


@dataclass(frozen=True, slots=True)
class Known:
    """Whom and what an answer may show: what stands in it in place of an id. Anything else is left out of it."""

    people: Mapping[str, Person]
    communities: Mapping[str, tuple[Community, int]] = field(default_factory=dict)
    """With their sizes."""


def known_people(finder: ExpertFinder, viewer: Viewer, ids: Iterable[str]) -> dict[str, Person]:
    """Those of `ids` whom a viewer may find, in order, by id."""
    return {person.id: person for person in finder.people(viewer, ids=list(dict.fromkeys(ids)))}


def known_communities(network: Networking, viewer: Viewer, ids: Iterable[str]) -> dict[str, tuple[Community, int]]:
    """Those of `ids` that a viewer may read, and their sizes, by id."""
    named = network.communities_named(viewer, ids=list(dict.fromkeys(ids)))
    return {community.id: (community, size) for community, size in named}


class Shape(BaseModel):
    """A shape without default values. In a list, one that names who is not shown is left out with the name."""

    model_config = ConfigDict(from_attributes=True)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if len(self.model_fields_set) < len(type(self).model_fields):
            raise PydanticOmit  # a name in it is not shown: the list goes on without this one
        return self

    @classmethod
    def of(cls: type[S], answer: object, known: Known | None = None) -> S:
        """An answer in this shape."""
        return cls.model_validate(answer, context=known)


S = TypeVar("S", bound=Shape)


def standing_for(value: object, info: ValidationInfo, kind: str) -> object:
    """What an id stands for; anything else as it is. `kind`: the field of `Known`."""
    if not isinstance(value, str):
        return value
    known = getattr(info.context, kind)
    if value not in known:
        raise PydanticOmit
    return known[value]
