"""eBay's catalogue: every documented outcome with its evidence, a sample problem and the calls that lead to it."""

from functools import partial

from offer_sandbox.contract import infrastructure
from offer_sandbox.providers.ebay.operations import FIND, SEND
from offer_sandbox.providers.ebay.outcomes.calls import PLAIN, authorization
from offer_sandbox.providers.ebay.outcomes.common import missing_token, unmatched
from offer_sandbox.providers.ebay.outcomes.consent import consent_outcomes
from offer_sandbox.providers.ebay.outcomes.find import find_outcomes
from offer_sandbox.providers.ebay.outcomes.send import send_outcomes
from offer_sandbox.providers.ebay.outcomes.token import token_outcomes

OUTCOMES = (
    *send_outcomes(),
    *missing_token(SEND),
    *infrastructure(SEND, PLAIN[SEND], partial(authorization, SEND)),
    *find_outcomes(),
    *missing_token(FIND),
    *infrastructure(FIND, PLAIN[FIND], partial(authorization, FIND)),
    *token_outcomes(),
    *infrastructure("token", PLAIN["token"], partial(authorization, "token")),
    *consent_outcomes(),
    *unmatched(),
)
