"""The sandbox in test suites: a server for the tests, a workspace for each, and scenarios that are played."""

from offer_sandbox.testing.control import ControlError
from offer_sandbox.testing.sandbox import Sandbox
from offer_sandbox.testing.server_process import ServerFailed

__all__ = ["ControlError", "Sandbox", "ServerFailed"]
