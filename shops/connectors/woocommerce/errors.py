"""What WooCommerce's refusals mean. Decided by `code`: the message is in the shop's language and may hold HTML.

The body is `{"code": str, "message": str, "data": {"status": int, ...}}`; `data` and `code` may be bare integers.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from integrator.answers import resource
from integrator.api_client import Answer
from integrator.canonical.errors import (
    AuthFailed,
    Gone,
    IntegrationError,
    Locked,
    OutcomeUnknown,
    Rejected,
    Transient,
)
from integrator.canonical.problems import Code, Turn
from shops.connectors.notices import json_at

_TAG = re.compile(r"<[^>]*>")
_GONE = re.compile(r"invalid_id$|term_invalid$|already_trashed$|^rest_post_invalid_id$")
_FIELDS = {
    "product_invalid_sku": "code",
    "product_invalid_global_unique_id": "ean",
    "woocommerce_product_image_upload_error": "image",
    "woocommerce_product_invalid_image_id": "image",
    "term_exists": "name",
}
"""The field that a code speaks of."""
_NAMES = {"sku": "code", "global_unique_id": "ean", "regular_price": "price", "stock_quantity": "quantity"}
"""Our names of WooCommerce's parameters where they differ."""
SKU_TAKEN = frozenset({"product_invalid_sku", "woocommerce_rest_product_not_created"})
"""The SKU belongs to something already. The second has no id: it lies in the trash, or is being made right now."""

TAKEN = SKU_TAKEN | {"product_invalid_global_unique_id"}
"""The same of a SKU or a bar code."""


class Blocked(Transient):
    """A firewall before the shop refuses PUT and DELETE; nothing reached WordPress."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An error body, read with patience."""

    code: str
    message: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    status: int = 0


def refusal(body: Any, status: int = 0) -> Refusal | None:
    """None when the body is not WordPress's."""
    if not isinstance(body, Mapping) or "code" not in body:
        return None
    data = body.get("data")
    if isinstance(data, int) and not isinstance(data, bool):
        data = {"status": data}
    data = data if isinstance(data, Mapping) else {}
    told = data.get("status")
    message = " ".join(unescape(_TAG.sub(" ", str(body.get("message") or ""))).split())[:500]
    return Refusal(
        code=str(body["code"]),
        message=message,
        data=data,
        status=status or (told if isinstance(told, int) else 0),
    )


def woo_error(answer: Answer) -> IntegrationError | None:
    """The error of an answer of 400 and above; None leaves it to the general table."""
    found = refusal(_body(answer), answer.status)
    reads = answer.method in ("GET", "HEAD")
    if found is not None and (answer.status < 500 or answer.status == 501):  # 501: the shop keeps no trash
        return meaning(found, answer.path, answer.redact, reads=reads)
    if answer.status == 503:
        return Transient(Code.SHOP_CLOSED, message="" if found is None else answer.redact(found.message))
    if answer.status >= 500:
        # The text of a PHP failure shows paths of the server. The work may have been done all the same.
        told: dict[str, Any] = {"status": answer.status, "path": answer.path}
        return Transient(Code.SERVER_ERROR, **told) if reads else OutcomeUnknown(**told)
    where: dict[str, Any] = {"status": answer.status, "path": answer.path, "excerpt": answer.excerpt}
    if answer.status in (403, 405) and found is None and answer.method in ("PUT", "DELETE"):
        return Blocked(Code.NOT_JSON, turn=Turn.SHOP_SETTINGS, **where)
    if answer.status in (403, 404) and found is None:
        # WordPress answers in JSON: a page comes from a firewall, or from another site, and deletes nothing.
        return Transient(Code.NOT_JSON, turn=Turn.SHOP_SETTINGS, **where)
    return None


def _body(answer: Answer) -> Any:
    try:
        return decoded(answer)
    except Transient:
        return None


def decoded(answer: Answer) -> Any:
    """The JSON of an answer, also where PHP printed notices around it. Raises Transient(NOT_JSON)."""
    try:
        return answer.json
    except Transient as error:
        # Bytes of a path in a notice may be no UTF-8.
        text = answer.content.decode("utf-8", errors="surrogateescape")
        for start in re.finditer(r"[\[{]", text[:20_000]):
            try:
                return json_at(text, start.start())
            except (ValueError, RecursionError):
                continue
        raise error


def meaning(found: Refusal, path: str, redact: Any = str, *, reads: bool = False) -> IntegrationError:
    """The error of a refusal below 500, of a whole call or of one row of a batch."""
    where: dict[str, Any] = {"status": found.status, "path": path}
    message = redact(found.message) or found.code
    if found.status == 401:
        if found.code == "woocommerce_rest_authentication_error" and not reads:
            # Reading with the same keys went well before, so the keys are right and may only read.
            return Rejected(Code.RIGHT_MISSING, turn=Turn.SHOP_SETTINGS, right="write", resource=resource(path))
        return AuthFailed(Code.LOGIN_FAILED, reason=found.code, message=message)
    if found.status == 403:
        return Rejected(Code.RIGHT_MISSING, turn=Turn.SHOP_SETTINGS, resource=resource(path), message=message)
    if found.code == "rest_no_route":
        return Rejected(Code.MODULE_MISSING, turn=Turn.SHOP_SETTINGS, reason=found.code, message=message, **where)
    if _GONE.search(found.code):
        return Gone(**where)
    if found.status == 404:
        return Rejected(Code.UNEXPECTED_ANSWER, excerpt=message, **where)
    if found.status in (409, 423):
        return Locked(message=message)
    if found.status >= 500 and found.status != 501:
        return Transient(Code.SERVER_ERROR, **where)
    return Rejected(Code.REJECTED, field=_field(found), reason=found.code, message=message, **where)


def _field(found: Refusal) -> str:
    if found.code in _FIELDS:
        return _FIELDS[found.code]
    params = found.data.get("params")
    name = str(next(iter(params), "")) if isinstance(params, Mapping) else ""
    return _NAMES.get(name, name)


def reason(error: IntegrationError | None) -> str:
    """The shop's own code of a refusal."""
    return "" if error is None else error.problem.as_dict().get("reason", "")


def resource_id(body: Any) -> int | None:
    """The id of the element that stands in the way of a create, where the refusal tells it."""
    found = refusal(body)
    value = None if found is None else found.data.get("resource_id")
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
