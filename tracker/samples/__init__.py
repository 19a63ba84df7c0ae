"""Sample orders in every state, created by the operations: for the gallery, previews, the demo and tests."""
