"""The outcomes of the consent page."""

from dataclasses import replace

from offer_sandbox.contract import Magic, Outcome, answered, infrastructure, refusal
from offer_sandbox.providers.ebay.consent import AUTHORIZE, CONSENT
from offer_sandbox.providers.ebay.outcomes.calls import PLAIN, consent


def consent_outcomes() -> list[Outcome]:
    """The page, its errors (known from public issue threads at best), and what every call can have: asked for
    by the application's id, since a browser sends no token."""
    token_flow, foreign = consent(response_type="token"), consent(scope="https://example.com/scope")
    return [
        answered(
            AUTHORIZE, "success", "The page with its Agree button", 200, PLAIN[AUTHORIZE], source=CONSENT.source
        ),
        refusal(AUTHORIZE, "invalid_request", "A parameter is missing or invalid", 400, token_flow),
        refusal(AUTHORIZE, "invalid_scope", "A scope is none of eBay's", 400, foreign),
        *(_by_client(each) for each in infrastructure(AUTHORIZE, PLAIN[AUTHORIZE], str)),
    ]


def _by_client(outcome: Outcome) -> Outcome:
    client = f"sbx_demo.{outcome.name}"
    return replace(outcome, steps=(consent(client),), magic=Magic("query.client_id", client))
