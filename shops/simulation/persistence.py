"""A simulated shop in a file."""

import json
import os
from pathlib import Path
from typing import Any


def write(data: Any, path: Path) -> None:
    """Whole or not at all."""
    partial = path.with_suffix(path.suffix + ".part")
    partial.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    os.replace(partial, path)


def load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
