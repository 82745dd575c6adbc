"""Ids in paths. An id is `source:id` and may hold slashes; a source holds no colon, so the two never look alike.

Without these convertors, `PUT /people/{source}/{id}` and `GET /people/{id}/expertise` would each catch calls meant for
the other, and the answer to a wrong method would name the wrong methods as allowed.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path
from starlette.convertors import Convertor, register_url_convertor

PLAIN = r"[^\x00-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
"""A character of an id: none that is invisible or reorders text, because two ids must not look the same."""
ID = rf"^{PLAIN}*[!-~]{PLAIN}*$"
"""The id that a source gives, with at least one visible ASCII character in it."""
SOURCE = r"^[a-z0-9][a-z0-9._-]{0,63}$"


class _FullId(Convertor[str]):
    """`source:id`, to the end of the path or to what follows in the route."""

    regex = r"[^/:]+:[\s\S]+"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


class _Source(_FullId):
    """The id of a source, or what should be one: `SourceId` then refuses what is no such id."""

    regex = r"[^/:]+"


class _Rest(_FullId):
    """The rest of the path, line breaks and all."""

    regex = r"[\s\S]+"


register_url_convertor("full", _FullId())
register_url_convertor("source", _Source())
register_url_convertor("rest", _Rest())


def _full_id(example: str) -> Any:
    description = "`source:id`, percent-encoded where needed."
    return Path(pattern=r"^[^/:]+:[\s\S]+$", max_length=2_100, description=description, examples=[example])


PersonId = Annotated[str, _full_id("demo:m046")]
PostId = Annotated[str, _full_id("demo:p00001")]
CommunityId = Annotated[str, _full_id("demo:builders")]
"""The examples are of the organisation that `expertfinder demo` writes, as all examples of the contract are."""
SourceId = Annotated[str, Path(pattern=SOURCE, description="The id of the source of the record.", examples=["wiki"])]
RecordId = Annotated[
    str, Path(pattern=ID, max_length=2_000, description="The id that the source gives it.", examples=["42"])
]
