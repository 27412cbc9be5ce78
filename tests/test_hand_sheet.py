"""A filled sheet becomes labelled digits, whichever way it is photographed."""

import numpy as np
import photos
import pytest
from PIL import Image

from lenet_helpers import hand
from lenet_helpers.hand import mistakes, sheet


@pytest.fixture(scope="module")
def digits(mnist):
    """Ten digits of each class, (100, 28, 28)."""
    chosen = [(mnist.test_labels == label).nonzero()[:10, 0] for label in range(10)]
    return np.concatenate([mnist.test_images[some, 0].numpy() for some in chosen])


@pytest.fixture(scope="module")
def fill(digits):
    """Fill a sheet but for some boxes: array, (H, W) float."""
    blank = {paper: photos.print_sheet(paper) for paper in sheet.PAPERS}

    def fill(*, without=(), paper="a4", **options):
        page = blank[paper].copy()
        for box in set(range(100)) - set(without):
            photos.write(page, digits[box], box, paper=paper, **options)
        return page

    return fill


@pytest.fixture(scope="module")
def scan(fill):
    """A sheet without two of its digits, scanned: array, (H, W) uint8."""
    return photos.to_bytes(fill(without=(3, 77)))


WITHOUT_TWO = ("the 0s, box 4: empty", "the 7s, box 8: empty")


