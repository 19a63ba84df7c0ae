"""The people of the demo: by which addresses they are known."""

DEMO_ADDRESS = "robin@example.com"
"""The customer's."""
KITCHEN_ADDRESS = "kitchen@example.com"
"""The address of the restaurant's owner."""
