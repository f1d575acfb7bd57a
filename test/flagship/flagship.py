"""The flagship end to end, on a small grid: flagship.py [options] TEST ARGUMENT...

  same-fields RANKS...                     the solver alone gives the same fields on any number of ranks
  coupled SIMULATION ML LAUNCH TRANSPORT   a coupled run (LAUNCH: spmd or mpmd), its fields, its files
  deterministic SIMULATION ML              two deterministic runs are the same to the last bit
  initial RANKS                            initial fields from a file
"""
import argparse
import json
import pathlib
import subprocess
import sys

import h5py
import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "support"))
import job  # noqa: E402

GRID, STEPS, SEED = 24, 40, 3
TOLERANCE = np.array([1e-4, 1e-6, 1e-4])

RUN_FILE = """\
[run]
quiet = true
seed = 1

{ranks}
[transport]
kind = "{transport}"

[inner]
nx = 96  # the command line's --grid takes the place of both
ny = 96
steps = 100

[surrogate.kinetics]
inputs = ["state"]
outputs = ["advanced"]
model = {{ kind = "mlp", hidden = [16, 32], members = 2, activation = "silu", head = "conserving" }}
trust = {{ gate = "ensemble", tolerance = [{tolerance}], coverage = 0.99 }}
late = "wait"

[training.kinetics]
optimizer = {{ kind = "adam", rate = 5e-3 }}
batch = 128
buffer = {{ capacity = 20000 }}
warmup = 1000
passes = 50
publish = {{ every = 20 }}
"""


def run_file(folder, ml=0, transport="auto"):
    text = RUN_FILE.format(ranks=f"[ranks]\nml = {{ count = {ml} }}\n" if ml else "", transport=transport,
                           tolerance=", ".join(map(str, TOLERANCE)))
    (folder / "inner.toml").write_text(text)
    return text


def inner(options, folder, out, ranks, *flags, beside=0, steps=STEPS):
    """Runs the flagship, and gives its summary and its open HDF5 file."""
    words = [*options.mpirun.split(), "-n", ranks, options.bin / "inner", "inner.toml", "--no-pictures",
             "--grid", GRID, "--steps", steps, "--seed", SEED, "--out", out, *flags]
    if beside:
        words += [":", "-n", beside, options.bin / "cardan-ml", "inner.toml"]
    result = job.run(words, 90, folder)
    job.demand(result.status == 0, "the run failed", result)
    summary = json.loads((folder / out / "summary.json").read_text())
    return summary, h5py.File(folder / out / "inner.h5"), result


def state(file, run="solver"):
    return file[f"{run}/final/state"][()]


def same_fields(options, folder):
    run_file(folder)
    reference = None
    for ranks in map(int, options.arguments):
        summary, file, result = inner(options, folder, f"on-{ranks}", ranks, "--no-ml", steps=12)
        job.demand(summary["simulation_ranks"] == ranks and summary["ml_ranks"] == 0, f"ranks: {summary}", result)
        job.demand(summary["solver"]["mass_drift"] < 1e-13, f"mass: {summary}", result)
        job.demand("coupled" not in file and "coupled" not in summary, "there is a coupled run", result)
        job.demand(np.isfinite(state(file)).all() and state(file).shape == (GRID, GRID, 3), "fields", result)
        if reference is None:
            reference = state(file)
        worst = np.max(np.abs(state(file) - reference) / np.maximum(np.abs(reference), 1e-12))
        print(f"{ranks} ranks: largest relative difference {worst:.1e}")
        job.demand(worst < 1e-12, f"the fields of {ranks} ranks differ by {worst}")


