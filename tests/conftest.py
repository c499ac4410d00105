"""What all tests need."""

from __future__ import annotations

import signal

# Where this process was started with SIGINT ignored (in the background, by some CI), the programs that the tests start
# would inherit that and not see their Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)
