"""What a run does where checkpoints cannot be written or read, and when it is told to stop:
faults.py [options] TEST

  full-disk [SIMULATION ML]   a small disk that fills up: one message, what is there stays whole, status 1
  full-disk-compressed        the same of a field that is compressed
  unwritable                  a folder that cannot be written: one message at the start, status 1
  signals                     SIGUSR1 and SIGTERM: a checkpoint, a clean end, and the same state after a restart
  limits                      the run's limit of time, and checkpoints by time
  damaged                     the newest file is damaged: the one before it; all are: an error
  other-problem               --restart with a file of another grid, and with another seed
"""
import argparse
import os
import pathlib
import re
import shlex
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import job  # noqa: E402

SKIPPED = 77
OPTIONS = argparse.Namespace()


def write_run_file(folder, checkpoint, more=""):
    """The flagship's run file with other checkpoints."""
    text = (OPTIONS.source / "miniapps/inner/inner.toml").read_text()
    text = re.sub(r'\[checkpoint\]\nfile  = "state.h5"\nevery = 25\n', lambda _: f"[checkpoint]\n{checkpoint}\n", text)
    job.demand(checkpoint in text, "the flagship's run file has another [checkpoint]")
    text = text.replace("seed = 1\n", f"seed = 1\n{more}")
    path = folder / "faults.toml"
    path.write_text(text)
    return path


def command(folder, run_file, steps, *more, ranks=2, ml=0, grid=12, prefix=()):
    return [*prefix, *shlex.split(OPTIONS.mpirun), "-n", ranks + ml, OPTIONS.bin / "inner", *(() if ml else ("--no-ml",)),
            "--grid", grid, "--steps", steps, "--no-pictures", "--out", folder, *more, run_file]


def verify(path):
    result = job.run([OPTIONS.bin / "cardan", "verify", path], 60, path.parent)
    return result.status == 0


def numbered(folder):
    return sorted(path for path in folder.iterdir() if re.fullmatch(r"state\.\d+\.h5", path.name))


def expect_tidy(folder):
    left = [path.name for path in folder.iterdir() if not re.fullmatch(r"state\.(\d+\.)?h5", path.name)]
    job.demand(not left, f"left behind: {left}")


def dataset(path, name):
    """The bytes of an array, as h5dump writes them."""
    raw = path.with_suffix(".raw")
    result = job.run(["h5dump", "-d", name, "-b", "LE", "-o", raw, path], 30, path.parent)
    job.demand(result.status == 0, "h5dump failed", result)
    return raw.read_bytes()


def state(folder):
    return dataset(folder / "inner.h5", "solver/final/state")


def alone(folder, steps):
    """The final state of a run that nothing happens to."""
    folder.mkdir()
    run_file = write_run_file(folder, 'file = "state.h5"\nevery = 1000')
    result = job.run(command(folder, run_file, steps), 60, folder)
    job.demand(result.status == 0, "a run without faults failed", result)
    return state(folder)


def said(result, text):
    """The notices with a text."""
    return [line for line in result.notices() if text in line]


IN_SMALL_DISK = """
import os, shlex, subprocess, sys
disk, size, command = sys.argv[1], sys.argv[2], sys.argv[3:]
if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", disk]).returncode != 0:
    sys.exit(77)
status = subprocess.run(command).returncode
# What is on the disk goes with this namespace.
kept = disk + ".kept"
subprocess.run(["cp", "-a", disk, kept], check=True)
sys.exit(status)
"""


def in_disk(disk, size):
    """What runs a command that has a small disk of its own at a folder."""
    for namespace in (["unshare", "-m"], ["unshare", "-rm"]):
        try:
            tried = subprocess.run([*namespace, "mount", "-t", "tmpfs", "tmpfs", disk], capture_output=True, check=False)
        except FileNotFoundError:
            break
        if tried.returncode == 0:
            return [*namespace, sys.executable, "-c", IN_SMALL_DISK, disk, size]
    print("neither root nor a user namespace can mount a small disk")
    sys.exit(SKIPPED)


def full_disk_compressed(folder, _):
    """All simulation ranks write compressed fields together."""
    full_disk(folder, (), "\n[checkpoint.fields.state]\ndeflate = 4", ("4k", "64k", "160k"))


