"""The query page of a GraphQL API: a form for documents and variables, with the schema beside it."""

import json
import re
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from flask import Response, make_response, render_template
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    build_schema,
    is_introspection_type,
    is_specified_scalar_type,
)

from offer_sandbox.admin.services import services
from offer_sandbox.console.protection import protected
from offer_sandbox.contract import Provider
from offer_sandbox.publish.example_requests import example_requests
from offer_sandbox.publish.specs import committed_sdl

_ROOTS = ("Query", "Mutation")


_KINDS = {
    GraphQLObjectType: "type",
    GraphQLInputObjectType: "input",
    GraphQLEnumType: "enum",
    GraphQLScalarType: "scalar",
}


class Member(NamedTuple):
    """A field, an argument or a value: how the schema writes it, its description, and its arguments."""

    text: str
    description: str
    arguments: Sequence["Member"] = ()


class SchemaType(NamedTuple):
    """A type of the schema. `kind` is its keyword, such as `enum`."""

    name: str
    kind: str
    description: str
    members: Sequence[Member]


def show(provider: Provider) -> Response:
    """Returns the page for a provider's endpoint."""
    documents = _documents(provider)
    page = render_template(
        "query.html",
        provider=provider,
        endpoint=provider.roots[0],
        authorization="" if services().workspaces.keyed else documents[0]["authorization"],
        documents=documents,
        types=_types(provider),
    )
    return protected(make_response(page))


@cache
def _documents(provider: Provider) -> list[dict[str, Any]]:
    """Returns the documented documents with their credential and, as indented JSON, their variables."""
    found = example_requests(provider)
    return [
        {
            "name": operation.name,
            "authorization": found[operation.name].headers["authorization"],
            "query": found[operation.name].body["query"],
            "variables": json.dumps(found[operation.name].body.get("variables", {}), indent=2),
        }
        for operation in provider.parts.operations
        if operation.name in found
    ]


@cache
def _types(provider: Provider) -> list[SchemaType]:
    """Returns the types that the schema defines: the roots first, then by name."""
    known = build_schema(committed_sdl(provider)).type_map.values()
    own = [each for each in known if not is_introspection_type(each) and not is_specified_scalar_type(each)]
    return [_shown(each) for each in sorted(own, key=lambda each: (each.name not in _ROOTS, each.name))]


def _shown(each: GraphQLNamedType) -> SchemaType:
    return SchemaType(each.name, _KINDS[type(each)], _prose(each.description), _members(each))


def _members(each: GraphQLNamedType) -> list[Member]:
    if isinstance(each, GraphQLEnumType):
        return [Member(name, _prose(value.description)) for name, value in each.values.items()]
    if isinstance(each, GraphQLObjectType | GraphQLInputObjectType):
        return [_member(name, found) for name, found in each.fields.items()]
    return []


def _member(name: str, found: GraphQLField | GraphQLInputField | GraphQLArgument) -> Member:
    arguments = found.args if isinstance(found, GraphQLField) else {}
    return Member(
        f"{name}: {found.type}", _prose(found.description), [_member(*argument) for argument in arguments.items()]
    )


def _prose(description: str | None) -> str:
    """Returns a description without the line breaks inside its paragraphs."""
    return re.sub(r"(?<!\n)\n(?!\n|- )", " ", description or "")