def check(read, digits, boxes=None):
    """The digits are those of these boxes, with their labels."""
    boxes = sorted(set(range(100)) - {3, 77}) if boxes is None else boxes
    assert read.labels.tolist() == [box // 10 for box in boxes]
    gaps = np.abs(read.images.astype(float) - digits[boxes]).mean((1, 2))
    assert np.median(gaps) < 12 and gaps.max() < 45  # of 255, where others have 60


def test_a_scan_is_read(scan, digits):
    read = hand.read_sheet(scan)
    assert read.left_out == WITHOUT_TWO
    check(read, digits)
    assert read.images.dtype == np.uint8 and read.labels.dtype == np.int64
    assert {name: step.dtype for name, step in read.steps.items()} == dict.fromkeys(
        ("photograph", "straightened", "ink"), np.dtype(np.uint8)
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda scan: np.rot90(scan),
        lambda scan: np.rot90(scan, 2),
        lambda scan: np.rot90(scan, 3),
        lambda scan: scan[:, ::-1],
        lambda scan: 255 - scan,
        lambda scan: np.asarray(Image.fromarray(scan).resize((300, 424))),
        lambda scan: np.stack([scan, scan, 255 - (255 - scan) // 3], 2),
    ],
    ids=["left", "over", "right", "mirrored", "inverted", "small", "blue"],
)
def test_a_scan_is_read_however_it_lies(scan, digits, change):
    read = hand.read_sheet(np.ascontiguousarray(change(scan)))
    assert read.left_out == WITHOUT_TWO
    check(read, digits)


@pytest.mark.parametrize("seed", range(4))
def test_a_photograph_at_thirty_degrees_is_read(fill, digits, seed):
    page = fill(without=(3, 77), paper=list(sheet.PAPERS)[seed % 2])
    rng = np.random.default_rng(seed)
    photo = photos.photograph(page, rng, angle=30, turn=seed)
    read = hand.read_sheet(photos.compress(photo, quality=30))
    assert read.left_out == WITHOUT_TWO
    check(read, digits)


def test_boxes_lie_where_the_digits_are(fill):
    page = fill(without=range(1, 100))
    read = hand.read_sheet(photos.to_bytes(page))
    corner = (photos.find_origin() + sheet.list_boxes()[0, :2]) * photos.PER_MM
    assert np.abs(read.boxes[0, 0] - corner).max() < 2
    large = photos.to_bytes(page).repeat(2, 0).repeat(2, 1)  # is reduced to be read
    assert np.abs(hand.read_sheet(large).boxes[0, 0] - 2 * corner).max() < 4


def test_pencil_and_pen_on_one_sheet_are_read(fill, digits):
    page = fill(without=range(0, 100, 2), darkness=0.9)
    for box in range(0, 100, 2):
        photos.write(page, digits[box], box, darkness=0.35)
    read = hand.read_sheet(photos.to_bytes(page))
    assert read.left_out == ()
    check(read, digits, range(100))


def test_a_digit_over_its_edge_is_taken_whole(fill, digits):
    page = fill(without=(44,))
    photos.write(page, digits[44], 44, shift=(4, 2))
    read = hand.read_sheet(photos.to_bytes(page))
    assert read.left_out == ()
    check(read, digits, range(100))


@pytest.mark.parametrize(
    ("without", "shifts", "left_out"),
    [
        ((44,), [(4, 0), (-4, 0)], ("the 4s, box 5: 2 digits",)),
        (
            (44, 45),
            [(8, 0)],
            (
                "the 4s, box 5: ink runs from one box into the next",
                "the 4s, box 6: ink runs from one box into the next",
            ),
        ),
        (
            (44, 54),
            [(0, 9)],
            (
                "the 4s, box 5: ink runs from one box into the next",
                "the 5s, box 5: ink runs from one box into the next",
            ),
        ),
    ],
    ids=["two in a box", "between two boxes", "between two rows"],
)
def test_what_is_not_surely_one_digit_is_left_out(
    fill, digits, without, shifts, left_out
):
    page = fill(without=without)
    for shift in shifts:
        photos.write(page, digits[0], 44, shift=shift, height=9)
    assert hand.read_sheet(photos.to_bytes(page)).left_out == left_out


def test_a_wide_stroke_is_left_out(fill):
    page = fill(without=(10,))
    left, top, right, bottom = (sheet.list_boxes()[10] + [2, 8, -2, -8]) * photos.PER_MM
    x, y = (photos.find_origin() * photos.PER_MM).astype(int)
    page[int(top) + y : int(bottom) + y, int(left) + x : int(right) + x] = 0.1
    read = hand.read_sheet(photos.to_bytes(page))
    assert read.left_out == ("the 1s, box 1: a stroke wider than any digit",)


def test_dark_lines_that_join_the_boxes_are_said(fill):
    page = fill()
    x, y = (photos.find_origin() * photos.PER_MM).astype(int)
    top = int(y + sheet.list_boxes()[50, 1] * photos.PER_MM) + 60
    page[top : top + 8, x + 130 : x + 1730] = 0.1
    with pytest.raises(ValueError, match="connected through 10 boxes: their lines"):
        hand.read_sheet(photos.to_bytes(page))


def test_a_sheet_without_digits_is_said():
    blank = photos.to_bytes(photos.print_sheet())
    with pytest.raises(ValueError, match=r"none of its boxes holds a digit: .* empty"):
        hand.read_sheet(blank)


def test_a_hidden_mark_is_said(scan):
    hidden = scan.copy()
    x, y = (np.add(photos.find_origin(), (0, 236)) * photos.PER_MM).astype(int)
    hidden[y - 60 : y + 60, x - 60 : x + 60] = 255
    with pytest.raises(ValueError, match="shows only 4 of the sheet's five"):
        hand.read_sheet(hidden)


def test_no_sheet_and_two_sheets_are_said(scan, digits):
    page = photos.lay_out(digits[:20], columns=5)
    with pytest.raises(ValueError, match="shows none of the sheet's five"):
        hand.read_sheet(photos.to_bytes(page))
    with pytest.raises(ValueError, match="shows 10 square marks, but no five"):
        hand.read_sheet(np.hstack([scan, scan]))


def test_marks_that_lie_otherwise_are_no_sheet():
    page = np.ones((1000, 1000))
    for x, y in [(100, 100), (800, 150), (300, 500), (850, 800), (500, 300)]:
        for side, grey in ((70, 0), (50, 1), (30, 0)):
            page[y - side : y + side, x - side : x + side] = grey
    with pytest.raises(ValueError, match="shows 5 square marks, but no five of them"):
        hand.read_sheet(photos.to_bytes(page))


@pytest.mark.parametrize("paper", sheet.PAPERS)
@pytest.mark.parametrize("kind", ["pdf", "svg"])
def test_the_sheet_is_written_as_large_as_the_paper(tmp_path, paper, kind):
    path = hand.save_sheet(tmp_path / f"sheet.{kind}", paper=paper)
    content = path.read_bytes()
    assert content == hand.save_sheet(path, paper=paper).read_bytes()
    width, height = (size / 25.4 * 72 for size in sheet.PAPERS[paper])
    if kind == "pdf":
        box = content.split(b"/MediaBox [ ")[1].split(b"]")[0].split()
    else:
        box = content.split(b'viewBox="')[1].split(b'"')[0].split()
    assert np.allclose([float(x) for x in box], [0, 0, width, height], atol=0.1)


def test_another_paper_or_format_is_refused(tmp_path):
    with pytest.raises(ValueError, match="one of a4, letter, got 'a5'"):
        hand.draw_sheet("a5")
    with pytest.raises(ValueError, match=r"must end with \.pdf or \.svg"):
        hand.save_sheet(tmp_path / "sheet.png")


def test_a_felt_tip_is_read(digits):
    page = photos.print_sheet()
    for box, digit in enumerate(digits):
        photos.write(page, mistakes.thicken(digit[None])[0], box, darkness=0.95)
    read = hand.read_sheet(photos.to_bytes(page))
    assert read.labels.tolist() == [box // 10 for box in range(100)]
    assert read.images.mean() > 1.2 * digits.mean()
