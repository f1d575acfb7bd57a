"""The flagship's physics in Fortran: inner_fortran.py [options] TEST RANKS

  fields     its fields are those of `inner --no-ml`, and the same on any number of ranks; mass stays
  refusals   what makes no sense ends the run with a message and a status
  defaults   the shipped namelist and run file say what the flagship's run file says
  coupled    the coupled program meets the gate in both launches, is the uncoupled one without ML ranks, and differs
             from it in at most 25 lines
"""
import argparse
import difflib
import pathlib
import re
import sys
import tomllib

import h5py
import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "support"))
import job  # noqa: E402

NX, NY, STEPS = 26, 20, 6
# Several explicit steps for each half of a step, and not the same for all species.
DIFFUSIVITY = "2e-3, 1e-3, 5e-3"
RUN_FILE = """\
[run]
quiet = true
[inner]
nx = {nx}
ny = {ny}
steps = {steps}
dt = 0.4
length = 2.0
diffusivity = [{diffusivity}]
initial = "{initial}"
boundary = "{boundary}"
"""
NAMELIST = """\
! A comment.
&inner nx = {nx}, ny = {ny}
  steps = {steps}, length = 2, dt = 0.4, diffusivity = {diffusivity}
  initial = '{initial}', boundary = '{boundary}'
/
"""


def solver_fields(options, folder, text, seed):
    """The state at the end of `inner --no-ml`, (ny, nx, 3)."""
    (folder / "inner.toml").write_text(text)
    words = [*options.mpirun.split(), "-n", options.ranks, options.bin / "inner", "--no-ml", "--no-pictures",
             "--seed", seed, "--out", "out", "inner.toml"]
    result = job.run(words, 60, folder)
    job.demand(result.status == 0, "inner failed", result)
    with h5py.File(folder / "out/inner.h5") as file:
        return file["solver/final/state"][()]


def fortran(options, folder, *words, ranks=None):
    command = [*options.mpirun.split(), "-n", ranks or options.ranks, options.bin / "inner-fortran-alone", *words]
    return job.run(command, 60, folder)


def fortran_fields(options, folder, seed, name, ranks=None):
    """The same of inner-fortran-alone, and what it said."""
    # What stood in the file before must not stay in it.
    (folder / name).write_bytes(b"longer than the fields are" * NX * NY)
    result = fortran(options, folder, "problem.nml", f"seed={seed}", f"output='{name}'", ranks=ranks)
    job.demand(result.status == 0, "inner-fortran-alone failed", result)
    cells = re.search(r"^  cells integrated +(\d+)$", result.out, re.M)
    job.demand(cells and int(cells[1]) == NX * NY * STEPS, "cells integrated", result)
    drift = re.search(r"^  drift of mass +(\S+)$", result.out, re.M)
    job.demand(drift and float(drift[1]) < 1e-13, "drift of mass", result)
    return np.fromfile(folder / name).reshape(NY, NX, 3)


def distance(one, other):
    """The largest relative difference; as large as the values where they are no concentrations."""
    job.demand(one.shape == other.shape and np.isfinite(one).all() and np.isfinite(other).all(), "fields")
    return np.max(np.abs(one - other) / np.maximum(np.abs(one), 1e-12))


def fields(options, folder):
    # Seeds of 63 bits too: what wraps around in C++ must do so here.
    for boundary, initial, seed in (("no_flux", "blobs", 3), ("periodic", "blobs", 6364136223846793005),
                                    ("no_flux", "homogeneous", 1)):
        values = {"nx": NX, "ny": NY, "steps": STEPS, "diffusivity": DIFFUSIVITY, "initial": initial,
                  "boundary": boundary}
        (folder / "problem.nml").write_text(NAMELIST.format(**values))
        expected = solver_fields(options, folder, RUN_FILE.format(**values), seed)
        here = fortran_fields(options, folder, seed, "here.raw")
        worst = distance(expected, here)
        print(f"{boundary}, {initial}: largest relative difference {worst:.1e}, "
              f"{'the same' if (expected == here).all() else 'not the same'} bits")
        job.demand(worst < 1e-13, f"the fields differ from inner's by {worst}")
        alone = fortran_fields(options, folder, seed, "alone.raw", ranks=1)
        job.demand((alone == here).all(), f"the fields of {options.ranks} ranks are not those of one")
        if initial == "homogeneous":
            job.demand(abs(here.sum(axis=2) - 1).max() < 1e-14, "a cell's mass is not 1")
        else:
            job.demand(here[..., 0].std() > 0.05 and here[..., 2].std() > 0.05, "there are no blobs")
            other = fortran_fields(options, folder, seed - 1, "other.raw")
            job.demand(distance(expected, other) > 0.01, "another seed gives the same fields")


