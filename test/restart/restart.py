"""The flagship goes on from its checkpoints: on other numbers of ranks within the gate's tolerance, on
equal ones, where it is deterministic, bit for bit.

usage: restart.py INNER RUN_FILE {ranks|deterministic} [RANKS...]
"""

import os
import re
import sys
import tempfile

import h5py
import numpy as np

import job

GRID = 24


def run_file(source, folder, ml, more):
    """The flagship's run file for a small problem with so many ML ranks."""
    with open(source, encoding="utf-8") as file:
        text = file.read()
    text = re.sub(r"ml = \{ count = \d+ \}", f"ml = {{ count = {ml} }}", text)
    text = re.sub(r"every = 25\n", "every = 10\nkeep = 20\n", text)
    text = text.replace("warmup    = 16000", "warmup    = 2000").replace("seed = 1\n", "seed = 1\n" + more)
    path = os.path.join(folder, f"inner-{ml}.toml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def run(inner, source, folder, simulation, ml, steps, more="", arguments=()):
    """Runs the flagship up to a step and gives its final state."""
    toml = run_file(source, folder, ml, more)
    command = ['mpirun', '--oversubscribe', '--bind-to', 'none', '-n', str(simulation + ml), inner, "--grid", str(GRID), "--steps", str(steps), "--no-pictures",
                                             "--out", folder, *arguments, toml]
    done = job.run(command, 150, folder)
    job.demand(done.status == 0, "the run failed", done)
    with h5py.File(os.path.join(folder, "inner.h5"), "r") as file:
        return file["coupled/final/state"][...], done.out + done.err


def other_ranks(inner, source):
    with tempfile.TemporaryDirectory() as whole, tempfile.TemporaryDirectory() as parts:
        reference, _ = run(inner, source, whole, 2, 1, 60)
        run(inner, source, parts, 2, 1, 20)
        _, said = run(inner, source, parts, 3, 2, 40, arguments=("--restart", "latest"))
        assert "20 steps are done" in said, said
        state, said = run(inner, source, parts, 1, 1, 60, arguments=("--restart", "latest"))
        assert "40 steps are done" in said, said
        error = np.sqrt(((state - reference) ** 2).sum((0, 1)) / (reference**2).sum((0, 1)))
        print("relative L2 distance of each species:", error)
        assert (error < 1e-3).all(), error


def all_arrays(path):
    found = {}
    with h5py.File(path, "r") as file:
        file.visititems(lambda name, item: found.update({name: item[()]}) if isinstance(item, h5py.Dataset) else None)
    return found


def deterministic(inner, source, ranks):
    simulation, ml = ranks
    more = "deterministic = true\n"
    with tempfile.TemporaryDirectory() as whole, tempfile.TemporaryDirectory() as parts:
        reference, _ = run(inner, source, whole, simulation, ml, 30, more)
        run(inner, source, parts, simulation, ml, 10, more)
        state, said = run(inner, source, parts, simulation, ml, 30, more, ("--restart", "latest"))
        assert "10 steps are done" in said, said
        assert state.tobytes() == reference.tobytes(), np.abs(state - reference).max()
        one, other = all_arrays(os.path.join(whole, "state.h5")), all_arrays(os.path.join(parts, "state.h5"))
        assert one.keys() == other.keys(), one.keys() ^ other.keys()
        assert one["models/kinetics/version"] > 0, "nothing was learned: nothing was tested"
        # The run files differ in nothing, the checksums of all follow.
        differing = [name for name in one if np.asarray(one[name]).tobytes() != np.asarray(other[name]).tobytes()]
        assert not differing, differing
        print(f"{len(one)} arrays are identical, version {one['models/kinetics/version']}")


if __name__ == "__main__":
    if sys.argv[3] == "ranks":
        other_ranks(sys.argv[1], sys.argv[2])
    else:
        deterministic(sys.argv[1], sys.argv[2], [int(n) for n in sys.argv[4:6]])
