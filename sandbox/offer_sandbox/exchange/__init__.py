"""Floor 3: the journey of one request from its address to its record; no provider's name stands here."""
