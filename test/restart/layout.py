"""docs/checkpoint-layout.md against a file of the flagship: all that the page names is there, all that is there is on the
page, checksums are what its formula gives, and HDF5's tools read it: layout.py --mpirun WORDS --bin FOLDER --source FOLDER
"""
import argparse
import pathlib
import re
import shlex
import sys

import h5py
import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import job  # noqa: E402

# What the flagship's model has no need of: other optimisers and networks, averages that did not come to be.
OPTIONAL = ("buffers/NAME", "published/buffers/NAME", "optimiser/momentum", "optimiser/gradient_changes",
            "optimiser/value_changes", "optimiser/curvatures", "optimiser/...")
# The forms of the column `shape`.
SHAPES = {"global": lambda shape: len(shape) > 0, "scalar": lambda shape: shape == (), "": lambda _: True,
          "(numbers)": lambda shape: len(shape) == 1, "(samples, ...)": lambda shape: len(shape) > 1,
          "(samples, 2)": lambda shape: len(shape) == 2 and shape[1] == 2, "(rows, ...)": lambda shape: len(shape) > 0,
          "(ranks)": lambda shape: len(shape) == 1, "(arrays, length)": lambda shape: len(shape) == 2,
          "(arrays)": lambda shape: len(shape) == 1}
TYPES = {"int64": ("session/step", "session/loop", "session/seed", "models/kinetics/version", "models/kinetics/buffer_records",
                   "models/kinetics/held_out_records", "models/kinetics/ranks/counts/arrived",
                   "models/kinetics/learner/normalised"),
         "float64": ("models/kinetics/published", "models/kinetics/learner/normalisation/input_mean"),
         "uint8": ("checksums/names",), "uint64": ("checksums/values",),
         "text": ("models/kinetics/kind", "models/kinetics/signature", "models/kinetics/hash", "run/file")}


class Row:
    def __init__(self, line):
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        names = re.findall(r"`([^`]+)`", cells[0])
        # `models/NAME/kind`, `signature`: the others are beside the first.
        folder = names[0].rpartition("/")[0]
        self.names = [name if "/" in name or not folder else f"{folder}/{name}" for name in names]
        if re.search(r", \.\.\.$", cells[0]):
            self.names.append(f"{folder}/...")
        self.cells = cells

    @staticmethod
    def pattern(name):
        text = re.escape(name).replace(re.escape("..."), ".+")
        return re.sub("FIELD", "[^/]+", re.sub(r"(?<=/)NAME$", ".+", text).replace("/NAME/", "/[^/]+/"))

    def matches(self, path):
        return any(re.fullmatch(self.pattern(name), path) for name in self.names)


def rows(page, heading):
    section = re.search(rf"^##+ {heading}\n(.*?)(?=^##|\Z)", page, re.M | re.S)
    job.demand(section, f"the page has no section '{heading}'")
    return [Row(line) for line in section[1].splitlines() if line.startswith("| `")], section[1]


def type_name(dtype):
    return "text" if dtype.kind == "S" else dtype.name


def check_attributes(page, file):
    named = {row.names[0]: row.cells[1] for row in rows(page, "The file itself")[0]}
    job.demand(named and set(named) == set(file.attrs), f"attributes: {sorted(named)} and {sorted(file.attrs)}")
    for name, kind in named.items():
        stored = h5py.h5a.open(file.id, name.encode()).dtype
        job.demand(type_name(stored) == kind, f"attribute {name} is {stored}, not {kind}")
    job.demand(file.attrs["format"] == b"cardan-checkpoint" and file.attrs["version"] == 1, "format and version")


