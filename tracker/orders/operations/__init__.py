"""The operations that change orders, grouped by actor, and loading an order in order to change it."""
