"""`python -m tools.run`, which is `make run`; see `tools.supervisor`."""

import signal
import sys

if __name__ == "__main__":
    # Before anything runs, Ctrl-C ends this process without a traceback. Importing takes a
    # moment, so the imports come after this line. A background job of a script ignores SIGINT.
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    import os

    from kernel import streams

    streams.prepare()

    from tools.supervisor import main

    sys.exit(main(os.environ))
