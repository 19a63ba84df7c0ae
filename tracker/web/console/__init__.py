"""The restaurant's console: its board, its orders, and its settings."""
