"""What bash completes after `cardan`: completion.py --bin FOLDER"""
import argparse
import pathlib
import re
import shlex
import shutil
import sys

sys.path[:0] = [str(pathlib.Path(__file__).parent.parent / "support"), str(pathlib.Path(__file__).parent)]
import job  # noqa: E402

SKIPPED = 77
FILE = pathlib.Path(__file__).resolve().parents[2] / "completions/cardan"


def work(options, folder):
    if shutil.which("bash") is None:
        sys.exit(SKIPPED)
    program = options.bin.resolve() / "cardan"
    for name in ("a.h5", "b c.h5", "run.toml", "notes.txt"):
        (folder / name).touch()
    (folder / "results").mkdir()

    def complete(*words):
        line = " ".join(shlex.quote(word) for word in words)
        script = (f"source {FILE}; COMP_WORDS=({program} {line}); COMP_CWORD={len(words)}; _cardan; "
                  'printf "%s\\n" "${COMPREPLY[@]}"')
        result = job.run(["bash", "-c", script], 30, folder)
        job.demand(result.status == 0 and not result.err, "failed", result)
        return sorted(filter(None, result.out.splitlines()))

    def expect(words, wanted):
        found = complete(*words)
        job.demand(found == sorted(wanted), f"{words}: {found}, not {wanted}")

    # What the program has, no more and no less.
    def helped(*words):
        return job.run([program, *words, "--help"], 30, folder).out
    commands = re.findall(r"^  (\w+) ", helped().split("Subcommands:")[1], re.M)
    expect([""], commands)
    for command in commands:
        expect([command, "--"], {word for word in re.findall(r"--[a-z]+", "\n".join(
            line.split("  ")[1] for line in helped(command).splitlines() if line.startswith("  -")))})
    expect(["in"], ["inspect"])
    expect(["--ver"], ["--version"])
    expect(["inspect", ""], ["a.h5", "b c.h5", "results"])
    expect(["verify", "a.h5", "b"], ["b c.h5"])
    expect(["check", ""], ["run.toml", "results"])
    expect(["diff", "a.h5", ""], ["a.h5", "b c.h5", "results"])
    expect(["diff", "a.h5", "a.h5", ""], [])
    expect(["inspect", "a.h5", "--slice", ""], [])
    try:
        import files
        import h5py  # noqa: F401
    except ImportError:
        print("there is no h5py")
        return
    files.checkpoint(folder / "b c.h5")
    expect(["inspect", "b c.h5", "fields/"], ["fields/height", "fields/packed", "fields/state"])
    expect(["inspect", "--sparkline", "b c.h5", "fields/s"], ["fields/state"])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    options = parser.parse_args()
    job.main(lambda folder: work(options, folder))


if __name__ == "__main__":
    main()
