"""The Pydantic models of the API's requests and responses, and their conversion from and to domain objects."""
