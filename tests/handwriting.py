"""Handwriting as people photograph it: on sheets and on any paper, well and badly."""

import numpy as np
import photos
from scipy import ndimage

from lenet_helpers.hand import sheet


def to_grey(page):
    return np.floor(255 * page + 0.5).astype(np.uint8)


def fill(images, skip=(), **options):
    """Print a sheet and write a hundred digits on it, but for some boxes."""
    page = photos.print_sheet()
    for box in range(100):
        if box not in skip:
            photos.write(page, images[box], box, **options)
    return page


def draw_line(page, box, start, end, *, width=0.6, darkness=0.85):
    """Draw a straight line on a sheet, from a box's middle, in mm; in place."""
    left, top, right, bottom = sheet.list_boxes()[box]
    middle = (np.array([left + right, top + bottom]) / 2 + photos.find_origin()) * 10
    for share in np.linspace(0, 1, 400):
        x, y = middle + 10 * ((1 - share) * np.array(start) + share * np.array(end))
        reach = 10 * width / 2
        part = page[
            round(y - reach) : round(y + reach), round(x - reach) : round(x + reach)
        ]
        np.minimum(part, 1 - darkness, out=part)


def take_sheets(images):
    """Photograph sheets: name and array."""
    rng = np.random.default_rng(0)
    page = fill(images)
    yield "aslant, with a shadow, turned", photos.photograph(page, rng, turn=1)
    yield (
        "reduced, with ragged edges",
        photos.photograph(page, rng, size=(2999, 2251), angle=30, turn=2),
    )
    yield "seen straight on", to_grey(page)
    odd = fill(images, skip=(0, 7, 13, 55))
    for shift in (-3.5, 3.5):
        photos.write(odd, images[13], 13, height=9, shift=(shift, 0))
    draw_line(odd, 55, (-6, 0), (6, 1), width=0.8)
    draw_line(odd, 40, (0, 0), (16, 0))
    yield "with faults", photos.photograph(odd, rng, light=0.2)
    faint = fill(images, darkness=0.3)
    yield "faint, strongly lit", photos.photograph(faint, rng, light=0.6, noise=0.005)
    yield "negative", 255 - photos.photograph(page, rng)
    empty = photos.print_sheet()
    yield "empty", photos.photograph(empty, rng)
    four = page.copy()
    x, y = np.round(photos.find_origin() * 10).astype(int)
    four[y - 80 : y + 80, x - 80 : x + 80] = 1
    yield "four marks", photos.photograph(four, rng)
    moved = four.copy()
    size = 80
    mark = page[y - size : y + size, x - size : x + size]
    moved[1400 : 1400 + 2 * size, 900 : 900 + 2 * size] = mark
    yield "a mark elsewhere", photos.photograph(moved, rng, angle=5)
    yield "no sheet", to_grey(photos.lay_out(images[:30], columns=6))
    draw_line(page, 62, (0, 0), (64, 0))
    yield "a line through five boxes", photos.photograph(page, rng, shadow=False)


def take_photos(images):
    """Photograph digits on any paper: name and array."""
    rng = np.random.default_rng(1)

    def shoot(page, **options):
        noisy = page + rng.normal(0, options.pop("noise", 0.01), page.shape)
        return to_grey(np.clip(noisy, 0, 1))

    page = photos.lay_out(images[:60], columns=10, pitch=70)
    yield "rows", shoot(page)
    light = np.linspace(0.9, 0.3, page.shape[1])
    yield "rows in uneven light", shoot(page * light, noise=0.02)
    large = photos.lay_out(images[:40], columns=8, pitch=330, height=200)
    yield "reduced", shoot(large)
    yield "white on black", 255 - shoot(page)
    squared = page.copy()
    photos.rule(squared, every=25)
    yield "squared", shoot(squared)
    ruled = page.copy()
    photos.rule(ruled, every=70, squared=False, darkness=0.6, width=2)
    yield "ruled", shoot(ruled)
    aslant = photos.lay_out(images[:50], columns=10, pitch=90)
    slope = np.array([[1, 0.1], [-0.1, 1]])
    aslant = ndimage.affine_transform(aslant, slope, cval=1, order=1)
    yield "aslant, cut at the edge", shoot(aslant[:-40])
    broken = page.copy()
    broken[100 : 100 + 600 : 9] = 1
    yield "broken strokes", shoot(broken)
    specks = page.copy()
    for y, x in rng.integers(0, min(page.shape) - 8, (60, 2)):
        specks[y : y + 6, x : x + 6] = 0.2
    specks[30:36, 100:500] = 0.2
    yield "specks and a dash", shoot(specks)
    pairs = np.ones((200, 700))
    for number, shift in enumerate(range(10, 40, 3)):
        for step in range(40):  # two lines aslant, so far from each other
            x = 30 + 65 * number + step
            pairs[80 + step : 84 + step, [x, x + shift]] = 0.2
    yield "strokes beside each other", shoot(pairs)
    yield "without grey", np.where(page > 0.5, np.uint8(255), np.uint8(0))
    dark = page.copy()
    photos.rule(dark, every=25, darkness=0.9, width=2)
    yield "dark lines", shoot(dark)
    yield "blank", np.full((300, 400), 230, np.uint8)
    yield (
        "nothing but lines",
        shoot(np.where(np.arange(300)[:, None] % 60 < 3, 0.2, 1) * np.ones(300)),
    )
    carpet = rng.random((600, 600)) < 0.1
    yield "a carpet", np.where(carpet, np.uint8(40), np.uint8(220))
