"""What the conditions of rules look into in a GraphQL request: arguments, variables, the operation's name."""

from functools import cached_property
from typing import Any

from graphql import GraphQLError, GraphQLSchema
from graphql.execution.values import get_argument_values, get_variable_values

from offer_sandbox.exchange.match_input import RequestSubject
from offer_sandbox.exchange.routing import Arrival


class GraphQLSubject(RequestSubject):
    """`args` are the first root field's, with literals resolved and variables in their places."""

    def __init__(self, arrival: Arrival, schema: GraphQLSchema) -> None:
        super().__init__(arrival)
        self._schema = schema

    def part(self, name: str) -> Any:
        """`args`, `variables` and `operationName` besides what every request has."""
        match name:
            case "args":
                return self.args
            case "variables":
                return self.arrival.parsed.variables
            case "operationName":
                named = self.arrival.parsed.operation
                return named.name.value if named and named.name else None
        return super().part(name)

    @cached_property
    def args(self) -> Any:
        """None where the request has none that fit."""
        asked = self.arrival.parsed
        if asked.problem is not None or not asked.fields:
            return None
        root = self._schema.get_root_type(asked.operation.operation)
        node = asked.fields[0]
        if root is None:
            return None
        given = get_variable_values(
            self._schema, asked.operation.variable_definitions or (), asked.variables or {}
        )
        if isinstance(given, list):
            return None
        try:
            return get_argument_values(root.fields[node.name.value], node, given)
        except GraphQLError:
            return None
