"""The GraphQL API style: parsing and executing requests, and building their responses."""
