"""The signature of a webhook, as docs/alerts.md tells receivers to verify it. Pure."""

import hashlib
import hmac


def signature(secret: str, body: bytes, at: int) -> str:
    """The header `Integrator-Signature` of a body sent at a time (seconds since the epoch)."""
    signed = hmac.new(secret.encode(), str(at).encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={signed}"


def verified(header: str, secret: str, body: bytes, now: int, tolerance: int = 300) -> bool:
    """Whether a receiver may believe a delivery: signed with the secret, and not older than `tolerance` seconds."""
    parts = dict(part.split("=", 1) for part in header.split(",") if "=" in part)
    at = parts.get("t", "")
    if not at.isdecimal() or abs(now - int(at)) > tolerance:
        return False
    expected = signature(secret, body, int(at)).partition("v1=")[2]
    return hmac.compare_digest(expected, parts.get("v1", ""))
