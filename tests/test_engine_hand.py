"""The page's reading of photographs under Node, against Python's."""

import base64
import io
import json
import zlib

import numpy as np
import photos
import pytest
from PIL import Image
from programs import run_web_tests

from lenet_helpers import hand
from lenet_helpers.hand import boxes, digits, ink, marks, photo, pictures, sheet
from lenet_helpers.hand.mistakes import MISTAKES
from lenet_helpers.judging.intervals import bound_rate

CONSTANTS = {
    "FRAME": sheet.FRAME,
    "MARKS": sheet.MARKS.tolist(),
    "ROWS": sheet.ROWS,
    "COLUMNS": sheet.COLUMNS,
    "PITCH": sheet.PITCH,
    "BOX": sheet.BOX,
    "FIRST": sheet.FIRST,
    "boxes": sheet.list_boxes().tolist(),
    "LONGEST": pictures.LONGEST,
    "LARGEST": pictures.LARGEST,
    "SMALLEST": pictures.SMALLEST,
    "SCALE": marks.SCALE,
    "BETWEEN": ink.BETWEEN,
}


def encode(array):
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


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
    count = 400
    for share in np.linspace(0, 1, count):
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
    aslant = photos.ndimage.affine_transform(aslant, slope, cval=1, order=1)
    yield "aslant, cut at the edge", shoot(aslant[:-40])
    broken = page.copy()
    broken[100 : 100 + 600 : 9] = 1
    yield "broken strokes", shoot(broken)
    specks = page.copy()
    for y, x in rng.integers(0, min(page.shape) - 8, (60, 2)):
        specks[y : y + 6, x : x + 6] = 0.2
    specks[30:36, 100:500] = 0.2
    yield "specks and a dash", shoot(specks)
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


def read(reader, grey):
    """Read a photograph: what was given, and what came, or the words of refusal."""
    case = {"grey": encode(grey), "height": grey.shape[0], "width": grey.shape[1]}
    try:
        found = reader(grey)
    except ValueError as refused:
        return case | {"message": str(refused)}
    return case | {
        "images": encode(found.images),
        "labels": found.labels.tolist(),
        "boxes": found.boxes.reshape(-1, 8).tolist(),
        "leftOut": list(found.left_out),
        "steps": {
            name: {
                "grey": encode(step),
                "height": step.shape[0],
                "width": step.shape[1],
            }
            for name, step in found.steps.items()
        },
    }


def make_photos(images):
    sheets = [(boxes.read_sheet, *taken) for taken in take_sheets(images)]
    others = [(photo.read_photo, *taken) for taken in take_photos(images)]
    return [
        {"reader": reader.__name__, "name": name} | read(reader, grey)
        for reader, name, grey in sheets + others
    ]


@pytest.fixture(scope="module")
def images(sample):
    """A hundred test digits, ten of each, the 0s first."""
    order = [np.flatnonzero(sample.test_labels == digit)[:10] for digit in range(10)]
    return np.asarray(sample.test_images[np.concatenate(order)]).reshape(-1, 28, 28)


def write_with(save):
    """Write a file as a library does it: bytes."""
    file = io.BytesIO()
    save(file)
    return file.getvalue()


def draw_small(size=(40, 30), color="white", mode="RGB"):
    return Image.new(mode, size, color)


def make_files():
    """Write pictures in each format, and what is none: name and bytes."""
    frames = [draw_small(color=color) for color in ("white", "red", "blue")]
    formats = [
        ("PNG", {}), ("JPEG", {}), ("JPEG", {"progressive": True}), ("GIF", {}),
        ("WEBP", {}), ("WEBP", {"lossless": True}), ("BMP", {}),
    ]  # fmt: skip
    for name, options in formats:
        for size in ((40, 30), (15, 400), (16, 16)):
            yield (
                name,
                write_with(
                    lambda file, name=name, size=size, options=options: draw_small(
                        size
                    ).save(file, name, **options)
                ),
            )
    for name in ("PNG", "GIF", "WEBP"):
        for count in (1, 2, 3):
            yield (
                f"{name} of {count}",
                write_with(
                    lambda file, name=name, count=count: frames[0].save(
                        file,
                        name,
                        save_all=True,
                        append_images=frames[1:count],
                        duration=9,
                    )
                ),
            )
    yield (
        "PNG, another first",
        write_with(
            lambda file: frames[0].save(
                file, "PNG", save_all=True, append_images=frames[1:], default_image=True
            )
        ),
    )
    yield (
        "two of a telephone",
        write_with(
            lambda file: frames[0].save(
                file, "MPO", save_all=True, append_images=frames[1:2]
            )
        ),
    )
    yield (
        "transparent",
        write_with(
            lambda file: draw_small(color="#00ff0080", mode="RGBA").save(file, "WEBP")
        ),
    )
    png = write_with(lambda file: draw_small(mode="L").save(file, "PNG"))
    for width, height in ((8001, 8000), (8000, 8000), (13000, 13000)):
        yield f"PNG of {width} x {height}", resize_png(png, width, height)
    yield "empty", b""
    for first in (b"text", b"it's \\ \t\r\n\x00\xff", b"'\"", b"%PDF-1.7 and on"):
        yield "text", first
    yield "no bitmap", b"BM is no bitmap, but a text that begins as one does."
    yield (
        "bitmap from above",
        flip_bitmap(write_with(lambda file: draw_small().save(file, "BMP"))),
    )
    for brand in (b"heic", b"heix", b"mif1", b"msf1", b"qt  "):
        yield "moving", b"\x00\x00\x00\x18ftyp" + brand + bytes(8)


