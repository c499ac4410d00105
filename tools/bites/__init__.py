"""Whether the tests bite: one entry of a state table or one guard is spoilt at a time, and some test has to fail.

`python -m tools.bites --seed 1` spoils each entry of the engine's tables of legality and a seeded choice of guards of
the engine and the generated codec, and runs the tests that execute them. What no test notices is a survivor: it is
printed with its place, and the exit code is 1. `--guards all` takes every guard that a seed could choose; `--no-tables`
leaves out the tables. First all tests run in forks with nothing spoilt: what fails then would notice anything.

Why a tool of its own: cosmic-ray rewrites files where they stand and starts a whole test run for each mutant; mutmut
mutates the bodies of functions, while what is legal here stands in tables at the level of modules. Neither can drop an
entry of a table, and neither chooses the tests by what they execute. Here pytest collects once; each mutant is a fork
of that process, in which the code of one function, or one entry of one table, is another. No file is touched.
"""
