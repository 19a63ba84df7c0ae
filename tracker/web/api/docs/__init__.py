"""The documentation of the API: the OpenAPI and AsyncAPI documents, and the page that shows them."""
