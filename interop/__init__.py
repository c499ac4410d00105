"""Installs and starts real AMQP 1.0 brokers on loopback and runs checks against them: `python -m interop`."""
