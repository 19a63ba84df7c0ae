"""Shared by all blueprints: services, authentication, security headers, assets, errors, htmx, request log."""
