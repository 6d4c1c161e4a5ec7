"""Shop platforms, found by folder: adding one edits no file outside its own."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from shops import connectors
from shops.connectors.base import Platform


class UnknownPlatform(KeyError):
    """No connector folder has this name."""

    def __str__(self) -> str:
        return f"no connector for the shop platform {self.args[0]!r}; known are: {', '.join(platforms())}"


@cache
def platforms() -> dict[str, Platform]:
    """Every platform by name, in the order of their labels."""
    names = [module.name for module in iter_modules(connectors.__path__) if module.ispkg]
    found: list[Platform] = [import_module(f"shops.connectors.{name}.connector").PLATFORM for name in names]
    return {one.name: one for one in sorted(found, key=lambda one: one.label.casefold())}


def platform(name: str) -> Platform:
    """The platform of that name. Raises UnknownPlatform (a KeyError)."""
    try:
        return platforms()[name]
    except KeyError:
        raise UnknownPlatform(name) from None
