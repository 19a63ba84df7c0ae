"""The restaurant's console: the board, the pages of its orders, and the settings."""
