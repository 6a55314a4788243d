"""The JSON messages that GraphQL over HTTP specifies, around the types in a provider's SDL."""

from marshmallow import fields

from offer_sandbox.schemas.fields import Integer, List, Nested, RequestSchema, String, described


class GraphQLRequest(RequestSchema):
    """A GraphQL request over HTTP. The server ignores other fields."""

    query = String(
        required=True,
        metadata=described(
            "The GraphQL document, with one or more operations. At most 2,000 tokens, 20 levels of fields,"
            " 30 aliases, 500 fields and 50 fragments.",
            example="query RootType { __typename }",
        ),
    )
    variables = fields.Dict(
        keys=fields.String(),
        allow_none=True,
        metadata=described(
            "The values of the operation's variables by name, without `$`. Absent or null if the operation has no"
            " variables, or only variables with a default.",
            example={},
        ),
    )
    operationName = String(
        allow_none=True,
        metadata=described(
            "The name of the operation to run. Required if the document has several operations. Absent, null or"
            " empty selects the only one.",
            example="RootType",
        ),
    )
    extensions = fields.Dict(
        keys=fields.String(),
        allow_none=True,
        metadata=described(
            "Additional data for extensions of the protocol. The server supports none and ignores the content.",
            example={},
        ),
    )


class GraphQLLocation(RequestSchema):
    """A position in the GraphQL document."""

    line = Integer(
        required=True,
        metadata=described("The line, counted from 1.", example=2, published={"minimum": 1}),
    )
    column = Integer(
        required=True,
        metadata=described("The character in the line, counted from 1.", example=3, published={"minimum": 1}),
    )


class GraphQLError(RequestSchema):
    """One GraphQL error."""

    message = String(
        required=True,
        metadata=described("A description of the error for developers.", example="Offer request not found"),
    )
    locations = List(
        Nested(GraphQLLocation),
        metadata=described(
            "The positions in the document that the error is about. Absent if it is about no position.",
            example=[{"line": 2, "column": 3}],
            published={"minItems": 1},
        ),
    )
    path = List(
        fields.Raw(
            metadata=described(
                "A response name of a field, or the index of a list item, counted from 0.",
                published={"type": ["string", "integer"]},
            )
        ),
        metadata=described(
            "The path of the field that failed in `data`, from the root. Absent if the error is about no field.",
            example=["offerRequest"],
        ),
    )
    extensions = fields.Dict(
        keys=fields.String(),
        metadata=described(
            "Additional data. `code` is the stable name of the type of error, which your client can compare.",
            example={"code": "NOT_FOUND"},
        ),
    )


class GraphQLResponse(RequestSchema):
    """A GraphQL response: `data`, `errors`, or both. The status is 200 even if fields failed."""

    data = fields.Dict(
        keys=fields.String(),
        allow_none=True,
        metadata=described(
            "The results of the operation's root fields by response name. A root field that failed is null, or all"
            " of `data` is null if the field must not be. Absent if the operation did not run.",
            example={"offerRequest": {"offerStatus": "OFFERED"}},
        ),
    )
    errors = List(
        Nested(GraphQLError),
        metadata=described(
            "All errors of the request. Absent if there were none.",
            example=[{"message": "Offer request not found", "extensions": {"code": "NOT_FOUND"}}],
            published={"minItems": 1},
        ),
    )
