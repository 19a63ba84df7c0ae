"""The customer's pages: their orders, one order live, and sharing it."""
