"""Checkpoints of a program in C or Fortran: checkpoints_of.py --mpirun WORDS --program PROGRAM --ranks N --first STEP

Runs test/c/checkpoints.c or test/fortran/checkpoints.f90, which protect the same fields (and some more), looks at what is in the files, and
goes on from them on the same, on more and on fewer ranks, with and without an ML rank. STEP is the number of a loop's first
step: what a step writes depends on its number, and so does which steps have a checkpoint.
"""
import argparse
import itertools
import pathlib
import sys

import h5py
import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import job  # noqa: E402

RUN_FILE = """\
[run]
quiet = true
deadline = "20 s"
[ranks]
ml = {{ count = {ml} }}
[field.cube]
axes = ["z", "y", "x"]
[checkpoint]
file = "run.h5"
every = 4
keep = 5
"""
NX, NY, NZ, SAMPLES, STEPS = 7, 5, 3, 10, 6
# In the order of the programs: name, extents in the order of the program's own indices.
FIELDS = (("matrix", (NX, NY)), ("turned", (NX, NY)), ("backwards", (NX,)), ("samples", (SAMPLES, 2)),
          ("cube", (NX, NY, NZ)), ("now", ()), ("table", (4,)))
ATTRIBUTES = {"turned": {"axes": "x y", "units": "K"}, "cube": {"axes": "z y x"}}


def values(field, shape, step):
    numbers = np.zeros(shape, dtype=int)
    for index in itertools.product(*map(range, shape)):
        i, j, k = (*index, 0, 0, 0)[:3]
        numbers[index] = (7 * field + 3 * step + 11 * i + 5 * j + 3 * k) % 100
    return numbers


def text(value):
    return value.decode() if isinstance(value, bytes) else str(value)


def look(path, step, goes_on_with):
    """What the file has of the fields after a step."""
    with h5py.File(path) as file:
        job.demand(file["session/step"][()] == goes_on_with, f"{path}: goes on with {file['session/step'][()]}")
        job.demand({name for name, _ in FIELDS} <= set(file["fields"]), f"{path}: {list(file['fields'])}")
        for number, (name, shape) in enumerate(FIELDS):
            wanted = values(number, shape, step)
            if name == "cube":
                wanted = wanted.transpose()
            found = file["fields"][name][()]
            job.demand(found.shape == wanted.shape and (found == wanted).all(), f"{path}: {name} is {found}")
            attributes = {key: text(value) for key, value in file["fields"][name].attrs.items()}
            job.demand(attributes == ATTRIBUTES.get(name, {}), f"{path}: {name} has {attributes}")


def work(options, folder):
    last = options.first + STEPS - 1

    def run(what, ranks, ml=0):
        if ml is not None:
            (folder / "run.toml").write_text(RUN_FILE.format(ml=ml))
        result = job.run([*options.mpirun.split(), "-n", ranks + (ml or 0), options.program, what], 60, folder)
        job.demand(result.status == 0, f"{what} on {ranks} ranks failed", result)
        return result

    for ml in (0, 1):
        for old in folder.glob("run*.h5"):
            old.unlink()
        run("begin", options.ranks, ml)
        # The 4th, when step 4 begins; and the one that the program asked for.
        files = sorted(path.name for path in folder.glob("run.0*.h5"))
        job.demand(files == ["run.000001.h5", "run.000002.h5"], f"the files are {files}")
        look(folder / "run.000001.h5", 3, 4)
        look(folder / "run.000002.h5", last, last + 1)
        for ranks in sorted({options.ranks, options.ranks + 1, 1}):
            run("go_on", ranks)
            # No step was left; what it wrote is what it began with.
            look(folder / "run.h5", last, last + 1)
    run("refused_restart", options.ranks)
    run("refused", options.ranks)
    # Step 4 once more, and the rest.
    for newer in set(folder.glob("run.0*.h5")) - {folder / "run.000001.h5"}:
        newer.unlink()
    run("repeat", options.ranks)
    look(folder / "run.h5", last, last + 1)
    # A limit of time that is over at once.
    (folder / "run.toml").write_text(RUN_FILE.format(ml=0) + 'limit = "0.001 s"\n')
    run("stop", options.ranks, None)
    with h5py.File(folder / "run.h5") as file:
        step = int(file["session/step"][()])
    job.demand(options.first < step < 100, f"it stopped before step {step}")
    look(folder / "run.h5", step - 1, step)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mpirun", required=True)
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--ranks", type=int, required=True)
    parser.add_argument("--first", type=int, required=True)
    options = parser.parse_args()
    job.main(lambda folder: work(options, folder))


if __name__ == "__main__":
    main()
