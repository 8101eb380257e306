"""Whatever colour an organisation picks, its pages can be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms.colors import contrast, mix, readable_on, readable_text

colors = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")


def test_contrast_agrees_with_the_figures_published_for_wcag():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@given(colors, colors)
def test_contrast_is_the_same_both_ways_and_within_its_range(one, other):
    assert contrast(one, other) == contrast(other, one)
    assert 1 <= contrast(one, other) <= 21.0001


@given(colors)
def test_text_on_any_colour_can_be_read(color):
    assert contrast(readable_on(color), color) >= 4.5


@given(colors, colors)
def test_any_colour_as_text_on_any_background_can_be_read(color, background):
    assert contrast(readable_text(color, on=background), background) >= 4.5


@given(colors)
def test_a_colour_that_can_be_read_already_is_left_alone(color):
    if contrast(color, "#ffffff") >= 4.5:
        assert readable_text(color) == color


def test_a_pale_brand_colour_keeps_its_hue_when_darkened():
    red, green, blue = (int(readable_text("#ffcc00")[i : i + 2], 16) for i in (1, 3, 5))
    assert red > green > blue == 0


def test_capital_letters_are_the_same_colour():
    assert contrast("#9B1B30", "#9b1b30") == 1
    assert mix("#FFFFFF", "#000000", 0) == "#ffffff"


@pytest.mark.parametrize("bad", ["red", "#fff", "#12345g", "#1234567", "", "#123456\n"])
def test_what_is_no_colour_is_refused(bad):
    with pytest.raises(ValueError, match="#rrggbb"):
        contrast(bad, "#ffffff")
