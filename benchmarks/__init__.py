"""How fast the library is, side by side with others: `python -m benchmarks codec`."""
