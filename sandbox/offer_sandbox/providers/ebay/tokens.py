"""eBay's OAuth tokens: grants, lifetimes and scopes."""

import re
from datetime import timedelta
from urllib.parse import unquote

from offer_sandbox.contract import Call, CallError, Credential
from offer_sandbox.world.clock import from_ms, print_instant, to_ms
from offer_sandbox.world.collection import Document
from offer_sandbox.world.rng import letters
from offer_sandbox.world.world import World

ACCESS_SECONDS = 7_200
REFRESH_SECONDS = 47_304_000
CODE_SECONDS = 299
_MINTED = re.compile(r"sbx_[a-z0-9_-]+\.v\^1#.*", re.DOTALL)
_FOREIGN = (
    "was not issued here (it was issued in another workspace or before a reset, or it was cut short or not encoded"
    " correctly)"
)
_SCOPE = "https://api.ebay.com/oauth/api_scope"
INVENTORY = f"{_SCOPE}/sell.inventory"
INVENTORY_READ = f"{_SCOPE}/sell.inventory.readonly"
ALL_SCOPES = (INVENTORY, INVENTORY_READ)


def authenticate(call: Call, credential: Credential) -> None:
    """Rejects a token that was issued here and is expired, or has the wrong kind or scope. Also rejects a text in
    the form of an issued token that was not issued in this workspace.

    In open mode, any other token counts as a user token with both scopes.
    """
    token = call.world.get("tokens", credential.names[0]) if call.operation.scopes else None
    if token is None:
        if call.operation.scopes and _has_form_of_minted(credential.names[0]):
            raise _refused("unauthorized", f"the token {_FOREIGN}")
        return
    if token["kind"] in ("refresh", "code"):
        raise _refused(
            "unauthorized", f"a {token['kind'].replace('refresh', 'refresh token')} is not an access token"
        )
    if token["expires"] <= to_ms(call.world.now):
        raise _refused("unauthorized", f"the token expired at {print_instant(from_ms(token['expires']))}")
    if token["kind"] == "application":
        raise _refused("forbidden", "this API needs a user token, not an application token")
    if not set(token["scopes"]) & set(call.operation.scopes):
        raise _refused("forbidden", f"the token lacks the scope {call.operation.scopes[0]}")


def _has_form_of_minted(text: str) -> bool:
    """Returns whether a text has the form of an issued token or code, also if it was encoded twice."""
    return bool(_MINTED.fullmatch(unquote(text)))


def minted(world: World, text: str) -> bool:
    """Returns whether a text is a token that the workspace issued under its current key."""
    token = world.get("tokens", text)
    return token is not None and token.get("issuer", "") == world.issuer


def grant(world: World, form: dict[str, str], client: str, opened: bool) -> Document:
    """Returns the token endpoint's response to a client. Raises CallError with OAuth's error names.

    `opened` is true if a code or refresh token that was not issued here, but names a workspace, counts as valid.
    """
    match form["grant_type"]:
        case "authorization_code":
            _required(form, "code", "redirect_uri")
            scopes = _redeemed(world, form, client, opened)
            refresh = _mint(world, "refresh", REFRESH_SECONDS, scopes, client)
            access = _mint(world, "user", ACCESS_SECONDS, scopes)
            return {
                **_answer(access),
                "refresh_token": refresh["token"],
                "refresh_token_expires_in": REFRESH_SECONDS,
                "token_type": "User Access Token",
            }
        case "refresh_token":
            _required(form, "refresh_token")
            granted = _granted(world, form["refresh_token"], client, opened)
            access = _mint(world, "user", ACCESS_SECONDS, _scopes(form, granted))
            return {**_answer(access), "token_type": "User Access Token"}
        case "client_credentials":
            access = _mint(world, "application", ACCESS_SECONDS, _scopes(form, (_SCOPE,)))
            return {**_answer(access), "token_type": "Application Access Token"}
    raise CallError.of(
        "unsupported_grant_type", f"unknown grant type {form['grant_type'][:60]!r}", "body.grant_type"
    )


def _required(form: dict[str, str], *names: str) -> None:
    for name in names:
        if not form.get(name):
            raise CallError.of("invalid_request", f"{name} is missing", f"body.{name}")


def mint_code(world: World, client: str, target: str, scopes: tuple[str, ...]) -> str:
    """Issues a code that the client can redeem once, within 299 seconds, with the same redirect_uri."""
    code = _mint(world, "code", CODE_SECONDS, scopes, client)
    world.put("tokens", {**code, "redirect_uri": target})
    return str(code["token"])


