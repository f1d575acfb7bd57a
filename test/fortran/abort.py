"""Fortran calls that fail without `stat`: the job ends, with a status and one message. abort.py [options] CASE"""
import argparse
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "support"))
import job  # noqa: E402

RUN_FILE = """\
[run]
quiet = true
[ranks]
ml = { count = 1 }
[surrogate.kinetics]
inputs = ["x"]
outputs = ["y"]
trust = { gate = "none" }
"""
# What standard error must say, and whether the job fails.
CASES = {
    "none": (None, False),
    "no-run-file": ("cardan: rank 0: cannot read run file 'nowhere.toml'", True),
    "no-served": ("cardan: rank 2: this is an ML rank, and session%open was called without 'served'", True),
    "no-served-but-stat": ("rank 2: this is an ML rank, and session%open was called without 'served'", False),
    "one-rank": ("Did you mean 'kinetics'?", True),
    "never-opened": ("cardan: rank 0: this variable is not open", True),
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mpirun", required=True)
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("case", choices=CASES)
    options = parser.parse_args()
    says, fails = CASES[options.case]

    def work(folder):
        (folder / "abort.toml").write_text(RUN_FILE)
        result = job.run([*options.mpirun.split(), "-n", 3, options.program, options.case], 20, folder)
        print(result)
        job.demand((result.status != 0) == fails, "the status", result)
        job.demand(says is None or result.err.count(says) == 1, f"'{says}' once", result)
        job.demand(len(result.notices()) <= 1, "one rank speaks", result)

    job.main(work)


if __name__ == "__main__":
    main()