def full_disk(folder, words, more="", sizes=()):
    simulation, ml = (int(word) for word in words) if words else (2, 0)
    # Where the disk is full differs: the file itself, the list of its parts, or the room for its contents.
    sizes = sizes or (("4m", "5m") if ml else ("4k", "16k", "24k", "40k", "68k", "72k"))
    counts = []
    for size in sizes:
        out = folder / size
        disk = out / "disk"
        disk.mkdir(parents=True)
        run_file = write_run_file(out, f'file = "{disk}/state.h5"\nevery = 5\nkeep = 100{more}', "deterministic = true\n" * (ml > 0))
        if ml:
            text = run_file.read_text().replace("warmup    = 16000", "warmup    = 500")
            run_file.write_text(text)
        result = job.run(command(out, run_file, 60, ranks=simulation, ml=ml, prefix=in_disk(disk, size)), 100, out)
        failures, counted = said(result, "was not written"), said(result, "more checkpoints were not written")
        reasons = {re.search(r"was not written \((.*)\); ", line)[1] for line in failures}
        job.demand(failures and len(reasons) == len(failures), "each reason is to be said once", result)
        job.demand(all("No space left on device" in reason for reason in reasons), "the reason is another one", result)
        job.demand(all(f"{disk}/state.0000" in line for line in failures), "the file has no name", result)
        kept = out / "disk.kept"
        whole = numbered(kept)
        missing = len(failures) + sum(int(re.search(r"(\d+) more", line)[1]) for line in counted)
        job.demand(len(whole) + missing == 12, f"{len(whole)} files and {missing} failures are not 12", result)
        job.demand(all(verify(path) for path in whole), f"a file of {kept} is damaged", result)
        expect_tidy(kept)
        job.demand(result.status == 1, "the newest checkpoint is missing: the status is to be 1", result)
        job.demand("signal" not in result.err, "a rank crashed", result)
        job.demand((out / "inner.h5").exists(), "the simulation did not end", result)
        counts.append(len(whole))
    job.demand(max(counts) > 0, f"no disk held a checkpoint: {counts}")
    print(f"disks of {', '.join(sizes)} held {counts} of 12 checkpoints")


def unwritable(folder, _):
    (folder / "file").write_text("no folder")
    for path in ("file/state.h5", "missing/state.h5"):
        run_file = write_run_file(folder, f'file = "{folder}/{path}"\nevery = 5')
        begin = time.monotonic()
        result = job.run(command(folder, run_file, 100000), 30, folder)
        job.demand(result.status == 1 and time.monotonic() - begin < 5, "it is to end at once, with 1", result)
        notices = result.notices()
        job.demand(len(notices) == 1 and f'file = "{folder}/{path}"' in notices[0] and
                   f"{run_file}:" in notices[0],
                   "one message is to name the key and its line", result)
    print("a file for a folder, and a missing one: one message each")


def interrupted(folder, run_file, number, to_ranks, *more):
    """Runs until two checkpoints are there, then sends a signal to mpirun or to its ranks."""
    words = [str(word) for word in command(folder, run_file, 100000, *more)]
    with open(folder / "out", "w+", encoding="utf-8") as out, open(folder / "err", "w+", encoding="utf-8") as err:
        begin = time.monotonic()
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd=folder,
                                   preexec_fn=job.die_with_parent)
        try:
            while len(numbered(folder)) < 2 and time.monotonic() - begin < 60 and process.poll() is None:
                time.sleep(0.05)
            targets = [process.pid]
            if to_ranks:
                with open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="utf-8") as children:
                    targets = [int(child) for child in children.read().split()]
            for target in targets:
                os.kill(target, number)
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
        out.seek(0)
        err.seek(0)
        return job.Result(words, process.wait(), out.read(), err.read(), time.monotonic() - begin)


def signals(folder, _):
    for number, to_ranks in ((signal.SIGUSR1, False), (signal.SIGTERM, True)):
        out = folder / number.name
        out.mkdir()
        run_file = write_run_file(out, 'file = "state.h5"\nevery = 5\nsignals = ["SIGTERM", "SIGUSR1"]')
        result = interrupted(out, run_file, number, to_ranks)
        stops = said(result, f"({number.name})")
        job.demand(result.status == 0 and len(stops) == 1, f"{number.name} is to end the run with 0, and a notice", result)
        done = int(re.search(r"stops after step (\d+)", stops[0])[1])
        job.demand("--restart latest" in stops[0] and verify(numbered(out)[-1]), "the last checkpoint is missing", result)
        expect_left = [path.name for path in out.iterdir() if ".part" in path.name or ".writing" in path.name]
        job.demand(not expect_left, f"left behind: {expect_left}")
        result = job.run(command(out, run_file, done + 10, "--restart", "latest"), 60, out)
        job.demand(result.status == 0 and said(result, f"{done} steps are done"), "it does not go on", result)
        job.demand(state(out) == alone(folder / f"alone-{number.name}", done + 10), "the states differ", result)
        print(f"{number.name}: stopped after step {done}, went on to the same state")
    out = folder / "without"
    out.mkdir()
    result = interrupted(out, write_run_file(out, 'file = "state.h5"\nevery = 5'), signal.SIGUSR1, True)
    job.demand(result.status != 0 and not said(result, "stops after"), "without `signals` it is to end the run", result)


