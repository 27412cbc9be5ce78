"""The page's reading of photographs under Node, against Python's."""

import base64
import io
import json

import handwriting
import numpy as np
import picture_files
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
    sheets = [(boxes.read_sheet, *taken) for taken in handwriting.take_sheets(images)]
    others = [(photo.read_photo, *taken) for taken in handwriting.take_photos(images)]
    return [
        {"reader": reader.__name__, "name": name} | read(reader, grey)
        for reader, name, grey in sheets + others
    ]


@pytest.fixture(scope="module")
def images(sample):
    """A hundred test digits, ten of each, the 0s first."""
    order = [np.flatnonzero(sample.test_labels == digit)[:10] for digit in range(10)]
    return np.asarray(sample.test_images[np.concatenate(order)]).reshape(-1, 28, 28)


class NamedFile(io.BytesIO):
    """A file with a name, as one that was opened has."""

    name = "folder/mine.pic"


def make_checks():
    """Check files: what Python says, or the size that it sees."""
    cases = []
    for name, content in picture_files.make_files():
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
