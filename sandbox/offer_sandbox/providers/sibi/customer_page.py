"""The page behind `customerOfferLink`, on which the customer answers, and its view for the curator. Its design is
the sandbox's own."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from offer_sandbox.contract import Call, CallError, Operation, Reply, RequestIssue
from offer_sandbox.contract.html_page import page_template
from offer_sandbox.providers.sibi import behaviour, products, schemas
from offer_sandbox.world.collection import Document
from offer_sandbox.world.rng import letters
from offer_sandbox.world.world import World

CUSTOMER, ANSWER = "customerOffer", "answerOffer"
SCOPE = "customer-link"
LINK_PREFIX = "customer-"
_LINKS = "links"
_SOURCE = "Sibi, Create offer: customerOfferLink (the page is the sandbox's own)"
_HEADERS = (
    ("Cache-Control", "no-store"),
    (
        "Content-Security-Policy",
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
    ),
    ("Referrer-Policy", "no-referrer"),
)
_ADDONS = ("addon1", "addon2", "addon3")
_NEEDED = {
    "order": behaviour.AWAITING,
    "buyout": behaviour.AWAITING,
    "decline": behaviour.AWAITING,
    "send": behaviour.PENDING,
}
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }} - Offer Sandbox for Sibi</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; }
.sandbox { border-left: .3rem solid #1f6f5c; padding-left: .8rem; color: #444; }
fieldset { border: 1px solid #8a8f98; border-radius: .4rem; margin: 0 0 1rem; }
label { display: block; padding: .2rem 0; }
button { padding: .5rem 1.4rem; border-radius: .4rem; cursor: pointer; border: 1px solid #1f6f5c; background: #fff;
  color: #1f6f5c; margin: 0 .6rem .6rem 0; font: inherit; }
.main { background: #1f6f5c; color: #fff; }
</style>
</head>
<body>
<p class="sandbox">This is the Offer Sandbox, not Sibi. Workspace <code>{{ workspace }}</code>.</p>
<h1>{{ title }}</h1>
{% if told %}<p role="status" id="told">{{ told }}</p>
{% endif %}<p>Offer <code>{{ offer.id }}</code> for {{ offer.customerName }}:
<strong id="status">{{ offer.status }}</strong></p>
{% if can_send %}<form method="post"><input type="hidden" name="role" value="curator">
<button class="main" name="action" value="send">Send to the customer</button></form>
{% endif %}{% if can_answer %}<form method="post">
<input type="hidden" name="role" value="{{ role }}">
<fieldset><legend>Replacement</legend>
{% for option in options %}<label>
<input type="radio" name="option" value="{{ loop.index0 }}"{{ " checked" if loop.first }}>
{{ option.title }}: {{ option.price }}</label>
{% endfor %}</fieldset>
{% if addons %}<fieldset><legend>Add-ons</legend>
{% for each in addons %}<label><input type="checkbox" name="addon{{ loop.index }}" value="{{ each.id }}">
{{ each.title }}: {{ each.price }}</label>
{% endfor %}</fieldset>
{% endif %}<button class="main" name="action" value="order">Order</button>
{% if buyout %}<button name="action" value="buyout">Take {{ buyout }} instead</button>
{% endif %}<button name="action" value="decline">Decline</button>
</form>
{% endif %}{% if role == "curator" %}<p><a href="?">The customer's view</a></p>
{% else %}<p><a href="?role=curator">The curator's view</a></p>
{% endif %}</body>
</html>
"""


def mint_link(world: World, offer: str) -> str:
    """Issues the link of an offer, and returns its last part. In a keyed workspace it depends on the secret of the
    workspace's key."""
    link = f"{LINK_PREFIX}{letters(world.secret_chance(_LINKS, offer), 32)}"
    world.put(_LINKS, {"link": link, "offer": offer, "issuer": world.issuer})
    return f"sbx_{world.name}.{link}"


def minted(world: World, text: str) -> bool:
    """Returns whether a text is a link that the workspace issued under its current key."""
    link = world.get(_LINKS, _own(text))
    return link is not None and link["issuer"] == world.issuer


def _own(text: str) -> str:
    """Returns the secret part of a link."""
    return text.rpartition(".")[2]


def validate(call: Call, found: Sequence[RequestIssue]) -> list[RequestIssue]:
    """Maps every problem of the form to `validation_error`."""
    return [replace(problem, outcome="validation_error") for problem in found]


@Operation(
    name=CUSTOMER,
    method="GET",
    path="/offers/customer/page/{link}",
    evidence="inferred",
    source=_SOURCE,
    tag="Offers",
    parameters=schemas.LinkPath(),
    validate=validate,
    query=schemas.CustomerQuery(),
    scopes=(SCOPE,),
    page=True,
)
def customer_offer(call: Call) -> Reply:
    """Returns the page on which the customer answers an offer.

    Open `customerOfferLink` of `createOffer` in a browser. It needs no credential, because the link is a secret.
    The page shows the products with prices, the add-ons and the buyout. With `role=curator` it is the curator's
    view, who can send an offer that was not sent, and answer on the customer's behalf. If workspaces are open,
    `sbx_<workspace>.<id of an offer>` is a link too. An unknown link is refused with 404.
    """
    offer = _found(call)
    return _shown(call, offer, call.query.get("role", "customer"), "")


