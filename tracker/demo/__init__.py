"""The demo: example data, created only through the interfaces of the real system, and a simulated kitchen."""
