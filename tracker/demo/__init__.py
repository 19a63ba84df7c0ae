"""The demo: a small believable world, made only through the doors that the real thing has, and a kitchen that plays."""
