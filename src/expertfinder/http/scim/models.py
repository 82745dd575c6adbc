"""What is kept of a person and a group, as the served schemas declare it; anything else that is sent is left out.

No password, no photograph, no address, no telephone number: none of them helps to find who knows something.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field
from scim2_models import (
    URN,
    AuthenticationScheme,
    Bulk,
    CaseExact,
    ChangePassword,
    ComplexAttribute,
    ETag,
    Extension,
    Filter,
    GroupMembership,
    Mutability,
    Name,
    Patch,
    Reference,
    Required,
    Resource,
    ResourceType,
    Schema,
    ServiceProviderConfig,
    Sort,
    Uniqueness,
)

MOST_RESULTS = 200
"""Resources in one page of a list; providers ask for 100."""


class Email(ComplexAttribute):
    """An address of a person."""

    value: Annotated[str | None, CaseExact.false] = None
    type: str | None = None
    primary: bool | None = None


class Manager(ComplexAttribute):
    """Whom a person reports to. Providers send the id alone, so no more is required."""

    value: Annotated[str | None, CaseExact.true] = None


class Enterprise(Extension):
    """What an employer says of a person."""

    __schema__ = URN("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User")
    employee_number: str | None = None
    department: str | None = None
    manager: Manager | None = None


class User(Resource[Any]):
    """A person."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:User")
    user_name: Annotated[str | None, Uniqueness.server, Required.true] = None
    name: Name | None = None
    display_name: str | None = None
    title: str | None = None
    preferred_language: str | None = None
    active: bool | None = None
    emails: list[Email] | None = None
    groups: Annotated[list[GroupMembership] | None, Mutability.read_only] = None


class Member(ComplexAttribute):
    """Somebody in a group."""

    value: Annotated[str | None, Mutability.immutable, CaseExact.true] = None
    ref: Annotated[Reference[User] | None, Mutability.immutable] = Field(
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    type: Annotated[str | None, Mutability.immutable] = Field(None, examples=["User"])


class Group(Resource[Any]):
    """A group."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:Group")
    display_name: Annotated[str | None, Required.true] = None
    members: list[Member] | None = None


AnyUser: Any = User.__class_getitem__(Enterprise)
"""A person with the enterprise extension: unit, manager, number."""
USER_TYPE = ResourceType.from_resource(AnyUser)
GROUP_TYPE = ResourceType.from_resource(Group)
TYPES = (USER_TYPE, GROUP_TYPE)
SCHEMAS: tuple[Schema, ...] = tuple(model.to_schema() for model in (User, Enterprise, Group))
CONFIG = ServiceProviderConfig(
    patch=Patch(supported=True),
    bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
    filter=Filter(supported=True, max_results=MOST_RESULTS),
    change_password=ChangePassword(supported=False),
    sort=Sort(supported=True),
    etag=ETag(supported=False),
    authentication_schemes=[
        AuthenticationScheme(
            type=AuthenticationScheme.Type.oauthbearertoken,
            name="Bearer token",
            description="A key of `expertfinder key create --scope scim:write`, or an access token with that scope.",
            primary=True,
        )
    ],
)
