"""What the API takes and returns: Pydantic models, and their translation from and to domain objects."""
