"""The one file of texts: nothing in it hides something else in it, and nothing in it is said by nobody."""

import ast
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEXTS = ROOT / "bot" / "texts.py"


def _names() -> list[str]:
    body = ast.parse(TEXTS.read_text()).body
    assigned = [node for node in body if isinstance(node, ast.Assign)]
    return [target.id for node in assigned for target in node.targets if isinstance(target, ast.Name)]


def test_no_text_hides_another() -> None:
    """A second assignment would silently change what is said elsewhere."""
    assert [name for name, count in Counter(_names()).items() if count > 1] == []


def test_every_text_is_said_somewhere() -> None:
    """A translator works on nothing that nobody reads."""
    said = "\n".join(path.read_text() for path in (ROOT / "bot").rglob("*.py"))
    assert [name for name in _names() if f"texts.{name}" not in said] == []
