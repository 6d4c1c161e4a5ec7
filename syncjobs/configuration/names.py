"""Words instead of keys: a warehouse, a payment, a category has other keys at every client, mostly the same name."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from integrator.canonical.records import Key
from integrator.canonical.text import fold


@dataclass(frozen=True, slots=True)
class Names:
    """One dictionary of one side. A word is the name; where several share it, `#key name`; without a name, `#key`."""

    words: Mapping[Key, str] = field(default_factory=dict)
    read: bool = False
    """Whether the dictionary was read at all. Before that a key can only be taken as it is."""
    _exact: Mapping[str, Key] = field(default_factory=dict, repr=False)
    _folded: Mapping[str, Key] = field(default_factory=dict, repr=False)

    def word(self, key: Key) -> str:
        return self.words.get(key, f"#{key}") if key else ""

    def key(self, word: str) -> Key | None:
        """What the word means here, None when it means nothing. Case, accents and spaces do not count."""
        if not word:
            return ""
        found = self._exact.get(word) or self._folded.get(fold(word))
        if found is None and not self.read and word.startswith("#"):
            return word[1:]
        return found


def names_of(pairs: Iterable[tuple[Key, str]], *, read: bool | None = None) -> Names:
    """From keys with their names. `read`: None, when an empty dictionary is one that was never read."""
    known = {key: " ".join(name.split()) for key, name in pairs}
    often = Counter(fold(name) for name in known.values())
    words = {
        key: name if name and often[fold(name)] == 1 and not name.startswith("#") else f"#{key} {name}".rstrip()
        for key, name in known.items()
    }
    exact = {word: key for key, word in words.items()}
    folded = {fold(word): key for key, word in words.items()}
    return Names(words, bool(known) if read is None else read, exact, folded)