def foreign_scope(text: str) -> str:
    """Returns the first scope that is not eBay's, or an empty string if all are."""
    return next((each for each in text.split() if each != _SCOPE and not each.startswith(f"{_SCOPE}/")), "")


def _redeemed(world: World, form: dict[str, str], client: str, opened: bool) -> tuple[str, ...]:
    """Redeems a code, which can be used only once, and returns its scopes."""
    code = world.get("tokens", form["code"])
    if code is None:
        if _has_form_of_minted(form["code"]):
            raise _no_code(f"the code {_FOREIGN}")
        if not opened:
            raise _no_code(f"the code was not issued here. Use {_one(world)} as the code")
        return ALL_SCOPES
    if code["kind"] != "code":
        raise _no_code("the value is a token, not a code")
    if code.get("used"):
        raise _no_code("the code was already used. Each code is valid once")
    if code["expires"] <= to_ms(world.now):
        raise _no_code(f"the code expired at {print_instant(from_ms(code['expires']))}")
    if code["client"] != client:
        raise _no_code("the code was issued to another client")
    if code["redirect_uri"] != form["redirect_uri"]:
        raise _no_code("the code was issued for another redirect_uri", "body.redirect_uri")
    world.put("tokens", {**code, "used": True})
    return tuple(code["scopes"])


def _granted(world: World, text: str, client: str, opened: bool) -> tuple[str, ...]:
    """Returns the scopes of a refresh token."""
    token = world.get("tokens", text)
    if token is None:
        if _has_form_of_minted(text):
            raise _no_grant(f"the refresh token {_FOREIGN}")
        if not opened:
            raise _no_grant(f"the refresh token was not issued here. Use {_one(world)} as the refresh token")
        return ALL_SCOPES
    if token["kind"] != "refresh":
        raise _no_grant(f"the value is a {token['kind']} token or code, not a refresh token")
    if token["expires"] <= to_ms(world.now):
        raise _no_grant(f"the refresh token expired at {print_instant(from_ms(token['expires']))}")
    if token.get("client", client) != client:  # tokens of version 0.1.0 have no client
        raise _no_grant("the refresh token was issued to another client")
    return tuple(token["scopes"])


def _scopes(form: dict[str, str], granted: tuple[str, ...]) -> tuple[str, ...]:
    """Returns the requested scopes, or `granted` if the form requests none. Raises CallError.

    All requested scopes must be granted. An application may request any public scope.
    """
    body = tuple(form.get("scope", "").split())
    known = [scope for scope in body if not foreign_scope(scope)]
    allowed = set(known) if form["grant_type"] == "client_credentials" else {*granted, _SCOPE}
    if beyond := [scope for scope in body if scope not in allowed]:
        raise CallError.of("invalid_scope", f"the scope {beyond[0][:100]!r} was not granted", "body.scope")
    return body or granted


def _mint(world: World, kind: str, seconds: int, scopes: tuple[str, ...], client: str = "") -> Document:
    """Issues a token. Like eBay's, it has characters that must be encoded in a form or a URL, so that a client
    that does not encode them, or does so twice, fails here too."""
    ordinal = world.next_ordinal("tokens")
    secret = letters(world.secret_chance("tokens", ordinal), 32)
    token = {
        "token": f"sbx_{world.name}.v^1#i^{ordinal}#t^{secret[:10]}+{secret[10:20]}/{secret[20:]}=",
        "kind": kind,
        "scopes": list(scopes),
        "expires": to_ms(world.now + timedelta(seconds=seconds)),
        **({"client": client} if client else {}),
        **({"issuer": world.issuer} if world.secret else {}),
    }
    world.put("tokens", token)
    return token


def _answer(token: Document) -> Document:
    return {"access_token": token["token"], "expires_in": ACCESS_SECONDS}


def _one(world: World) -> str:
    return "the workspace's key" if world.keyed else "sbx_<workspace>"


def _no_grant(reason: str) -> CallError:
    return CallError.of("invalid_grant", reason, "body.refresh_token", description=REFRESH_REFUSED)


def _no_code(reason: str, field: str = "body.code") -> CallError:
    return CallError.of("invalid_grant", reason, field)


def _refused(outcome: str, reason: str) -> CallError:
    return CallError.of(outcome, reason, "header.authorization")


REFRESH_REFUSED = "the provided authorization refresh token is invalid or was issued to another client"
