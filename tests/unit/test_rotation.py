"""Keys are changed while the panel works: everything is written anew, nothing is lost, what cannot be read is said."""

from io import StringIO

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection

from integrator import rotation
from integrator.crypto import EncryptedJSONField
from integrator.rotation import encrypted_fields
from shops.models import ShopConnection
from tests.web.tenants import shop_of, tenants

pytestmark = pytest.mark.django_db
OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def stored() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT credentials FROM shops_shopconnection ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("rotate_keys", *arguments, stdout=out)
    return out.getvalue()


def test_secrets_are_renewed_in_batches_and_the_old_key_can_go(settings, monkeypatch):
    monkeypatch.setattr(rotation, "BATCH", 2)
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    made = tenants()
    for number in range(4):
        shop_of(made.other, f"Shop {number}", credentials={"password": f"secret-{number}"}, is_leading=False)
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    with pytest.raises(CommandError, match="still need an older key"):
        run("--check")
    shop_of(made.other, "Newer", is_leading=False)  # somebody saves meanwhile
    before = stored()
    assert "shops_shopconnection.credentials: 5 renewed, 1 up to date already" in run()
    assert "0 waiting, 6 up to date" in run("--check")
    assert (stored()[-1], set(stored()[:-1]) & set(before)) == (before[-1], set())
    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    shops = ShopConnection.objects.filter(client=made.other).order_by("id")
    assert [shop.credentials["password"] for shop in shops][:4] == [f"secret-{number}" for number in range(4)]
    assert type(made.erp).objects.get().credentials["read_password"] == "very-secret-2"


def test_what_no_key_reads_is_left_as_it_is_and_said(settings):
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    tenants()
    before = stored()
    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    with pytest.raises(CommandError, match="with none of the keys"):
        run()
    assert stored() == before


def test_every_encrypted_column_is_known(settings):
    """And no secret is kept in another sort of column."""
    known = {f"{model._meta.label}.{field.name}" for model, field in encrypted_fields()}
    assert known >= {
        "shops.ShopConnection.credentials",
        "shops.ShopConnection.token",
        "wapro.WaproConnection.credentials",
        "syncjobs.WebhookSetup.secret",
        "syncjobs.AlertChannel.secret",
    }
    assert all(isinstance(field, EncryptedJSONField) for _model, field in encrypted_fields())
