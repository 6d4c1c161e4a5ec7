"""Who may do what: keys of the Webservice and their rights."""

from dataclasses import dataclass, field

from shops.connectors.prestashop.simulator.errors import Refused
from shops.connectors.prestashop.simulator.resources import METHODS, NAMES, READ, RESOURCES
from shops.connectors.prestashop.simulator.versions import Version
from shops.simulation.http import Request

API_KEY = "INTEGRATORTESTKEY000000000000001"
"""The key every simulated shop knows, granted everything."""


def everything() -> dict[str, set[str]]:
    return {name: set(METHODS) for name in NAMES}


def reading() -> dict[str, set[str]]:
    return {name: set(READ) for name in NAMES}


@dataclass
class Account:
    """One key: the methods it may use by resource; `foreign` keys belong to another shop of the installation."""

    rights: dict[str, set[str]] = field(default_factory=everything)
    active: bool = True
    foreign: bool = False


@dataclass
class Access:
    """The keys of the shop, and whether its Webservice is switched on."""

    version: Version
    accounts: dict[str, Account] = field(default_factory=lambda: {API_KEY: Account()}, repr=False)
    enabled: bool = True

    def account(self, request: Request) -> Account | None:
        """The account of the key that a request shows; None when it shows nothing. Raises `Refused`."""
        key, _ = request.basic()
        if not request.authorization and not request.first("ws_key"):
            return None
        key = key or request.first("ws_key")
        if not self.enabled:
            raise Refused(503, (22, "The PrestaShop webservice is disabled. Please activate it in the Back Office"))
        if not key:
            raise Refused(401, (17, "Authentication key is empty"))
        if len(key) != 32:
            raise Refused(401, (18, "Invalid authentication key format"))
        account = self.accounts.get(key)
        if account is None or not account.active:
            inactive = (20, "Authentification key is not active")
            raise Refused(401, inactive, (21, "No permission for this authentication key"))
        if account.foreign:
            raise Refused(403, (132, "Bad shop: this key is not for this shop"))
        return account

    def require(self, account: Account, method: str, name: str) -> None:
        """Raises `Refused` unless the account may use the method on the resource."""
        if name not in NAMES:
            known = ", ".join(NAMES)
            raise Refused(400, (27, f'Resource of type "{name}" does not exists. The available resources are: {known}'))
        granted = account.rights.get(name)
        if granted is None:
            raise Refused(401, (26, f'Resource of type "{name}" is not allowed with this authentication key.'))
        if method not in METHODS or (method == "PATCH" and not self.version.patches):
            raise Refused(405, (23, f"Method {method} is not valid"))
        if name in RESOURCES and method in RESOURCES[name].forbidden:
            raise Refused(405, (101, f"Method {method} is not allowed for the resource {name}"))
        if method not in granted:
            told = f"Method {method} is not allowed for the resource {name} with this authentication key"
            raise Refused(405, (25, told))
