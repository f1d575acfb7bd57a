"""Strangers' projects, which know nothing of Cardan but one way to find it: strangers.py [options] NAME WAY

  installed    CMake's find_package, with the installed folder
  build-tree   CMake's find_package, with the build tree
  pkg-config   no CMake: what pkg-config says, and a compiler

A stranger is a folder beside this file with a CMakeLists.txt, and a line in the table below. The folder is copied
elsewhere, so that it finds nothing by accident, built, and run on two ranks.
"""
import argparse
import dataclasses
import os
import pathlib
import shlex
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "support"))
import job  # noqa: E402
from installed import add_options, call, install  # noqa: E402

HERE = pathlib.Path(__file__).parent


@dataclasses.dataclass
class Stranger:
    folder: str
    # What is built, and its arguments.
    program: str
    arguments: list
    # For pkg-config: the package, the sources in order, the compiler (an option of this script) and its flags.
    package: str
    sources: list
    compiler: str
    flags: list
    # What standard error must say: that Cardan was at work.
    says: str = "1 simulation and 1 ML ranks"


# One in C has "c_compiler", one in Fortran "fortran_compiler" and the package "cardan-fortran"; CMakeLists.txt beside this
# file adds each by name, where the build has what it needs.
STRANGERS = {
    "cpp": Stranger("stranger", "reactor", ["reactor.toml"], "cardan", ["main.cpp"], "compiler", ["-std=c++20"]),
    "c": Stranger("stranger_c", "reactor", [], "cardan", ["main.c", "-lm"], "c_compiler",
                  ["-std=c11", "-pedantic", "-Wall", "-Wextra", "-Werror"]),
    "fortran": Stranger("stranger_fortran", "reactor", [], "cardan-fortran", ["reactor.f90", "main.f90"],
                        "fortran_compiler", ["-std=f2018", "-Wall", "-Wextra", "-Werror"]),
}


def with_cmake(options, stranger, folder, place):
    call([options.cmake, "-S", folder / "project", "-B", folder / "build", "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={place}",
          "-DCMAKE_BUILD_TYPE=Release", f"-DCMAKE_CXX_COMPILER={options.compiler}",
          f"-DCMAKE_C_COMPILER={options.c_compiler}", f"-DCMAKE_CXX_FLAGS={options.flags}",
          f"-DCMAKE_C_FLAGS={options.flags}", f"-DCMAKE_Fortran_COMPILER={options.fortran_compiler}",
          f"-DCMAKE_Fortran_FLAGS={options.flags}", "--no-warn-unused-cli"])
    call([options.cmake, "--build", folder / "build"])
    return folder / "build" / stranger.program


def with_pkg_config(options, stranger, folder, prefix):
    os.environ["PKG_CONFIG_PATH"] = str(prefix / options.libdir / "pkgconfig")
    said = [shlex.split(call([options.pkg_config, word, stranger.package]).out)
            for word in ("--cflags", "--libs", "--variable=libdir")]
    compile_flags, link_flags, (libdir,) = said
    program = folder / stranger.program
    call([getattr(options, stranger.compiler), *stranger.flags, *shlex.split(options.flags), *compile_flags,
          *stranger.sources, "-o", program, *link_flags, f"-Wl,-rpath,{libdir}"], folder=folder / "project")
    return program


def work(options, folder):
    stranger = STRANGERS[options.name]
    shutil.copytree(HERE / stranger.folder, folder / "project")
    place = options.build if options.way == "build-tree" else install(options, folder)
    build = with_pkg_config if options.way == "pkg-config" else with_cmake
    program = build(options, stranger, folder, place)
    libraries = call(["ldd", program]).out
    mine = [line for line in libraries.splitlines() if "libcardan" in line]
    job.demand(mine and all(str(place) in line for line in mine), f"not of {place}:\n{libraries}")
    result = call([*options.mpirun.split(), "-n", 2, program, *stranger.arguments], 60, folder / "project")
    print(result)
    job.demand(stranger.says in result.err, f"'{stranger.says}' was not said", result)


def main():
    parser = argparse.ArgumentParser()
    add_options(parser)
    parser.add_argument("--c-compiler", default="cc")
    parser.add_argument("--fortran-compiler", default="gfortran")
    parser.add_argument("--pkg-config", default="pkg-config")
    parser.add_argument("--libdir", default="lib", help="below the installed folder")
    parser.add_argument("name", choices=STRANGERS)
    parser.add_argument("way", choices=("installed", "build-tree", "pkg-config"))
    options = parser.parse_args()
    os.environ.pop("CARDAN_MODULE_PATH", None)
    job.main(lambda folder: work(options, folder))


if __name__ == "__main__":
    main()
