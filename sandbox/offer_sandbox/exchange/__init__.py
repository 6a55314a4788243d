"""One request from its route to its journal entry, for any provider."""
