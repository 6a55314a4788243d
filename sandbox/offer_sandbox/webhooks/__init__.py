"""Sends the webhooks in the outboxes: host allowlist, HTTP client and dispatcher."""
