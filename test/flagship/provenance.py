"""What the flagship leaves behind, and its replay: provenance.py [options] TEST ARGUMENT...

  replay SIMULATION ML      a coupled run's log: run.json, decisions, crate; then the run again, by its log, without ML
                            ranks: the same fields, bit for bit
  offline SIMULATION ML     a log is a training set, and a stream that cardan-play plays back
"""
import argparse
import json
import re
import pathlib
import shutil
import sys

import h5py
import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "support"))
sys.path.insert(0, str(pathlib.Path(__file__).parent))
import crate  # noqa: E402
import flagship  # noqa: E402
import job  # noqa: E402

DECISIONS = "\n[decisions]\nanswers = true\nflush = 7\n"
REASONS = ("not_ready", "late", "unsure", "outside", "not_a_number", "out_of_range")


def check_run(folder, text, simulation, ml, outcome):
    """run.json says what the run was."""
    run = json.loads((folder / "run.json").read_text())
    job.demand(run["outcome"] == outcome, f"outcome: {run['outcome']}")
    job.demand(run["start"] <= run["end"] and run["end"].endswith("Z"), f"times: {run['start']} {run['end']}")
    job.demand(run["run_file"]["text"] == text and len(run["run_file"]["sha256"]) == 64, "run file")
    job.demand("inner" in run["command"][0] and "--seed" in run["command"], f"command: {run['command']}")
    job.demand(run["seed"] == flagship.SEED, f"seed: {run['seed']}")
    roles = [rank["role"] for rank in run["ranks"]]
    job.demand(roles.count("simulation") == simulation and len(roles) == simulation + ml, f"roles: {roles}")
    job.demand(run["environment"].get("OMP_NUM_THREADS") == "1", f"environment: {run['environment']}")
    job.demand(run["build"]["cardan"] and run["git"]["commit"], f"build: {run['build']}")
    job.demand(not list(folder.glob("*.part")), "a part of a file is left")
    return run


def check_decisions(folder, summary, simulation):
    with h5py.File(folder / "decisions.h5") as file:
        job.demand(file.attrs["format"] == b"cardan-decisions" and file.attrs["version"] == 1, "format")
        group = file["kinetics"]
        calls = {name: column[()] for name, column in group["calls"].items()}
        versions = {name: column[()] for name, column in group["versions"].items()}
        source, state, advanced = (group[name][()] for name in ("source", "samples/state", "samples/advanced"))
    steps = flagship.STEPS
    job.demand(len(calls["step"]) == steps * simulation, f"{len(calls['step'])} calls")
    job.demand(sorted(zip(calls["rank"], calls["step"])) == [(r, s) for r in range(simulation) for s in range(steps)],
               "every rank has every step once")
    cells = summary["coupled"]["cells"]
    for name in ("asked", "trusted", "observed", *REASONS):
        job.demand(calls[name].sum() == cells[name], f"{name}: {calls[name].sum()}, summary says {cells[name]}")
    job.demand((calls["asked"] == calls["trusted"] + sum(calls[name] for name in REASONS)).all(), "asked")
    job.demand((calls["latency_seconds"] > 0).all(), "latency")
    job.demand(set(calls["version"]) - {0} == set(versions["version"]), "versions of calls are in the table")
    job.demand(len(set(versions["hash"])) == len(versions["hash"]) and (versions["hash"] != 0).all(), "hashes")
    rows = flagship.GRID ** 2 * steps
    job.demand(len(source) == len(state) == len(advanced) == rows == calls["rows"].sum(), f"{len(source)} rows")
    job.demand(sorted(zip(calls["first_row"], calls["first_row"] + calls["rows"]))[-1][1] == rows, "rows of calls")
    job.demand(len(set(calls["first_row"])) == len(calls["first_row"]), "rows of calls overlap")
    job.demand((source == 1).sum() == cells["trusted"] and (source == 2).sum() == cells["observed"], "source")
    job.demand(np.isfinite(state).all() and np.isfinite(advanced).all(), "samples")
    lines = [json.loads(line) for line in (folder / "decisions.jsonl").read_text().splitlines()]
    job.demand(len(lines) == len(calls["step"]), f"{len(lines)} lines")
    for name in ("step", "rank", "trusted", "first_row", "version"):
        job.demand([line[name] for line in lines] == calls[name].tolist(), f"lines: {name}")
    job.demand([int(line["hash"], 16) for line in lines] == calls["hash"].tolist(), "lines: hash")


