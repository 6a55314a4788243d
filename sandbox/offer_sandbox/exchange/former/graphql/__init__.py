"""The GraphQL style of an API: how its requests are read, carried out and answered."""
