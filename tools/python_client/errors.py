"""The errors: a class for each code."""

import builtins

from tools.python_client.document import Document
from tools.python_client.texts import HEADER, docstring


def file(document: Document) -> str:
    """The content of `errors.py`."""
    codes = document.errors()
    classes = [
        f"class {class_name(code)}(ApiError):\n{docstring(meaning, 4)}\n    CODE = {code!r}\n"
        for code, meaning in codes.items()
    ]
    known = ", ".join(map(class_name, codes))
    return (
        HEADER.format(title="A class for each code of the API's errors.")
        + "from coditect_client.exceptions import ApiError\n\n\n"
        + "\n\n".join(classes)
        + f"\n\nBY_CODE: dict[str, type[ApiError]] = {{one.CODE: one for one in ({known},)}}\n"
    )


def class_name(code: str) -> str:
    """`SESSION_NOT_FOUND` as a class; `Api…` where Python has the name itself."""
    name = code.title().replace("_", "")
    return f"Api{name}" if hasattr(builtins, name) else name
