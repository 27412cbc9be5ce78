"""The map of the papers: each figure, table and equation once, with a true link."""

import re
from collections import Counter

import pytest
from browser import HTML, parse
from test_chapters import CHAPTERS, ROOT, find_labels, read

PAGE = ROOT / "chapters" / "appendix-paper.md"
STATES = ("measured again", "drawn again", "explained", "cannot be had")
# All that the papers number. The captions of figures 2 and 3 of 1989 are swapped in
# print; the paper of 1998 ends with figure 34 and equation 27.
NUMBERED = {
    "1998": [
        *(f"figure {number}" for number in range(1, 35)),
        "table I",
        *(f"eq. {number}" for number in range(1, 28)),
    ],
    "1989": [f"figure {number}" for number in range(1, 4)],
    "1990": [*(f"figure {number}" for number in range(1, 6)), "table 1"],
}
LINK = re.compile(r"\{(ref|numref|eq)\}`(?:[^`<]*<)?([\w-]+)>?`")


def read_rows(text):
    """List the rows of the map: paper, section, item, what it says, where it is."""
    paper, section, rows = "1998", "", []
    for line in text.splitlines():
        if line.startswith("## "):
            section = line[3:]
            named = re.fullmatch(r"The paper of (\d+)", section)
            paper = named[1] if named else "1998"
        row = re.fullmatch(r"\| (.+?) \| (.+) \| (.+?) \|", line)
        if row and row[1] != "in the paper":
            rows.append((paper, section, *row.groups()))
    return rows


def find_state(place):
    """Give the state that a row's last cell begins with, and what follows it."""
    state, _, rest = place.partition(": ")
    return state, rest


def check_items(rows):
    """List what the papers number and the map has not exactly once, and more."""
    complaints = []
    for paper, items in NUMBERED.items():
        found = Counter(item for of, _, item, *_ in rows if of == paper)
        del found["claim"]
        for item in sorted({*items, *found}):
            if found[item] != items.count(item):
                complaints.append(f"{paper}: {item}, {found[item]} times")
    return complaints


def check_places(rows, labels):
    """List the rows without a state, a place or a reason, or with a dead link."""
    complaints = []
    for paper, _, item, what, place in rows:
        where = f"{paper}, {item} ({what})"
        state, rest = find_state(place)
        links = LINK.findall(rest)
        if state not in STATES:
            complaints.append(f"{where}: no state, {place}")
        if state == "cannot be had":
            if len(LINK.sub("", rest)) < 25:
                complaints.append(f"{where}: no reason")
        elif not LINK.match(rest):
            complaints.append(f"{where}: no place")
        if rest.count("`") != 2 * len(links):
            complaints.append(f"{where}: {rest} is no link of the book")
        for role, label in links:
            kind = label.partition("-")[0]
            fits = {"ref": ("sec", "ex"), "numref": ("fig", "tab"), "eq": ("eq",)}
            if label not in labels:
                complaints.append(f"{where}: {label} is no label")
            elif kind not in fits[role]:
                complaints.append(f"{where}: {role} of {label}")
            if (
                state == "drawn again"
                and (role, label) == links[0]
                and role != "numref"
            ):
                complaints.append(f"{where}: drawn, and no figure")
    return complaints


def count_states(rows, paper, kind):
    """Count the states of a paper's rows of a kind, as figure or claim."""
    return Counter(
        find_state(place)[0]
        for of, _, item, _, place in rows
        if of == paper and item.partition(" ")[0] == kind
    )


def write_count(counts):
    """Write the states of a kind as the page does, in its order."""
    verb = {1: " is "}
    parts = [
        f"{counts[state]}{verb.get(counts[state], ' are ')}{state}"
        for state in STATES[:-1]
        if counts[state]
    ]
    parts.append(f"{counts[STATES[-1]]} {STATES[-1]}")
    return f"{', '.join(parts[:-1])}, and {parts[-1]}"


