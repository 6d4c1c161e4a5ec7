"""Where a configuration comes from: another connection, a firm's template, a file. One of another firm is not there."""

import json
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from integrator.accounts.access import Role, clients_of, role_for, role_in_firm
from integrator.accounts.models import User
from integrator.canonical.records import keepable
from shops.models import ShopConnection
from syncjobs.configuration.document import Document, as_data, of_data
from syncjobs.configuration.reading import entries_of, look
from syncjobs.models import ConfigurationTemplate, ConfigurationUpload

KEPT_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Source:
    ref: str
    """`shop-12`, `template-3` or `upload-7`."""
    label: str
    document: Document


def export(connection: ShopConnection) -> dict[str, object]:
    """The document of a connection, as JSON holds it."""
    return as_data(entries_of(look(connection)), platform=connection.platform, name=connection.name)


def find(ref: str, target: ShopConnection, user: User) -> Source | None:
    """None when there is no such source, or it is not this person's to read, or of another firm than the target.

    Raises DocumentRefused when a template of an older version can no longer be read."""
    kind, _dash, number = ref.partition("-")
    if not number.isdecimal() or len(number) > 18:
        return None
    if kind == "shop":
        return _of_shop(ref, int(number), target, user)
    firm = target.client.firm
    if kind == "template":
        template = ConfigurationTemplate.objects.filter(pk=int(number), firm=firm).first()
        if template is None or role_in_firm(user, firm) is None:
            return None
        return Source(ref, template.name, of_data(template.document))
    upload = ConfigurationUpload.objects.filter(pk=int(number), connection=target).first() if kind == "upload" else None
    return None if upload is None else Source(ref, upload.name, of_data(upload.document))


def _of_shop(ref: str, number: int, target: ShopConnection, user: User) -> Source | None:
    found = ShopConnection.objects.select_related("client__firm").filter(pk=number).exclude(pk=target.pk).first()
    if found is None or found.client.firm_id != target.client.firm_id or role_for(user, found.client) is None:
        return None
    return Source(ref, f"{found.client}: {found}", of_data(export(found)))


def connections_for(target: ShopConnection, user: User) -> list[ShopConnection]:
    """Other connections of the firm that the person may read."""
    mine = clients_of(user).filter(firm=target.client.firm_id)
    found = ShopConnection.objects.filter(client__in=mine).exclude(pk=target.pk)
    return list(found.select_related("client").order_by("client__name", "name")[:500])


def templates_for(target: ShopConnection, user: User) -> list[ConfigurationTemplate]:
    """The firm's templates, for those who belong to the whole firm: a template may name another client's words."""
    if role_in_firm(user, target.client.firm) is None:
        return []
    found = ConfigurationTemplate.objects.filter(firm=target.client.firm_id)
    return list(found.select_related("saved_by").defer("document"))


def may_keep(target: ShopConnection, user: User) -> bool:
    """Whether the person may save, rename and delete templates of the firm."""
    return role_in_firm(user, target.client.firm) in (Role.IMPLEMENTER, Role.ADMINISTRATOR)


def as_json(text: bytes) -> dict[str, object]:
    """What was parsed before, as it is kept."""
    data: dict[str, object] = json.loads(text.decode("utf-8-sig"))
    return data


def keep_upload(target: ShopConnection, name: str, data: dict[str, object], user: User) -> ConfigurationUpload:
    """Keep a file while it is compared; those of yesterday are forgotten."""
    ConfigurationUpload.objects.filter(at__lt=timezone.now() - KEPT_FOR).delete()
    return ConfigurationUpload.objects.create(connection=target, name=keepable(name)[:100], document=data, by=user)
