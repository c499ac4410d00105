"""What can go wrong, as one sentence for whoever reads the output."""


class InteropError(Exception):
    """A peer could not be had, or did not do what a check wants; str() is the whole message."""


class CommandFailed(InteropError):
    """A command ended with another exit code than 0; carries the end of its log."""


class PeerFailed(InteropError):
    """A peer did not come up; carries the end of its log."""


class CheckFailed(InteropError):
    """A peer and the library together gave something other than the check wants."""
