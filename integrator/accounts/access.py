"""The door to tenant data: nothing of a client is read in a view that did not come through here.

Each tenant model says in `tenant_path` how it leads to its client: "self" (the client), "firm", "" (the firm itself), a
path of relations ("connection__client"), or two of them of which one is set ("shop__client|erp__client").
"""

from dataclasses import dataclass
from typing import Any, Literal, TypeVar, cast

from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from integrator.accounts.models import RANK, Client, Firm, Membership, Role, User

__all__ = ["Place", "Role", "clients_of", "firms_of", "get_or_404", "place_of", "role_for", "role_in_firm"]

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the panel a request stands, as the door found it. `role` is the person's role there."""

    firm: Firm
    client: Client | None
    role: Role
    target: models.Model
    of_firm: bool = False
    """The person has a role in the whole firm, so the firm's pages are open too."""

    def allows(self, role: str) -> bool:
        """Whether the person may do here what needs `role`."""
        return RANK[self.role] >= RANK[Role(role)]

    @property
    def operates(self) -> bool:
        return self.allows(Role.OPERATOR)

    @property
    def implements(self) -> bool:
        return self.allows(Role.IMPLEMENTER)

    @property
    def administers(self) -> bool:
        return self.allows(Role.ADMINISTRATOR)


def memberships_of(user: User) -> list[Membership]:
    """All memberships of an active person, with firm and client. Read once per user object."""
    if not user.is_active or user.pk is None:
        return []
    kept: list[Membership] | None = user.__dict__.get("_memberships")
    if kept is None:
        kept = list(user.memberships.select_related("firm", "client").order_by("id"))
        user.__dict__["_memberships"] = kept
    return kept


def firms_of(user: User) -> list[Firm]:
    """Firms in which the person has a role in the whole firm."""
    return [m.firm for m in memberships_of(user) if m.client_id is None]


def clients_of(user: User) -> QuerySet[Client]:
    """Every client the person may see, by name."""
    mine = memberships_of(user)
    firms = [m.firm_id for m in mine if m.client_id is None]
    clients = [m.client_id for m in mine if m.client_id is not None]
    return Client.objects.filter(models.Q(firm__in=firms) | models.Q(pk__in=clients)).order_by("name", "id")


def _highest(roles: list[str]) -> Role | None:
    return Role(max(roles, key=lambda role: RANK[Role(role)])) if roles else None


def role_for(user: User, client: Client) -> Role | None:
    """The person's highest role at a client: through the firm or at the client itself. None for a stranger."""
    return _highest(
        [m.role for m in memberships_of(user) if m.firm_id == client.firm_id and m.client_id in (None, client.pk)]
    )


def role_in_firm(user: User, firm: Firm) -> Role | None:
    """The person's role in the whole firm. A member of single clients has none."""
    return _highest([m.role for m in memberships_of(user) if m.firm_id == firm.pk and m.client_id is None])


def _related(path: str) -> list[str]:
    """What to fetch along with the object so that walking its tenant path asks nothing more."""
    if path == "":
        return []
    if path == "self":
        return ["firm"]
    if path == "firm":
        return ["firm"]
    return [f"{part}__firm" for part in path.split("|")]


def _walk(found: models.Model, path: str) -> Any:
    """The object at the end of one path of relations, None where it breaks off."""
    here: Any = found
    for name in path.split("__"):
        here = getattr(here, name) if here is not None else None
    return here


def _tenant(found: models.Model) -> tuple[Firm, Client | None]:
    path = cast(str, getattr(type(found), "tenant_path"))  # noqa: B009
    if path == "":
        return cast(Firm, found), None
    if path == "self":
        return cast(Client, found).firm, cast(Client, found)
    if path == "firm":
        return cast(Firm, _walk(found, "firm")), None
    for part in path.split("|"):
        client = _walk(found, part)
        if client is not None:
            return client.firm, client
    raise Http404


def get_or_404(request: HttpRequest, model: type[M], pk: object, role: Role | Literal["viewer"] = Role.VIEWER) -> M:
    """The object, if it exists and the person has at least `role` where it belongs. Sets `request.place`.

    Raises Http404 for a stranger exactly as for an object that does not exist, PermissionDenied (with a sentence for
    the page) for a member whose role is too low.
    """
    path = cast(str, getattr(model, "tenant_path"))  # noqa: B009
    query = model._default_manager.select_related(*_related(path)) if path else model._default_manager.all()
    found = query.filter(pk=pk).first()
    if found is None:
        raise Http404
    firm, client = _tenant(found)
    user = cast(User, request.user)
    have = role_for(user, client) if client is not None else role_in_firm(user, firm)
    if have is None:
        raise Http404
    place = Place(firm=firm, client=client, role=have, target=found, of_firm=role_in_firm(user, firm) is not None)
    request.place = place  # type: ignore[attr-defined]
    if not place.allows(role):
        raise PermissionDenied(
            _("This needs the role “%(needed)s”. Yours here is “%(have)s”.")
            % {"needed": Role(role).label, "have": have.label}
        )
    return found


def place_of(request: HttpRequest) -> Place:
    """The place the door found in this request. Raises Http404 where no view went through the door."""
    place = getattr(request, "place", None)
    if place is None:
        raise Http404
    return cast(Place, place)
