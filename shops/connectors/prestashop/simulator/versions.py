"""What differs between the versions of PrestaShop that matter to a client of the Webservice."""

from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Version:
    """A version such as "8.1.2"; the properties name what a version does, not its number."""

    text: str

    @cached_property
    def number(self) -> tuple[int, ...]:
        return tuple(int(part) for part in self.text.split(".") if part.isdigit())

    @property
    def major(self) -> int:
        return self.number[0]

    @property
    def patches(self) -> bool:
        """The method PATCH came with 8.0."""
        return self.number >= (8,)

    @property
    def escapes_messages(self) -> bool:
        return self.number < (9,)

    @property
    def survives_sql_errors(self) -> bool:
        """An unknown column gives an empty list in 9 and a fatal error before: both hide the mistake, one loudly."""
        return self.number >= (9,)

    @property
    def hashes_answers(self) -> bool:
        """`Local-Content-Sha1` works since 8.0."""
        return self.number >= (8,)

    @property
    def product_type(self) -> str:
        """What a product becomes whose type was not said."""
        return "standard" if self.number >= (9,) else ""

    @property
    def name_characters(self) -> str:
        """Characters that a product's name may not hold."""
        return "<>{}" if self.number >= (9,) else "<>;=#{}"
