"""The endpoints of SCIM 2.0. Each needs the scope `scim:write`; errors have the shape of RFC 7644, section 3.12."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import Annotated, Any, NamedTuple

import orjson
from fastapi import APIRouter, Depends, Request, Security
from pydantic import ValidationError
from scim2_models import Context, Error, ListResponse, PatchOp, ResponseParameters, SCIMException, SearchRequest
from scim2_models.path import CompareOperator, Comparison, FilterNode, LogicalExpr, LogicalOperator
from starlette.responses import Response

from expertfinder.ask.provisioning import ProvisionedAccount, ProvisionedGroup, Provisioning
from expertfinder.errors import Conflict, NotFound
from expertfinder.http.auth import Caller, caller
from expertfinder.http.context import Door, door
from expertfinder.http.scim import mapping
from expertfinder.http.scim.mapping import BASE, POLICY
from expertfinder.http.scim.models import CONFIG, MOST_RESULTS, SCHEMAS, TYPES, AnyUser, Group, User

SCIM = "application/scim+json"

Provider = Annotated[Caller, Security(caller, scopes=["scim:write"])]
Here = Annotated[Door, Depends(door)]

router = APIRouter(prefix=BASE, include_in_schema=False)


# --- what the service says of itself ---------------------------------------------------------------------------------


@router.get("/ServiceProviderConfig")
async def scim_config(_: Provider) -> Response:
    """What of the standard is there."""
    return _send(CONFIG.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE))


@router.get("/ResourceTypes")
async def scim_types(_: Provider) -> Response:
    """Users and groups."""
    return _send(_list(TYPES))


@router.get("/ResourceTypes/{name}")
async def scim_type(name: str, _: Provider) -> Response:
    """One of them."""
    return _one(TYPES, name)


@router.get("/Schemas")
async def scim_schemas(_: Provider) -> Response:
    """Every attribute that is kept."""
    return _send(_list(SCHEMAS))


@router.get("/Schemas/{name}")
async def scim_schema(name: str, _: Provider) -> Response:
    """One of them."""
    return _one(SCHEMAS, name)


# --- people ----------------------------------------------------------------------------------------------------------


@router.get("/Users")
async def scim_users(request: Request, here: Here, _: Provider) -> Response:
    """People whom a filter names, a page at a time."""
    return await _work(request, here, lambda to: _found(dict(request.query_params), AnyUser, _users(request, to)))


@router.post("/Users/.search")
async def scim_search_users(request: Request, here: Here, _: Provider) -> Response:
    """The same, with the question in the body."""
    sent = await _body(request)
    return await _work(request, here, lambda to: _found(sent, AnyUser, _users(request, to)))


@router.post("/Users")
async def scim_create_user(request: Request, here: Here, _: Provider) -> Response:
    """A new person."""
    sent = await _body(request)

    def answer(to: Provisioning) -> Response:
        user = AnyUser.model_validate(sent, scim_ctx=Context.RESOURCE_CREATION_REQUEST, scim_policy=POLICY)
        number = to.number_for(user.user_name or "", user.external_id or "")
        _keep(to, here, user, number, created=here.now().isoformat())
        return _said(_user(request, to, number), Context.RESOURCE_CREATION_RESPONSE, request, status=201)

    return await _work(request, here, answer)


@router.get("/Users/{number}")
async def scim_user(number: str, request: Request, here: Here, _: Provider) -> Response:
    """One person."""
    return await _work(
        request, here, lambda to: _said(_user(request, to, number), Context.RESOURCE_QUERY_RESPONSE, request)
    )


@router.put("/Users/{number}")
async def scim_replace_user(number: str, request: Request, here: Here, _: Provider) -> Response:
    """One person anew."""
    return await _replace(USERS, number, request, here)


@router.patch("/Users/{number}")
async def scim_change_user(number: str, request: Request, here: Here, _: Provider) -> Response:
    """Some attributes of one person: `active: false` closes the account, from the next request on."""
    return await _change(USERS, number, request, here)


@router.delete("/Users/{number}")
async def scim_delete_user(number: str, request: Request, here: Here, _: Provider) -> Response:
    """Close an account for good. To forget a person is another thing: `expertfinder erase`."""

    def answer(to: Provisioning) -> Response:
        to.delete(number, now=here.now())
        return Response(status_code=204)

    return await _work(request, here, answer)


# --- groups ----------------------------------------------------------------------------------------------------------


@router.get("/Groups")
async def scim_groups(request: Request, here: Here, _: Provider) -> Response:
    """Groups whom a filter names, a page at a time."""
    return await _work(
        request, here, lambda to: _found(dict(request.query_params), Group, lambda _: _groups(request, to))
    )


@router.post("/Groups/.search")
async def scim_search_groups(request: Request, here: Here, _: Provider) -> Response:
    """The same, with the question in the body."""
    sent = await _body(request)
    return await _work(request, here, lambda to: _found(sent, Group, lambda _: _groups(request, to)))


@router.post("/Groups")
async def scim_create_group(request: Request, here: Here, _: Provider) -> Response:
    """A new group."""
    sent = await _body(request)

    def answer(to: Provisioning) -> Response:
        group = Group.model_validate(sent, scim_ctx=Context.RESOURCE_CREATION_REQUEST, scim_policy=POLICY)
        number = uuid.uuid4().hex
        _keep_group(to, here, group, number, created=here.now().isoformat())
        return _said(_group(request, to, number), Context.RESOURCE_CREATION_RESPONSE, request, status=201)

    return await _work(request, here, answer)


@router.get("/Groups/{number}")
async def scim_group(number: str, request: Request, here: Here, _: Provider) -> Response:
    """One group and who is in it."""
    return await _work(
        request, here, lambda to: _said(_group(request, to, number), Context.RESOURCE_QUERY_RESPONSE, request)
    )


@router.put("/Groups/{number}")
async def scim_replace_group(number: str, request: Request, here: Here, _: Provider) -> Response:
    """One group anew."""
    return await _replace(GROUPS, number, request, here)


@router.patch("/Groups/{number}")
async def scim_change_group(number: str, request: Request, here: Here, _: Provider) -> Response:
    """The name of a group, or who is in it: who is taken out loses what the group may read at the next request."""
    return await _change(GROUPS, number, request, here)


@router.delete("/Groups/{number}")
async def scim_delete_group(number: str, request: Request, here: Here, _: Provider) -> Response:
    """Take a group back."""

    def answer(to: Provisioning) -> Response:
        to.delete_group(number)
        return Response(status_code=204)

    return await _work(request, here, answer)


@router.post("/.search")
async def scim_search(request: Request, here: Here, _: Provider) -> Response:
    """People and groups at once, with the question in the body."""
    sent = await _body(request)
    return await _work(
        request,
        here,
        lambda to: _found(sent, AnyUser | Group, lambda _: [*_users(request, to)(None), *_groups(request, to)]),
    )


@router.get("/{rest:path}")
async def scim_nothing(rest: str, _: Provider) -> Response:
    """What is not there, in the shape of an error that the standard has."""
    return _error(404, "there is nothing here")


# --- pieces ----------------------------------------------------------------------------------------------------------


async def _body(request: Request) -> Any:
    try:
        return orjson.loads(await request.body())
    except orjson.JSONDecodeError:
        return None


async def _work(request: Request, here: Door, answer: Callable[[Provisioning], Response]) -> Response:
    """Answer in a thread of the core. An error gets the shape that the standard has for errors."""

    def work() -> Response:
        try:
            return answer(here.provisioning)
        except NotFound as error:
            return _error(404, error.detail)
        except Conflict as error:
            return _error(409, error.detail, scim_type="uniqueness")
        except ValidationError as error:
            first = Error.from_validation_errors(error)[0]
            return _send(first.model_dump(), status=first.status or 400)
        except SCIMException as error:
            found = error.to_error()
            return _send(found.model_dump(), status=found.status or 400)

    return await here.call(work)


class _Kind(NamedTuple):
    """One of the two kinds of resources: how it is read, kept, and when it was made."""

    model: Any
    read: Callable[[Request, Provisioning, str], Any]
    keep: Callable[..., None]
    made: Callable[[Provisioning, str], str]


async def _replace(kind: _Kind, number: str, request: Request, here: Door) -> Response:
    sent = await _body(request)

    def answer(to: Provisioning) -> Response:
        before = kind.read(request, to, number)
        given = kind.model.model_validate(sent, scim_ctx=Context.RESOURCE_REPLACEMENT_REQUEST, scim_policy=POLICY)
        given.replace(before)
        kind.keep(to, here, given, number, created=kind.made(to, number))
        return _said(kind.read(request, to, number), Context.RESOURCE_REPLACEMENT_RESPONSE, request)

    return await _work(request, here, answer)


async def _change(kind: _Kind, number: str, request: Request, here: Door) -> Response:
    sent = await _body(request)
    model: Any = kind.model

    def answer(to: Provisioning) -> Response:
        kept = kind.read(request, to, number)
        asked = PatchOp[model].model_validate(sent, scim_ctx=Context.RESOURCE_PATCH_REQUEST, scim_policy=POLICY)
        asked.patch(kept, scim_policy=POLICY)
        kind.keep(to, here, kept, number, created=kind.made(to, number))
        return _said(kind.read(request, to, number), Context.RESOURCE_PATCH_RESPONSE, request)

    return await _work(request, here, answer)


def _keep(to: Provisioning, here: Door, user: User, number: str, *, created: str) -> None:
    account = mapping.account_of(user, person=f"{to.source}:{number}", created=created, now=here.now())
    to.put(account, mapping.person_of(user, account), is_open=user.active is not False, now=here.now())


def _keep_group(to: Provisioning, here: Door, group: Group, number: str, *, created: str) -> None:
    kept = ProvisionedGroup(
        group=f"{to.source}:{number}",
        name=group.display_name or "",
        external_id=group.external_id or "",
        created=created,
        at=here.now(),
    )
    to.put_group(kept, [one.value for one in group.members or () if one.value])


def _users(request: Request, to: Provisioning) -> Callable[[FilterNode | None], list[User]]:
    """A function that gives, for a filter or `None`, the people among whom are all that the filter names."""

    def among(asked: FilterNode | None) -> list[User]:
        some = _looked_up(to, asked) if asked is not None else None
        if some is not None:
            return [mapping.user_of(one, to.groups_of(one), _base(request)) for one in some if not one.deleted]
        of = mapping.groups_by_person(to.groups(), to.members())
        return [mapping.user_of(one, of.get(one.person, ()), _base(request)) for one in to.accounts()]

    return among


def _looked_up(to: Provisioning, asked: FilterNode) -> list[ProvisionedAccount] | None:
    """The accounts that a filter can name, found by a key; `None` for a filter without a key: try it on all.

    Before each change a provider asks `userName eq "ann"` or `externalId eq "17"`, some with more after an `and`.
    """
    if isinstance(asked, LogicalExpr) and asked.op is LogicalOperator.and_:
        return next((some for one in asked.terms if (some := _looked_up(to, one)) is not None), None)
    if not isinstance(asked, Comparison) or asked.op is not CompareOperator.eq or asked.attr_path.sub_attr:
        return None
    name, value = asked.attr_path.attr.lower(), asked.value
    if asked.attr_path.uri or not isinstance(value, str) or not value.isascii():
        return None
    if name == "username":
        return to.named(value)
    return to.known_outside_as(value) if name == "externalid" else None


def _user(request: Request, to: Provisioning, number: str) -> User:
    account = to.account(number)
    return mapping.user_of(account, to.groups_of(account), _base(request))


def _groups(request: Request, to: Provisioning) -> list[Group]:
    members = to.members()
    return [mapping.resource_of(one, members.get(one.group, ()), _base(request)) for one in to.groups()]


def _group(request: Request, to: Provisioning, number: str) -> Group:
    group = to.group(number)
    return mapping.resource_of(group, to.members().get(group.group, ()), _base(request))


USERS = _Kind(AnyUser, _user, _keep, lambda to, number: to.account(number).created)
GROUPS = _Kind(Group, _group, _keep_group, lambda to, number: to.group(number).created)


def _found(question: Any, model: Any, among: Callable[[FilterNode | None], Sequence[Any]]) -> Response:
    """The page of a list that a question asks for (RFC 7644, 3.4.2).

    `among`: gives, for a filter or `None`, resources among which are all that the filter names.
    """
    asked = SearchRequest[model].model_validate(question, scim_ctx=Context.SEARCH_REQUEST, scim_policy=POLICY)
    there = among(asked.filter.ast if asked.filter is not None else None)
    kept = [one for one in there if asked.filter is None or asked.filter.match(one)]
    if asked.sort_by is not None:
        kept = asked.sort(kept)
    first = asked.start_index or 1
    count = MOST_RESULTS if asked.count is None else min(asked.count, MOST_RESULTS)
    shown = kept[first - 1 : first - 1 + count]
    page = ListResponse[model](
        total_results=len(kept), start_index=first, items_per_page=len(shown), resources=shown or None
    )
    return _send(page.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE, response_parameters=asked))


def _said(resource: Any, context: Context, request: Request, *, status: int = 200) -> Response:
    wanted = {name: request.query_params[name] for name in _ATTRIBUTES if name in request.query_params}
    model: Any = type(resource)
    asked = ResponseParameters[model].model_validate(wanted, scim_policy=POLICY) if wanted else None
    body = resource.model_dump(scim_ctx=context, response_parameters=asked)
    answer = _send(body, status=status)
    answer.headers["Location"] = str(resource.meta.location)
    return answer


_ATTRIBUTES = ("attributes", "excludedAttributes")


def _one(among: Sequence[Any], name: str) -> Response:
    for one in among:
        if name == one.id:
            return _send(one.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE))
    return _error(404, "there is nothing here")


def _list(resources: Sequence[Any]) -> dict[str, Any]:
    shown = [one.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE) for one in resources]
    schema = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
    return {
        "schemas": [schema],
        "totalResults": len(shown),
        "itemsPerPage": len(shown),
        "startIndex": 1,
        "Resources": shown,
    }


def _error(status: int, detail: str, *, scim_type: str | None = None) -> Response:
    return _send(Error(status=status, detail=detail, scim_type=scim_type).model_dump(), status=status)


def _send(body: dict[str, Any], *, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status_code=status, media_type=SCIM)


def _base(request: Request) -> str:
    """The address of the service from the settings, never the one that the caller sent; empty without a provider."""
    provider = request.app.state.door.provider
    return provider.sign_in.public_url if provider is not None else ""
