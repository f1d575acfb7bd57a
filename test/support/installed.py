"""An installed Cardan, and projects that are built with it as strangers have them."""
import pathlib

import job


def add_options(parser):
    parser.add_argument("--cmake", required=True)
    parser.add_argument("--build", type=pathlib.Path, required=True, help="the build tree")
    parser.add_argument("--mpirun", required=True)
    parser.add_argument("--compiler", required=True, help="for C++")
    parser.add_argument("--flags", default="", help="the build's sanitizers, which a program of its needs too")


def call(words, limit=240, folder="."):
    """A command that must end well."""
    result = job.run(words, limit, folder)
    job.demand(result.status == 0, "failed", result)
    return result


def install(options, folder):
    """Installs, and moves what was installed: nothing in it may know where it was."""
    there, here = folder / "before", folder / "prefix"
    call([options.cmake, "--install", options.build, "--prefix", there])
    there.rename(here)
    return here


def configure(options, prefix, project, folder):
    """Configures a project into folder/build; the result says whether that went well."""
    words = [options.cmake, "-S", project, "-B", folder / "build", "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={prefix}",
             f"-DCMAKE_CXX_COMPILER={options.compiler}", "-DCMAKE_BUILD_TYPE=Release"]
    if options.flags:
        words.append(f"-DCMAKE_CXX_FLAGS={options.flags}")
    return job.run(words, 240, folder)


def build(options, prefix, project, folder):
    result = configure(options, prefix, project, folder)
    job.demand(result.status == 0, "failed", result)
    call([options.cmake, "--build", folder / "build", "-j", "1"], 300)
