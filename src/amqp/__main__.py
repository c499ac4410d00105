"""``python -m amqp``: the command ``amqp``."""

from __future__ import annotations

import sys

from amqp.cli import main

if __name__ == "__main__":
    sys.exit(main())