@Operation(
    name=ANSWER,
    method="POST",
    path="/offers/customer/page/{link}",
    evidence="inferred",
    source=_SOURCE,
    tag="Offers",
    parameters=schemas.LinkPath(),
    validate=validate,
    query=schemas.CustomerQuery(),
    body=schemas.CustomerAnswer(),
    form=True,
    scopes=(SCOPE,),
    page=True,
)
def answer_offer(call: Call) -> Reply:
    """Answers an offer, or sends it, as the buttons of the page do.

    `order` orders the chosen products with the chosen add-ons, `buyout` takes the buyout, and `decline` cancels
    the offer. They need an offer that awaits the customer. `send` sends a pending offer, and needs the role
    `curator`. For an offer in another status the call is refused with 409 `INVALID_OFFER_STATUS`. Each of them
    sends `offer.updated`.
    """
    offer, action = _found(call), call.body["action"]
    role = call.body.get("role") or call.query.get("role", "customer")
    _demand(offer, action, role)
    after = _answered(call, offer, action, role)
    call.world.put("offers", after)
    return _shown(call, after, role, _TOLD[action])


_TOLD = {
    "order": "The order is placed.",
    "buyout": "The buyout is accepted.",
    "decline": "The offer is declined.",
    "send": "The offer is sent.",
}


def _found(call: Call) -> Document:
    """Returns the offer of a link. In an open workspace the offer's id serves as well."""
    own = _own(call.path["link"])
    link = call.world.get(_LINKS, own)
    offer = call.world.get("offers", link["offer"] if link else own) if link or not call.world.keyed else None
    if offer is None:
        raise CallError.of("link_not_found", "no offer has this link", "path.link")
    return offer


def _demand(offer: Document, action: str, role: str) -> None:
    if action == "send" and role != "curator":
        raise CallError.of(
            "validation_error", "must be curator, because only a curator sends an offer", "body.role"
        )
    if offer["status"] != _NEEDED[action]:
        reason = f"the offer {offer['id']} is {offer['status']}, not {_NEEDED[action]}"
        raise CallError.of("invalid_offer_status", reason, "body.action")
    if action == "buyout" and offer["buyoutAmountCents"] is None:
        raise CallError.of("invalid_offer_status", f"the offer {offer['id']} has no buyout amount", "body.action")


def _answered(call: Call, offer: Document, action: str, role: str) -> Document:
    if action == "send":
        return behaviour.sent(offer, call.world.now)
    chosen = {each["id"] for each in _addons(offer)}
    named = {name: call.body[name] for name in _ADDONS if name in call.body}
    for name, each in named.items():
        if each not in chosen:
            raise CallError.of("validation_error", f"{each[:80]!r} is no add-on of the product", f"body.{name}")
    option = int(call.body.get("option", 0))
    if option >= len(offer["offerings"]):
        raise CallError.of("validation_error", "is no product of the offer", "body.option")
    choice = {"option": option, "addons": [{"id": each, "quantity": 1} for each in named.values()]}
    status = {"order": behaviour.ORDERED, "buyout": behaviour.BOUGHT_OUT, "decline": behaviour.CANCELED}[action]
    return behaviour.answered(offer, status, role, choice if action == "order" else None, call.world.now)


def _addons(offer: Document) -> list[Document]:
    found: list[Document] = products.details(offer["sandbox"]["sku"], True)["addOns"]
    return found[: len(_ADDONS)]


def _shown(call: Call, offer: Document, role: str, told: str) -> Reply:
    awaits = offer["status"] == behaviour.AWAITING
    page = page_template(_PAGE).render(
        title="Your replacement offer" if role == "customer" else "Offer for a customer",
        workspace=call.world.name,
        offer=offer,
        role=role,
        told=told,
        can_send=role == "curator" and offer["status"] == behaviour.PENDING,
        can_answer=awaits,
        options=[_option(offer, place, call) for place in range(len(offer["offerings"]))] if awaits else [],
        addons=[{**each, "price": _dollars(each["priceCents"])} for each in _addons(offer)] if awaits else [],
        buyout="" if offer["buyoutAmountCents"] is None else _dollars(offer["buyoutAmountCents"]),
    )
    return Reply(outcome="success", body=page, headers=_HEADERS)


def _option(offer: Document, place: int, call: Call) -> dict[str, str]:
    """Returns the title of a choice, and what the customer pays for it without add-ons."""
    choice = {"option": place, "addons": []}
    ordered = behaviour.answered(offer, behaviour.ORDERED, "customer", choice, call.world.now)
    titles = [each["title"] for each in ordered["offerPricingBreakdown"]["pricedItems"]]
    spend = ordered["customerSpendCents"]
    return {"title": " and ".join(titles), "price": _dollars(spend) if spend else "no charge"}


def _dollars(cents: Any) -> str:
    return f"${cents / 100:,.2f}"


OPERATIONS = (customer_offer, answer_offer)
