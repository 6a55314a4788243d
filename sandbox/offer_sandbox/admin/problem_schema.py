"""The marshmallow schemas of the control API's problem documents."""

from marshmallow import fields

from offer_sandbox.admin.fields import ShownSchema
from offer_sandbox.schemas.fields import Integer, List, String, described


class FieldProblemSchema(ShownSchema):
    """A problem with one member."""

    field = String(
        required=True,
        metadata=described("The path of the member. Empty for the whole value.", example="match.body"),
    )
    detail = String(required=True, metadata=described("The problem.", example="unknown field"))


class LineProblemSchema(ShownSchema):
    """A problem with a scenario in YAML, and its position."""

    line = Integer(required=True, metadata=described("The line, from 1.", example=3))
    column = Integer(required=True, metadata=described("The column, from 1.", example=17))
    detail = String(
        required=True,
        metadata=described("The problem.", example="rules.0.operation: unknown operation 'ebay.sendOffer'"),
    )


class ProblemSchema(ShownSchema):
    """A problem document (RFC 9457)."""

    type = String(
        required=True,
        metadata=described(
            "`urn:offer-sandbox:problem:` and a stable identifier, which programs can compare.",
            format="uri",
            example="urn:offer-sandbox:problem:unprocessable",
        ),
    )
    title = String(
        required=True, metadata=described("The kind of problem, for people.", example="Invalid request")
    )
    status = Integer(required=True, metadata=described("The HTTP status.", example=422))
    detail = String(
        required=True, metadata=described("One sentence about this problem.", example="time: unknown field")
    )
    known = List(
        fields.Raw(),
        metadata=described(
            "The valid names or values in place of the first problem, if there is a limited number.",
            example=["operation", "match", "outcome"],
        ),
    )
    nearest = List(
        String(),
        metadata=described("For an unknown path, the most similar calls.", example=["GET /__admin/rules"]),
    )
    problems = List(
        fields.Raw(
            metadata={
                "shape": {
                    "description": "A problem with a record as text, with a member, or with a line of YAML.",
                    "anyOf": [
                        {"type": "string", "description": "A problem."},
                        FieldProblemSchema(),
                        LineProblemSchema(),
                    ],
                }
            }
        ),
        metadata=described(
            "The problems, each with its field or position. At most a hundred are listed.",
            example=[{"field": "time", "detail": "unknown field"}],
        ),
    )
