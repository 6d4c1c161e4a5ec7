"""Bar codes and tax numbers with their check digits, and GUIDs that follow from a name."""

from uuid import NAMESPACE_URL, UUID, uuid5

from wapro.sample.schema import DoesNotFit


def with_check_digit(body: str) -> str:
    """A GTIN of 8, 12, 13 or 14 digits from all but its last one."""
    if not body.isdigit():
        raise DoesNotFit(f"not digits: {body!r}")
    weighted = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return body + str((10 - weighted % 10) % 10)


def ean13(prefix: str, number: int) -> str:
    """The bar code of the `number`-th article of a family with a three-letter prefix; `number` below 10 000."""
    family = 0
    for letter in prefix:
        family = family * 26 + ord(letter) - ord("A")
    return with_check_digit(f"590{family:05d}{number:04d}")


def nip(number: int) -> str:
    """A tax number that adds up but cannot exist, for no tax office has the code 000."""
    weights = (6, 5, 7, 2, 3, 4, 5, 6, 7)
    while True:
        body = f"000{number:06d}"
        check = sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) % 11
        if check < 10:
            return body + str(check)
        number += 1


def guid(name: str) -> str:
    """Lower case with hyphens; the same name gives the same GUID."""
    return str(uuid5(_NAMESPACE, name))


_NAMESPACE: UUID = uuid5(NAMESPACE_URL, "integrator sample company")
