"""`python -m tools.run`, which is `make run`. The story is in `tools.supervisor`."""

import signal
import sys

if __name__ == "__main__":
    # Until there is something to stop in order, Ctrl-C just ends this, without a traceback: hence
    # no other import before.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

    import os

    from tools.supervisor import main

    sys.exit(main(os.environ))
