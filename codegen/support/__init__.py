"""Modules that are copied into the output as they are: the value model, the errors and the parts of the codec that the XML does not decide."""
