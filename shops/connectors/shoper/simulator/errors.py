"""The shop's refusals: a status, an error code and a text, as Shoper puts them."""

from shops.simulation import http
from shops.simulation.http import Headers

NOT_FOUND_TEXT = "Resource not found"


class Refused(http.Refused):
    """An answer other than success, with the body `{"error", "error_description"}`."""

    def __init__(self, status: int, error: str, description: str, headers: Headers | None = None) -> None:
        super().__init__(status, {"error": error, "error_description": description}, headers)


def invalid(description: str) -> Refused:
    return Refused(400, "invalid_request", description)


def not_found() -> Refused:
    return Refused(404, "invalid_request", NOT_FOUND_TEXT)


class Findings:
    """Validation findings of one write, joined with "; " into one text as Shoper does."""

    def __init__(self) -> None:
        self._texts: list[str] = []

    def field(self, name: str, text: str) -> None:
        self._texts.append(f"Wartość pola '{name}' jest niepoprawna: {text}")

    def text(self, text: str) -> None:
        self._texts.append(text)

    def required(self, name: str) -> None:
        self.field(name, "Pole wymagane")

    def raise_if_any(self) -> None:
        if self._texts:
            raise invalid("; ".join(self._texts))
