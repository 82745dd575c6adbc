"""Compact answers: which fields of an answer a caller wants."""

from __future__ import annotations

from typing import Annotated, Any, get_args

from pydantic import BaseModel, Field

from expertfinder.errors import InvalidQuestion

LONGEST_CHOICE = 2_000
"""Characters that name the fields which are wanted: more than all names of the largest answer have together."""

Fields = Annotated[
    str,
    Field(
        max_length=LONGEST_CHOICE,
        description="Give only these fields of the answer, separated by commas, with a dot before what lies within: "
        "`abstained,recommendations.subject.name`. All of them without it; a field that the answer has not is refused.",
    ),
]

Choice = dict[str, Any]
"""As pydantic includes fields: name -> `True`, or what of it; each element of a list is `__all__`."""


def chosen(shape: type[BaseModel], fields: str) -> Choice | None:
    """What to include of an answer of this shape; `None`: everything. Raises `InvalidQuestion` for an unknown name."""
    tree: dict[str, Any] = {}
    for path in filter(None, (one.strip() for one in fields.split(","))):
        node = tree
        for name in path.split("."):
            node = node.setdefault(name, {})
    return _included(shape, tree, "") if tree else None


def _included(shape: type[BaseModel], tree: dict[str, Any], above: str) -> Choice:
    found: Choice = {}
    for name, below in tree.items():
        if name not in shape.model_fields:
            known = ", ".join(f"{above}{field}" for field in shape.model_fields)
            raise InvalidQuestion(f"the answer has no field {above}{name}; it has {known}")
        inner, listed = _shape_in(shape.model_fields[name].annotation)
        if not below:
            found[name] = True
            continue
        if inner is None:
            raise InvalidQuestion(f"there is nothing within {above}{name}: name it without a dot")
        within = _included(inner, below, f"{above}{name}.")
        found[name] = {"__all__": within} if listed else within
    return found


def _shape_in(annotation: Any) -> tuple[type[BaseModel] | None, bool]:
    """The shape in an annotation such as `list[Shape]` or `Shape | None`, and whether it is of a list."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, False
    for part in get_args(annotation):
        inner, _ = _shape_in(part)
        if inner is not None:
            return inner, getattr(annotation, "__origin__", None) is list
    return None, False
