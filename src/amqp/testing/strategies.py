"""Hypothesis strategies for every type and performative: ``strategies.transfer()``, ``strategies.values()``.

A function has the name of the XML's type in snake_case, with an underscore behind it where Python has that name
(``open_``, ``list_``). See ``amqp_spec.strategies``, which is this module.
"""

try:
    from amqp_spec.strategies import *  # noqa: F403 - one module under two names
    from amqp_spec.strategies import __all__ as __all__  # noqa: PLC0414 - re-exported for type checkers
except ModuleNotFoundError as missing:
    if missing.name != "hypothesis":
        raise
    raise ModuleNotFoundError(
        "strategies need hypothesis: pip install 'amqp10[testing]'", name="hypothesis"
    ) from missing
