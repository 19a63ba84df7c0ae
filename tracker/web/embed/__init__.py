"""The status widget for other sites: its loader, its frame, its preview, oEmbed, and the page with instructions."""