def refusals(options, folder):
    good = NAMELIST.format(nx=NX, ny=NY, steps=1, diffusivity=DIFFUSIVITY, initial="blobs", boundary="no_flux")

    def refused(expected, *words, text=good, most=1):
        """Some rank tells it, and `most` of them at most."""
        (folder / "problem.nml").write_text(text)
        (folder / "inner_fortran.raw").unlink(missing_ok=True)
        result = fortran(options, folder, *words)
        told = [line for line in result.err.splitlines() if line.startswith("inner_fortran: ")]
        met = result.status == 1 and 1 <= len(told) <= most and expected in told[0]
        job.demand(met, f"expected: {expected}", result)
        job.demand(not (folder / "inner_fortran.raw").exists(), "there are fields", result)
        print(told[0])

    refused("none.nml: cannot be opened", "none.nml")
    refused("inner_fortran.nml: cannot be opened")
    refused("cannot read the namelist inner (Cannot match namelist object name", "problem.nml",
            text=good.replace("length", "lenght"))
    refused("cannot read the namelist inner (", "problem.nml", text=good.replace("0.4", "soon"))
    refused("cannot read the namelist inner (End of file)", "problem.nml", text=good.replace("&inner", "&outer"))
    refused("cannot read the namelist inner (End of file)", "problem.nml", text=good.replace("/", ""))
    for word, expected in (("nx=0", "nx = 0 (must be at least 1)"), ("ny=-1", "ny = -1 (must be at least 1)"),
                           ("steps=0", "steps = 0 (must be at least 1)"), ("dt=0", "(must be positive)"),
                           ("length=inf", "(must be positive)"), ("relative_tolerance=nan", "(must be positive)"),
                           ("diffusivity(2)=-1", "diffusivity = -1.0"),
                           ("boundary='open'", "boundary = 'open' (known: no_flux, periodic)"),
                           ("initial='blob'", "initial = 'blob' (known: homogeneous, blobs)"),
                           ("cells=3", "cannot take the command line as &inner cells=3 / ("),
                           ("--steps", "cannot understand '--steps'")):
        refused(expected, "problem.nml", word)
    refused("cannot write none/fields.raw (", "problem.nml", "output='none/fields.raw'")
    refused("is not physical", "problem.nml", "diffusivity=3*0", "dt=1e300", most=options.ranks)
    if options.ranks > 1:
        refused("use fewer ranks or a larger grid", "problem.nml", "nx=1", "ny=1")


