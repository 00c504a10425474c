"""Every button that the chat's code can make: its words and what it does, read from the code itself."""

import ast
import re
from dataclasses import dataclass
from pathlib import Path

import bot.chat
from bot import texts

_CALLS = {"button": (0, 1), "opener": (0, 1), "choice": (0, 2), "turner": (None, 2)}
"""Of bot.chat.markup: at which places label and verb are given."""
_HOME = Path(bot.chat.__file__).parent
_LABELS = {name: value for name, value in vars(texts).items() if name.startswith("B_")}


@dataclass(frozen=True, slots=True, order=True)
class Source:
    """`label` names a text, and is empty where data makes it; `verb` is empty where a variable makes it."""

    label: str
    verb: str
    module: str


def find() -> set[Source]:
    found = set()
    for path in sorted(_HOME.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and path.stem != "markup":
                found |= {Source(label, verb, path.stem) for label, verb in _made(node)}
    return found


def _made(call: ast.Call) -> set[tuple[str, str]]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    owner = call.func.value if isinstance(call.func, ast.Attribute) else None
    if name not in _CALLS or not (isinstance(owner, ast.Name) and owner.id == "markup"):
        return set()
    label_at, verb_at = _CALLS[name]
    given = call.args[verb_at]
    verb = str(given.value) if isinstance(given, ast.Constant) else ""
    if label_at is None:
        return {("B_PAGE_BACK", verb), ("B_PAGE_ON", verb)}
    named = {node.attr for node in ast.walk(call.args[label_at]) if isinstance(node, ast.Attribute)}
    return {(label, verb) for label in (named & _LABELS.keys()) or {""}}


def labels_of(shown: str) -> set[str]:
    """Names of the texts that a label may come from: cut labels and chosen ones, too."""
    plain = shown.removeprefix(texts.CHOSEN.format(label="")).strip()
    return {name for name, text in _LABELS.items() if _fits(plain, text)}


def _fits(shown: str, text: str) -> bool:
    if "{" not in text:
        return shown == text
    pattern = ".*".join(re.escape(part) for part in re.split(r"\{\w+\}", text))
    return re.fullmatch(pattern, shown) is not None or (
        shown.endswith("…") and re.match(re.escape(text.partition("{")[0]), shown) is not None
    )
