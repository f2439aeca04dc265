"""What a form must bring along, so that it counts: a MAC that only our own page can have.

It is bound to the browser that got the page, to the step, and to the request that the page is about. So
neither another site nor another session can answer for the user, and what was shown is what is answered.
"""

from datetime import UTC, datetime, timedelta

from kernel import base64url
from kernel.seal import Seal

LIFE = timedelta(hours=1)
"""How long a page can be answered."""
_PURPOSE = "form of a page"
_SECOND_BYTES = 8


class FormTokens:
    """Makes and checks the tokens of forms."""

    def __init__(self, seal: Seal) -> None:
        self._seal = seal

    def make(self, browser: str, about: str, now: datetime) -> str:
        """The token of a form.

        Args:
            browser: What names the browser: its visit before a login, or its login.
            about: What is asked, and by which request.
            now: The time.
        """
        second = int((now + LIFE).timestamp()).to_bytes(_SECOND_BYTES, "big")
        return base64url.encode(second + self._seal.mac(_PURPOSE, _data(second, browser, about)))

    def is_good(self, text: str, browser: str, about: str, now: datetime) -> bool:
        """Whether a token was made for that, and its page is not too old."""
        try:
            data = base64url.decode(text)
        except ValueError:
            return False
        second, tag = data[:_SECOND_BYTES], data[_SECOND_BYTES:]
        if len(tag) != len(self._seal.mac(_PURPOSE, b"")) or not browser:
            return False
        if not self._seal.verify_mac(tag, _PURPOSE, _data(second, browser, about)):
            return False
        return now < datetime.fromtimestamp(int.from_bytes(second, "big"), UTC)


def _data(second: bytes, browser: str, about: str) -> bytes:
    """Text that no other arguments give: neither part has a NUL."""
    return second + browser.encode() + b"\0" + about.encode()
