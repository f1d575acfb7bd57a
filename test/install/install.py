"""Cardan as it is installed: install.py [options] TEST

  stranger             a stranger's project finds it, builds with it, and runs on two ranks, of which one learns
  own-network          a stranger's project with a network and a loss of its own, in the program and in a library
  headers COMPILER...  every public header compiles alone, with each compiler that is there
"""
import argparse
import os
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "support"))
import job  # noqa: E402
from installed import add_options, build, call, install  # noqa: E402

STRANGER = pathlib.Path(__file__).parent / "stranger"
# What tells ctest that there was nothing to test with (SKIP_RETURN_CODE).
SKIPPED = 77
CXX17 = ("error.hpp", "box.hpp", "config.hpp", "dtype.hpp", "model.hpp")


def stranger(options, folder):
    example = (STRANGER / "main.cpp").read_text()
    readme = (STRANGER.parent.parent.parent / "README.md").read_text()
    job.demand(f"```cpp\n{example}```" in readme, "README.md shows another program than test/install/stranger/main.cpp")
    prefix = install(options, folder)
    # As a user has it: nothing of the build tree is to be found by accident.
    shutil.copytree(STRANGER, folder / "project")
    build(options, prefix, folder / "project", folder)
    program = folder / "build" / "reactor"
    libraries = call(["ldd", program]).out
    job.demand(f"{prefix}/" in libraries and str(options.build) not in libraries, f"libraries: {libraries}")
    job.demand("torch" not in libraries, f"libraries: {libraries}")
    mpirun = options.mpirun.split()
    launches = ([*mpirun, "-n", 2, program, "reactor.toml"],
                [*mpirun, "-n", 2, program, "reactor.toml", ":", "-n", 1, prefix / "bin" / "cardan-ml", "reactor.toml"])
    for launch, simulation in zip(launches, ("1 simulation", "2 simulation")):
        result = call(launch, 60, folder / "project")
        print(result)
        notices = result.notices()
        job.demand(notices and f"{simulation} and 1 ML ranks" in notices[0] and "LibTorch" in notices[0],
                   "the notice at the start", result)
        job.demand(all("training of 'kinetics' ended" in notice or "its buffer" in notice for notice in notices[1:]),
                   "nothing but how training ended", result)
    # Without ML ranks the same binary does all the work.
    text = (folder / "project" / "reactor.toml").read_text()
    (folder / "project" / "alone.toml").write_text(text.replace("per_node = 1", "count = 0"))
    result = call([*mpirun, "-n", 1, program, "alone.toml"], 60, folder / "project")
    job.demand(not result.notices(), "a notice without ML ranks", result)


def own_network(options, folder):
    prefix = install(options, folder)
    project = folder / "project"
    shutil.copytree(STRANGER.parent / "own_network", project)
    build(options, prefix, project, folder)
    # Beside the run file, which is not where the program is started.
    shutil.copy(folder / "build" / "libmine.so", project)
    for program, run_file, torch in (("own", "own.toml", "with"), ("light", "library.toml", "without")):
        result = call([*options.mpirun.split(), "-n", 2, folder / "build" / program, project / run_file], 60, folder)
        print(result)
        for line in ("mine: 1 to 12 to 1", "my_loss", f"simulation {torch} torch, answered"):
            job.demand(line in result.err, f"'{line}' was not said", result)
        job.demand("training of 'square' ended" in result.err and "within the tolerance" not in result.err,
                   "how training ended, and no word of a tolerance", result)
    wrong = (project / "library.toml").read_text()
    for change, says in ((("./libmine.so", "./libyours.so"), "library.toml:7: library = \"./libyours.so\""),
                         (("my_loss", "my_los"), "Did you mean 'my_loss'?"),
                         (("width = 12", "width = 0"), "library.toml:7: width = 0 (must be at least 1)")):
        (project / "library.toml").write_text(wrong.replace(*change))
        result = job.run([*options.mpirun.split(), "-n", 2, folder / "build" / "light", project / "library.toml"], 60,
                         folder)
        print(result)
        job.demand(result.status != 0 and len(result.notices()) == 1 and says in result.notices()[0],
                   f"the message '{says}'", result)


def headers(options, folder):
    include = install(options, folder) / "include"
    names = sorted(path.name for path in (include / "cardan").iterdir() if path.suffix in (".h", ".hpp"))
    job.demand({"cardan.hpp", "version.hpp", *CXX17} <= set(names), f"headers: {names}")
    mpi = [word for path in options.includes.split(":") if path for word in ("-isystem", path)]
    failed = []
    tried = 0
    compilers = [compiler for compiler in options.compilers if shutil.which(compiler) is not None]
    print(f"compilers that are here: {compilers} of {options.compilers}")
    if not compilers:
        sys.exit(SKIPPED)
    for compiler in compilers:
        for name in names:
            if (name == "kokkos.hpp" and not options.kokkos) or (name == "torch.hpp" and not options.torch):
                continue
            others = {"kokkos.hpp": options.kokkos, "torch.hpp": options.torch}.get(name, "")
            # /usr/include itself is searched anyway, and must not come before the compiler's own folders.
            other = [word for path in others.split(":") if path not in ("", "/usr/include") for word in ("-isystem", path)]
            # LibTorch 1.13 is no C++20 for clang 14.
            standards = ("c++17", "c++20") if name in CXX17 else ("c++17",) if name == "torch.hpp" else ("c++20",)
            if name.endswith(".h"):
                standards = ("c11", "c++17", "c++20")
            for standard in standards:
                source = folder / "alone"
                source.write_text(f"#include <cardan/{name}>\n#include <cardan/{name}>\n")
                language = "c++" if "++" in standard else "c"
                words = [compiler, "-x", language, f"-std={standard}", "-fsyntax-only", "-Wall", "-Wextra", "-pedantic",
                         "-Wshadow", "-Wconversion", "-Werror", "-DOMPI_SKIP_MPICXX=1", f"-I{include}", *mpi, *other,
                         str(source)]
                tried += 1
                done = subprocess.run(words, capture_output=True, text=True, check=False)
                if done.returncode != 0:
                    failed.append(f"{compiler} -std={standard}: cardan/{name}\n{done.stderr}")
    print(f"{tried} headers compiled alone")
    job.demand(tried > 0 and not failed, "\n".join(failed) or "no header was tried")


def main():
    parser = argparse.ArgumentParser()
    add_options(parser)
    parser.add_argument("--includes", default="", help="MPI's include folders, with colons between them")
    parser.add_argument("--kokkos", default="", help="Kokkos' include folder")
    parser.add_argument("--torch", default="", help="LibTorch's include folders, with colons between them")
    tests = {"stranger": stranger, "own-network": own_network, "headers": headers}
    parser.add_argument("test", choices=tests)
    parser.add_argument("compilers", nargs="*")
    options = parser.parse_args()
    os.environ.pop("CARDAN_MODULE_PATH", None)
    job.main(lambda folder: tests[options.test](options, folder))


if __name__ == "__main__":
    main()
