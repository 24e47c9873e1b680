"""The same images from every form; whatever is malformed is one sentence."""

import gzip
import random

import numpy as np
import pytest

from theorycheck.images.reading import read_images
from theorycheck.refusals import is_refusal

FORMS = ("npz", "keras", "csv", "csv.gz", "idx")


@pytest.mark.parametrize("form", FORMS)
def test_every_form_holds_the_same_images(files, pixels, labels, form):
    found = read_images(files[form])
    np.testing.assert_array_equal(found.pixels, pixels.reshape(30, -1) / pixels.max())
    np.testing.assert_array_equal(found.labels, labels)
    assert found.classes == 3
    assert found.name == files[form].name


def test_a_folder_holds_all_its_pairs(files, pixels, labels):
    found = read_images(files["folder"])
    order = [*range(20, 30), *range(20)]  # t10k before train
    np.testing.assert_array_equal(found.pixels, pixels[order].reshape(30, -1) / pixels.max())
    np.testing.assert_array_equal(found.labels, labels[order])


def test_a_package_of_npm_is_read_from_any_of_its_folders(json_folder):
    for folder in (json_folder, json_folder.parents[1]):
        found = read_images(folder)
        assert found.pixels.shape == (5, 784)
        assert found.labels.tolist() == [0, 0, 1, 1, 1]
        assert found.pixels.max() == 1


def test_a_first_line_of_names_is_left_out(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("one,two,class\n0,1e-1,4\n1,0.5,9\n")
    found = read_images(path)
    assert found.labels.tolist() == [0, 1]
    assert found.pixels.tolist() == [[0, 0.1], [1, 0.5]]


SENTENCES = {
    ("a.npz", b"no archive"): "is no npz file of plain arrays",
    ("a.csv", b"1,2,3\n1,2\n"): "must be a table of numbers",
    ("a.csv", b"1,2,x\n"): "must be a table of numbers",
    ("a.csv", b"\xff\xfe"): "must be a table of numbers",
    ("a.csv", b""): "must have a line for each image",
    ("a.csv", b"1,0\n"): "must hold two classes or more, got 1",
    ("a.csv", b"1,0\n-1,1\n"): "has a pixel that is negative or no finite number",
    ("a.csv", b"nan,0\n1,1\n"): "has a pixel that is negative or no finite number",
    ("a.csv", b"1,0\n1,0.5\n"): "has a label that is no integer",
    ("a.csv.gz", b"no gzip"): "is no gzip file",
    ("a.csv.gz", gzip.compress(b"1,2\n3,4\n", mtime=0)[:-9]): "is no gzip file",
    ("a-images-idx3-ubyte", b"\0\0\x08\x03"): "is no IDX file of bytes with 3 dimensions",
    ("a-images-idx3-ubyte", b"\0\0\x08\x03" + b"\xff" * 12): "bytes after its head, got 0",
    ("a.txt", b"?"): "--data must be an .npz file",
}


@pytest.mark.parametrize(("name", "content"), SENTENCES)
def test_a_malformed_file_is_one_sentence(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=SENTENCES[name, content]) as caught:
        read_images(tmp_path / name)
    assert is_refusal(caught.value)
    assert "\n" not in str(caught.value)


def test_an_archive_without_the_names_or_with_objects_is_refused(tmp_path, pixels, labels):
    path = tmp_path / "a.npz"
    np.savez(path, pictures=pixels, labels=labels)
    with pytest.raises(ValueError, match="must hold arrays called images and labels"):
        read_images(path)
    np.savez(path, images=np.array([{}, {}]), labels=[0, 1])
    with pytest.raises(ValueError, match="is no npz file of plain arrays"):
        read_images(path)
    np.savez(path, images=pixels, labels=labels[:-1])
    with pytest.raises(ValueError, match="must hold as many labels as images"):
        read_images(path)


def test_labels_that_are_fewer_than_their_images_are_refused(files):
    (files["folder"] / "train-labels-idx1-ubyte.gz").write_bytes(
        (files["folder"] / "t10k-labels-idx1-ubyte.gz").read_bytes()
    )
    with pytest.raises(
        ValueError, match=r"train-images-idx3-ubyte\.gz has 20 images and 10 labels"
    ):
        read_images(files["folder"])


@pytest.mark.parametrize("content", ["{", "[]", '{"data": "x"}', '{"data": [1, 2]}', '{"data": 1}'])
def test_malformed_json_is_one_sentence(json_folder, content):
    (json_folder / "1.json").write_text(content)
    with pytest.raises(ValueError, match=r"1\.json must") as caught:
        read_images(json_folder)
    assert is_refusal(caught.value)


def test_an_empty_folder_and_a_missing_file_are_told(tmp_path):
    with pytest.raises(ValueError, match=r"got a folder .* with none of them"):
        read_images(tmp_path)
    for name in ("a.npz", "a.csv", "a.txt", "a-images-idx3-ubyte"):
        with pytest.raises(FileNotFoundError):
            read_images(tmp_path / name)


def error_of(path):
    try:
        read_images(path)
    except Exception as error:
        return error
    return None


@pytest.mark.parametrize("form", FORMS)
def test_damaged_bytes_are_refused_or_read_and_nothing_else(files, form):
    rng, good = random.Random(0), files[form].read_bytes()
    for _ in range(60):
        damaged = bytearray(good)
        for _ in range(rng.choice((1, 3))):
            damaged[rng.randrange(min(300, len(good)))] = rng.randrange(256)
        files[form].write_bytes(damaged[: rng.choice((len(good), rng.randrange(len(good))))])
        raised = error_of(files[form])
        assert raised is None or isinstance(raised, MemoryError) or is_refusal(raised), repr(raised)


def test_json_that_is_deep_is_one_sentence(json_folder):
    (json_folder / "1.json").write_text("[" * 100_000)
    with pytest.raises(ValueError, match=r"1\.json must be JSON"):
        read_images(json_folder)
