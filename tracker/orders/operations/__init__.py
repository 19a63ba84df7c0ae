"""What is done to an order: one operation for each act, and loading an order in order to change it."""
