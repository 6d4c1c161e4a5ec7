"""What Shoper's refusals mean. The body is `{"error": code, "error_description": text}`, the text usually Polish."""

import json
import re
from collections.abc import Mapping

from integrator.api_client import Answer, Rate, Reported
from integrator.canonical.errors import AuthFailed, Gone, IntegrationError, Locked, Rejected, Transient, Unreachable
from integrator.canonical.problems import Code, Turn

_FIELD = re.compile(r"(?:pola|field)\s+['\"„]([^'\"”]+)['\"”]", re.IGNORECASE)
_LOCK = re.compile(r"lock|zablokow", re.IGNORECASE)
_NO_MODULE = re.compile(r"missing module|module is disabled", re.IGNORECASE)
_LOGIN_CODES = ("auth_failure", "auth_ip_not_allowed", "auth_webapi_access_denied", "invalid_grant", "invalid_client")
_CANNOT_CHANGE = ("object_readonly", "cannot_delete_internal_object", "option_cannot_modify_type")


def envelope(answer: Answer) -> tuple[str, str] | None:
    """Code and text of a refusal, None when the body is not Shoper's (a proxy's page, an empty answer)."""
    try:
        body = json.loads(answer.content)
    except ValueError:
        return None
    if not isinstance(body, Mapping) or "error" not in body:
        return None
    return str(body["error"]), answer.redact(str(body.get("error_description") or ""))[:500]


def shoper_error(answer: Answer) -> IntegrationError | None:
    """The error of an answer of 400 and above; None leaves it to the general table."""
    found = envelope(answer)
    if found is None:
        if answer.status == 404 and answer.path.startswith("/webapi/"):
            # Shoper's own 404 is JSON: this page comes from another site, or from a proxy before the shop.
            where = {"status": 404, "path": answer.path, "excerpt": answer.excerpt}
            return Transient(Code.NOT_JSON, turn=Turn.SHOP_SETTINGS, **where)
        return None
    code, text = found
    if answer.status == 401 or code in _LOGIN_CODES:
        return AuthFailed(Code.LOGIN_FAILED, reason=code, message=text)
    if answer.status == 402:
        return Unreachable(Code.SHOP_UNPAID, message=text)
    if answer.status == 404:
        return Gone(path=answer.path)
    if answer.status in (409, 423) or (
        code == "temporarily_unavailable" and answer.status != 429 and _LOCK.search(text)
    ):
        return Locked(message=text)
    if answer.status == 503:
        return Transient(Code.SHOP_CLOSED, message=text)
    if answer.status == 501 or (answer.status == 400 and _NO_MODULE.search(text)):
        return Rejected(Code.MODULE_MISSING, turn=Turn.SHOP_SETTINGS, path=answer.path, message=text)
    if answer.status in (400, 405) or code in _CANNOT_CHANGE:
        return _rejected(answer, code, text)
    return None


def _rejected(answer: Answer, code: str, text: str) -> Rejected:
    field = _FIELD.search(text)
    return Rejected(
        Code.REJECTED, field=field[1] if field else "", message=text or code, status=answer.status, path=answer.path
    )


def reported_rate(headers: Mapping[str, str]) -> Reported | None:
    """The leaky bucket as every answer describes it: its size, what drains per second, the calls in it."""
    try:
        burst = float(headers["x-shop-api-limit"])
        per_second = float(headers["x-shop-api-bandwidth"])
        level = float(headers["x-shop-api-calls"])
    except (KeyError, ValueError):
        return None
    if burst < 1 or per_second <= 0:
        return None
    return Reported(rate=Rate(burst=burst, per_second=per_second), level=level)
