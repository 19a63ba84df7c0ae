"""Made-up orders in every state, made by the operations themselves: for the gallery, previews, the demo and tests."""
