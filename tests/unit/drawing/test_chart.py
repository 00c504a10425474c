"""What is drawn: whatever the numbers and names, one picture of one size, without a complaint."""

import subprocess
import sys
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import charts
from bot.drawing import lettering
from bot.sandbox.telegram.files import image_size
from tests import harness
from tests.fakes.charts import START, hard_charts, wave

DRAW = """
import sys, warnings
warnings.simplefilter("error")
from pathlib import Path
from bot.drawing import chart
from tests.fakes.charts import hard_charts
for name, wanted in hard_charts().items():
    (Path(sys.argv[1]) / f"{name}.png").write_bytes(chart.draw(wanted))
"""


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """All of them, drawn in one process: this one must not load the library."""
    folder = tmp_path_factory.mktemp("pictures")
    done = subprocess.run(
        [sys.executable, "-c", DRAW, str(folder)],
        cwd=harness.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {file.stem: file.read_bytes() for file in folder.iterdir()}


def test_everything_can_be_drawn(pictures: dict[str, bytes]) -> None:
    """One size, small enough to be sent at once, and no two alike."""
    assert pictures.keys() == hard_charts().keys()
    for name, picture in pictures.items():
        assert image_size(picture) == (1080, 720), name
        assert len(picture) < 300_000, name
    assert len(set(pictures.values())) == len(pictures)


# --- letters ---------------------------------------------------------------------------------------------


@given(st.text())
def test_text_becomes_letters_that_the_font_has(text: str) -> None:
    """One line, bounded; what it lacks shows as a question mark, what nobody should see is gone."""
    shown = lettering.plain(text)
    assert len(shown) <= 60
    assert all((char.isascii() and char.isprintable()) or char in "→·–—…≈×⁻⁰¹²³⁴⁵⁶⁷⁸⁹" for char in shown)


def test_a_stranger_cannot_pass_for_somebody_else() -> None:
    """Cyrillic that looks like USDC does not."""
    assert lettering.plain("USDС") == "USD?"
    assert lettering.plain("a\u202eb\u200bc\n\td") == "abc d"


@pytest.mark.parametrize(
    ("value", "step", "prefix", "shown"),
    [
        (170, 10, "", "170"),
        (0.25, 0.05, "", "0.25"),
        (0.00002, 0.000005, "", "0.000020"),
        (105_000, 1_000, "", "105000"),
        (1_500, 500, "$", "$1,500"),
        (-250, 50, "$", "-$250"),
        (-0.0, 5, "$", "$0"),
        (-0.0001, 1, "", "0"),
        (1, 0, "", "1.00"),
    ],
)
def test_a_number_has_as_many_decimals_as_its_axis(
    value: float, step: float, prefix: str, shown: str
) -> None:
    """No exponent, no nought that is not one, thousands grouped in money only."""
    assert lettering.number(value, step, prefix) == shown


@pytest.mark.parametrize(
    ("value", "step", "prefix", "shown"),
    [
        (151.4789, 10, "", "151.48"),
        (0.43127, 0.05, "", "0.4313"),
        (0.00001247, 0.000005, "", "0.00001247"),
        (0.99921, 0.002, "", "0.9992"),
        (1.0, 0.002, "", "1.0000"),
        (1_833.33, 500, "$", "$1,833"),
        (33.333, 10, "$", "$33.33"),
        (0, 1, "$", "$0"),
    ],
)
def test_a_tag_is_as_exact_as_one_reads(value: float, step: float, prefix: str, shown: str) -> None:
    """Two decimals, four digits of what is small, and finer where the axis is."""
    assert lettering.tag(value, step, prefix) == shown


def test_tiny_values_are_multiplied_and_it_is_said() -> None:
    """Nobody counts eleven noughts."""
    assert lettering.scale([Decimal("0.0000123")]) == lettering.Scale()
    scale = lettering.scale([Decimal("1.23e-9"), Decimal("4e-10")])
    assert scale.factor * Decimal("1.23e-9") == Decimal("1.23")
    assert scale.words == " (× 10⁻⁹)"
    assert lettering.scale([]) == lettering.scale([Decimal(0)]) == lettering.Scale()


# --- fewer points ----------------------------------------------------------------------------------------


def test_many_points_become_few_that_look_the_same() -> None:
    """The first, the last, the highest and the lowest stay; short lines stay whole."""
    span = timedelta(days=100)
    points = wave(20_000, span, Decimal(100), "0.3")
    few = charts.condense(points, START, START + span)
    assert 300 <= len(few) <= 610
    assert (few[0], few[-1]) == (points[0], points[-1])
    for pick in (min, max):
        assert pick(value for _, value in few) == pick(value for _, value in points)
    assert list(few) == sorted(few)
    assert set(few) <= set(points)
    assert charts.condense(points[:500], START, START + span) == points[:500]
    assert charts.condense((), START, START) == ()
