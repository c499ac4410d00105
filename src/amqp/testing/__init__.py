"""Help for tests of programs that use this library. Nothing is imported before it is asked for."""
