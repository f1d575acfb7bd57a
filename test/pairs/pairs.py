"""Programs in C, C++ and Fortran coupled with each other: pairs.py [options] PRODUCER CONSUMER, or beside LANGUAGE"""
import argparse
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "support"))
import job  # noqa: E402

RUN_FILE = """\
[run]
quiet = true
[field.u]
axes = ["x", "y"]
[field.samples]
axes = ["sample", "value"]
"""
BESIDE = """\
[run]
quiet = true
[surrogate.twice]
inputs = ["x"]
outputs = ["y"]
model = { kind = "linear" }
trust = { gate = "none" }
late = "wait"
"""
LANGUAGES = ("c", "cpp", "fortran")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mpirun", required=True)
    parser.add_argument("--bin", type=pathlib.Path, required=True, help="where the programs are")
    parser.add_argument("--ml", type=pathlib.Path, required=True, help="cardan-ml")
    parser.add_argument("first", choices=(*LANGUAGES, "beside"))
    parser.add_argument("second", choices=LANGUAGES)
    options = parser.parse_args()

    def program(language):
        return options.bin / f"dummy-{language}"

    def run(folder, ranks, first, second):
        words = [*options.mpirun.split(), "-n", ranks[0], *first, ":", "-n", ranks[1], *second]
        result = job.run(words, 40, folder)
        job.demand(result.status == 0 and not result.notices(), f"{ranks[0]} and {ranks[1]} ranks", result)

    def work(folder):
        (folder / "pairs.toml").write_text(BESIDE if options.first == "beside" else RUN_FILE)
        for ranks in ((1, 1), (2, 3)):
            if options.first == "beside":
                run(folder, ranks, (program(options.second), "ask"), (options.ml, "pairs.toml"))
            else:
                run(folder, ranks, (program(options.first), "produce"), (program(options.second), "consume"))

    job.main(work)


if __name__ == "__main__":
    main()
