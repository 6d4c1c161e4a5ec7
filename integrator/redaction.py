"""Secrets out of everything that is kept, shown or logged."""

import json
import re
from collections.abc import Sequence
from urllib.parse import quote, quote_plus

HIDDEN = "***"
_NAMED = re.compile(
    r"""(?ix) (["']? (?: access_token | refresh_token | client_secret | api_?key | password | passwd | token | ws_key
    | authorization | consumer_key | consumer_secret | oauth_signature ) ["']? \s* [:=] \s*)
    ( "[^"]*" | '[^']*' | (?:basic|bearer)\s+\S+ | [^\s,;&}"']+ )"""
)


class Redactor:
    """Replaces known secrets wherever they stand, and whatever follows the usual names of secrets."""

    def __init__(self, secrets: Sequence[str] = ()) -> None:
        self._secrets: list[str] = []
        self.add(*secrets)

    def __repr__(self) -> str:
        return f"Redactor({len(self._secrets)} secrets)"

    def add(self, *secrets: str) -> None:
        for secret in secrets:
            bare = secret.removeprefix("Bearer ").removeprefix("Basic ").strip()
            # WordPress shows its application passwords in groups and takes them with or without the spaces.
            spaceless = "".join(bare.split())
            for form in (bare, spaceless, json.dumps(bare)[1:-1], quote(bare, safe=""), quote_plus(bare)):
                if len(form) >= 4 and form not in self._secrets:
                    self._secrets.append(form)
        self._secrets.sort(key=len, reverse=True)

    def __call__(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return _NAMED.sub(lambda match: match.group(1) + HIDDEN, text)


def shorten(text: str, length: int) -> str:
    """At most `length` characters, the cut marked."""
    return text if len(text) <= length else text[: length - 1] + "…"
