"""The processing of one request for any provider, from its route to its journal entry."""
