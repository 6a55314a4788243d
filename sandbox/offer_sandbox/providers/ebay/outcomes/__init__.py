"""eBay's catalogue: every documented outcome with its evidence, a sample problem and the calls that lead to it."""

from offer_sandbox.providers.ebay.operations import FIND, SEND
from offer_sandbox.providers.ebay.outcomes.common import infrastructure, missing_token, unmatched
from offer_sandbox.providers.ebay.outcomes.find import find_outcomes
from offer_sandbox.providers.ebay.outcomes.send import send_outcomes
from offer_sandbox.providers.ebay.outcomes.token import token_outcomes

OUTCOMES = (
    *send_outcomes(),
    *missing_token(SEND),
    *infrastructure(SEND),
    *find_outcomes(),
    *missing_token(FIND),
    *infrastructure(FIND),
    *token_outcomes(),
    *infrastructure("token"),
    *unmatched(),
)
