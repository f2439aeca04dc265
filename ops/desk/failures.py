"""What the desk says when something does not work."""


class DeskFailed(Exception):
    """A command cannot be done; the message says why, for the person at the terminal."""


class LoginEnded(DeskFailed):
    """The kept login has ended: by a logout elsewhere, by its age, or with the operator."""

    def __init__(self) -> None:
        super().__init__("Your login has ended; log in again: python -m ops login --url URL")


class Refused(DeskFailed):
    """The API has refused a call.

    Attributes:
        code: The code of the error, such as `USER_NOT_FOUND`.
    """

    def __init__(self, code: str, message: str, request_id: str, details: list[str]) -> None:
        text = f"{message} ({code}, request {request_id})"
        super().__init__("\n".join([text, *details]))
        self.code = code
