"""A login that the shop refused: nothing tries it again by itself, for shops lock accounts that keep trying.

The mark stands in the connection's problem. What takes it off is a test of the settings that passes, an access that is
saved, or a run that a person started and that got through.
"""

from typing import Any

from integrator.canonical.errors import AuthFailed, IntegrationError
from shops.models import ShopConnection

MARK = "login"
REFUSED = "refused"


def told(error: IntegrationError, data: dict[str, Any]) -> dict[str, Any]:
    """The problem as a connection keeps it, with the mark where the login was refused."""
    return data | {MARK: REFUSED} if isinstance(error, AuthFailed) else data


def refused(connection: ShopConnection) -> bool:
    """Whether the login waits for a person, as far as this object was loaded."""
    return (connection.problem or {}).get(MARK) == REFUSED


def accept(connection: ShopConnection) -> None:
    """The shop let us in after all."""
    connection.healthy = connection.problem = None
    ShopConnection.objects.filter(pk=connection.pk, problem__login=REFUSED).update(healthy=None, problem=None)
