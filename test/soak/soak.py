"""soak.py --mpirun WORDS --program FILE [--seconds S] [--ranks N] [--members M] [--full wait|drop]

Runs ensemble_soak, and looks at what it leaves: no frame lost but those that were counted, no growth of any rank's memory
after the first tenth of the time, every decision in the log with the frame that it came from.
"""
import argparse
import collections
import json
import pathlib
import re
import shlex
import statistics
import subprocess
import sys
import tempfile

RUN_FILE = """[run]
seed = 5
folder = "."
provenance = true

[ranks]
ml = {{ count = 1 }}

[ensemble.soak]
members  = {members}
full     = "{full}"
window   = 2000
restarts = 0.25
failures = 1000000
"""
# Pages that an allocator or MPI touches late, in KiB: a leak of 16 bytes a frame would be more.
NOISE = 1024
# A run of seconds has its first flush of full size, and the buffers for it, in its middle.
NOISE_OF_SHORT, SHORT = 6144, 60


def check(holds, what):
    if not holds:
        sys.exit(f"soak: {what}")


def counters(out):
    total = collections.Counter()
    for line in re.findall(r"^counters (.*)$", out, re.M):
        words = line.split()
        total.update({key: int(value) for key, value in zip(words[::2], words[1::2])})
    return total


def memory(out):
    """By rank: KiB in the second tenth of the time, at the end, and the difference."""
    found = {}
    for rank, samples in re.findall(r"^memory (\d+) (.*)$", out, re.M):
        values = [int(word) for word in samples.split()]
        tenth = max(1, len(values) // 10)
        before, after = statistics.mean(values[tenth:2 * tenth]), statistics.mean(values[-tenth - 1:-1])
        found[int(rank)] = (before, after, after - before)
    return found


def read_log(path):
    """What the log says: rows by what became of them."""
    rows = collections.Counter()
    with open(path) as lines:
        for line in lines:
            row = json.loads(line)
            check(row["ensemble"] == "soak", f"a row of another kind: {line}")
            check(row["from_step"] >= 1 and row["id"] >= 1, f"no frame led to {line}")
            check(row["from_step"] <= row["step"] and row["reason"], f"no reason, or from the future: {line}")
            if row["action"] == 1:
                check(row["from_member"] >= 0 and row["from_segment"] >= 1, f"restarted from nothing: {line}")
            kind = "replaced" if row["replaced"] else "late" if row["late"] and not row["applied"] else row["action"]
            rows[kind] += 1
    return rows


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mpirun", default="mpirun")
    parser.add_argument("--program", required=True)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--ranks", type=int, default=4)
    parser.add_argument("--members", type=int, default=64)
    parser.add_argument("--full", choices=("wait", "drop"), default="wait")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "soak.toml").write_text(RUN_FILE.format(members=options.members, full=options.full))
        command = [*shlex.split(options.mpirun), "-n", str(options.ranks), options.program, "soak.toml", str(options.seconds)]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=options.seconds + 120)
        check(done.returncode == 0, f"the run failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
        total, used = counters(done.stdout), memory(done.stdout)
        rows = read_log(folder / "decisions.jsonl")
        size = (folder / "decisions.jsonl").stat().st_size + (folder / "decisions.h5").stat().st_size
    seen = int(re.search(r"ensemble 'soak': (\d+) frames", done.stderr).group(1))
    # The window takes no frames of members that failed.
    print(f"{options.members} members, {options.ranks - 1} + 1 ranks, {options.seconds:g} s: {total['segments']} segments, "
          f"{total['frames']} frames sent, {total['dropped']} dropped, {seen} kept by the ML rank, {total['failures']} failures")
    print(f"decisions: {total['continued']} continued, {total['restarted']} restarted, {total['stopped']} stopped, "
          f"{total['superseded']} superseded, {total['late']} late, {total['missing']} missing; log: {sum(rows.values())} rows, "
          f"{size / 1e6:.1f} MB")
    for line in re.findall(r"^latency .*$", done.stdout, re.M):
        print(line)
    for rank, (before, after, grown) in sorted(used.items()):
        print(f"rank {rank}: {before:.0f} KiB in the second tenth, {after:.0f} KiB at the end ({grown:+.0f})")
    check(total["segments"] == total["frames"] + total["dropped"], "segments without a frame")
    check(options.full == "drop" or total["dropped"] == 0, "frames were dropped although members wait")
    check(seen == total["frames"] - total["failures"], "the ML rank has not seen all frames that were sent")
    check(len(used) == options.ranks, f"memory of {len(used)} ranks")
    check(rows["replaced"] == total["superseded"], f"superseded: {rows}")
    check(rows["late"] == total["late"], f"late: {rows}")
    check(rows[0] == total["continued"], f"continued: {rows}")
    check(rows[1] + rows[3] == total["restarted"] and rows[1] > 0, f"restarted: {rows}")
    check(rows[2] == total["stopped"], f"stopped: {rows}")
    noise = NOISE if options.seconds >= SHORT else NOISE_OF_SHORT
    for rank, (_, _, grown) in used.items():
        check(grown < noise, f"the memory of rank {rank} grew by {grown:.0f} KiB")


if __name__ == "__main__":
    main()
