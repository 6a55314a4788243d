"""eBay's consent page, where a seller authorizes an application. Its design is the sandbox's own."""

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

from offer_sandbox.contract import Call, Operation, Reply, RequestIssue
from offer_sandbox.contract.html_page import page_template
from offer_sandbox.providers.ebay import schemas
from offer_sandbox.providers.ebay.tokens import ALL_SCOPES, CODE_SECONDS, foreign_scope, mint_code

AUTHORIZE = "authorize"
_HEADERS = (
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
    ("Referrer-Policy", "no-referrer"),
)
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Grant access - Offer Sandbox for eBay</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 36rem; margin: 3rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; }
code { overflow-wrap: anywhere; }
.sandbox { border-left: .3rem solid #0654ba; padding-left: .8rem; color: #444; }
form { display: inline; }
button, summary { display: inline-block; padding: .5rem 1.6rem; border-radius: 1.4rem; cursor: pointer;
  border: 1px solid #0654ba; background: #fff; color: #0654ba; margin-right: .6rem; font: inherit; }
.agree { background: #0654ba; color: #fff; }
</style>
</head>
<body>
<p class="sandbox">This is the Offer Sandbox, not eBay. It imitates eBay's consent page.</p>
<h1>Grant application access</h1>
<p>The application <code>{{ client }}</code> requests access for the seller of workspace
<code>{{ workspace }}</code> with these scopes:</p>
<ul>
{% for scope in scopes %}<li><code>{{ scope }}</code></li>
{% endfor %}</ul>
{% if address %}{% for id, name, parameters in buttons %}<form id="{{ id }}" action="{{ address }}">
{% for key, value in parameters %}<input type="hidden" name="{{ key }}" value="{{ value }}">
{% endfor %}<button class="{{ id }}">{{ name }}</button></form>
{% endfor %}<p>Both buttons redirect to <code>{{ target }}</code>.</p>
{% else %}<details><summary class="agree">Agree</summary>
<p>The sandbox cannot redirect to the RuName <code>{{ target }}</code>. Enter this code in the application.
It is valid for {{ seconds }} seconds:</p>
<p><code id="code">{{ code }}</code></p></details>
{% endif %}</body>
</html>
"""


def validate_authorize(call: Call, found: Sequence[RequestIssue]) -> list[RequestIssue]:
    """Maps every parameter problem to `invalid_request`. A scope that is not eBay's is `invalid_scope`."""
    problems = [replace(problem, outcome="invalid_request") for problem in found]
    if not problems and not _readable(call.query["redirect_uri"]):
        reason = "is neither a RuName nor a URL"
        problems.append(RequestIssue(outcome="invalid_request", field="query.redirect_uri", reason=reason))
    beyond = foreign_scope(call.query.get("scope", ""))
    if beyond and not problems:
        reason = f"{beyond[:100]!r} is not an eBay scope"
        problems.append(RequestIssue(outcome="invalid_scope", field="query.scope", reason=reason))
    return problems


def _readable(target: str) -> bool:
    try:
        urlsplit(target)
    except ValueError:
        return False
    return True


@Operation(
    name=AUTHORIZE,
    method="GET",
    path="/oauth2/authorize",
    tag="OAuth",
    evidence="docs",
    source="eBay, Getting user consent (the page's design is the sandbox's own)",
    validate=validate_authorize,
    query=schemas.AuthorizeQuery(),
    error=schemas.ConsentError(),
    confidential=True,
    page=True,
)
def authorize(call: Call) -> Reply:
    """Returns the page on which a seller grants an application access.

    Open it in a browser. It needs no credential, because `client_id` names the application. If `redirect_uri` is a
    URL, the Agree button redirects to it with `code`, `expires_in` and `state`, and the Decline button with
    `error=access_denied`. If it is a RuName, the page shows the code. The code is valid once and for 299 seconds
    on the workspace's clock, for the same client and `redirect_uri`. Invalid parameters are refused with
    `invalid_request`, and scopes that are not eBay's with `invalid_scope`. The page's design, the Decline button
    and the status of these errors are inferred.
    """
    query = call.query
    scopes = tuple(query.get("scope", "").split()) or ALL_SCOPES
    code = mint_code(call.world, query["client_id"], query["redirect_uri"], scopes)
    target = query["redirect_uri"]
    state = [("state", query["state"])] if "state" in query else []
    parts = urlsplit(target)
    before = parse_qsl(parts.query, keep_blank_values=True)  # a form submission would discard these
    page = page_template(_PAGE).render(
        client=query["client_id"],
        workspace=call.world.name,
        scopes=scopes,
        target=target,
        address=target if parts.scheme in ("http", "https") else "",
        buttons=(
            ("agree", "Agree", [*before, ("code", code), ("expires_in", CODE_SECONDS), *state]),
            ("decline", "Decline", [*before, ("error", "access_denied"), *state]),
        ),
        code=code,
        seconds=CODE_SECONDS,
    )
    return Reply(outcome="success", body=page, headers=_HEADERS)
