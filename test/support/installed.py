"""An installed Cardan, and projects that are built with it as strangers have them."""
import pathlib

import job


def add_arguments(parser):
    parser.add_argument("--cmake", required=True)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--mpirun", required=True)
    parser.add_argument("--compiler", required=True)
    parser.add_argument("--flags", default="", help="the build's sanitizers, which a program of its needs too")


def call(words, limit=240, folder="."):
    result = job.run(words, limit, folder)
    job.demand(result.status == 0, "failed", result)
    return result


def install(options, folder):
    prefix = folder / "prefix"
    call([options.cmake, "--install", options.build, "--prefix", prefix])
    return prefix


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
