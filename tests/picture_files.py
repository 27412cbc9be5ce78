"""Files of pictures in each format that libraries write, and files that are none."""

import io
import zlib

from PIL import Image


def write_with(save):
    """Let a library write a file: bytes."""
    file = io.BytesIO()
    save(file)
    return file.getvalue()


def draw_small(size=(40, 30), color="white", mode="RGB"):
    """Make a picture of one colour."""
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
    jpeg = write_with(lambda file: draw_small().save(file, "JPEG"))
    tables = jpeg.index(b"\xff\xc4")
    end = tables + 2 + int.from_bytes(jpeg[tables + 2 : tables + 4], "big")
    yield "JPEG, tables first", jpeg[:2] + jpeg[tables:end] + b"\xff" + jpeg[2:]
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
