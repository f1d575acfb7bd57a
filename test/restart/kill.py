"""A run that is killed again and again, whenever, goes on from its newest whole checkpoint, and ends as one
that was left alone.

usage: kill.py MPIRUN_WORDS BIN RUN_FILE KILLS [SEED]
"""

import os
import random
import re
import shlex
import signal
import subprocess
import sys
import time

import h5py
import numpy as np

import job

STEPS = 10**8  # no run comes to its end


def write_run_file(source, folder, every):
    """With a checkpoint after each step most of the kills meet one that is being written."""
    with open(source, encoding="utf-8") as file:
        text = file.read()
    text = text.replace("every = 25\n", f"every = {every}\nkeep = 3\n").replace("seed = 1\n", 'seed = 1\ndeadline = "20 s"\n')
    path = os.path.join(folder, "kill.toml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def step_of(path):
    with h5py.File(path, "r") as file:
        return int(file.attrs["step"])


def whole(program, path):
    return subprocess.run([program, "verify", path], stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=60, check=False).returncode == 0


def files_of(folder):
    return sorted(name for name in os.listdir(folder) if re.fullmatch(r"state\.\d{6,}\.h5", name))


def kill_run(command, folder, after):
    """Starts the run, and kills all of it after so many seconds; gives what it said."""
    with open(os.path.join(folder, "log"), "w+", encoding="utf-8") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder,
                                   start_new_session=True)
        try:
            process.wait(after)
            ended = process.returncode
        except subprocess.TimeoutExpired:
            ended = None
        # The ranks are in groups of their own: all of the session's processes.
        subprocess.run(["pkill", "-KILL", "-s", str(process.pid)], check=False)
        process.wait()
        log.seek(0)
        return ended, log.read()


def work(folder):
    mpirun, programs, source, kills = shlex.split(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
    random.seed(int(sys.argv[5]) if len(sys.argv) > 5 else time.time_ns())
    inner, cardan = os.path.join(programs, "inner"), os.path.join(programs, "cardan")
    out = os.path.join(folder, "out")
    os.mkdir(out)
    alone = os.path.join(folder, "alone")
    os.mkdir(alone)
    run_files = {out: write_run_file(source, out, 1), alone: write_run_file(source, alone, 1000)}

    def command(steps, to, *more):
        return [*mpirun, "-n", "2", inner, "--no-ml", "--grid", "12", "--steps", str(steps), "--no-pictures",
                "--out", to, *more, run_files[to]]

    done = 0
    continued = 0
    for number in range(kills):
        ended, said = kill_run(command(STEPS, out, "--restart", "latest"), out, random.uniform(0.25, 1.5))
        job.demand(ended is None, f"run {number} ended by itself with {ended}:\n{said}")
        found = re.search(r"(\d+) steps are done", said)
        if found:
            job.demand(int(found[1]) >= done, f"run {number} went back from step {done} to {found[1]}:\n{said}")
            continued += 1
        files = files_of(out)
        if files:
            newest = os.path.join(out, files[-1])
            job.demand(whole(cardan, newest), f"after kill {number} {newest} has its name and is not whole")
            done = step_of(newest)
    print(f"{kills} kills, {continued} runs went on from a checkpoint, {done} steps are done")
    job.demand(continued > kills / 4, "too few runs came as far as to go on: nothing was tested")

    steps = done + 20
    for to, more in ((out, ("--restart", "latest")), (alone, ())):
        result = job.run(command(steps, to, *more), 240, folder)
        job.demand(result.status == 0, "a run that was not killed failed", result)
    states = []
    for to in ("out", "alone"):
        with h5py.File(os.path.join(folder, to, "inner.h5"), "r") as file:
            states.append(file["solver/final/state"][...])
    job.demand(states[0].tobytes() == states[1].tobytes(),
               f"the states differ by {np.abs(states[0] - states[1]).max()}")
    leftover = [name for name in os.listdir(out) if ".part" in name or ".writing" in name]
    job.demand(not leftover, f"left behind: {leftover}")


if __name__ == "__main__":
    signal.alarm(560)
    job.main(work)