def flip_bitmap(bitmap):
    """Let a bitmap's rows run down, which a height below 0 says."""
    height = int.from_bytes(bitmap[22:26], "little", signed=True)
    return bitmap[:22] + (-height).to_bytes(4, "little", signed=True) + bitmap[26:]


def resize_png(png, width, height):
    """Let a PNG's header say another size, with its checksum."""
    header = b"IHDR" + width.to_bytes(4, "big") + height.to_bytes(4, "big") + png[24:29]
    return png[:12] + header + zlib.crc32(header).to_bytes(4, "big") + png[33:]


class NamedFile(io.BytesIO):
    """A file with a name, as one that was opened has."""

    name = "folder/mine.pic"


def make_checks():
    """Check files: what Python says, or the size that it sees."""
    cases = []
    for name, content in make_files():
        case = {"name": name, "bytes": encode(np.frombuffer(content, np.uint8))}
        try:
            pictures.open_picture(NamedFile(content))
            with Image.open(io.BytesIO(content)) as image:
                case["size"] = image.size
        except ValueError as refused:
            case["message"] = str(refused)
        if "cannot be read to its end" in case.get("message", "") and name[:3] == "PNG":
            # The header is whole; that the rest is not, a page's decoder will see.
            case = {"name": name, "bytes": case["bytes"], "size": None}
        cases.append(case)
    return cases


def make_colors():
    """Make colours grey, opaque and not, and reduce pictures, as Pillow does."""
    rng = np.random.default_rng(2)
    colors = rng.integers(256, size=(300, 400, 4), dtype=np.uint8)
    colors[:100, :, 3] = 255
    colors[100, :, 3] = 0
    colors[200:, :256, 0] = colors[200:, :256, 1] = colors[200:, :256, 2] = np.arange(
        256
    )
    image = Image.fromarray(colors)
    grey = pictures.open_picture(image).grey
    reduced = []
    for size in (
        (2048, 20),
        (2049, 23),
        (30, 4097),
        (6143, 17),
        (16, 9001),
        (20483, 25),
    ):
        pixels = rng.integers(256, size=(size[1], size[0]), dtype=np.uint8)
        found = pictures.open_picture(pixels)
        reduced.append(
            {
                "grey": encode(pixels),
                "width": size[0],
                "height": size[1],
                "expected": encode(found.grey),
                "reduction": found.reduction,
                "shape": found.grey.shape,
            }
        )
    return {"data": encode(colors), "grey": encode(grey), "reduced": reduced}


def make_digits(images):
    """Digits of a pad, cut out, spoiled, judged."""
    rng = np.random.default_rng(3)
    some = np.concatenate([images, np.zeros((1, 28, 28), np.uint8)])
    some = np.concatenate([some, rng.integers(256, size=(3, 28, 28), dtype=np.uint8)])
    masks = [
        rng.random(shape) < 0.3 for shape in ((300, 41), (7, 90), (1, 1), (64, 64))
    ]
    masks[2][:] = True
    drawings = [
        [[0.2, 0.2, 0.5, 0.9]],
        [],
        [[0.5, 0.5], [0.1, 0.9, 0.9, 0.9]],
        [[2, 2]],
    ]
    drawn = hand.read_strokes(drawings, [4, 5, 6, 7])
    return {
        "images": encode(some),
        "mistakes": {name: encode(spoil(some)) for name, spoil in MISTAKES.items()},
        "masks": [
            {
                "mask": encode(mask),
                "height": mask.shape[0],
                "image": encode(digits.center_mask(mask)),
            }
            for mask in masks
        ],
        "drawings": drawings,
        "drawn": {
            "images": encode(drawn.images),
            "labels": drawn.labels.tolist(),
            "leftOut": list(drawn.left_out),
        },
        "rates": [
            [wrong, number, *bound_rate(wrong, number)]
            for wrong, number in ((0, 20), (3, 100), (20, 20), (517, 10_000), (1, 1))
        ],
    }


def explain(function, *arguments):
    with pytest.raises(ValueError) as refused:
        function(*arguments)
    return str(refused.value)


class Answers:
    """A network that knows what it answers."""

    def __init__(self, find):
        self.find = find

    def prepare(self, pixels):
        return pixels

    def classify(self, prepared):
        return self.find(prepared)


