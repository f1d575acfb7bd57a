"""A job under valgrind: valgrind.py --mpirun WORDS RANKS PROGRAM [ARGUMENT]... [: RANKS PROGRAM [ARGUMENT]...]

Ends with 77 where there is no valgrind. A use of memory that is not the program's, or that was never set, fails.
"""
import argparse
import pathlib
import shutil
import sys

SUPPORT = pathlib.Path(__file__).parent.parent / "support"
sys.path.insert(0, str(SUPPORT))
import job  # noqa: E402

SKIPPED = 77
RUN_FILE = """\
[run]
quiet = true
[field.u]
axes = ["x", "y"]
[field.samples]
axes = ["sample", "value"]
"""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mpirun", required=True)
    parser.add_argument("words", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        print("there is no valgrind")
        sys.exit(SKIPPED)
    # What MPI leaves behind at its end is not looked for.
    checker = [valgrind, "-q", "--error-exitcode=9", f"--suppressions={SUPPORT / 'openmpi.supp'}"]
    checker += [f"--suppressions={file}" for file in pathlib.Path("/usr/share/openmpi").glob("*valgrind.supp")]
    command = options.mpirun.split()
    begins = True
    for word in options.words:
        if begins:
            command += ["-n", word, *checker]
        else:
            command.append(word)
        begins = word == ":"

    def work(folder):
        (folder / "pairs.toml").write_text(RUN_FILE)
        result = job.run(command, 100, folder)
        print(result)
        job.demand(result.status == 0, "valgrind, or the program, finds fault", result)

    job.main(work)


if __name__ == "__main__":
    main()
