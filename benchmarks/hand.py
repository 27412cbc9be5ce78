"""Reading a photographed sheet: seconds for twelve megapixels.

``python -m benchmarks.hand`` prints what it takes on one thread, by the processor's
time.
"""

import argparse
import io
import statistics
import time

import numpy as np
from PIL import Image

from lenet_helpers import hand
from lenet_helpers.drawing import draw_ink
from lenet_helpers.hand import camera
from lenet_helpers.hand.sample import draw_sample


def take_photo() -> bytes:
    """Photograph a filled sheet with twelve megapixels: a JPEG."""
    page = camera.print_sheet()
    for box, strokes in enumerate(draw_sample(10)):
        camera.write(page, draw_ink(strokes), box)
    photo = camera.photograph(page, np.random.default_rng(0), size=(4000, 3000))
    file = io.BytesIO()
    Image.fromarray(photo).save(file, "JPEG", quality=85)
    return file.getvalue()


def main(rounds: int) -> None:
    """Read the photograph again and again, and print the median."""
    content = take_photo()
    seconds = []
    for _ in range(rounds):
        start = time.process_time()
        hand.read_sheet(content)
        seconds.append(time.process_time() - start)
    print(
        f"{statistics.median(seconds):6.2f}  (at most 3)    s to read a sheet from a "
        f"photograph of 4000 x 3000 pixels ({len(content) / 1e6:.1f} MB)."
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    main(parser.parse_args().rounds)
