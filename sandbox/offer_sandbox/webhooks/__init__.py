"""Sends the events in the outboxes: which hosts may be called, one call, and the dispatcher."""
