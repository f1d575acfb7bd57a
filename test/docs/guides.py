"""Guides, done as they say: guides.py [options] NAME

Installs Cardan, builds a guide's project with it, does what the guide's marked shell blocks say, and runs the project: before
it is coupled, split by the run file, by program, without ML ranks, and with a wrong run file. What the guide shows as
printed is printed, but for its numbers. Marks are comments before a block, which readers do not see:

  <!-- printed by: NAME -->   one of the runs of this guide printed each of these lines
  <!-- done by: NAME -->      sh: is run in the project's folder; /opt/cardan is where Cardan is
"""
import argparse
import dataclasses
import os
import pathlib
import re
import shutil
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent / "support"))
import job  # noqa: E402
from installed import add_options, call, install  # noqa: E402


@dataclasses.dataclass
class Guide:
    """What is done of a guide: its page, its project, the language with the warnings that are errors, what is built."""
    page: str
    project: str
    language: str
    warnings: str
    program: str = "furnace"
    run_file: str = "furnace.toml"
    # The program takes the run file's name; where not, it knows it.
    takes_run_file: bool = True
    # Further runs: ranks, program, its arguments.
    further: tuple = ()


GUIDES = {
    "couple-cpp": Guide("docs/couple-cpp.md", "test/docs/couple_cpp", "CXX", "-Wall -Wextra -Wconversion"),
    "couple-c": Guide("docs/couple-c.md", "test/docs/couple_c", "C", "-std=c11 -Wall -Wextra -Wpedantic -Wshadow -Wconversion",
                      further=((3, "ask"),)),
    "couple-fortran": Guide("docs/couple-fortran.md", "test/docs/couple_fortran", "Fortran", "-std=f2018 -Wall -Wextra",
                            takes_run_file=False),
    # Of mpif.h no subroutine uses all.
    "fixed-form": Guide("examples/fixed_form/README.md", "examples/fixed_form", "Fortran", "-Wall -Wextra -Wno-unused-parameter",
                        "heat", "heat.toml", takes_run_file=False),
}


def pattern(line):
    """A line as it is printed, with any numbers, and any remarks in parentheses."""
    line = re.sub(r"\\\(.*?\\\)", r"\\(.*\\)", re.escape(line))
    return re.sub(r"\d+(?:\\\.\d+)*(?:e\\-\d+)?", lambda _: r"(?:[-+\d.e]+|nan)", line)


def marked(page, mark, language):
    return re.findall(rf"^<!-- {mark} -->\n```{language}\n(.*?)^```$", page, re.M | re.S)


def mean(result):
    job.demand("mean temperature" in result.out, "no mean temperature was printed", result)
    return float(re.search(r"mean temperature +([\d.]+)", result.out).group(1))


def trusted(result):
    return int(re.search(r"cells the model did +(\d+)", result.out).group(1))


def build(options, guide, project, prefix):
    flags = f"{guide.warnings} -Werror {options.flags}"
    call([options.cmake, "-S", project, "-B", project / "build", "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={prefix}",
          f"-DCMAKE_CXX_COMPILER={options.compiler}", f"-DCMAKE_C_COMPILER={options.c_compiler}",
          f"-DCMAKE_Fortran_COMPILER={options.fortran_compiler}", "-DCMAKE_BUILD_TYPE=Release",
          f"-DCMAKE_{guide.language}_FLAGS={flags}", "--no-warn-unused-cli"])
    call([options.cmake, "--build", project / "build"])


def do_blocks(options, page, project, prefix):
    """What the guide says that a shell should do; a sanitizer's build needs more than that."""
    os.environ["PKG_CONFIG_PATH"] = str(prefix / options.libdir / "pkgconfig")
    for text in marked(page, f"done by: {options.name}", "sh"):
        lacks = [tool for tool in ("mpicc", "mpifort", "pkg-config") if tool in text and shutil.which(tool) is None]
        if options.flags or lacks:
            print(f"not done, for it would need {options.flags or ', '.join(lacks)}:\n{text}")
            continue
        lines = text.replace("/opt/cardan/lib", str(prefix / options.libdir)).replace("/opt/cardan", str(prefix))
        print(call(["bash", "-euo", "pipefail", "-c", lines], folder=project))


def runs(options, guide, project, prefix):
    """The guide's runs, and what they all printed."""
    mpirun = [*options.mpirun.split(), "-n"]
    coupled = f"build/{guide.program}"

    def words(run_file):
        # A program that knows its run file's name has that file changed beneath it.
        if guide.takes_run_file:
            return [coupled, run_file]
        shutil.copy(project / run_file, project / guide.run_file)
        return [coupled]

    text = (project / guide.run_file).read_text()
    (project / "given.toml").write_text(text)
    (project / "alone.toml").write_text(text.replace("count = 1", "count = 0"))
    (project / "wrong.toml").write_text(text.replace("hidden", "hiden"))
    alone = call([*mpirun, 2, project / "build/before"], 60, project)
    without = call([*mpirun, 2, *words("alone.toml")], 60, project)
    job.demand(mean(without) == mean(alone), f"the solver alone computes {mean(alone)}", without)
    split = call([*mpirun, 3, *words("given.toml")], 90, project)
    beside = call([*mpirun, 2, *words("given.toml"), ":", "-n", 1, prefix / "bin/cardan-ml", "given.toml"], 90, project)
    for result in (split, beside):
        print(result)
        job.demand(abs(mean(result) - mean(alone)) < 0.05, f"the mean was {mean(alone)} without a model", result)
        job.demand(result.notices() and "2 simulation and 1 ML ranks" in result.notices()[0], "the first notice", result)
    job.demand(trusted(split) + trusted(beside) > 0, "the model did nothing")
    wrong = job.run([*mpirun, 3, *words("wrong.toml")], 60, project)
    job.demand(wrong.status != 0 and wrong.err.count("hiden") == 1, "the wrong run file is said once", wrong)
    others = [call([*mpirun, ranks, f"build/{program}", *more], 60, project) for ranks, program, *more in guide.further]
    printed = "\n".join(text for each in (alone, without, split, beside, wrong, *others) for text in (each.out, each.err))
    # The program may have been given the run file by another name.
    return printed.replace("wrong.toml", guide.run_file)


def work(options, folder):
    guide = GUIDES[options.name]
    prefix = install(options, folder)
    project = folder / "project"
    shutil.copytree(ROOT / guide.project, project)
    build(options, guide, project, prefix)
    page = (ROOT / guide.page).read_text()
    do_blocks(options, page, project, prefix)
    printed = runs(options, guide, project, prefix)
    shown = [line for block in marked(page, f"printed by: {options.name}", "text") for line in block.splitlines()]
    job.demand(shown, "the guide shows nothing that is printed")
    for line in shown:
        job.demand(re.search(f"^{pattern(line)}$", printed, re.M), f"the guide shows '{line}', which was not printed:\n{printed}")


def main():
    parser = argparse.ArgumentParser()
    add_options(parser)
    parser.add_argument("--c-compiler", default="cc")
    parser.add_argument("--fortran-compiler", default="gfortran")
    parser.add_argument("--libdir", default="lib", help="below the installed folder")
    parser.add_argument("name", choices=GUIDES)
    options = parser.parse_args()
    os.environ.pop("CARDAN_MODULE_PATH", None)
    job.main(lambda folder: work(options, folder))


if __name__ == "__main__":
    main()
