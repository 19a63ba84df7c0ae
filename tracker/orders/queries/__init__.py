"""What is read of orders: finders that take the proof of who asks, and read models for pages."""