def replay(options, folder):
    simulation, ml = map(int, options.arguments)
    text = flagship.run_file(folder, ml) + DECISIONS
    (folder / "inner.toml").write_text(text)
    summary, file, result = flagship.inner(options, folder, "run", simulation + ml)
    job.demand(summary["coupled"]["cells"]["trusted"] > 0, "the model was never used", result)
    run = check_run(folder / "run", text, simulation, ml, "completed")
    job.demand(run["ml_library"], "ml_library")
    check_decisions(folder / "run", summary, simulation)
    crate.check(folder / "run", run)

    again, repeated, result = flagship.inner(options, folder, "again", simulation, "--replay", "run/decisions.h5")
    job.demand(again["ml_ranks"] == 0, f"ML ranks: {again}", result)
    job.demand((flagship.state(repeated, "coupled") == flagship.state(file, "coupled")).all(), "the fields differ",
               result)
    for name in ("asked", "trusted", "observed", *REASONS):
        job.demand(again["coupled"]["cells"][name] == summary["coupled"]["cells"][name], f"counter {name}", result)
    for name in ("model_version", "weights_age_steps", "loss", "trusted"):
        one, other = file[f"coupled/steps/{name}"][()], repeated[f"coupled/steps/{name}"][()]
        job.demand(np.array_equal(one, other, equal_nan=True), f"history of {name}: {one} {other}", result)
    record = check_run(folder / "again", text, simulation, 0, "completed")
    job.demand(record["replay"] == "run/decisions.h5" and not (folder / "again/decisions.h5").exists(), "record")

    # What does not fit is said.
    words = [*options.mpirun.split(), "-n", simulation + 1, options.bin / "inner", "inner.toml", "--no-pictures",
             "--grid", flagship.GRID, "--steps", 2, "--seed", flagship.SEED, "--out", "bad"]
    other = job.run([*words, "--replay", "run/decisions.h5"], 60, folder)
    job.demand(other.status != 0 and f"was written by {simulation} simulation ranks" in other.err, "ranks", other)
    words[words.index("-n") + 1] = simulation
    words[words.index("--seed") + 1] = flagship.SEED + 1
    other = job.run([*words, "--replay", "run/decisions.h5"], 60, folder)
    job.demand(other.status != 0 and "Give the same seed" in other.err, "seed", other)
    bad = json.loads((folder / "bad/run.json").read_text())
    job.demand(bad["outcome"].startswith("failed: cannot replay"), f"outcome: {bad['outcome']}")
    other = job.run([*words, "--replay", "run/run.json"], 60, folder)
    job.demand(other.status != 0 and "cannot replay 'run/run.json'" in other.err, "no log", other)

    # A log without answers; a folder that cannot be.
    shutil.rmtree(folder / "run")
    (folder / "inner.toml").write_text(text.replace("answers = true", "answers = false"))
    flagship.inner(options, folder, "run", simulation + ml, steps=3)
    words[words.index("--seed") + 1] = flagship.SEED
    other = job.run([*words, "--replay", "run/decisions.h5"], 60, folder)
    job.demand(other.status != 0 and "answers = true" in other.err, "no answers", other)


def offline(options, folder):
    simulation, ml = map(int, options.arguments)
    text = flagship.run_file(folder, ml)
    (folder / "inner.toml").write_text(text + DECISIONS)
    summary, _, _ = flagship.inner(options, folder, "run", simulation + ml)
    with h5py.File(folder / "run/decisions.h5") as file:
        source = file["kinetics/source"][()]
    rows = int((source != 0).sum())

    # A run that learns from the log first trusts from its beginning what the first one had to learn.
    learned = text.replace("[training.kinetics]", "[training.kinetics]\n"
                           'offline = { file = "run/decisions.h5", group = "kinetics/samples" }')
    (folder / "inner.toml").write_text(learned.replace("quiet = true", "quiet = false"))
    again, _, result = flagship.inner(options, folder, "learned", simulation + ml)
    job.demand("learns from run/decisions.h5 first" in result.err, "nothing was learned from the log", result)
    job.demand(again["coupled"]["cells"]["trusted"] > 0, "the model was never used", result)

    # The log in place of the simulation.
    simulation_table = text[text.index("[inner]"):text.index("[surrogate.kinetics]")]
    played = text.replace(simulation_table, '[source]\nreplay = "run/decisions.h5"\nrepeat = 2\n\n')
    (folder / "play.toml").write_text(played.replace("[run]\n", '[run]\nfolder = "played"\n')
                                      .replace(text[text.index("[ranks]"):text.index("[transport]")], ""))
    words = [*options.mpirun.split(), "-n", simulation + 1, options.bin / "cardan-play", "play.toml",
             ":", "-n", ml, options.bin / "cardan-ml", "play.toml"]
    result = job.run(words, 90, folder)
    job.demand(result.status == 0, "cardan-play failed", result)
    found = re.match(r"kinetics: (\d+) of (\d+) samples trusted \([\d.]+ %\); error of the trusted against the log: "
                     r"root mean square (\S+), largest (\S+)\n", result.out)
    job.demand(found, "cardan-play says nothing", result)
    job.demand(int(found[2]) == 2 * rows, f"{found[2]} samples were played, the log has {rows}", result)
    job.demand(0 < int(found[1]) < int(found[2]) and 0 < float(found[3]) <= float(found[4]) < 1e-2, "answers", result)
    run = json.loads((folder / "played/run.json").read_text())
    job.demand(run["outcome"] == "completed" and (folder / "played/decisions.h5").exists(), "what it leaves behind")

    # Not onto itself.
    (folder / "play.toml").write_text(played.replace("[run]\n", '[run]\nfolder = "run"\n'))
    result = job.run([*options.mpirun.split(), "-n", 2, options.bin / "cardan-play", "play.toml"], 60, folder)
    job.demand(result.status == 1 and "own log would be written over it" in result.err, "onto itself", result)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mpirun", required=True)
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--source", type=pathlib.Path, required=True)
    tests = {"replay": replay, "offline": offline}
    parser.add_argument("test", choices=tests)
    parser.add_argument("arguments", nargs="+")
    options = parser.parse_args()
    job.main(lambda folder: tests[options.test](options, folder))


if __name__ == "__main__":
    main()
