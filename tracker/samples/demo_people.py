"""The e-mail addresses of the people in the demo."""

DEMO_ADDRESS = "robin@example.com"
"""The customer's address."""
KITCHEN_ADDRESS = "kitchen@example.com"
"""The address of the restaurant's owner."""
