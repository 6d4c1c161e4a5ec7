"""Two firms with clients and people of every role: who may see what is tried on them."""

from dataclasses import dataclass, field

from django.utils import timezone

from integrator.accounts import invitations
from integrator.accounts.models import Client, Firm, Membership, Role, User
from shops.models import ShopConnection
from syncjobs.models import ConfigurationTemplate, Conflict, Deed, Errand, Link, Run, SnapshotItem, Step, SyncOptions
from syncjobs.models.choices import Status
from syncjobs.models.orders import ShopOrder
from wapro.models import WaproConnection

PASSWORD = "correct horse battery"


@dataclass
class Tenants:
    """`firm` has `client` (with both connections and a run) and `other`; `foreign` belongs to another firm."""

    firm: Firm
    client: Client
    other: Client
    foreign: Firm
    shop: ShopConnection
    erp: WaproConnection
    people: dict[str, User] = field(default_factory=dict)

    @property
    def administrator(self) -> User:
        return self.people["administrator"]


def person(email: str, firm: Firm | None = None, client: Client | None = None, role: str = Role.VIEWER) -> User:
    """Somebody who can be signed in by `force_login`; the password is not hashed, which would take its time."""
    user = User(email=email, name=email.split("@")[0], language="en")
    user.set_unusable_password()
    user.save()
    if firm is not None:
        Membership.objects.create(user=user, firm=firm, client=client, role=role)
    return user


def shop_of(client: Client, name: str = "Shoper", **more: object) -> ShopConnection:
    values: dict[str, object] = {
        "platform": "shoper",
        "address": "https://shop.example",
        "credentials": {"user": "api", "password": "very-secret-1"},
        "is_leading": True,
        **more,
    }
    return ShopConnection.objects.create(client=client, name=name, **values)


def erp_of(client: Client, **more: object) -> WaproConnection:
    values: dict[str, object] = {
        "server": "10.0.0.5,1433",
        "credentials": {"read_user": "reader", "read_password": "very-secret-2"},
        **more,
    }
    return WaproConnection.objects.create(client=client, **values)


def tenants() -> Tenants:
    firm, foreign = Firm.objects.create(name="Integrators"), Firm.objects.create(name="Others")
    client = Client.objects.create(firm=firm, name="Garden")
    other = Client.objects.create(firm=firm, name="Optics")
    made = Tenants(firm, client, other, foreign, shop_of(client), erp_of(client))
    made.people = {str(role): person(f"{role}@integrators.example", firm, role=role) for role in Role}
    made.people["owner"] = person("owner@garden.example", firm, client, Role.VIEWER)
    made.people["neighbour"] = person("neighbour@optics.example", firm, other, Role.IMPLEMENTER)
    made.people["stranger"] = person("stranger@others.example", foreign, role=Role.ADMINISTRATOR)
    made.people["nobody"] = person("nobody@example.example")
    return made


def samples(made: Tenants) -> dict[str, object]:
    """One object of the first client for every parameter name that addresses use. A new name needs a line here."""
    run = Run.objects.create(connection=made.shop, status=Status.SUCCEEDED)
    step = Step.objects.create(run=run, connection=made.shop, kind="product", position=0, status=Status.SUCCEEDED)
    link = Link.objects.create(connection=made.shop, kind="product", erp_key="K1", shop_key="1", origin="rule")
    conflict = Conflict.objects.create(connection=made.shop, link=link, kind="product", field="name")
    record = {"code": "K1", "name": "Rake"}
    for owner in ({"erp": made.erp}, {"shop": made.shop}):
        key = "K1" if "erp" in owner else "1"
        SnapshotItem.objects.create(kind="product", key=key, fingerprint="f", record=record, code="K1", **owner)
    SyncOptions.objects.get_or_create(connection=made.shop, kind="product", defaults={"criterion": "code_and_name"})
    membership = Membership.objects.get(user=made.people["operator"])
    invited, _token = invitations.invite(made.administrator, made.firm, made.client, "new@garden.example", Role.VIEWER)
    now = timezone.now()
    order = ShopOrder.objects.create(connection=made.shop, shop_key="1001", placed_at=now, read_at=now)
    return {
        "firm": made.firm.pk,
        "client": made.client.pk,
        "shop": made.shop.pk,
        "erp": made.erp.pk,
        "run": run.pk,
        "step": step.pk,
        "link": link.pk,
        "conflict": conflict.pk,
        "membership": membership.pk,
        "invitation": invited.pk,
        "order": order.pk,
        "errand": Errand.objects.create(shop=made.shop, verb=Errand.Verb.COUNT_FILTER).pk,
        "template": ConfigurationTemplate.objects.create(firm=made.firm, name="Usual", document={}).pk,
        "deed": Deed.objects.create(connection=made.shop, kind="product", verb=Deed.Verb.LINK).pk,
        "kind": "product",
        "part": "scope",
        "side": "erp",
        "key": "K1",
        "field": "name",
    }
