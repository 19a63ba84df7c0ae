"""How what a platform says becomes what we know."""
