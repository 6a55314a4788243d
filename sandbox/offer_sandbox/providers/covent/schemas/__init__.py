"""The shapes of Covent's payloads and of what is stored, in its own words; one file for each resource."""