def check_summary(summary, simulation, ml, result):
    for key in ("chemistry_speedup", "wall_speedup", "field_error", "trusted_fraction", "model_version",
                "weights_age_steps"):
        job.demand(np.isfinite(summary.get(key, np.nan)), f"summary.json has no {key}", result)
    job.demand(summary["simulation_ranks"] == simulation and summary["ml_ranks"] == ml, f"ranks: {summary}", result)
    job.demand(summary["seed"] == SEED and summary["grid"] == [GRID, GRID] and summary["steps"] == STEPS,
               f"what was asked for: {summary}", result)
    for run in ("solver", "coupled"):
        job.demand(summary[run]["mass_drift"] < 1e-13, f"mass of {run}: {summary}", result)
        job.demand(summary[run]["all_solved"], f"cells of {run}: {summary}", result)
    cells = summary["coupled"]["cells"]
    left = sum(cells[why] for why in ("not_ready", "late", "unsure", "outside", "not_a_number", "out_of_range"))
    job.demand(cells["asked"] == cells["trusted"] + left, f"cells: {cells}", result)
    job.demand(cells["observed"] == left, f"cells: {cells}", result)
    job.demand(cells["late"] == 0 and cells["not_a_number"] == 0, f"cells: {cells}", result)
    job.demand(summary["trusted_fraction"] > 0 and summary["model_version"] > 0, "the model was never used", result)


def check_cells(file, summary, result):
    steps = file["coupled/steps"]
    for name in ("asked", "trusted", "solved", "late", "model_version", "weights_age_steps", "loss",
                 "validation_loss", "chemistry_seconds", "step"):
        job.demand(steps[name].shape == (STEPS,), f"series {name}", result)
    asked, trusted, solved = (steps[name][()] for name in ("asked", "trusted", "solved"))
    job.demand((asked == GRID * GRID).all(), f"asked: {asked}", result)
    job.demand((asked == trusted + solved).all(), f"a cell was not solved: {trusted} {solved}", result)
    job.demand((np.diff(steps["model_version"][()]) >= 0).all(), "the model's version went down", result)
    job.demand(abs(trusted.sum() / asked.sum() - summary["trusted_fraction"]) < 1e-12, "trusted_fraction", result)
    job.demand((file["solver/steps/solved"][()] == GRID * GRID).all(), "the solver alone solves all", result)


def check_fields(file, summary, result):
    """A step's error is within the tolerance, a run's within as many as it had steps with answers."""
    solver, coupled = state(file), state(file, "coupled")
    difference = np.sqrt(np.mean((coupled - solver) ** 2, axis=(0, 1)))
    answered = int((file["coupled/steps/trusted"][()] > 0).sum())
    print(f"error in tolerances {difference / TOLERANCE} after {answered} steps with answers")
    job.demand((difference > 0).any(), "the coupled run is the solver's", result)
    job.demand((difference <= answered * TOLERANCE).all(), f"error {difference}", result)
    relative = np.sqrt(np.sum((coupled - solver) ** 2, axis=(0, 1)) / np.sum(solver**2, axis=(0, 1)))
    job.demand(abs(relative.max() / summary["field_error"] - 1) < 1e-9, f"field_error is {relative.max()}", result)


def text(file, name):
    value = file[name][()]
    return value.decode() if isinstance(value, bytes) else str(value)


def check_provenance(file, written, simulation, ml, launch, result):
    job.demand(text(file, "text/run_file") == written, "the run file's text", result)
    for name in ("cardan", "git_commit", "compiler", "build_type", "mpi", "hdf5", "fmt", "toml++", "ml_library"):
        job.demand(len(file.attrs[name]) > 0, f"attribute {name}", result)
    job.demand("LibTorch" in str(file.attrs["ml_library"]), f"ml_library: {file.attrs['ml_library']}", result)
    job.demand(file.attrs["seed"] == SEED, "seed", result)
    job.demand(text(file, "grid/initial") == "blobs", "grid/initial", result)
    lines = [line.split() for line in text(file, "text/rank_map").splitlines()]
    job.demand([int(line[0]) for line in lines] == list(range(simulation + ml)), f"rank map: {lines}", result)
    roles = [line[2] for line in lines]
    job.demand(roles[:simulation] == ["simulation"] * simulation, f"rank map: {roles}", result)
    job.demand("simulation" not in roles[simulation:], f"rank map: {roles}", result)
    dump = subprocess.run(["h5dump", "-H", file.filename], capture_output=True, text=True, check=False)
    job.demand(dump.returncode == 0 and 'DATASET "state"' in dump.stdout, f"h5dump: {dump.stderr}")


