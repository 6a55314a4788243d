"""Floor 4: what the project publishes about itself: catalogue, OpenAPI, GraphQL schema, fixtures."""
