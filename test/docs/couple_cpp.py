"""The guide docs/couple-cpp.md, done: couple_cpp.py --cmake PATH --build FOLDER --mpirun COMMAND --compiler PATH [--flags FLAGS]

Installs Cardan, builds the guide's project (test/docs/couple_cpp) with it, and runs it as the guide says: before it is coupled,
split by the run file, by program, without ML ranks, and with a wrong run file. What the guide shows as printed is printed, but
for its numbers.
"""
import argparse
import os
import pathlib
import re
import shutil
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
import job  # noqa: E402

PRINTED = re.compile(r"^<!-- printed by: couple_cpp -->\n```text\n(.*?)^```$", re.M | re.S)


def call(words, limit, folder):
    result = job.run(words, limit, folder)
    job.demand(result.status == 0, "failed", result)
    return result


def pattern(line):
    """A line as it is printed, with any numbers, and any remarks in parentheses."""
    line = re.sub(r"\\\(.*?\\\)", r"\\(.*\\)", re.escape(line))
    return re.sub(r"\d+(?:\\\.\d+)*(?:e\\-\d+)?", lambda _: r"(?:[-+\d.e]+|nan)", line)


def mean(result):
    return float(re.search(r"mean temperature ([\d.]+)", result.out).group(1))


def work(options, folder):
    prefix = folder / "prefix"
    call([options.cmake, "--install", options.build, "--prefix", prefix], 120, folder)
    project = folder / "project"
    shutil.copytree(HERE / "couple_cpp", project)
    flags = [f"-DCMAKE_CXX_FLAGS=-Wall -Wextra -Wconversion -Werror {options.flags}"]
    call([options.cmake, "-S", project, "-B", project / "build", "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={prefix}",
          f"-DCMAKE_CXX_COMPILER={options.compiler}", "-DCMAKE_BUILD_TYPE=Release", *flags], 120, folder)
    call([options.cmake, "--build", project / "build"], 240, folder)
    mpirun = [*options.mpirun.split(), "-n"]
    alone = call([*mpirun, 2, project / "build/before"], 60, project)
    text = (project / "furnace.toml").read_text()
    (project / "alone.toml").write_text(text.replace("count = 1", "count = 0"))
    without = call([*mpirun, 2, "build/furnace", "alone.toml"], 60, project)
    job.demand(mean(without) == mean(alone), "without ML ranks the solver computes the same", without)
    split = call([*mpirun, 3, "build/furnace", "furnace.toml"], 90, project)
    beside = call([*mpirun, 2, "build/furnace", "furnace.toml", ":", "-n", 1, prefix / "bin/cardan-ml", "furnace.toml"], 90,
                  project)
    for result in (split, beside):
        print(result)
        job.demand(abs(mean(result) - mean(alone)) < 0.05, f"the mean was {mean(alone)} without a model", result)
        job.demand(result.notices() and "2 simulation and 1 ML ranks" in result.notices()[0], "the first notice", result)
    (project / "furnace.toml").write_text(text.replace("hidden", "hiden"))
    wrong = job.run([*mpirun, 3, "build/furnace", "furnace.toml"], 60, project)
    job.demand(wrong.status != 0 and wrong.err.count("hiden") == 1, "the wrong run file is said once", wrong)
    printed = "\n".join(text for each in (alone, without, split, beside, wrong) for text in (each.out, each.err))
    guide = (HERE.parents[1] / "docs/couple-cpp.md").read_text()
    shown = [line for block in PRINTED.findall(guide) for line in block.splitlines()]
    job.demand(shown, "the guide shows nothing that is printed")
    for line in shown:
        job.demand(re.search(f"^{pattern(line)}$", printed, re.M), f"the guide shows '{line}', which was not printed:\n{printed}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cmake", required=True)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--mpirun", required=True)
    parser.add_argument("--compiler", required=True)
    parser.add_argument("--flags", default="", help="the build's sanitizers, which a program of its needs too")
    options = parser.parse_args()
    os.environ.pop("CARDAN_MODULE_PATH", None)
    job.main(lambda folder: work(options, folder))


if __name__ == "__main__":
    main()
