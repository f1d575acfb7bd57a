"""Other people's codes, coupled by the projects of examples/ as strangers build them: codes.py [options] TEST

  lammps    a melt's energies and forces are learned while LAMMPS runs, and predicted for later steps
  ngspice   a rectifier's response is learned from designs that ngspice simulates, which then need not do all
"""
import argparse
import os
import pathlib
import re
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "support"))
import job  # noqa: E402
from installed import add_options, build, call, configure, install  # noqa: E402

# What tells ctest that there was nothing to test with (SKIP_RETURN_CODE).
SKIPPED = 77
NUMBER = r"-?[0-9.]+(?:e[+-]?[0-9]+)?"


def build_example(options, name, library, folder):
    """Builds a copy of an example, and gives Cardan's prefix; ends the test where the code's library is not there."""
    prefix = install(options, folder)
    shutil.copytree(options.examples / name, folder / "project")
    tried = configure(options, prefix, folder / "project", folder)
    if tried.status != 0 and re.search(rf"Could not find {library}", tried.err):
        print(f"skipped: this machine has no {name} (scripts/setup codes installs it)\n{tried.err}")
        sys.exit(SKIPPED)
    build(options, prefix, folder / "project", folder)
    return prefix


def write_run_file(folder, name, changes):
    """Writes the example's run file anew, with other values for some keys."""
    text = (folder / "project" / name).read_text()
    for key, value in changes.items():
        text, found = re.subn(rf"^({key}\s*=).*$", rf"\1 {value}", text, flags=re.MULTILINE)
        job.demand(found == 1, f"{name} has {found} lines '{key} = ...'")
    (folder / "build" / name).write_text(text)


def check_libraries(program, prefix):
    libraries = call(["ldd", program]).out
    job.demand(f"{prefix}/" in libraries and "torch" not in libraries, f"libraries: {libraries}")


def scores(result):
    """What the program said of its held-out predictions: name to (error, error of the taught mean, R2)."""
    found = re.findall(rf"^held out: ([a-z ]+): mean {NUMBER}, error ({NUMBER}), of the taught mean ({NUMBER}), "
                       rf"R2 ({NUMBER})$", result.out, re.MULTILINE)
    return {name: tuple(map(float, numbers)) for name, *numbers in found}


def numbers(pattern, result):
    found = re.search(pattern, result.out)
    job.demand(found is not None, f"'{pattern}' was not said", result)
    return map(float, found.groups())


def lammps(options, folder):
    prefix = build_example(options, "lammps", "LAMMPS_", folder)
    where = folder / "build"
    check_libraries(where / "melt", prefix)
    mpirun, program, beside = options.mpirun.split(), where / "melt", prefix / "bin" / "cardan-ml"
    other = {"taught": 1000, "held_out": 40}
    # As it is shipped; then other melts, on other ranks, and from elsewhere.
    runs = (({}, ["-n", 3, program, "melt.toml"], where, 0.998),
            ({"cells": 4, "density": 0.7, "temperature": 3.0, "seed": 5, **other},
             ["-n", 2, program, "build/melt.toml"], folder, 0.98),
            ({"cells": 6, "temperature": 1.6, "seed": 6, **other},
             ["-n", 2, program, "melt.toml", ":", "-n", 1, beside, "melt.toml"], where, 0.98))
    for changes, words, start, least in runs:
        write_run_file(folder, "melt.toml", changes)
        result = call([*mpirun, *words], 200, start)
        print(result)
        said = scores(result)
        job.demand(set(said) == {"energy of an atom", "energy per atom", "force"}, f"quantities: {said}", result)
        for name in ("energy of an atom", "force"):
            job.demand(said[name][2] > least, f"R2 of {name} is {said[name][2]}, not above {least}", result)
        error, naive, _ = said["energy per atom"]
        job.demand(error < 0.3 * naive, f"energy per atom: {error} beside {naive}", result)
    write_run_file(folder, "melt.toml", {"neighbours": 30})
    result = job.run([*mpirun, "-n", 3, program, "melt.toml"], 60, where)
    job.demand(result.status != 0 and "an atom has more than 30 neighbours" in result.err, "the error", result)


def ngspice(options, folder):
    prefix = build_example(options, "ngspice", "NGSPICE_", folder)
    where = folder / "build"
    check_libraries(where / "rectifier", prefix)
    mpirun, program, beside = options.mpirun.split(), where / "rectifier", prefix / "bin" / "cardan-ml"
    # As it is shipped; then other rectifiers, on other ranks, and from elsewhere.
    runs = (({}, ["-n", 3, program, "rectifier.toml"], where),
            ({"seed": 7, "amplitude": "[20.0, 30.0]", "load": "[100.0, 300.0]"},
             ["-n", 2, program, "build/rectifier.toml"], folder),
            ({"seed": 8, "steps": 160},
             ["-n", 2, program, "rectifier.toml", ":", "-n", 1, beside, "rectifier.toml"], where))
    for changes, words, start in runs:
        write_run_file(folder, "rectifier.toml", changes)
        result = call([*mpirun, *words], 200, start)
        print(result)
        done, designs = numbers(r"learning: ngspice did (\d+) of (\d+) designs", result)
        trusted, held_out, within = numbers(
            r"held out: (\d+) of (\d+) designs trusted, (\d+) of them within", result)
        job.demand(done < 0.8 * designs and trusted > 0.7 * held_out, "the model is hardly used", result)
        job.demand(within > 0.85 * trusted, f"of {trusted} that were trusted {within} are within the tolerance", result)
        for name in ("voltage", "ripple"):
            error, least = numbers(rf"held out: {name}: .* error ({NUMBER}) V, R2 ({NUMBER})", result)
            job.demand(error < 0.05 and least > 0.99, f"{name}: error {error} V, R2 {least}", result)
    netlist = (where / "rectifier.cir").read_text()
    (where / "rectifier.cir").write_text(netlist.replace("C1 p 0", "C2 p 0"))
    result = job.run([*mpirun, "-n", 2, program, "rectifier.toml"], 60, where)
    job.demand(result.status != 0 and "no such device or model name c1" in result.err, "the error", result)


def main():
    parser = argparse.ArgumentParser()
    add_options(parser)
    parser.add_argument("--examples", type=pathlib.Path, required=True)
    tests = {"lammps": lammps, "ngspice": ngspice}
    parser.add_argument("test", choices=tests)
    options = parser.parse_args()
    os.environ.pop("CARDAN_MODULE_PATH", None)
    job.main(lambda folder: tests[options.test](options, folder))


if __name__ == "__main__":
    main()
