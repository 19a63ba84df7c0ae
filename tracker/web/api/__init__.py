"""The API for restaurants and applications: everything below /api/v1/ that its OpenAPI document describes."""
