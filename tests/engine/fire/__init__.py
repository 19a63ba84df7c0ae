"""The engine under fire: all attacks at once and for long, while well-behaved viewers must notice nothing."""
