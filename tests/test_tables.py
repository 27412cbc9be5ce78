"""Tables read well: numbers, words, missing values, headers, and as plain text."""

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from lenet_helpers import tables

FRAME = pd.DataFrame(
    {
        "units": [4704, 10],
        "error (%)": [33.3184, -0.001],
        "chosen": [True, False],
        "remark": ["a < b", None],
        "share": [0.123456, np.nan],
    },
    index=pd.Index(["C1", "output"], name="layer"),
)


def read_rows(table):
    soup = BeautifulSoup(table._repr_html_(), "html.parser")
    return [[cell.text for cell in row.select("th, td")] for row in soup.select("tr")]


def test_numbers_words_and_missing_values_are_written_for_a_reader():
    table = tables.show(FRAME, "Layers", {"share": "{:.1%}"})
    assert read_rows(table) == [
        ["layer", "units", "error (%)", "chosen", "remark", "share"],
        ["C1", "4,704", "33.32", "yes", "a < b", "12.3%"],
        ["output", "10", "0.00", "no", "–", "–"],
    ]


def test_a_small_p_value_is_not_written_as_zero():
    frame = pd.DataFrame({"p": [0.0394, 0.00004, np.nan]}, index=list("abc"))
    rows = read_rows(tables.show(frame, "Chance", {"p": tables.write_p}))
    assert [row[1] for row in rows[1:]] == ["0.039", "<\xa00.001", "–"]


def test_one_format_holds_for_all_floats_and_leaves_whole_numbers():
    rows = read_rows(tables.show(FRAME[["units", "share"]], "Layers", "{:.4f}"))
    assert rows[1] == ["C1", "4,704", "0.1235"]


def test_a_format_of_a_whole_column_holds_for_whole_numbers_too():
    rows = read_rows(tables.show(FRAME[["units"]], "Layers", {"units": "{}"}))
    assert rows[1] == ["C1", "4704"]


def test_a_format_for_a_column_that_is_not_there_is_an_error():
    with pytest.raises(KeyError, match="`formats` names shares, which is no column"):
        tables.show(FRAME, "Layers", {"shares": "{:.1%}"})


def test_headers_have_a_scope_the_table_a_caption_and_the_box_takes_the_focus():
    soup = BeautifulSoup(tables.show(FRAME, "A & B")._repr_html_(), "html.parser")
    assert soup.caption.text == "A & B"
    assert [th["scope"] for th in soup.thead.select("th")] == ["col"] * 6
    assert [th["scope"] for th in soup.tbody.select("th")] == ["row"] * 2
    assert soup.div["tabindex"] == "0" and soup.div["aria-label"] == "A & B"


def test_a_corner_without_a_name_is_no_header():
    soup = BeautifulSoup(
        tables.show(FRAME.rename_axis(None), "Layers")._repr_html_(), "html.parser"
    )
    assert soup.thead.tr.find().name == "td"


def test_words_stand_left_and_numbers_right():
    soup = BeautifulSoup(tables.show(FRAME, "Layers")._repr_html_(), "html.parser")
    cells = soup.tbody.tr.select("th, td")
    left = [cell.get("style") == "text-align: left" for cell in cells]
    assert left == [True, False, False, False, True, False]


def test_no_colour_is_written_into_a_table():
    assert "color" not in tables.show(FRAME, "Layers")._repr_html_()


def test_rows_and_columns_with_two_names_each_have_them_in_full():
    frame = pd.DataFrame(
        [[1, 2]],
        pd.MultiIndex.from_tuples([("sgd", 0.0005)], names=["optimiser", "rate"]),
        pd.MultiIndex.from_product([["test"], ["min", "max"]]),
    )
    assert read_rows(tables.show(frame, "Rates")) == [
        ["optimiser", "rate", "test, min", "test, max"],
        ["sgd", "0.0005", "1", "2"],
    ]


def test_a_series_is_a_table_of_one_column():
    table = tables.show(pd.Series({"a": 0.5}, name="error (%)"), "Errors")
    assert read_rows(table) == [
        ["", "error (%)"],
        ["a", "0.50"],
    ]


def test_as_text_a_table_has_its_caption_and_aligned_columns():
    lines = repr(tables.show(FRAME[["units", "error (%)"]], "Layers")).splitlines()
    assert lines[0] == "Layers"
    assert lines[-2].split() == ["C1", "4,704", "33.32"]
    assert lines[-2].index(".") == lines[-1].index(".")
