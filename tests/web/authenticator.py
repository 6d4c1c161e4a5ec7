"""A device with passkeys, written from the WebAuthn specification: no network, no browser, keys of its own."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import encode_cbor

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def raw(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Authenticator:
    """One device. `origin` is what its browser says of the page, `flags` what it says of its holder."""

    origin: str = "https://panel.example"
    flags: int = PRESENT | VERIFIED
    count: int = 0
    keys: dict[str, tuple[ec.EllipticCurvePrivateKey, str]] = field(default_factory=dict)

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _data(self, site: str, flags: int, more: bytes = b"") -> bytes:
        self.count += 1
        return hashlib.sha256(site.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big") + more

    def create(self, asked: dict[str, Any]) -> str:
        """The answer to `navigator.credentials.create`, as the page sends it."""
        key, name = ec.generate_private_key(ec.SECP256R1()), secrets.token_bytes(16)
        point = key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        attested = bytes(16) + len(name).to_bytes(2, "big") + name + encode_cbor(cose)
        data = self._data(asked["rp"]["id"], self.flags | ATTESTED, attested)
        self.keys[text(name)] = (key, asked["user"]["id"])
        said = {
            "clientDataJSON": text(self._client_data("webauthn.create", asked["challenge"])),
            "attestationObject": text(encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})),
            "transports": ["internal", "of-the-future"],
        }
        return json.dumps({"id": text(name), "rawId": text(name), "type": "public-key", "response": said})

    def get(self, asked: dict[str, Any], **changes: Any) -> str:
        """The answer to `navigator.credentials.get`; `changes` replace parts of what is said."""
        allowed = [one["id"] for one in asked.get("allowCredentials") or []]
        name = next(one for one in self.keys if one in (allowed or self.keys))
        key, handle = self.keys[name]
        data = self._data(asked["rpId"], self.flags)
        client = self._client_data("webauthn.get", asked["challenge"])
        signature = key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        said = {
            "clientDataJSON": text(client),
            "authenticatorData": text(data),
            "signature": text(signature),
            "userHandle": handle,
        } | changes
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": said})
