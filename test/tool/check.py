"""cardan check on run files: check.py --bin FOLDER"""
import argparse
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "support"))
import job  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOOD = """
[ranks]
ml = { count = 1 }
[field.state]
axes = ["cell", "species"]
[surrogate.kinetics]
inputs = ["state"]
outputs = ["advanced"]
model = { kind = "mlp", hidden = [8] }
trust = { tolerance = 1e-3 }
[training.kinetics]
batch = 64
[service.wait]
kind = "noop"
[steering.rate]
kind = "model"
model = { kind = "mlp", hidden = [8] }
none = "default"
default = { rate = 1.0 }
[reactor]
cells = 100
"""
# What is changed, and what must be said, in as many lines as there are problems.
CASES = (
    (("count = 1", "cuont = 1"), ["unknown key 'cuont' in [ranks.ml]", "Did you mean 'count'?"], 1),
    (("[ranks]", "[ranks"), ["not valid TOML"], 0),
    (("batch = 64", "batsh = 64\nbuffer = { kind = 'fivo' }\n"), ["unknown kind 'fivo'"], 1),
    (("batch = 64", "batsh = 64"), ["unknown key 'batsh' in [training.kinetics]", "Did you mean 'batch'?"], 1),
    (("batch = 64", "batch = -1"), [":12: batch = -1 (must be positive)"], 1),
    (("[training.kinetics]", "[training.kinetic]"), ["[training.kinetic] is of no surrogate", "Did you mean 'kinetics'?"], 1),
    (('kind = "mlp"', 'kind = "mpl"'), ["unknown kind 'mpl'", "Did you mean 'mlp'?"], 1),
    (('model = { kind = "mlp", hidden = [8] }', 'model = { file = "gone.pt" }'), ["gone.pt", "No such file"], 1),
    (("[surrogate.kinetics]", "[surogate.kinetics]"), ["unknown table [surogate]", "Did you mean 'surrogate'?"], 2),
    (('kind = "noop"', 'kind = "nop"'), ["or is \"noop\" meant?"], 0),
    (("batch = 64", 'save = "nowhere/m.pt"\noffline = { file = "gone.h5" }'), ["nowhere/m.pt", "gone.h5"], 2),
    (("batch = 64\n", "batch = 0\n[run]\nsed = 3\n[transport]\nkind = 'rna'\n"), ["batch = 0", "'rna'"], 2),
    (("batch = 64\n", "batch = 0\n[run]\nsed = 3\n"), ["batch = 0", "unknown key 'sed' in [run]"], 2),
    (("[ranks]", "[checkpoint]\nfile = 'reactor.h5'\nevry = 10\n[ranks]"), ["unknown key 'evry' in [checkpoint]", "Did you mean 'every'?"], 1),
    (("[ranks]", "[checkpoint]\nfile = '/dev/null/x/reactor.h5'\nrestart = 'gone.h5'\n[ranks]"), ["file = ", "/dev/null", "restart = ", "gone.h5"], 2),
    (("[service.wait]", "[service.wait]\ndepth = 2000"), ["at most 1024"], 1),
    (('none = "default"', 'nome = "default"'), ["nothing takes them"], 1),
    (('none = "default"', 'none = "default"\nlat = "drop"'), ["unknown key 'lat' in [steering.rate]", "Did you mean 'late'?"], 1),
    (('none = "default"', 'none = "defaults"'), ["Did you mean 'default'?"], 1),
    (("[steering.rate]", "[stering.rate]"), ["unknown table [stering]", "Did you mean 'steering'?"], 1),
    (('kind = "model"\nmodel = { kind = "mlp", hidden = [8] }\nnone', 'kind = "modl"\nnone'), ["or is \"model\" meant?"], 0),
)


def work(options, folder):
    program = options.bin.resolve() / "cardan"
    path = folder / "run.toml"
    path.write_text(GOOD)
    result = job.run([program, "check", "run.toml"], 30, folder)
    job.demand(result.status == 0 and "no problem found" in result.out, "a good file", result)
    job.demand("not checked: [reactor]" in result.out and "hidden of [surrogate.kinetics.model]" in result.out, "notes", result)
    for (old, new), says, problems in CASES:
        job.demand(old in GOOD, old)
        path.write_text(GOOD.replace(old, new))
        result = job.run([program, "check", "run.toml"], 30, folder)
        print(result.out)
        said = result.out + result.err
        # Where the file cannot be read at all it is trouble; a note alone is none.
        status = 1 if problems else 2 if "TOML" in says[0] else 0
        job.demand(result.status == status, f"status {status} was expected", result)
        for words in says:
            job.demand(words in said, f"'{words}' is not said", result)
        if problems:
            told = [line for line in result.out.splitlines() if "not checked:" not in line]
            job.demand(len(told) - 1 >= problems, f"{problems} problems were expected", result)
    # Every run file that is in the tree, and no MPI is started: without a folder to write to it could not.
    os.environ["TMPDIR"] = "/nowhere"
    for file in sorted(ROOT.glob("miniapps/*/*.toml")):
        result = job.run([program, "check", file], 30, folder)
        job.demand(result.status == 0, f"{file}", result)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    options = parser.parse_args()
    job.main(lambda folder: work(options, folder))


if __name__ == "__main__":
    main()
