"""Damaged checkpoints: checkpoint_fuzz.py --bin FOLDER [--cases N] [--seed S] [--file CHECKPOINT]

Random bits of a checkpoint are flipped, and it is cut short, N times. `cardan verify` and `cardan inspect` must end with
0, 1 or 2, in time, and never by a signal; `verify` must find every flip inside the data of an array.
"""
import argparse
import pathlib
import random
import subprocess
import sys

sys.path[:0] = [str(pathlib.Path(__file__).parent.parent / folder) for folder in ("support", "tool")]
import job  # noqa: E402

SKIPPED = 77
BATCH = 100
LIMIT = 90


def places(path, h5py):
    """Where the contiguous arrays' bytes lie: pairs (begin, end)."""
    found = []
    with h5py.File(path) as file:
        def visit(_, item):
            if isinstance(item, h5py.Dataset) and item.id.get_offset() is not None and item.nbytes:
                found.append((item.id.get_offset(), item.id.get_offset() + item.nbytes))
        file.visititems(visit)
    return found


def cases(whole, data, count, seed):
    """Pairs of what was done, whether it must be found, and the bytes."""
    dice = random.Random(seed)
    for _ in range(count):
        kind = dice.choice(("data", "head", "any", "any", "cut", "many"))
        mutant = bytearray(whole)
        if kind == "cut":
            size = dice.randrange(len(whole))
            yield f"cut to {size} bytes", True, mutant[:size]
            continue
        if kind == "data":
            begin, end = dice.choice(data)
            flips = [dice.randrange(begin, end)]
        elif kind == "head":
            flips = [dice.randrange(min(2048, len(whole)))]
        else:
            flips = [dice.randrange(len(whole)) for _ in range(1 if kind == "any" else dice.randint(2, 40))]
        for flip in flips:
            mutant[flip] ^= 1 << dice.randrange(8)
        must = any(begin <= flip < end for flip in flips for begin, end in data) and len(flips) == 1
        yield f"flipped at {flips}", must, mutant


def run(words, folder):
    """As job.run, whose wait looks for the end only now and then: there are many short ones."""
    try:
        done = subprocess.run([str(word) for word in words], capture_output=True, cwd=folder, timeout=LIMIT, check=False)
    except subprocess.TimeoutExpired as error:
        raise job.Failure(f"still running after {LIMIT} s: {words[:3]}") from error
    return job.Result([str(word) for word in words], done.returncode, done.stdout.decode(errors="replace"),
                      done.stderr.decode(errors="replace"), 0)


def said_of(path, result):
    """What verify said of one of its files."""
    lines = [line for line in result.out.splitlines() if line.startswith(f"{path}: ")]
    return lines + [line for line in result.err.splitlines() if f"'{path}'" in line]


def work(options, folder):
    try:
        import h5py
        import files
    except ImportError:
        print("there is no h5py")
        sys.exit(SKIPPED)
    original = options.file or folder / "whole.h5"
    if not options.file:
        files.checkpoint(original)
    whole, data = original.read_bytes(), places(original, h5py)
    program = options.bin / "cardan"
    result = run([program, "verify", original], folder)
    job.demand(result.status == 0, "the original is not whole", result)
    found = {"whole": 0, "damaged": 0, "crashes": 0}
    batch = []

    def verify():
        result = run([program, "verify", *(path for path, _, _ in batch)], folder)
        job.demand(result.status in (0, 1, 2), "verify", result)
        for path, what, must in batch:
            lines = said_of(path, result)
            job.demand(lines, f"verify says nothing of a file {what}", result)
            sound = any(": whole" in line for line in lines)
            job.demand(not (sound and must), f"verify does not find damage: {what}")
            found["whole" if sound else "damaged"] += 1
            found["crashes"] += any("reading it" in line for line in lines)
            shown = run([program, "inspect", path], folder)
            job.demand(shown.status in (0, 2), f"inspect of a file {what}", shown)
            job.demand(shown.status == 0 or len(shown.notices()) == 1, f"not one message: {what}", shown)
            path.unlink()
        batch.clear()

    for number, (what, must, bytes_) in enumerate(cases(whole, data, options.cases, options.seed)):
        path = folder / f"{number}.h5"
        path.write_bytes(bytes_)
        batch.append((path, what, must))
        if len(batch) == BATCH:
            verify()
    if batch:
        verify()
    print(f"{options.cases} cases: {found}")
    job.demand(found["damaged"] > options.cases // 4, "hardly anything was found")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--file", type=pathlib.Path, help="a checkpoint, instead of a small one made here")
    options = parser.parse_args()
    job.main(lambda folder: work(options, folder))


if __name__ == "__main__":
    main()
