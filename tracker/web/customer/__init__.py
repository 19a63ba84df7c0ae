"""The customer's pages: the list of orders, one order with live updates, and its share links."""
