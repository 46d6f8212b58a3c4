"""Makes the HDF5 files of this folder with h5py, and hdf5.json: what they hold by Python's account,
and digests by hashlib.

    python make_hdf5.py        (h5py 3; nothing random)
"""

import hashlib
import json
import pathlib
import platform

import h5py
import numpy as np

here = pathlib.Path(__file__).parent / "hdf5"

ANCHORS = ["what is a kernel", "caf\u00e9", "", "tabs\tand \u2028", "\ud55c\uae00 \U0001f469\u200d\U0001f4bb"]
POSITIVES = ["The core of an operating system.", "cafe\u0301", "empty anchor", " spaces ", "x" * 300]
NEGATIVES = [["A seed.", "A matrix."], ["", "b"], ["c", ""], ["d", "e"], ["f", "\u00e9"]]
UTF8 = h5py.string_dtype()


def make(name, **options):
    return h5py.File(here / (name + ".h5"), "w", **options)


def column(group, name, texts, dtype=UTF8, **options):
    # Of fixed length, h5py takes bytes.
    if dtype is not UTF8:
        texts = np.char.encode(np.array(texts), "utf-8")
    group.create_dataset(name, data=np.array(texts, dtype=dtype), **options)


def main():
    here.mkdir(exist_ok=True)
    # The order of creation is not that of the names.
    with make("tracked", track_order=True) as file:
        column(file, "query", ANCHORS)
        column(file, "answer", POSITIVES, chunks=(2,), compression="gzip")
        column(file, "negative", NEGATIVES, maxshape=(None, 2))

    with make("group") as file:
        file.attrs["columns"] = ["positive", "anchor"]
        group = file.create_group("train")
        column(group, "anchor", ANCHORS, h5py.string_dtype("utf-8", 40))
        column(group, "positive", POSITIVES, "S320")
        column(group, "zeal", ANCHORS)

    with make("names") as file:
        column(file, "positive", POSITIVES)
        column(file, "anchor", ANCHORS)

    with make("alphabet") as file:
        for name in ("anchor", "positive", "negative"):
            column(file, name, POSITIVES)

    with make("padded") as file:
        # What other writers do: spaces or a NUL behind the text.
        for name, padding, data in (
            ("anchor", h5py.h5t.STR_SPACEPAD, [b"one   ", b" two  ", b"      "]),
            ("positive", h5py.h5t.STR_NULLTERM, [b"one\0xx", b"two\0\0\0", b"\0abcde"]),
        ):
            kind = h5py.h5t.C_S1.copy()
            kind.set_size(6)
            kind.set_strpad(padding)
            space = h5py.h5s.create_simple((3,))
            dataset = h5py.h5d.create(file.id, name.encode(), kind, space)
            dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, np.array(data, dtype="S6"), mtype=kind)

    with make("integers") as file:
        column(file, "anchor", ANCHORS)
        file["positive"] = np.arange(5)
    with make("labels") as file:
        column(file, "anchor", ANCHORS)
        file["label"] = np.arange(5)
    with make("label-lists", track_order=True) as file:
        column(file, "query", ANCHORS)
        column(file, "answer", POSITIVES)
        file.create_dataset("scores", data=np.arange(10, dtype="<f8").reshape(5, 2) / 8,
                            chunks=(2, 2), compression="gzip")
    with make("label-texts") as file:
        column(file, "anchor", ANCHORS)
        column(file, "label", POSITIVES)
    with make("label-lengths") as file:
        column(file, "anchor", ANCHORS)
        file["score"] = np.arange(4, dtype="<f4")
    with make("label-nan") as file:
        column(file, "anchor", ANCHORS)
        file["label"] = np.array([0, np.nan, 1, 2, 3], dtype="<f4")
    with make("lengths") as file:
        column(file, "anchor", ANCHORS)
        column(file, "positive", POSITIVES[:4])
    with make("latin1") as file:
        file["anchor"] = np.array([b"ok", b"caf\xe9"], dtype="S8")
    with make("empty") as file:
        file.create_dataset("anchor", shape=(0,), dtype=UTF8)
    with make("unwritten") as file:
        file.create_dataset("anchor", shape=(1 << 40,), dtype=UTF8)
    with make("groups") as file:
        file.create_group("train")
        file.create_group("test")
    with make("listed") as file:
        file.attrs["columns"] = ["anchor", "positive"]
        column(file, "anchor", ANCHORS)
    with make("lists") as file:
        column(file, "anchor", NEGATIVES)
        column(file, "positive", POSITIVES)

    texts = [text.encode() for text in POSITIVES]
    digest = hashlib.sha256()
    for text in texts:
        digest.update(len(text).to_bytes(8, "little") + text)
    fields = {"max_seq_length": 128, "prompt": "query: ", "tokenizer_sha256": "ab\u00e9\""}
    key = json.dumps({"kind": "tokens", "fields": fields}, ensure_ascii=False)
    expected = {
        "made_by": f"make_hdf5.py, Python {platform.python_version()}, h5py {h5py.__version__}, "
        f"HDF5 {h5py.version.hdf5_version}",
        "anchors": ANCHORS,
        "positives": POSITIVES,
        "negatives": [list(column) for column in zip(*NEGATIVES)],
        "digests": [hashlib.sha256(b"p: " + text).digest()[:16].hex() for text in texts],
        "sha256": digest.hexdigest(),
        "key": hashlib.sha256(key.encode()).hexdigest(),
    }
    path = pathlib.Path(__file__).parent / "hdf5.json"
    path.write_text(json.dumps(expected, indent=1) + "\n")


main()
