"""A server's no in a few words."""

import amqp


def said(error: amqp.AmqpError) -> str:
    """Return the class of an error, its condition, and what it took along."""
    cause = error.__cause__
    if isinstance(error, amqp.NotSent | amqp.InDoubt) and isinstance(cause, amqp.AmqpError):
        return f"{type(error).__name__}, {said(cause)}"
    if isinstance(error, amqp.OperationTimeout):
        return "no answer"
    condition = getattr(error, "condition", None)
    return type(error).__name__ + (f" {condition}" if condition else "")