def make_passport(images):
    """Judge a hand by a network that counts ink, and refuse hands."""
    labels = np.repeat(np.arange(10), 10)
    corners = np.zeros((100, 4, 2))

    def count(prepared):
        return prepared.to(int).sum((1, 2, 3)) // 3001 % 10

    found = hand.write_passport(hand.Hand(images, labels, corners), Answers(count))
    half = labels.copy()
    half[:7] = -1
    return {
        "images": encode(images),
        "labels": labels.tolist(),
        "answers": found.answers.tolist(),
        "missed": found.missed.tolist(),
        "errorRate": found.error_rate,
        "bounds": found.bounds,
        "byDigit": found.by_digit.tolist(),
        "withMistakes": found.with_mistakes,
        "half": half.tolist(),
        "refused": explain(
            hand.write_passport, hand.Hand(images, half, corners), Answers(count)
        ),
        "empty": explain(
            hand.write_passport,
            hand.Hand(images[:0], labels[:0], corners[:0]),
            Answers(count),
        ),
    }


def make_hands(images, folder):
    """Write hands and what is none, as files: name, the hand or the refusal."""
    rng = np.random.default_rng(4)
    labels = np.arange(-1, 10)
    kept = {
        "images": images[:11],
        "labels": labels,
        "boxes": rng.normal(0, 1000, (11, 4, 2)),
    }
    saved = hand.Hand(*kept.values())
    saved.save(folder / "saved.npz")
    np.savez(folder / "savez.npz", **kept, other=np.ones(3))
    np.savez_compressed(folder / "compressed.npz", **kept)
    turned = {name: np.asfortranarray(array) for name, array in kept.items()}
    turned["labels"] = labels.astype(">i8")
    np.savez_compressed(folder / "turned.npz", **turned)
    none = {name: array[:0] for name, array in kept.items()}
    np.savez(folder / "none.npz", **none)
    bad = {
        "labels32": {"labels": labels.astype(np.int32)},
        "float": {"images": images[:11] / 255},
        "flat": {"images": images[:11].reshape(11, -1)},
        "fewer": {"labels": labels[:5]},
        "corners": {"boxes": kept["boxes"].reshape(11, 8)},
        "eleven": {"labels": labels + 3},
        "point": {"images": np.uint8(3)},
        "words": {"labels": np.array(["one"] * 11)},
        "objects": {"labels": np.array([None] * 11, object)},
    }
    for name, changed in bad.items():
        np.savez(folder / f"{name}.npz", **(kept | changed))
    np.savez(folder / "missing.npz", images=images, labels=labels)
    np.save(folder / "array.npy", images)
    (folder / "text.npz").write_text("no hand")
    (folder / "empty.npz").write_bytes(b"")
    whole = (folder / "compressed.npz").read_bytes()
    (folder / "cut.npz").write_bytes(whole[: len(whole) // 2])
    (folder / "hurt.npz").write_bytes(hurt(whole, whole.index(b"images.npy") + 500))
    whole = (folder / "saved.npz").read_bytes()
    (folder / "changed.npz").write_bytes(hurt(whole, whole.index(b"images.npy") + 500))
    cases = []
    for path in sorted([*folder.glob("*.npz"), *folder.glob("*.npy")]):
        case = {"name": path.name, "bytes": encode(np.fromfile(path, np.uint8))}
        try:
            found = hand.load(path)
            case |= {
                "images": encode(found.images),
                "labels": found.labels.tolist(),
                "boxes": found.boxes.reshape(-1, 8).tolist(),
            }
        except ValueError as refused:
            case["message"] = str(refused)
        cases.append(case)
    return cases


def hurt(content, place):
    changed = bytearray(content)
    changed[place] ^= 0x55
    return bytes(changed)


@pytest.fixture(scope="module")
def fixtures(tmp_path_factory, images):
    """Write what the engine is held against."""
    folder = tmp_path_factory.mktemp("hand")
    written = {
        "constants": CONSTANTS,
        "photos": make_photos(images),
        "checks": make_checks(),
        "colors": make_colors(),
        "digits": make_digits(images),
        "passport": make_passport(images),
        "hands": make_hands(images, folder),
    }
    for name, cases in written.items():
        text = json.dumps(cases, allow_nan=False)
        (folder / f"{name}.json").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.processes
def test_the_page_reads_photographs_as_python_does(fixtures):
    run_web_tests("hand", fixtures=fixtures, options=["--test-timeout=120000"])
    cases = json.loads((fixtures / "hands.json").read_text(encoding="utf-8"))
    written = {case["name"]: case for case in cases if "images" in case}
    names = ("saved.npz", "none.npz")
    for name in names:
        again = hand.load(fixtures / f"again-{name}")
        assert encode(again.images) == written[name]["images"]
        assert again.labels.tolist() == written[name]["labels"]
        assert again.boxes.reshape(-1, 8).tolist() == written[name]["boxes"]
        assert again.labels.dtype == np.int64
