"""Access control for the control API, by Host and site on the loopback and by token elsewhere."""

import hmac

from flask import g, request

from offer_sandbox.admin.call import Concern, current_call
from offer_sandbox.admin.http import own_url
from offer_sandbox.admin.services import bearer, concerns, console_token, services, workspace_name
from offer_sandbox.contract.errors import ProblemDetailsError
from offer_sandbox.contract.http import host_name
from offer_sandbox.exchange.webhooks import USER_AGENT
from offer_sandbox.services import Services
from offer_sandbox.world.limits import UnknownWorkspace

_FORWARDED, _PREFIX = ("forwarded", "via"), "x-forwarded-"
_SANDBOX = USER_AGENT.partition("/")[0] + "/"
_TRUSTED_SITES = ("same-origin", "none")


def check_access(page: bool = False) -> None:
    """Rejects a control call that its caller may not make, or whose workspace must be created first. A `page` may
    be opened by a link on another site, which cannot read it. Raises ProblemDetailsError (400, 401, 403) or
    UnknownWorkspace."""
    here = services()
    here.workspaces.tidy(here.store)
    _demand_no_webhook()
    if here.admin_token is None:
        _direct()
        _known_host(here)
    if (here.admin_token is None or console_token()) and not (page and _is_navigation()):
        check_site()  # a browser adds the cookie to requests of other pages too
    if here.admin_token is not None and not is_admin(bearer()):
        g.confined_to = _own_workspace(here)
    name = workspace_name()  # rejects a malformed name before the call does anything
    concern = call.concern if (call := current_call()) else Concern.SERVER
    if concern is Concern.NAMED_WORKSPACE:
        concerns((request.view_args or {})["name"])
    if concern is Concern.ADMIN and confined_to() is not None:
        raise ProblemDetailsError(
            403, "forbidden", "Forbidden", "this call concerns the whole server, and needs the admin token"
        )
    if concern is Concern.WORKSPACE and here.workspaces.keyed and confined_to() is None:
        demand_workspace(name)  # a workspace's own key shows that the workspace exists
    g.admitted = True


def is_admin(token: str) -> bool:
    """Returns whether this is the admin token of the server, which must have one."""
    return hmac.compare_digest(token.encode(), str(services().admin_token).encode())


def is_admitted() -> bool:
    """Returns whether `check_access` has let the caller in."""
    return "admitted" in g


def _own_workspace(here: Services) -> str:
    """Returns the workspace that the caller's key opens. Raises ProblemDetailsError with 401 for any other
    credential, and with 403 if the request names another workspace."""
    own = here.workspaces.opened_by(here.store, bearer())
    if own is None:
        raise ProblemDetailsError(
            401, "unauthorized", "Unauthorized", "send the admin token or a workspace's key as a Bearer token"
        )
    if workspace_name() != own:
        raise ProblemDetailsError(
            403, "forbidden", "Forbidden", f"the key of workspace {own} gives no access to other workspaces"
        )
    return own


def demand_workspace(name: str) -> None:
    """Raises UnknownWorkspace if the workspace does not exist."""
    with services().store.transaction(writes=False) as transaction:
        if transaction.workspace(name) is None:
            raise UnknownWorkspace(name)


def confined_to() -> str | None:
    """Returns the workspace whose key was used for the current call, or None if the caller may see all
    workspaces."""
    found: str | None = g.get("confined_to")
    return found


def _demand_no_webhook() -> None:
    """Rejects a webhook of a sandbox. With one, a user of a workspace could act in the others on the loopback."""
    if request.headers.get("User-Agent", "").startswith(_SANDBOX):
        raise ProblemDetailsError(403, "from-webhook", "Webhook", "the control API does not accept webhooks")


def _direct() -> None:
    """Rejects a call that a proxy has forwarded. Whoever the proxy serves would be trusted as a user of this
    machine."""
    found = [name for name, _ in request.headers if name.lower() in _FORWARDED or name.lower().startswith(_PREFIX)]
    if found:
        detail = f"a proxy has forwarded the request ({found[0]}), so the control API needs serve --admin-token"
        raise ProblemDetailsError(403, "forwarded", "Forwarded request", detail)


def _known_host(here: Services) -> None:
    """Rejects an unknown Host. After DNS rebinding, a browser sends the attacker's host name in this header."""
    name = host_name(request.headers.get("Host", ""))
    if not here.pipeline.foreign_pages.knows_host(name):
        detail = f"the control API does not accept the Host {name[:100]!r} (allow it with --allow-host)"
        raise ProblemDetailsError(403, "foreign-host", "Host not allowed", detail)


def _is_navigation() -> bool:
    """Returns whether a browser opens an address as a page of its own."""
    headers = request.headers
    asked = (headers.get("Sec-Fetch-Mode"), headers.get("Sec-Fetch-Dest"))
    return request.method == "GET" and asked == ("navigate", "document")


def check_site() -> None:
    """Rejects a request that a page of another site makes. Raises ProblemDetailsError (403)."""
    fetched_from = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    own = (f"{request.scheme}://{request.headers.get('Host', '')}", own_url())
    if (fetched_from and fetched_from not in _TRUSTED_SITES) or (origin and origin not in own):
        detail = "the control API does not accept requests from pages of other sites"
        raise ProblemDetailsError(403, "cross-site", "Cross-site request", detail)
