"""Figures follow the page from light to dark, unless they are pictures."""

import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
import seaborn as sns

from lenet_helpers import plots


@pytest.fixture(autouse=True)
def style():
    plots.set_style()
    yield
    plt.close("all")


def read_colours(svg):
    """Read each colour's light and dark form from an SVG's style."""
    light, dark = re.search(r"<style>svg{(.*?)}@media .*?{svg{(.*?)}}", svg).groups()
    pairs = [dict(re.findall(r"--c(\w+):#(\w+);", part)) for part in (light, dark)]
    return {colour: pairs[1][colour] for colour in pairs[0]}


def draw_line():
    figure, axes = plt.subplots()
    axes.plot([0, 1], [0, 1], "k", label="line")
    axes.legend()
    return figure


def test_every_colour_of_a_plot_has_a_dark_form():
    svg = plots.draw_svg(draw_line())
    assert not re.search(r"(fill|stroke): ?#", svg)
    used = set(re.findall(r"var\(--c(\w+)\)", svg))
    assert used and used <= set(read_colours(svg))


def test_white_becomes_the_dark_page_and_black_becomes_light():
    colours = read_colours(plots.draw_svg(draw_line()))
    assert colours["ffffff"] == "121212"
    assert colours["000000"] == "ededed"


def test_colours_become_light_and_keep_their_order():
    colours = read_colours(
        plots.follow_theme('<svg><path style="fill: #003366; stroke: #66aaff"/></svg>')
    )
    lightness = [int(colours[name], 16) >> 8 & 255 for name in ("003366", "66aaff")]
    assert 80 < lightness[0] < lightness[1]


def test_what_matplotlib_draws_black_by_leaving_the_colour_out_follows_too():
    svg = plots.follow_theme("<svg><path/></svg>")
    assert "fill:var(--c000000)" in svg


def test_the_same_figure_is_the_same_file():
    assert plots.draw_svg(draw_line()) == plots.draw_svg(draw_line())


def test_text_on_an_image_and_a_heat_map_do_not_follow_the_page():
    figure, axes = plt.subplots()
    axes.imshow(np.eye(3))
    assert plots.follows_theme(figure)
    axes.text(0, 0, "1")
    assert not plots.follows_theme(figure)
    figure, axes = plt.subplots()
    sns.heatmap(np.eye(3), annot=True, ax=axes)
    assert not plots.follows_theme(figure)


def test_digits_are_stored_in_an_svg_pixel_by_pixel():
    svg = plots.draw_svg(plots.plot_digits(np.eye(28)[None]))
    assert len(svg) < 10_000
    assert "pixelated" in svg


def test_in_jupyter_a_plot_is_an_svg_and_a_picture_a_png(tmp_path):
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    try:
        plots.set_style()
        plot = draw_line()
        picture, axes = plt.subplots()
        axes.imshow(np.eye(3))
        axes.text(0, 0, "1")
        formats = [
            set(shell.display_formatter.format(figure)[0]) for figure in (plot, picture)
        ]
    finally:
        InteractiveShell.clear_instance()
    assert "image/svg+xml" in formats[0] and "image/png" not in formats[0]
    assert "image/png" in formats[1] and "image/svg+xml" not in formats[1]
