"""What a start loads: nothing that the first call of a provider does not need."""

import json
import subprocess
import sys

from offer_sandbox.admin import control_calls
from offer_sandbox.assembly import assembled
from offer_sandbox.options import Options
from offer_sandbox.providers import providers

_PROGRAM = """
import json, sys
from offer_sandbox.assembly import assembled, check_providers
from offer_sandbox.options import Options
from offer_sandbox.providers import providers
from offer_sandbox.server import logs, server
from offer_sandbox.server.application import Application
from offer_sandbox.server.incoming import Incoming
from offer_sandbox.server.own_paths import OwnPaths
from offer_sandbox.server.waiting import Parking

check_providers()
services = assembled(Options(), providers())
own = OwnPaths(services)
parking = Parking(services.notifier, services.metrics.parked)
application = Application(own, services.pipeline, own.is_own, parking)

def status(path):
    headers = [(b"Host", b"localhost"), (b"Authorization", b"Bearer sbx_start"),
               (b"Accept", b"application/json"), (b"X-EBAY-C-MARKETPLACE-ID", b"EBAY_US")]
    return application.answer(Incoming("GET", path, path, b"", "1.1", headers, True)).status

called = [status(b"/sell/negotiation/v1/find_eligible_items"), status(b"/ebay/nothing")]
loaded = sorted(sys.modules)
print(json.dumps([called, loaded, status(b"/health"), "flask" in sys.modules]))
"""
_LATER = ("flask", "werkzeug", "jinja2", "click", "graphql", "prometheus_client", "structlog", "trustme", "faker")


def test_a_providers_first_call_loads_no_framework():
    ended = subprocess.run(
        [sys.executable, "-c", _PROGRAM], capture_output=True, text=True, timeout=60, check=True
    )
    called, loaded, health, flask_loaded = json.loads(ended.stdout)
    assert called == [200, 404]
    assert [name for name in _LATER if name in loaded] == []
    assert (health, flask_loaded) == (200, True)


def test_no_path_of_the_sandbox_begins_like_a_providers():
    services = assembled(Options(), providers())
    router = services.pipeline.router
    services.store.close()
    assert [call.path for call in control_calls() if router.knows(call.path)] == []
    assert router.knows("/ebay/anything")
    assert router.knows("/sell/negotiation/v1/find_eligible_items")
