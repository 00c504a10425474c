"""Every screen there is, made of anything: valid, within Telegram's limits, flagged where it deceives.

Builders are found by what they return. A new one is tried without being named here; if it takes what
tests/fakes/any_value.py cannot make yet, this says so.
"""

import importlib
import inspect
import pkgutil
import re
import typing
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

import bot.chat
from bot.chat import callbacks, cards, markup, notice_facts, notice_summary, render, routes
from bot.domain import intents
from bot.services import proposals
from tests.fakes import any_value, pretenders
from tests.fakes.telegram import parse_html

Builder = Callable[..., markup.Screen]

NOT_SCREENS = {"bot.chat.markup.screen", "bot.chat.delivery.plain_screen"}
"""Which make one of finished lines."""
HOSTILE = {("order_choices", "said"), ("order_detail", "note"), ("export_screens", "why")}
"""Parameters that are plain text; all others of that kind are finished HTML."""
OURS: dict[str, st.SearchStrategy[Any]] = {
    "verb": st.sampled_from(["deposit", "withdraw", "cancel", "order"]),
    "go_on": st.sampled_from([(), ("12.5",), ("50%", "out")]),
    "names": st.sampled_from([["Europe/Zurich"], ["Asia/Kathmandu", "Africa/Nairobi"] * 30]),
    "title": st.just("<b>Which?</b>\nOne of these."),
    "stop": st.just((markup.button("✋ Stop", "unexport", 1, 1),)),
}
CAPTIONS = re.compile(r"caption|build_picture")


def _modules() -> Iterator[Any]:
    for found in pkgutil.walk_packages(bot.chat.__path__, "bot.chat."):
        yield importlib.import_module(found.name)


def _builders() -> dict[str, Builder]:
    found: dict[str, Builder] = {}
    for module in _modules():
        for name, function in inspect.getmembers(module, inspect.isfunction):
            place = f"{module.__name__}.{name}"
            ours = function.__module__ == module.__name__ and not name.startswith("_")
            screens = typing.get_type_hints(function).get("return") is markup.Screen
            if ours and screens and place not in NOT_SCREENS:
                found[place] = function
    return found


BUILDERS = _builders()


def _arguments(place: str, builder: Builder, values: any_value.AnyValue) -> st.SearchStrategy[dict[str, Any]]:
    module = place.split(".")[-2]
    made = {}
    for name, hint in typing.get_type_hints(builder).items():
        if name == "batch":
            made[name] = st.lists(values.of(notice_facts.Told), min_size=1, max_size=3)
        elif name == "others":
            html = values.text.map(render.foreign)
            others = st.builds(notice_summary.Other, html=html, words=values.text)
            made[name] = st.lists(others, max_size=50)
        elif name in OURS and hint is not cards.Names:
            made[name] = OURS[name]
        elif name != "return":
            plain = (module, name) in HOSTILE
            text = values.text if plain else values.text.map(render.foreign)
            made[name] = values.of(hint, name=name, text=text)
    return st.fixed_dictionaries(made)


def check(screen: markup.Screen, *, limit: int = markup.TEXT_LIMIT) -> str:
    """Its visible text; fails if Telegram would refuse it, or a phone could not show it."""
    assert len(screen.html) <= limit, len(screen.html)
    text = parse_html(screen.html)
    assert text.strip()
    assert not set(text) & set("\u202a\u202b\u202c\u202d\u202e\u0000"), repr(text)
    assert text.count("\u2068") == text.count("\u2069"), repr(text)
    assert sum(len(row) for row in screen.keyboard) <= 100
    for row in screen.keyboard:
        assert 0 < len(row) <= 4
        for button in row:
            assert 0 < len(button.label) <= markup.LABEL_LIMIT, repr(button.label)
            assert button.label.count("\u2068") == button.label.count("\u2069"), repr(button.label)
            assert len(button.data.encode()) <= callbacks.LONGEST
            assert len(button.copy) <= 256
            if button.data:
                meant = callbacks.parse(button.data)
                assert meant is not None
                assert meant.verb in routes.BUTTONS, f"leads nowhere: {button.data}"
    return text


def test_there_are_screens_to_try() -> None:
    assert len(BUILDERS) >= 40, sorted(BUILDERS)


def _is_possible(value: Any) -> bool:
    """Native SOL has one token, which no directory can name; a card about an order knows the order."""
    intent = getattr(value, "intent", value)
    if isinstance(value, proposals.Proposal) and intents.order_of(intent) and value.order is None:
        return False
    return not (isinstance(intent, intents.Unwrap) or (isinstance(intent, intents.Send) and not intent.mint))


def _try(
    place: str, values: any_value.AnyValue, look: Callable[[str, markup.Screen], None], examples: int
) -> None:
    builder = BUILDERS[place]
    limit = markup.CAPTION_LIMIT if CAPTIONS.search(place) else markup.TEXT_LIMIT

    # Not made smaller when it fails: that takes minutes for values as large as these.
    @settings(
        max_examples=examples,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
        phases=[Phase.generate],
    )
    @given(_arguments(place, builder, values))
    def try_it(arguments: dict[str, Any]) -> None:
        assume(all(map(_is_possible, arguments.values())))
        screen = builder(**arguments)
        look(check(screen, limit=limit), screen)

    try_it()


@pytest.mark.parametrize("place", sorted(BUILDERS))
def test_a_screen_is_valid_whatever_it_shows(place: str) -> None:
    _try(place, any_value.AnyValue(), lambda text, screen: None, examples=15)


@pytest.mark.parametrize("place", sorted(set(BUILDERS) - {"bot.chat.handlers.start.help_screen"}))
def test_a_token_that_pretends_is_flagged_on_every_screen(place: str) -> None:
    """Help is left out: it speaks of the real USDC."""
    values = any_value.AnyValue(tokens=st.sampled_from(pretenders.PRETENDERS), text=st.just("Words"))
    _try(place, values, pretenders.look_for_flags, examples=15)


def test_the_flags_would_be_missed() -> None:
    """The check above fails where a symbol stands alone."""
    with pytest.raises(AssertionError):
        pretenders.look_for_flags("10 USDC", markup.Screen("10 USDC"))
