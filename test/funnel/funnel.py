"""The miniapp funnel: funnel.py [options] TEST

  summary        summary.json says what it promises, with and without ranks that move; labels are in their brackets
  no-ml          without ML ranks coarse solves alone choose what is solved finely; a kept truth is read again
  bad-input      what a user gets wrong is said in one line, and the status is not 0
"""
import argparse
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "support"))
import job  # noqa: E402

LIMIT = 100
STAGES = ["guess", "coarse16", "coarse32", "fine"]


def launch(options, ranks, folder, arguments, changes=()):
    text = (options.source / "miniapps/funnel/funnel.toml").read_text()
    for old, new in changes:
        job.demand(old in text, f"funnel.toml has no '{old}'")
        text = text.replace(old, new)
    folder.parent.mkdir(exist_ok=True)
    run_file = folder.parent / f"{folder.name}.toml"
    run_file.write_text(text)
    command = [*options.mpirun.split(), "-n", ranks, options.bin / "funnel", "--no-pictures", "--out", folder, *arguments,
               run_file]
    return job.run(command, LIMIT, folder.parent)


def summary_of(options, ranks, folder, arguments, changes=()):
    result = launch(options, ranks, folder, arguments, changes)
    job.demand(result.status == 0, "the run failed", result)
    return json.loads((folder / "summary.json").read_text())


def check_run(run, candidates, solves, ranks):
    job.demand(run["fine_solves"] == run["finished"] == solves, f"fine solves: {run['fine_solves']}, {run['finished']}")
    job.demand(run["outside_bracket"] == 0, f"{run['outside_bracket']} labels outside their bracket")
    stages = {stage["name"]: stage for stage in run["stages"]}
    job.demand(list(stages) == STAGES, f"stages {list(stages)}")
    entered = [stages[name]["entered"] for name in STAGES]
    job.demand(entered[0] == candidates and entered[-1] == solves and entered == sorted(entered, reverse=True), f"{entered}")
    for before, after in zip(STAGES, STAGES[1:]):
        job.demand(stages[before]["promoted"] >= stages[after]["entered"], f"{before} to {after}: {stages}")
    for stage in stages.values():
        job.demand(stage["failed"] == 0 and stage["busy_seconds"] > 0 and stage["idle_seconds"] >= 0, f"{stage}")
        job.demand(0 <= stage["fewest_ranks"] <= stage["most_ranks"] <= ranks, f"{stage}")
    job.demand(0 < run["busy_fraction"] <= 1 and 0 < run["cost_fraction"] < 1, f"{run}")
    # Of 3 that are looked for among 300: a pipeline that promotes at random finds them in one run of 300.
    job.demand(run["best"] == 3 and run["recall_top1"] > 0.6, f"recall {run['recall_top1']}")
    job.demand(abs(run["enrichment"] - run["recall_top1"] * candidates / solves) < 1e-9, f"{run['enrichment']}")
    job.demand(run["strategies"]["exhaustive"]["cost_fraction_of_recall_95"] <= 1, f"{run['strategies']}")
    job.demand(0 < run["time_to_first_hit"] <= run["time_to_last_hit"] <= run["wall_seconds"], f"{run}")


def summary(options, folder):
    out = summary_of(options, 3, folder / "out", ["--candidates", "300", "--solves", "0.1", "--report", "resplit"],
                     [("warmup = 256", "warmup = 100"), ("first  = 40", "first  = 20"), ("steps  = 40", "steps  = 10")])
    job.demand([run["ranks"] for run in out["runs"]] == ["move", "stay"], f"{[run['ranks'] for run in out['runs']]}")
    for run in out["runs"]:
        check_run(run, 300, 30, 2)
        job.demand(run["versions"] > 0, "the network has learned nothing")
    job.demand(out["recall_top1"] == out["runs"][0]["recall_top1"], "recall at the top")
    job.demand(out["busy_fraction_fixed"] == out["runs"][1]["busy_fraction"], "busy fraction of ranks that stay")
    job.demand(out["outside_bracket"] == 0 and out["seeds"] == [1], f"{out['outside_bracket']} {out['seeds']}")
    job.demand((folder / "out/funnel.h5").stat().st_size > 0, "no funnel.h5")


def no_ml(options, folder):
    none = [("ml = { count = 1 }", "ml = { count = 0 }")]
    arguments = ["--candidates", "60", "--solves", "0.2", "--truth", folder / "truth", "--contrast", "1000"]
    out = summary_of(options, 2, folder / "out", arguments, none)
    run = out["runs"][0]
    job.demand(run["finished"] == run["fine_solves"] == 12 and run["recall_top1"] == 1, f"{run['finished']} {run}")
    job.demand(run["outside_bracket"] == 0 and not run["truth_was_kept"], f"{run}")
    kept = list((folder / "truth").iterdir())
    job.demand(len(kept) == 1, f"{kept}")
    again = summary_of(options, 1, folder / "again", arguments, none)["runs"][0]
    job.demand(again["truth_was_kept"] and again["recall_top1"] == 1, f"{again}")
    job.demand(again["exhaustive_seconds"] == run["exhaustive_seconds"], "another truth")


def refuse(options, folder, arguments, message, changes=()):
    result = launch(options, 2, folder, arguments, changes)
    said = [line for line in result.err.splitlines() if message in line]
    job.demand(result.status != 0, f"{arguments}: status 0", result)
    job.demand(len(said) == 1, f"{arguments}: '{message}' is said {len(said)} times", result)


def bad_input(options, folder):
    for number, (arguments, message) in enumerate((
            (["--contrast", "1"], "--contrast = 1 (must be above 1"),
            (["--report", "seed"], "Did you mean 'seeds'?"),
            (["--fraction", "0.5", "0.2"], "the least one first"))):
        refuse(options, folder / str(number), arguments, message)
    refuse(options, folder / "key", [], "unknown key 'lenght'", [("length   =", "lenght   =")])
    refuse(options, folder / "size", [], "must be a multiple of 32", [("size     = 64", "size     = 48")])
    refuse(options, folder / "stage", ["--candidates", "20"], "stage 'coarse24'", [("coarse16", "coarse24")])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mpirun", required=True)
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("test")
    options = parser.parse_args()
    work = {"summary": summary, "no-ml": no_ml, "bad-input": bad_input}[options.test]
    job.main(lambda folder: work(options, folder))


main()
