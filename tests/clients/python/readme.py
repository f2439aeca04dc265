"""The program of the client's README, and what it prints."""

import re
from pathlib import Path

PACKAGE = Path(__file__).parents[3] / "clients" / "python"
PRINTED = """\
The session has changed since; please read it again. It was based on 1, the session has 2.
['motor']
"""


def program() -> str:
    """The program, which takes a URL, an address and a password."""
    readme = (PACKAGE / "README.md").read_text("utf-8")
    (found,) = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    return str(found)
