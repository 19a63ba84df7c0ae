"""The doors over HTTP. The only room that knows of requests, responses, URLs, templates and cookies."""
