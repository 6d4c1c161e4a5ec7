"""What PrestaShop's refusals mean: by their code, since the language of their texts is the shop's."""

import re
from collections.abc import Mapping

from integrator.api_client import Answer
from integrator.canonical.errors import (
    AuthFailed,
    Gone,
    IntegrationError,
    OutcomeUnknown,
    Rejected,
    Transient,
    Unreachable,
)
from integrator.canonical.problems import Code, Turn
from shops.connectors.prestashop.documents import errors_in

_FIELD = re.compile(r"(?:Property\s+\w+->|[Pp]arameter\s+\"|field\s+\")(\w+)")
FIELDS = {
    "reference": "code",
    "ean13": "ean",
    "description_short": "short_description",
    "id_tax_rules_group": "tax_rate",
    "id_manufacturer": "producer",
    "id_category_default": "category",
}
"""Names of fields as people know them here; the others are called the same."""
_KEY_LENGTH = 18
_KEY_UNKNOWN = (19, 20, 21)
_LOGIN = range(16, 22)
_SERVICE_OFF = 22
_METHODS = (23, 25, 101)
_NOT_GRANTED = 26
_OTHER_SHOP = (131, 132)
_MISSING = (48, 87, 92)
"""Elements that do not exist: a product asked for pictures, one to delete, one to change."""


class Blocked(Rejected):
    """A firewall before the shop refuses the method; nothing reached PrestaShop."""


class Crashed(Transient):
    """A 5xx without a body: PHP died. Worth trying again in smaller parts, as long as nothing is made twice."""


def prestashop_error(answer: Answer) -> IntegrationError | None:
    """The error of an answer of 400 and above; None leaves it to the general table."""
    errors = errors_in(answer.content)
    if errors:
        return _by_code(answer, errors)
    if answer.status == 401:
        return AuthFailed(Code.KEY_NOT_RECEIVED)
    if answer.status in (405, 501):
        return Blocked(Code.REJECTED, message=answer.excerpt, status=answer.status, path=answer.path)
    if answer.status == 503:
        return Transient(Code.SHOP_CLOSED, message=answer.excerpt)
    if answer.status >= 500 and answer.method == "POST":
        # A create may have died halfway: an order without rows was seen left behind by an empty 500.
        return OutcomeUnknown(path=answer.path, status=answer.status)
    if answer.status >= 500 and not answer.content.strip():
        return Crashed(Code.SERVER_ERROR, status=answer.status, path=answer.path, excerpt="")
    if answer.status in (403, 404) and answer.content.strip():
        # PrestaShop's own 404 is empty and its 403 is XML: this page comes from a firewall or another site.
        where = {"status": answer.status, "path": answer.path, "excerpt": answer.excerpt}
        return Transient(Code.NOT_JSON, turn=Turn.SHOP_SETTINGS, **where)
    return None


def _by_code(answer: Answer, errors: list[tuple[int, str]]) -> IntegrationError:
    codes = {code for code, _ in errors}
    message = answer.redact("; ".join(dict.fromkeys(text for _, text in errors if text)))[:500]
    if _KEY_LENGTH in codes:
        return AuthFailed(Code.KEY_INCOMPLETE)
    if codes.intersection(_KEY_UNKNOWN):
        return AuthFailed(Code.KEY_UNKNOWN)
    if codes.intersection(_LOGIN) or codes.intersection(_OTHER_SHOP):
        return AuthFailed(Code.LOGIN_FAILED, message=message)
    if _SERVICE_OFF in codes:
        return Unreachable(Code.WEBSERVICE_OFF, turn=Turn.SHOP_SETTINGS)
    if _NOT_GRANTED in codes or codes.intersection(_METHODS):
        resource = resource_of(answer.path)
        return Rejected(Code.RIGHT_MISSING, turn=Turn.SHOP_SETTINGS, resource=resource, right=answer.method)
    if codes.intersection(_MISSING):
        return Gone(path=answer.path, message=message)
    field = _FIELD.search(message)
    return Rejected(
        Code.REJECTED,
        field=FIELDS.get(field[1], field[1]) if field else "",
        message=message or str(min(codes)),
        status=answer.status,
        path=answer.path,
    )


def resource_of(path: str) -> str:
    """The resource a path speaks of: `products` of `/api/products/17`."""
    return path.rpartition("/api/")[2].strip("/").split("/")[0]


def names_one_element(error: IntegrationError) -> bool:
    """Whether a refusal of several elements may be due to one of them alone."""
    if isinstance(error, Blocked):
        return False
    return isinstance(error, Crashed) or (isinstance(error, Rejected) and error.problem.code != Code.RIGHT_MISSING)


def says_json(headers: Mapping[str, str]) -> bool:
    """Whether an answer says that it is JSON."""
    return "json" in headers.get("content-type", "").lower()
