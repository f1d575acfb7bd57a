"""Files as runs leave them, written with h5py as docs/checkpoint-layout.md says."""
import struct

import numpy

MASK = (1 << 64) - 1


def mix(x):
    x ^= x >> numpy.uint64(30)
    x *= numpy.uint64(0xBF58476D1CE4E5B9)
    x ^= x >> numpy.uint64(27)
    x *= numpy.uint64(0x94D049BB133111EB)
    return x ^ (x >> numpy.uint64(31))


def checksum(value):
    """Of an array or of a text's bytes, as the layout page says."""
    if isinstance(value, bytes):
        bits = numpy.frombuffer(value, numpy.uint8).astype(numpy.uint64)
    else:
        value = numpy.ascontiguousarray(value)
        bits = value.reshape(-1).view(f"<u{value.itemsize}").astype(numpy.uint64)
    places = numpy.arange(bits.size, dtype=numpy.uint64)
    with numpy.errstate(over="ignore"):
        mixed = mix(places * numpy.uint64(0x9E3779B97F4A7C15) + bits + numpy.uint64(1))
        return int(mixed.sum(dtype=numpy.uint64)) & MASK


def text(h5py, value):
    data = value.encode()
    return numpy.array(data, dtype=h5py.string_dtype("utf-8", len(data)))


def checkpoint(path, step=12, seed=0, change=None):
    """A small checkpoint; `change(arrays)` edits the arrays before they are written."""
    import h5py
    random = numpy.random.default_rng(seed)
    state = random.normal(size=(24, 20, 3))
    arrays = {"fields/state": state, "fields/height": state[..., 0].astype(numpy.float32),
              "fields/packed": numpy.round(random.normal(size=(40, 30)), 2),
              "session/step": numpy.int64(step), "session/time": numpy.float64(1.5),
              "models/kinetics/version": numpy.int64(7), "models/kinetics/step": numpy.int64(step - 1),
              "models/kinetics/trained_steps": numpy.int64(350), "models/kinetics/loss": numpy.float64(0.25),
              "models/kinetics/validation_loss": numpy.float64(0.5), "models/kinetics/hash": "ab" * 32,
              "models/kinetics/learner/weights/first": random.normal(size=(16, 8)).astype(numpy.float32),
              "models/kinetics/buffer/state": random.normal(size=(100, 3)),
              "models/kinetics/buffer_records": random.integers(0, 50, size=(100, 2)),
              "run/file": "[run]\nseed = 3\n"}
    if change:
        change(arrays)
    with h5py.File(path, "w", libver=("v110", "v110")) as file:
        for key, value in (("format", "cardan-checkpoint"), ("cardan", "0.1.0"), ("created", "2026-01-02T03:04:05Z")):
            file.attrs.create(key, text(h5py, value))
        for key, value in (("version", 1), ("sequence", 3), ("step", step)):
            file.attrs[key] = numpy.int64(value)
        sums = {}
        for name, value in arrays.items():
            if isinstance(value, str):
                data = file.create_dataset(name, data=text(h5py, value))
                sums[name] = checksum(value.encode())
            else:
                packed = {"chunks": (16, 16), "compression": 4, "shuffle": True} if name == "fields/packed" else {}
                data = file.create_dataset(name, data=value, **packed)
                sums[name] = checksum(value)
        file["fields/state"].attrs["axes"] = text(h5py, "y x species")
        file["fields/state"].attrs["units"] = text(h5py, "mol/m3")
        file["fields/height"].attrs["axes"] = text(h5py, "y x")
        file["fields/height"].attrs["spacing"] = numpy.array([0.5, 0.25])
        longest = max(map(len, sums))
        names = numpy.array([list(struct.pack(f"{longest}s", name.encode())) for name in sums], numpy.uint8)
        file["checksums/names"] = names
        file["checksums/values"] = numpy.array(list(sums.values()), numpy.uint64)
    return arrays
