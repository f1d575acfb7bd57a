"""Has clang read sources for its warnings, without making code: parse_by_clang.py BUILD JOBS < NAMES

BUILD: a folder that clang's preset was configured in. NAMES: sources that it compiles, one a line. Prints what clang
says, each finding once; exit status 1 if it says anything.
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
    names = {str(root / name.strip()) for name in sys.stdin}
    entries = {entry["file"]: entry for entry in json.loads((build / "compile_commands.json").read_text())
               if entry["file"] in names}
    # Longest first, so that no core is left with the longest at the end.
    ordered = sorted(entries.values(), key=lambda entry: -pathlib.Path(entry["file"]).stat().st_size)
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        said = [text for text in pool.map(parse, ordered) if text]
    print("".join(dict.fromkeys(said)), end="")
    print(f"clang read {len(ordered)} files", file=sys.stderr)
    return 1 if said else 0


sys.exit(main())
