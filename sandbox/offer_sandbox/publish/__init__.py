"""What the project publishes about itself: catalogue, OpenAPI, GraphQL schema, fixtures, exports."""