def coupled(options, folder):
    simulation, ml = map(int, options.arguments[:2])
    launch, transport = options.arguments[2:]
    spmd = launch == "spmd"
    written = run_file(folder, ml if spmd else 0, transport)
    summary, file, result = inner(options, folder, "out", simulation + ml if spmd else simulation, "--compare",
                                  beside=0 if spmd else ml)
    print(result.out)
    check_summary(summary, simulation, ml, result)
    check_cells(file, summary, result)
    check_fields(file, summary, result)
    check_provenance(file, written, simulation, ml, launch, result)


def deterministic(options, folder):
    simulation, ml = map(int, options.arguments)
    written = run_file(folder, ml)
    (folder / "inner.toml").write_text(written.replace("[run]", "[run]\ndeterministic = true"))
    (first, one, result), (_, other, _) = (inner(options, folder, out, simulation + ml, steps=16) for out in ("one", "two"))
    print(result.out)
    job.demand(first["trusted_fraction"] > 0 and first["model_version"] > 0, "the model was never used", result)
    job.demand((state(one, "coupled") == state(other, "coupled")).all(), "the fields differ", result)
    for name in ("asked", "trusted", "solved", "late", "model_version", "weights_age_steps", "loss", "validation_loss"):
        series = [file[f"coupled/steps/{name}"][()] for file in (one, other)]
        job.demand(np.array_equal(*series, equal_nan=True), f"{name} differs: {series}", result)


def initial(options, folder):
    """A file with a profile's values is that profile; and a run goes on from where another ended, bit for bit."""
    ranks = int(options.arguments[0])
    run_file(folder)

    def fields(out, *flags, steps):
        return state(inner(options, folder, out, ranks, "--no-ml", *flags, steps=steps)[1])

    with h5py.File(folder / "uniform.h5", "w") as file:
        file["state"] = np.broadcast_to([1.0, 0.0, 0.0], (GRID, GRID, 3))
    from_file = fields("file", "--initial", "uniform.h5", steps=4)
    job.demand((from_file == fields("profile", "--initial", "homogeneous", steps=4)).all(),
               "the fields from a file are not the profile's")

    # The script that made the shipped file makes one of single precision, compressed.
    made = job.run([sys.executable, options.source / "miniapps/inner/make_initial.py", "made.h5", GRID], 60, folder)
    job.demand(made.status == 0, "make_initial.py", made)
    with h5py.File(folder / "made.h5") as made, h5py.File(folder / "same.h5", "w") as file:
        file["state"] = made["state"][()].astype(np.float64)
    job.demand((fields("made", "--initial", "made.h5", steps=2) == fields("same", "--initial", "same.h5", steps=2)).all(),
               "the dtype or layout of a file changes the fields")

    whole = fields("whole", steps=8)
    with h5py.File(folder / "half.h5", "w") as file:
        file["state"] = fields("half", steps=4)
    job.demand((fields("rest", "--initial", "half.h5", steps=4) == whole).all(),
               "a run does not go on where the other ended")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mpirun", required=True)
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--source", type=pathlib.Path, required=True)
    tests = {"same-fields": same_fields, "coupled": coupled, "deterministic": deterministic,
             "initial": initial}
    parser.add_argument("test", choices=tests)
    parser.add_argument("arguments", nargs="+")
    options = parser.parse_args()
    job.main(lambda folder: tests[options.test](options, folder))


if __name__ == "__main__":
    main()
