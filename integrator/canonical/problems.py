"""Codes of everything that can be wrong with an element, a connection or a run.

A problem travels as `Problem(code, params)`; `syncjobs.explain` turns it into a sentence of the reader's language that
says what, where, why, whose turn it is and what to do. A test checks that every code has its sentence.
"""

from enum import StrEnum


class Turn(StrEnum):
    """Whose turn it is."""

    ERP_DATA = "erp_data"
    SHOP_DATA = "shop_data"
    SHOP_SETTINGS = "shop_settings"
    ERP_SETTINGS = "erp_settings"
    SHOP_OUTAGE = "shop_outage"
    ERP_OUTAGE = "erp_outage"
    CONNECTION = "connection"
    PERSON = "person"
    US = "us"


class Code(StrEnum):
    # reaching a system (params: host, port, reason)
    NAME_UNKNOWN = "name_unknown"
    PORT_REFUSED = "port_refused"
    UNREACHABLE = "unreachable"
    SILENT = "silent"
    ADDRESS_NOT_ALLOWED = "address_not_allowed"
    TLS_FAILED = "tls_failed"
    REDIRECTED = "redirected"
    CONNECTION_LOST = "connection_lost"
    DEADLINE = "deadline"
    TOO_LARGE = "too_large"
    # answers (params: status, excerpt, path)
    NOT_JSON = "not_json"
    UNEXPECTED_ANSWER = "unexpected_answer"
    SERVER_ERROR = "server_error"
    RATE_LIMITED = "rate_limited"
    OUTCOME_UNKNOWN = "outcome_unknown"
    # credentials and rights (params: user, right, resource)
    LOGIN_FAILED = "login_failed"
    RIGHT_MISSING = "right_missing"
    SECRET_MISSING = "secret_missing"
    # a shop as a whole (params: message, resource, path)
    SHOP_UNPAID = "shop_unpaid"
    SHOP_CLOSED = "shop_closed"
    MODULE_MISSING = "module_missing"
    # the ERP (params: database, table, procedure, version, detail)
    DRIVER_MISSING = "driver_missing"
    NOT_WAPRO = "not_wapro"
    DATABASE_MISSING = "database_missing"
    DATABASE_CHANGED = "database_changed"
    VERSION_UNSUPPORTED = "version_unsupported"
    PROCEDURE_UNKNOWN = "procedure_unknown"
    FORMULA_DIFFERS = "formula_differs"
    LICENCE_UNCONFIRMED = "licence_unconfirmed"
    WRITE_DISABLED = "write_disabled"
    CARD_BEING_EDITED = "card_being_edited"
    SNAPSHOT_OLD = "snapshot_old"
    # reading an element (params: field, value, name)
    FIELD_UNREADABLE = "field_unreadable"
    FIELD_MISSING = "field_missing"
    PICTURE_MISSING = "picture_missing"
    TAX_CODE_UNKNOWN = "tax_code_unknown"
    CARDS_DISAGREE = "cards_disagree"
    DUPLICATE_CODE = "duplicate_code"
    DUPLICATE_EAN = "duplicate_ean"
    # planning an element (params: field, kind, key, label, limit, value)
    REFERENCE_UNLINKED = "reference_unlinked"
    TOO_LONG = "too_long"
    REQUIRED_EMPTY = "required_empty"
    EAN_INVALID = "ean_invalid"
    PRICE_MISSING = "price_missing"
    NO_GROUPING_RULE = "no_grouping_rule"
    CANNOT_CREATE = "cannot_create"
    CANNOT_UPDATE = "cannot_update"
    ELEMENT_EXCLUDED = "element_excluded"
    NOT_IN_FILTER = "not_in_filter"
    # writing an element (params: field, message)
    REJECTED = "rejected"
    NOT_KEPT = "not_kept"
    VARIANT_NOT_ATTACHED = "variant_not_attached"
    LOCKED = "locked"
    GONE = "gone"
    STALE = "stale"
    HANDED_OVER = "handed_over"
    FOUND_SEVERAL = "found_several"
    # gates, guard, run (params: kind, count, limit, total)
    SETTING_MISSING = "setting_missing"
    GATE_CLOSED = "gate_closed"
    FETCH_INCOMPLETE = "fetch_incomplete"
    SIDE_EMPTY = "side_empty"
    TOO_MANY_DELETES = "too_many_deletes"
    TOO_MANY_ZEROS = "too_many_zeros"
    PRICE_JUMP = "price_jump"
    SHARE_TOO_LARGE = "share_too_large"
    APPROVAL_NEEDED = "approval_needed"
    IMPORT_AND_DELETE = "import_and_delete"
    NOT_OFFERED = "not_offered"
    CANCELLED = "cancelled"
    INTERNAL = "internal"
