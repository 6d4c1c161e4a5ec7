"""What this run could not prove, said once at its end instead of being passed over in silence."""

_said: set[str] = set()


def not_proved(text: str) -> None:
    """Have "not proved here: <text>" printed after the tests; the same text is printed once."""
    _said.add(text)


def said() -> list[str]:
    return sorted(_said)
