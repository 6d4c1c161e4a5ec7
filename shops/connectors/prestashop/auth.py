"""The web service key: as the user of HTTP Basic with no password, or in the address where a host drops that header."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from integrator.canonical.errors import AuthFailed
from integrator.canonical.problems import Code


class KeyAuth:
    """Credentials `key` (Basic) or `ws_key` (in the address). Nobody but a person can renew either."""

    sends_secrets = True

    def __init__(self, credentials: Mapping[str, str]) -> None:
        self._key = credentials.get("key", "").strip()
        self._in_address = "" if self._key else credentials.get("ws_key", "").strip()

    def __repr__(self) -> str:
        return "KeyAuth(***)"

    def headers(self) -> Mapping[str, str]:
        if not self._key and not self._in_address:
            raise AuthFailed(Code.SECRET_MISSING)
        if self._in_address:
            return {}
        return {"Authorization": "Basic " + b64encode(f"{self._key}:".encode()).decode()}

    def sign(self, method: str, url: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**params, "ws_key": self._in_address} if self._in_address else params

    def renew(self) -> bool:
        return False
