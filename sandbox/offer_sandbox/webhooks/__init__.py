"""Floor 4: sends what is in the outboxes: which hosts may be called, one call, and the courier that makes them."""
