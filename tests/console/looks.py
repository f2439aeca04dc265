"""The appearances in which axe looks at every page.

Light and dark have the same elements, and a few pages are looked at in both. So the usual run takes a tour
in the dark, and `make test-long` one in each.
"""

from typing import Any

from tests.support.promises import LONG

SCHEMES = ("light", "dark") if LONG else ("dark",)
LOOKS: list[dict[str, Any]] = [{"viewport": {"width": 360, "height": 740}, "color_scheme": "dark"}]
"""Options of a tab: a phone in the dark, and a wide window in the light."""
if LONG:
    LOOKS.append({"viewport": {"width": 1200, "height": 800}, "color_scheme": "light"})
