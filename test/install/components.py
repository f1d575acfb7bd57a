"""What find_package(cardan) gives to projects of different languages: components.py [options]"""
import argparse
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "support"))
import job  # noqa: E402
from installed import add_options, call, install  # noqa: E402

# A program in each language that needs nothing of Cardan but that it can be linked.
SOURCES = {
    "C": ("main.c", "#include <mpi.h>\nint main(int argc, char** argv)\n{\n  MPI_Init(&argc, &argv);\n"
                    "  return MPI_Finalize();\n}\n"),
    "CXX": ("main.cpp", "#include <cardan/cardan.hpp>\nint main() { return cardan::Config{}.has(\"cells\"); }\n"),
    "Fortran": ("main.f90", "program main\n  {use}\n  print '(a)', 'linked'\nend program\n"),
}
PROJECT = """cmake_minimum_required(VERSION 3.25)
project(stranger LANGUAGES {languages})
find_package(cardan REQUIRED {components})
add_executable(stranger {source})
target_link_libraries(stranger PRIVATE -Wl,--no-as-needed {targets})
"""


def project(folder, languages, components, targets):
    source, text = SOURCES[languages.split()[0]]
    folder.mkdir()
    (folder / source).write_text(text.replace("{use}", "use cardan" if components == "fortran" else ""))
    words = f"COMPONENTS {components}" if components else ""
    (folder / "CMakeLists.txt").write_text(
        PROJECT.format(languages=languages, components=words, source=source, targets=targets))
    return folder


def configure(options, place, folder):
    return job.run([options.cmake, "-S", folder, "-B", folder / "build", "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={place}",
                    f"-DCMAKE_CXX_COMPILER={options.compiler}", f"-DCMAKE_CXX_FLAGS={options.flags}",
                    f"-DCMAKE_C_FLAGS={options.flags}", f"-DCMAKE_Fortran_FLAGS={options.flags}",
                    "--no-warn-unused-cli"], 120, folder)


def work(options, folder):
    works = [("C", "", "cardan::cardan"), ("C", "core", "cardan::cardan"), ("CXX", "", "cardan::cardan")]
    fails = [("C", "gearbox", "component gearbox: there is no such component"),
             ("C", "kokkos", "this project has no C++")]
    for name, here, targets, lacks in (
            ("torch", options.torch, "cardan::torch cardan::cardan", "-DCARDAN_TORCH=ON"),
            ("kokkos", options.kokkos, "cardan::kokkos", None),
            ("fortran", options.fortran, None, "-DCARDAN_FORTRAN=ON")):
        if here and targets:
            works.append(("CXX", name, targets))
        elif not here and lacks:
            fails.append(("CXX C", name, lacks))
    if options.fortran_compiler:
        works.append(("Fortran C", "", "cardan::cardan"))
        if options.fortran:
            works.append(("Fortran C", "fortran", "cardan::fortran"))
            fails.append(("C", "fortran", "this project has no Fortran"))
    for place_name, place in (("installed", install(options, folder)), ("build-tree", options.build)):
        for i, (languages, components, targets) in enumerate(works):
            here = project(folder / f"{place_name}-works-{i}", languages, components, targets)
            result = configure(options, place, here)
            job.demand(result.status == 0, "was not found", result)
            call([options.cmake, "--build", here / "build"])
            libraries = call(["ldd", here / "build" / "stranger"]).out
            job.demand("libcardan" in libraries and "=> not found" not in libraries, libraries)
            print(f"{place_name}: {languages}: {components or 'no components'}: built")
        for i, (languages, components, says) in enumerate(fails):
            here = project(folder / f"{place_name}-fails-{i}", languages, components, "cardan::cardan")
            result = configure(options, place, here)
            # CMake breaks lines.
            job.demand(result.status != 0 and says in " ".join(result.err.split()), f"'{says}' was not said", result)
            print(f"{place_name}: {languages}: {components}: refused")


def main():
    parser = argparse.ArgumentParser()
    add_options(parser)
    parser.add_argument("--fortran-compiler", default="")
    for feature in ("torch", "kokkos", "fortran"):
        parser.add_argument(f"--{feature}", action="store_true", help="this build has it")
    options = parser.parse_args()
    os.environ.pop("CARDAN_MODULE_PATH", None)
    job.main(lambda folder: work(options, folder))


if __name__ == "__main__":
    main()