def limits(folder, _):
    run_file = write_run_file(folder, 'file = "state.h5"\nlimit = "2 s"\ninterval = "0.3 s"\nkeep = 100')
    result = job.run(command(folder, run_file, 100000), 60, folder)
    job.demand(result.status == 0 and len(said(result, "the limit of 2 s")) == 1, "it is to stop by itself", result)
    files = numbered(folder)
    job.demand(3 <= len(files) <= 8, f"{len(files)} checkpoints in 2 s, one each 0.3 s", result)
    job.demand(all(verify(path) for path in files), "a file is damaged")
    print(f"{len(files)} checkpoints in 2 s")


def damaged(folder, _):
    run_file = write_run_file(folder, 'file = "state.h5"\nevery = 5\nkeep = 10')
    job.demand(job.run(command(folder, run_file, 20), 60, folder).status == 0, "the run failed")
    files = numbered(folder)
    job.demand(len(files) == 4, f"4 files were to be there: {files}")
    whole = state(folder)
    # One with a changed byte of a field, one cut short.
    content = bytearray(files[-1].read_bytes())
    field = content.find(dataset(files[-1], "fields/state"))
    job.demand(field > 0, "the field is not one piece of the file")
    content[field + 100] ^= 4
    files[-1].write_bytes(content)
    files[-2].write_bytes(files[-2].read_bytes()[:3000])
    for path in files[-2:]:
        job.demand(not verify(path), f"cardan verify finds nothing wrong with {path}")
    result = job.run(command(folder, run_file, 20, "--restart", "latest"), 60, folder)
    job.demand(result.status == 0 and said(result, "10 steps are done"), "the third newest was to be taken", result)
    for path in files[-2:]:
        job.demand(len(said(result, path.name)) == 1, f"{path} is to be named once", result)
    job.demand(state(folder) == whole, "the states differ", result)
    for path in numbered(folder):
        path.write_bytes(b"nothing")
    result = job.run(command(folder, run_file, 20, "--restart", "latest"), 60, folder)
    job.demand(result.status == 1 and len(said(result, "no checkpoint of")) == 1, "all are damaged: an error", result)
    # Nothing of what there was is lost.
    job.demand(all(path.exists() for path in files), "a file is gone")
    print("two damaged files were passed over, four are an error")


def other_problem(folder, _):
    run_file = write_run_file(folder, 'file = "state.h5"\nevery = 5\nkeep = 10')
    job.demand(job.run(command(folder, run_file, 20), 60, folder).status == 0, "the run failed")
    files = numbered(folder)
    before = [path.read_bytes() for path in files]
    result = job.run(command(folder, run_file, 20, "--restart", files[-1], grid=16), 60, folder)
    notices = [line for line in result.notices() if "error" in line or "state" in line]
    job.demand(result.status == 1 and any("12" in line and "16" in line for line in notices),
               "an error is to name both shapes", result)
    job.demand([path.read_bytes() for path in files] == before, "the files are not what they were")
    # The seed of the checkpoint's run made its state; that of the run file is for what begins anew.
    whole = state(folder)
    run_file.write_text(run_file.read_text().replace("seed = 1\n", "seed = 2\n"))
    result = job.run(command(folder, run_file, 20, "--restart", files[1]), 60, folder)
    job.demand(result.status == 0 and state(folder) == whole, "a run without chance depends on the seed", result)
    print(f"another grid: {notices[0]}")


TESTS = {"full-disk": full_disk, "full-disk-compressed": full_disk_compressed, "unwritable": unwritable, "signals": signals, "limits": limits, "damaged": damaged,
         "other-problem": other_problem}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mpirun", required=True)
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("test", choices=TESTS)
    parser.add_argument("words", nargs="*")
    parser.parse_args(namespace=OPTIONS)
    job.main(lambda folder: TESTS[OPTIONS.test](folder, OPTIONS.words))


if __name__ == "__main__":
    main()
