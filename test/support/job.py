"""Runs a command of a test: with a time limit, in a folder of its own, and with nothing left behind."""
import ctypes
import os
import pathlib
import shlex
import signal
import subprocess
import sys
import tempfile
import time


class Failure(Exception):
    """A test's demand that was not met."""


class Result:
    def __init__(self, command, status, out, err, seconds):
        self.command, self.status, self.out, self.err, self.seconds = command, status, out, err, seconds

    def __str__(self):
        return (f"command: {shlex.join(self.command)}\nstatus {self.status} after {self.seconds:.1f} s\n"
                f"--- standard output\n{self.out}\n--- standard error\n{self.err}")

    def notices(self):
        """The lines that Cardan wrote to standard error."""
        return [line for line in self.err.splitlines() if line.startswith("cardan: ")]


def die_with_parent():
    """The command ends when this process does, however that ends."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def run(command, limit, folder):
    """Runs a command to its end, or for `limit` seconds: that is a failure."""
    command = [str(word) for word in command]
    begin = time.monotonic()
    # Files, not pipes: a rank that outlives its launcher would keep a pipe open.
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd=folder,
                                   preexec_fn=die_with_parent)
        hangs = False
        try:
            process.wait(limit)
        except subprocess.TimeoutExpired:
            hangs = True
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        texts = []
        for file in (out, err):
            file.seek(0)
            # Open MPI 5 ends its own messages with a zero byte, which would stand before the next line.
            texts.append(file.read().replace(b"\0", b"").decode(errors="replace"))
    result = Result(command, process.returncode, *texts, time.monotonic() - begin)
    if hangs:
        raise Failure(f"still running after {limit} s\n{result}")
    return result


def demand(condition, what, result=None):
    if not condition:
        raise Failure(what if result is None else f"{what}\n{result}")


def main(work):
    """Runs `work(folder)` in a folder that is then removed; a failure is told and gives status 1."""
    with tempfile.TemporaryDirectory(prefix="cardan-test-") as folder:
        try:
            work(pathlib.Path(folder))
        except Failure as failure:
            print(f"failed: {failure}", file=sys.stderr)
            sys.exit(1)
