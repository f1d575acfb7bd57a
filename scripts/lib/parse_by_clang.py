"""Has clang read sources for its warnings, without making code: parse_by_clang.py BUILD JOBS < NAMES

BUILD: a folder that clang's preset was configured in. NAMES: sources that are not to be read, one a line; all others that
BUILD compiles as C or C++ are. Prints what clang says, each finding once; exit status 1 if it says anything.
"""
import concurrent.futures
import json
import pathlib
import shlex
import subprocess
import sys


def words_of(entry):
    words = shlex.split(entry["command"])
    out = words.index("-o")
    return [word for word in words[:out] + words[out + 2:] if word != "-c" and not word.endswith("ccache")] + ["-fsyntax-only"]


def parse(entry):
    done = subprocess.run(words_of(entry), cwd=entry["directory"], capture_output=True, text=True, check=False)
    return done.stderr if done.returncode != 0 or done.stderr else ""


def main():
    build, jobs = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    root = pathlib.Path(__file__).resolve().parents[2]
    left_out = {str(root / name.strip()) for name in sys.stdin}
    entries = {entry["file"]: entry for entry in json.loads((build / "compile_commands.json").read_text())
               if entry["file"].endswith((".c", ".cpp")) and entry["file"] not in left_out
               and pathlib.Path(entry["file"]).exists()}
    # Longest first, so that no core is left with the longest at the end.
    ordered = sorted(entries.values(), key=lambda entry: -pathlib.Path(entry["file"]).stat().st_size)
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        said = [text for text in pool.map(parse, ordered) if text]
    print("".join(dict.fromkeys(said)), end="")
    print(f"clang read {len(ordered)} files", file=sys.stderr)
    return 1 if said else 0


sys.exit(main())
