#!/usr/bin/env python3
"""The reports of cardan-bench-ml, cardan-bench-bindings, cardan-bench-checkpoint and cardan-bench-decisions, in their shortest form: every case and way is there, and what it says is right.
No timing is looked at."""

import argparse
import importlib.util
import json
import math
import os
import subprocess
import sys
import tempfile

skipped = 77


def check(condition, what):
    if not condition:
        sys.exit(f"bench.py: {what}")


def run(arguments):
    with tempfile.TemporaryDirectory() as folder:
        results = os.path.join(folder, "results.jsonl")
        command = arguments.mpirun.split() + ["-n", str(arguments.ranks), arguments.program, "--report",
                                              arguments.report, "--smoke", "--rounds", "3", "--json", results]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        print(done.stdout, done.stderr)
        check(done.returncode == 0, f"exit status {done.returncode}")
        with open(results, encoding="utf-8") as file:
            return [json.loads(line) for line in file]


def check_bindings(lines):
    """Every call is measured through every language."""
    said = sorted((line["verb"], line["language"]) for line in lines)
    verbs = ("input, output, predict", "predict", "put")
    check(said == [(verb, language) for verb in verbs for language in ("C", "C++", "Fortran")], f"cases {said}")
    check(all(line["seconds"] > 0 for line in lines), "times")


def check_checkpoint(lines):
    """The program itself fails where a file does not hold what was written."""
    said = sorted((line["bytes"] > 1e6, line["cut"], line["ranks"]) for line in lines)
    cases = [("blocks", 2), ("blocks", 3), ("slabs", 1), ("slabs", 2), ("slabs", 3)]
    check(said == [(large, *case) for large in (False, True) for case in cases], f"cases {said}")
    # One round before the three, a file of each way.
    check(all(line["files"] == 8 and line["verified"] == 8 for line in lines), "files that were looked at")
    check(all(line["seconds"] > 0 and line["plain_seconds"] > 0 and line["copy_seconds"] > 0 for line in lines), "times")


def check_decisions(lines):
    """The program itself fails where a trip brings back what it should not."""
    check([line["bytes"] for line in lines] == [64, 4096], "a small and a larger decision")
    for way in ("seconds", "memory", "messages"):
        check(all(line[way] > 0 for line in lines), f"times of {way}")
    check(all(0 < line["latency"] for line in lines), "latencies")


def check_training(lines):
    """Both sides learn: the same network from the same kind of samples loses about as much."""
    check([line["ranks"] for line in lines] == [1, 2], "1 and 2 ranks")
    for line in lines:
        check(math.isfinite(line["loss"]) and line["loss"] < 2, "a loss in units of the targets' variance")
        check(line["samples_per_second"] > 0, "a rate")
        check(math.isfinite(line["peer_loss"]), "PyTorch's loss")


def check_inference(lines):
    """The program itself fails where answers are not trusted."""
    ways = sorted((line["place"], line["gate"]) for line in lines if "file" not in line["model"])
    check(ways == [("inside", "ensemble"), ("inside", "none"), ("ml", "ensemble"), ("ml", "none")], f"ways {ways}")
    if importlib.util.find_spec("torch") is None:
        print("the file was left out: python3 has no torch; scripts/setup peer installs python3-torch")
    else:
        files = sorted(line["place"] for line in lines if "file" in line["model"])
        check(files == ["inside", "ml"], f"a file is answered at {files}")
    check(all(line["seconds"] > 0 and line["bare"] > 0 for line in lines), "times")


def check_stream(lines):
    """Virtual time: the same numbers on every machine, but for rounding."""
    by_way = {line["way"]: line for line in lines}
    check(len(by_way) == 6, "six ways")
    check(by_way["offline 1/2 shuffled"]["whole_ratio"] == 1, "the reference's ratio to itself")
    check(by_way["reservoir"]["whole"] < by_way["fifo"]["whole"], "a reservoir keeps the past")
    check(by_way["fifo"]["newest"] < by_way["offline 1/2 shuffled"]["newest"], "offline has not seen the newest")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--report", "--mpirun", "--program"):
        parser.add_argument(name, required=True)
    parser.add_argument("--ranks", type=int, required=True)
    arguments = parser.parse_args()
    if arguments.report == "training" and importlib.util.find_spec("torch") is None:
        print("skipped: python3 has no torch; scripts/setup peer installs python3-torch")
        sys.exit(skipped)
    lines = run(arguments)
    {"bindings": check_bindings, "checkpoint": check_checkpoint, "decisions": check_decisions, "training": check_training, "inference": check_inference,
     "stream": check_stream}[arguments.report](lines)


main()
