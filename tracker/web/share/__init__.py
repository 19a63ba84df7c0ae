"""The shared page of an order, for onlookers with a share link."""
