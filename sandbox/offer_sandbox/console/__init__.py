"""The pages for browsers, below `/__admin/ui` and at the providers' GraphQL endpoints."""
