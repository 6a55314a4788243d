"""Makes the calls of a player inside the server, without a connection."""

from collections.abc import Mapping

from flask import current_app, request

from offer_sandbox.admin.call import ADMIN
from offer_sandbox.admin.resources.send import request_to_send
from offer_sandbox.admin.services import bearer, services
from offer_sandbox.console.credentials import own_authorization
from offer_sandbox.contract.delivery import GATEWAY
from offer_sandbox.publish.player import Seen


def send(method: str, path: str, headers: Mapping[str, str], body: bytes | None, _: float) -> Seen:
    """Makes a call as `Player` requires. Delays are not waited for. A fault is reported, with the headers that the
    client would not receive. Raises ValueError for a call that cannot be sent."""
    if path.startswith(f"{ADMIN}/"):
        return _control(method, path, headers, body)
    return _provider(method, path, headers, body)


def _control(method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Seen:
    own = {**headers, "Authorization": f"Bearer {bearer()}"} if bearer() else dict(headers)
    client = current_app.test_client(use_cookies=False)
    answer = client.open(path, method=method, headers=own, data=body, base_url=request.host_url)
    return Seen(
        status=answer.status_code,
        headers={name.lower(): value for name, value in answer.headers},
        body=answer.get_data(),
    )


def _provider(method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Seen:
    own = {each: own_authorization(value) if each == "Authorization" else value for each, value in headers.items()}
    pairs = [{"name": name, "value": value} for name, value in own.items()]
    asked = {"method": method, "target": path, "headers": pairs, "body": (body or b"").decode(errors="replace")}
    request_sent = request_to_send(asked)
    response, delivery = services().pipeline.handle(request_sent)
    while delivery.resume is not None:  # the call has a delay before it
        response, delivery = services().pipeline.handle(request_sent, delivery.resume)
    named = {name.lower(): value for name, value in response.headers}
    fault = delivery.fault.type if delivery.fault else ""
    if delivery.fault is not None and not delivery.fault.traits.answers:
        return Seen(headers=named, fault=fault)
    gateway = response.status == 502 and response.media_type.startswith("text/html")
    typed = {"content-type": response.media_type, **named}
    return Seen(status=response.status, headers=typed, body=response.payload, fault=GATEWAY if gateway else fault)
