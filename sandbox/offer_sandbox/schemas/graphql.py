"""The JSON messages that GraphQL over HTTP specifies, around the types in a provider's SDL."""

from marshmallow import fields

from offer_sandbox.schemas.fields import Integer, List, Nested, RequestSchema, String


class GraphQLRequest(RequestSchema):
    """A GraphQL request over HTTP."""

    query = String(required=True)
    variables = fields.Dict(keys=fields.String(), allow_none=True)
    operationName = String(allow_none=True)
    extensions = fields.Dict(keys=fields.String(), allow_none=True)


class GraphQLLocation(RequestSchema):
    """A position in the GraphQL document."""

    line = Integer(required=True)
    column = Integer(required=True)


class GraphQLError(RequestSchema):
    """One GraphQL error."""

    message = String(required=True)
    locations = List(Nested(GraphQLLocation))
    path = List(fields.Raw())
    extensions = fields.Dict(keys=fields.String())


class GraphQLResponse(RequestSchema):
    """A GraphQL response: `data`, `errors`, or both."""

    data = fields.Dict(keys=fields.String(), allow_none=True)
    errors = List(Nested(GraphQLError))
