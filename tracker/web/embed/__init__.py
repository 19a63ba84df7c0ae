"""The status widget for other sites: its loader, its frame, its preview, and the page with instructions."""
