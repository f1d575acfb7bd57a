"""Cardan installed somewhere, for the tests of this folder."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "support"))
import job  # noqa: E402


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


def add_options(parser):
    parser.add_argument("--cmake", required=True)
    parser.add_argument("--build", type=pathlib.Path, required=True, help="the build tree")
    parser.add_argument("--mpirun", required=True)
    parser.add_argument("--compiler", required=True, help="for C++")
    parser.add_argument("--flags", default="", help="the build's sanitizers, which a program of its needs too")
