"""Reading orders: finders, which check who may see an order, and read models for the pages."""
