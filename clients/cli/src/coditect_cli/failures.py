"""What can go wrong, and the exit code for it.

| exit code | what it means |
|---|---|
| 0 | done |
| 1 | the server refused |
| 2 | the command was called wrongly |
| 3 | there is no login, or it has ended |
| 4 | the server cannot be reached or used |
| 130 | interrupted by Ctrl-C |
"""


class Failure(Exception):
    """Ends the command with one line on stderr. Its message has no secret."""

    exit_code = 1

    def __init__(self, message: str, code: str, request_id: str = "") -> None:
        """Takes a sentence, a code for programs, and the id under which the server logged it."""
        super().__init__(message)
        self.message = message
        self.code = code
        self.request_id = request_id


class Refused(Failure):
    """The server understood the request and refused it."""


class Misuse(Failure):
    """The command cannot do what its arguments or variables ask for."""

    exit_code = 2

    def __init__(self, message: str) -> None:
        """Takes a sentence that says what to do instead."""
        super().__init__(message, "MISUSE")


class NotLoggedIn(Failure):
    """There is no login at the server, or it has ended."""

    exit_code = 3

    def __init__(self, message: str, code: str = "NOT_LOGGED_IN", request_id: str = "") -> None:
        """Takes what is missing."""
        super().__init__(message, code, request_id)


class Unavailable(Failure):
    """The server cannot be reached, or its answer cannot be used."""

    exit_code = 4

    def __init__(self, message: str, code: str = "UNAVAILABLE", request_id: str = "") -> None:
        """Takes what happened."""
        super().__init__(message, code, request_id)
