"""The generator: reads the specification's XML and writes the Python package `amqp_spec`."""