# For a small grid: see test/flagship.
TOLERANCE = np.array([1e-4, 1e-6, 1e-4])
COUPLING = """\
[run]
quiet = true
seed = 1
provenance = true
{run}
{ranks}
[decisions]
answers = true
[field.state]
axes = ["cell", "species"]
[field.advanced]
axes = ["cell", "species"]
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


def coupled(options, folder):
    miniapp = options.source / "miniapps/inner_fortran"
    lines = [(miniapp / name).read_text().splitlines() for name in ("alone.f90", "coupled.f90")]
    added = [line for line in difflib.ndiff(*lines) if line.startswith("+ ")]
    job.demand(0 < len(added) <= 25, f"the coupling adds {len(added)} lines")
    cells, steps = 24 * 24, 40
    (folder / "problem.nml").write_text(f"&inner nx = 24, ny = 24, steps = {steps}, seed = 3 /\n")
    mpirun = options.mpirun.split()

    def run(program, ranks, name, ml=0, beside=0, more=""):
        """The final fields, and how many cells the solver integrated."""
        split = f"[ranks]\nml = {{ count = {ml} }}\n" if ml else ""
        (folder / "inner_fortran.toml").write_text(
            COUPLING.format(run=more, ranks=split, tolerance=", ".join(map(str, TOLERANCE))))
        words = [*mpirun, "-n", ranks + ml, options.bin / program, "problem.nml", f"output='{name}'"]
        if beside:
            words += [":", "-n", beside, options.bin / "cardan-ml", "inner_fortran.toml"]
        result = job.run(words, 90, folder)
        job.demand(result.status == 0, f"{program} failed", result)
        integrated = int(re.search(r"^  cells integrated +(\d+)$", result.out, re.M)[1])
        drift = float(re.search(r"^  drift of mass +(\S+)$", result.out, re.M)[1])
        job.demand(drift < 1e-13, "drift of mass", result)
        return np.fromfile(folder / name).reshape(24, 24, 3), integrated

    alone, integrated = run("inner-fortran-alone", options.ranks, "alone.raw")
    job.demand(integrated == cells * steps, f"the solver alone integrated {integrated} cells")
    without, integrated = run("inner-fortran-coupled", options.ranks, "without.raw")
    job.demand((without == alone).all() and integrated == cells * steps, "without ML ranks it is another program")
    for launch, way in (("spmd", {"ml": 1}), ("mpmd", {"beside": 2})):
        fields, integrated = run("inner-fortran-coupled", options.ranks, f"{launch}.raw", **way)
        error = np.sqrt(np.mean((fields - alone) ** 2, axis=(0, 1)))
        print(f"{launch}: {1 - integrated / (cells * steps):.0%} answered, error in tolerances {error / TOLERANCE}")
        # A step's error is within the tolerance, a run's within as many as it had steps.
        job.demand((error > 0).any() and integrated < cells * steps, "the model was never used")
        job.demand((error <= steps * TOLERANCE).all(), f"error {error}")
        again, repeated = run("inner-fortran-coupled", options.ranks, "again.raw",
                              more='replay = "decisions.h5"')
        job.demand((again == fields).all() and repeated == integrated, "its replay is another run")


def defaults(options, folder):
    with open(options.source / "miniapps/inner/inner.toml", "rb") as file:
        run_file = tomllib.load(file)
    with open(options.source / "miniapps/inner_fortran/inner_fortran.toml", "rb") as file:
        fortran_run_file = tomllib.load(file)
    for table in ("run", "ranks", "surrogate", "training"):
        job.demand(fortran_run_file[table] == run_file[table], f"[{table}] of both run files")
    expected = {**run_file["inner"], "seed": run_file["run"]["seed"]}
    shipped = {}
    for line in (options.source / "miniapps/inner_fortran/inner_fortran.nml").read_text().splitlines():
        name, _, value = line.partition("!")[0].partition("=")
        if value:
            shipped[name.strip()] = value.strip()
    for name, value in expected.items():
        written = shipped[name].strip("'")
        if isinstance(value, list):
            job.demand([float(each) for each in written.split(",")] == value, f"{name} = {written}")
        else:
            job.demand(type(value)(written) == value, f"{name} = {written}")
    result = fortran(options, folder, options.source / "miniapps/inner_fortran/inner_fortran.nml", "nx=4", "ny=4",
                     "steps=2")
    job.demand(result.status == 0, "the shipped namelist", result)
    job.demand((folder / "inner_fortran.raw").stat().st_size == 4 * 4 * 3 * 8, "the size of the fields", result)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mpirun", required=True)
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--source", type=pathlib.Path, required=True)
    tests = {"fields": fields, "refusals": refusals, "defaults": defaults, "coupled": coupled}
    parser.add_argument("test", choices=tests)
    parser.add_argument("ranks", type=int)
    options = parser.parse_args()
    job.main(lambda folder: tests[options.test](options, folder))


if __name__ == "__main__":
    main()