def check_counts(text):
    """Compare the numbers at the top of the page with its rows."""
    rows = read_rows(text)
    equations = count_states(rows, "1998", "eq.")
    claims = count_states(rows, "1998", "claim")
    expected = [
        f"Of its 34 figures, {write_count(count_states(rows, '1998', 'figure'))}.",
        f"Of the {claims.total()} claims of it that are listed, {write_count(claims)}.",
    ]
    complaints = [f"not there: {line}" for line in expected if line not in text]
    if equations != {"measured again": 27}:
        complaints.append(f"equations: {dict(equations)}")
    return complaints


@pytest.fixture(scope="module")
def text():
    return read(PAGE)


@pytest.fixture(scope="module")
def labels():
    return {label for path in CHAPTERS for label, _ in find_labels(read(path))}


def test_every_figure_table_and_equation_of_the_papers_is_there_once(text):
    assert check_items(read_rows(text)) == []


def test_every_row_has_a_state_and_a_place_that_exists_or_a_reason(text, labels):
    assert check_places(read_rows(text), labels) == []


def test_the_counts_at_the_top_are_those_of_the_rows(text):
    assert check_counts(text) == []


def test_every_section_has_claims(text):
    rows = read_rows(text)
    claims = Counter(section for _, section, item, *_ in rows if item == "claim")
    sections = {section for _, section, *_ in rows}
    assert len(sections) == 13
    assert {section for section in sections if claims[section] < 2} == set()


def test_claims_name_the_page_and_no_two_rows_say_the_same(text):
    rows = read_rows(text)
    claims = [what for _, _, item, what, _ in rows if item == "claim"]
    assert [what for what in claims if not re.search(r" \(p\. \d+", what)] == []
    assert len(set(claims)) == len(claims)


FIGURE_1 = "| figure 1 | features by hand"
MUTATIONS = {
    "no figure 1": (FIGURE_1, "| figure | features by hand"),
    "a figure twice": ("| figure 16 |", "| figure 17 |"),
    "figure 35": ("| figure 34 |", "| figure 35 |"),
    "no table": ("| table I |", "| claim |"),
    "an equation twice": ("| eq. 26 |", "| eq. 25 |"),
    "a dead label": ("fig-lenet-lenet5", "fig-lenet-lenet9"),
    "another state": ("| explained: {ref}`sec-lenet-features`", "| told: {ref}`sec-x`"),
    "no place": ("| explained: {ref}`sec-lenet-features`", "| explained: below"),
    "no reason": (
        "it reads pen strokes, which were not published",
        "{ref}`sec-cheque`",
    ),
    "a role that does not fit": (
        "{numref}`fig-lenet-lenet5`",
        "{ref}`fig-lenet-mnist`",
    ),
    "code for a link": ("{ref}`sec-lenet-features`", "{ref}`sec-lenet` and `x`"),
    "drawn, and a section": (
        "drawn again: {numref}`fig-lenet-mnist`",
        "drawn again: {ref}`sec-lenet`",
    ),
    "a state that moves a count": (
        "explained: {ref}`sec-cheque` |",
        "measured again: {ref}`sec-cheque` |",
    ),
}


@pytest.mark.parametrize(("old", "new"), MUTATIONS.values(), ids=MUTATIONS)
def test_a_fault_of_the_map_is_found(text, labels, old, new):
    assert old in text
    changed = text.replace(old, new, 1)
    rows = read_rows(changed)
    assert check_items(rows) + check_places(rows, labels) + check_counts(changed)


@pytest.mark.book
def test_every_row_of_the_built_map_leads_into_the_book(text):
    page = HTML / "chapters" / "appendix-paper.html"
    tables = parse(page).select("article table")
    cells = [row.find_all("td") for table in tables for row in table.find_all("tr")]
    cells = [row for row in cells if row]
    assert len(cells) == len(read_rows(text))
    for _, _, place in cells:
        links = place.select("a.reference.internal")
        assert links or "cannot be had" in place.text, place.text
        assert not re.search(r"\{|\?\?|`", place.text), place.text
