"""Pictures lent to a shop that fetches them itself: kept for a while, served under an address that expires.

For platforms that take a picture only by its address. Whoever has the address sees the picture, which is about to be
public in the shop anyway; nobody can guess one.
"""

from collections.abc import Callable
from datetime import timedelta

from django.core import signing
from django.urls import reverse
from django.utils import timezone

from integrator.leases import LeaseHold
from integrator.public_address import public_url
from shops.models import LentPicture, ShopConnection

LENT_FOR = timedelta(hours=1)
CONTENT_TYPES = {"png": "image/png", "jpg": "image/jpeg", "gif": "image/gif", "webp": "image/webp"}
_SALT = "lent-picture"


def publisher(connection: ShopConnection, hold: LeaseHold | None) -> Callable[[bytes, str], str] | None:
    """What `ShopAccess.publish` is: None when the outside world cannot reach the panel."""
    if public_url("/") is None:
        return None

    def publish(content: bytes, extension: str) -> str:
        if hold is not None:
            hold.check()
        lent = LentPicture.objects.create(
            connection=connection, content=content, extension=extension, expires_at=timezone.now() + LENT_FOR
        )
        # WordPress takes a picture only from an address that ends like the name of a file.
        address = public_url(reverse("lent_picture", args=[signing.dumps(lent.pk, salt=_SALT), extension]))
        assert address is not None
        return address

    return publish


def lent(token: str, extension: str) -> LentPicture | None:
    """The picture behind an address that `publish` gave, None when there is none or its time is over."""
    try:
        pk = signing.loads(token, salt=_SALT, max_age=LENT_FOR)
    except signing.BadSignature:
        return None
    return LentPicture.objects.filter(pk=pk, extension=extension, expires_at__gt=timezone.now()).first()


def forget_expired() -> None:
    LentPicture.objects.filter(expires_at__lte=timezone.now()).delete()
