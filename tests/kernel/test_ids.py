"""UUIDs out of texts that are known to be UUIDs."""

import copy
from uuid import UUID, uuid4

import pytest

from kernel.ids import uuid_of


@pytest.mark.parametrize("value", [uuid4(), UUID(int=0), UUID(int=(1 << 128) - 1)])
def test_it_is_the_same_uuid(value: UUID) -> None:
    """It is equal to the one that `UUID` makes, in every respect, however the text is spelled."""
    for text in (str(value), str(value).upper()):
        made = uuid_of(text)
        assert (made, hash(made), str(made), made.bytes) == (
            value,
            hash(value),
            str(value),
            value.bytes,
        )
        assert made.is_safe is UUID(text).is_safe
        assert copy.deepcopy(made) == value


@pytest.mark.parametrize("text", ["", "-", "Ada", "x" * 36])
def test_another_text(text: str) -> None:
    """It is a `ValueError`, as for `UUID`, also if it is a hexadecimal number."""
    with pytest.raises(ValueError, match=r"invalid literal|Not an id"):
        uuid_of(text)
