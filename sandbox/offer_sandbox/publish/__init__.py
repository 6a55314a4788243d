"""The documents that the project publishes: catalogue, OpenAPI, GraphQL schema, fixtures and exports."""