def check_table(table, prefix, arrays):
    """All arrays below a prefix are of a row, and all rows have arrays."""
    below = {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
    for name, array in below.items():
        found = [row for row in table if row.matches(name)]
        job.demand(found, f"{prefix}{name} is in no row of the page")
        if len(found[0].cells) > 2:
            shapes = [row.cells[1] for row in found]
            job.demand(any(SHAPES[shape](array.shape) for shape in shapes), f"{name}: {array.shape} is not {shapes}")
    for row in table:
        for name in row.names:
            if name not in OPTIONAL and not any(re.fullmatch(row.pattern(name), path) for path in below):
                raise job.Failure(f"nothing in the file is {prefix}{name} of the page")


def check_words(text, prefix, arrays):
    """The last words of what is below a prefix are named in a text."""
    words = set(re.findall(r"`(?:[^`]*/)?(\w+)`", text))
    missing = [name for name in arrays if name.startswith(prefix) and name.rpartition("/")[2] not in words]
    job.demand(not missing, f"the page says nothing of {missing}")


def mix(x):
    x ^= x >> np.uint64(30)
    x *= np.uint64(0xBF58476D1CE4E5B9)
    x ^= x >> np.uint64(27)
    x *= np.uint64(0x94D049BB133111EB)
    x ^= x >> np.uint64(31)
    return x


def checksum(array):
    if array.dtype.kind == "S":
        bits = np.frombuffer(np.asarray(array[()], array.dtype).tobytes(), np.uint8)
    else:
        bits = np.ascontiguousarray(array[()]).reshape(-1).view(f"<u{array.dtype.itemsize}")
    place = np.arange(bits.size, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return int(mix(place + bits.astype(np.uint64) + np.uint64(1)).sum(dtype=np.uint64))


def check_sums(file, arrays):
    names = [bytes(row).rstrip(b"\0").decode() for row in file["checksums/names"][()]]
    wanted = {name for name in arrays if not name.startswith("checksums/")}
    job.demand(set(names) == wanted and len(names) == len(wanted), f"checksums of {set(names) ^ wanted}")
    for name, value in zip(names, file["checksums/values"][()]):
        job.demand(checksum(arrays[name]) == int(value), f"the checksum of {name} is another")


def check(page, path, rounded):
    with h5py.File(path) as file:
        check_attributes(page, file)
        arrays = {}
        file.visititems(lambda name, item: arrays.update({name: item}) if isinstance(item, h5py.Dataset) else None)
        for name, array in arrays.items():
            job.demand(h5py.check_string_dtype(array.dtype) is None or h5py.check_string_dtype(array.dtype).length,
                       f"{name} is of variable length")
            job.demand(array.dtype.byteorder in "<=|", f"{name} is not little-endian")
        table, _ = rows(page, "Groups")
        check_table(table, "", arrays)
        check_table(rows(page, "A learner")[0], "models/kinetics/learner/", arrays)
        own = {name: array for name, array in arrays.items() if "/ranks/counts/" not in name}
        check_words(rows(page, "What training ranks have of their own")[1], "models/kinetics/ranks/", own)
        training = next(row for row in table if row.names[0] == "models/NAME/training/...")
        check_words(training.cells[2], "models/kinetics/training/", arrays)
        for kind, names in TYPES.items():
            for name in names:
                job.demand(type_name(arrays[name].dtype) == kind, f"{name} is {arrays[name].dtype}, not {kind}")
        attributes = set(arrays["fields/state"].attrs)
        job.demand(attributes == {"axes", "units"} | ({"error_bound"} if rounded else set()), f"of a field: {attributes}")
        check_sums(file, arrays)
        return list(arrays)


def work(options, folder):
    page = (options.source / "docs/checkpoint-layout.md").read_text()
    text = (options.source / "miniapps/inner/inner.toml").read_text()
    text = text.replace("warmup    = 16000", "warmup    = 500").replace("seed = 1\n", "seed = 1\ndeterministic = true\n")
    more = {"plain": "", "rounded": "\n[checkpoint.fields.state]\nerror_bound = 1e-9\ndeflate = 4\n"}
    for way, storage in more.items():
        out = folder / way
        out.mkdir()
        (out / "layout.toml").write_text(text.replace("every = 25\n", "every = 25\n" + storage))
        result = job.run([*shlex.split(options.mpirun), "-n", 3, options.bin / "inner", "--grid", 16, "--steps", 20,
                          "--no-pictures", "--out", out, out / "layout.toml"], 100, out)
        job.demand(result.status == 0, "the run failed", result)
        arrays = check(page, out / "state.h5", way == "rounded")
        for words in (["h5dump", "-H"], ["h5ls", "-r"]):
            result = job.run([*words, out / "state.h5"], 30, out)
            job.demand(result.status == 0 and not result.err, "it does not read the file", result)
            for name in arrays:
                job.demand(name.rpartition("/")[2] in result.out, f"{words[0]} does not name {name}", result)
        print(f"{way}: {len(arrays)} arrays are as the page says")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mpirun", required=True)
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--source", type=pathlib.Path, required=True)
    options = parser.parse_args()
    job.main(lambda folder: work(options, folder))


if __name__ == "__main__":
    main()
