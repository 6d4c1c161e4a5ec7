"""How the Webservice refuses: one or several errors of a code and a message, or nothing but a status."""


class Refused(Exception):
    """An answer other than success that carries errors. `messages` are unescaped; 8.x and older escape them."""

    def __init__(self, status: int, *errors: tuple[int, str]) -> None:
        super().__init__(f"{status} {errors}")
        self.status = status
        self.errors = errors


class Blank(Exception):
    """A status with an empty body: a missing id (404), or PHP that died (500)."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


def crash() -> Blank:
    """PHP ended in a fatal error: no error list, an empty body."""
    return Blank(500)
