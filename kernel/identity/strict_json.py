"""JSON objects as this product writes them into tokens, and no others.

Two readers of a text that says one thing twice, or a whole number as `1e3`, may read two things.
"""

import json
from typing import Any


def parse_object(data: bytes) -> dict[str, Any]:
    """The members of a JSON object in UTF-8.

    Raises `ValueError` for any other text, for a member that is given twice, and for any number
    that is not a whole one in plain digits.
    """
    parsed = json.loads(
        data.decode(), object_pairs_hook=_members, parse_float=_refuse, parse_constant=_refuse
    )
    if not isinstance(parsed, dict):
        raise ValueError("Not a JSON object.")  # noqa: TRY004 - the one error of this function
    return parsed


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("A member is given twice.")
    return members


def _refuse(_: str) -> Any:
    raise ValueError("Not a whole number.")
