"""The outcomes of the token endpoint: a grant, and OAuth's errors."""

from offer_sandbox.contract import Outcome, answered, refusal
from offer_sandbox.providers.ebay.outcomes.calls import PLAIN, token


def token_outcomes() -> list[Outcome]:
    """The token endpoint's own outcomes; their texts are known from public issue threads only."""
    source = "eBay, OAuth grants; the answer's form is known from copies of eBay's sample"
    granted = answered(
        "token", "success", "A token is granted", 200, PLAIN["token"], source=source, evidence="inferred"
    )
    refusals = (
        ("invalid_request", "A parameter is missing", 400, token("grant_type=refresh_token")),
        (
            "invalid_grant",
            "The code or refresh token is invalid",
            400,
            token("grant_type=refresh_token&refresh_token=unknown"),
        ),
        (
            "invalid_client",
            "The client cannot be authenticated",
            401,
            token("grant_type=client_credentials", Authorization=None),
        ),
        (
            "invalid_scope",
            "The scope exceeds what was granted",
            400,
            token("grant_type=refresh_token&refresh_token=sbx_demo&scope=unknown"),
        ),
        (
            "unsupported_grant_type",
            "The grant type is not supported",
            400,
            token("grant_type=password"),
        ),
    )
    too_large = refusal("token", "payload_too_large", "The body is larger than the sandbox reads", 413)
    return [granted, *(refusal("token", *row) for row in refusals), too_large]
