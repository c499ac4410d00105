"""Mutated input for every decoder and for the engine in both roles: see ``python -m fuzz --help``."""
