"""Secrets at rest: a JSON field encrypted with Fernet keys that can be rotated."""

import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models

on_decrypt: list[Callable[[Any], None]] = []
"""Told every object that was decrypted: the log learns which values it must black out."""


@lru_cache(maxsize=4)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    if not keys:
        raise ImproperlyConfigured("FIELD_ENCRYPTION_KEYS is empty: set at least one Fernet key")
    return MultiFernet([Fernet(key) for key in keys])


def box() -> MultiFernet:
    """The first key of FIELD_ENCRYPTION_KEYS writes, all of them read. Raises ImproperlyConfigured without one."""
    return _box(tuple(settings.FIELD_ENCRYPTION_KEYS))


class EncryptedJSONField(models.TextField):
    """A small JSON object, encrypted in the database, plain in Python. It cannot be searched."""

    description = "Encrypted JSON"

    _pyi_private_get_type: Any
    _pyi_private_set_type: Any

    def get_prep_value(self, value: Any) -> str | None:
        if value is None:
            return None
        return box().encrypt(json.dumps(value).encode()).decode("ascii")

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        if value is None:
            return None
        try:
            stored = json.loads(box().decrypt(value.encode("ascii")))
        except InvalidToken as error:
            raise ImproperlyConfigured(
                "a stored secret cannot be read: the key it was written with is not in FIELD_ENCRYPTION_KEYS"
            ) from error
        for told in on_decrypt:
            told(stored)
        return stored

    def to_python(self, value: Any) -> Any:
        return json.loads(value) if isinstance(value, str) else value

    def value_to_string(self, obj: models.Model) -> str:
        return self.get_prep_value(self.value_from_object(obj)) or ""
