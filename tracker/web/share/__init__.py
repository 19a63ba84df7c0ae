"""The shared page of an order, for whoever has its link."""
