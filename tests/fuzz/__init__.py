"""Nonsense for everything that takes something from outside. Few cases in `make test`, `make fuzz` runs the many."""
