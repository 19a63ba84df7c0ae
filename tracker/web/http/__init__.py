"""What every door uses: services, authentication, security headers, assets, errors, htmx, request log."""
