"""The programs that are installed, as people and scripts meet them: programs.py [options] TEST

  version   cardan --version, with and without --json, and its exit status
  man       each manual page has the options that --help has, and no others, and is set without a warning
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "support"))
import job  # noqa: E402

PAGES = pathlib.Path(__file__).parent.parent.parent / "man"
SKIPPED = 77


def version(options, folder):
    program = options.bin / "cardan"

    def ask(*words):
        return job.run([program, *words], 30, folder)

    for name in ("cardan", "cardan-ml", "cardan-play"):
        result = job.run([options.bin / name, "--version"], 30, folder)
        job.demand(result.status == 0 and result.out == f"{name} {options.version}\n", "one line", result)
    result = ask("--version", "--json")
    job.demand(result.status == 0, "failed", result)
    said = json.loads(result.out)
    print(result)
    texts = ("version", "commit", "compiler", "build_type", "mpi", "hdf5", "fmt", "toml++", "modules")
    job.demand(all(isinstance(said[name], str) and said[name] for name in texts), "a text is missing", result)
    job.demand(said["version"] == options.version and "MP" in said["mpi"], "wrong", result)
    features = said["features"]
    for name in ("torch", "baselines", "kokkos", "fortran"):
        job.demand(features[name]["built"] is (name in options.features.split(",")), f"feature {name}", result)
    for name in ("torch", "baselines"):
        if features[name]["built"]:
            path = pathlib.Path(features[name]["module"])
            job.demand(path.is_file() and path.parent == pathlib.Path(said["modules"]), f"module {name}", result)
    if features["torch"]["built"]:
        job.demand(re.fullmatch(r"\d+\.\d+\.\d+", features["torch"]["version"]), "LibTorch's version", result)
    # A module that is not there is said to be not there.
    os.environ["CARDAN_MODULE_PATH"] = str(folder)
    said = json.loads(ask("--version", "--json").out)
    job.demand(said["features"]["torch"]["module"] is None and said["modules"] == str(folder), f"elsewhere: {said}")
    for words in ((), ("--json",), ("--nothing",), ("word",)):
        result = ask(*words)
        job.demand(result.status == 2 and result.err and not result.out, "wrong arguments give 2", result)
    result = job.run(["sh", "-c", f"'{program}' --version >/dev/full"], 30, folder)
    job.demand(result.status == 1 and "cannot write" in result.err, "a full disk gives 1", result)


def options_of_help(text):
    """From lines such as `  -h,--help   Print ...` and `  run_file TEXT REQUIRED   The ...`."""
    words = set()
    for line in re.findall(r"^  (\S+)", text.split("Usage:")[1], re.MULTILINE):
        words.update(line.split(","))
    return words


def options_of_page(text, part="SH OPTIONS"):
    """What the paragraphs of a section (the section OPTIONS) are tagged with."""
    section = re.search(rf"^\.{part}\n(.*?)^\.S[HS] ", text, re.MULTILINE | re.DOTALL).group(1)
    words = set()
    for tag in re.findall(r"^\.TP\n(.*)$", section, re.MULTILINE):
        words.update(word.strip('",') for word in tag.replace("\\-", "-").split()[1:])
    return {word for word in words if word}


def man(options, folder):
    if shutil.which("groff") is None:
        sys.exit(SKIPPED)
    for name in ("cardan", "cardan-ml", "cardan-play"):
        page = PAGES / f"{name}.1"
        result = job.run([options.bin / name, "--help"], 30, folder)
        job.demand(result.status == 0, "failed", result)
        helped, documented = options_of_help(result.out), options_of_page(page.read_text())
        commands = re.findall(r"^  (\w+) ", result.out.partition("Subcommands:")[2], re.MULTILINE)
        if commands:
            documented |= options_of_page(page.read_text(), "SH COMMANDS")
        for command in commands:
            said = options_of_help(job.run([options.bin / name, command, "--help"], 30, folder).out)
            written = options_of_page(page.read_text(), f"SS {command}")
            job.demand(said == written, f"{page}, {command}: only in --help: {said - written}; only in the page: {written - said}")
        print(f"{name}: {sorted(helped)}")
        job.demand(len(helped) >= 3 and helped == documented,
                   f"{page}: only in --help: {helped - documented}; only in the page: {documented - helped}")
        result = job.run(["groff", "-man", "-ww", "-z", page], 30, folder)
        job.demand(result.status == 0 and not result.err, "groff warns", result)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path, required=True, help="where the programs are")
    parser.add_argument("--version", required=True)
    parser.add_argument("--features", default="", help="those that this build has, with commas between them")
    tests = {"version": version, "man": man}
    parser.add_argument("test", choices=tests)
    options = parser.parse_args()
    os.environ.pop("CARDAN_MODULE_PATH", None)
    job.main(lambda folder: tests[options.test](options, folder))


if __name__ == "__main__":
    main()
