"""The miniapp twin: twin.py [options] TEST ARGUMENT...

  summary        summary.json says what it promises, and the errors of published filters are right
  same-result    1, 2 and 3 asset ranks and 1 and 2 twin ranks give the same bits; another seed does not
  network        the network lowers the filter's forecast error; with its gate shut the bits are the filter's alone
  misses         an answer by no deadline: counted and done without, or the end of the run, as the run file says
  faults         observations that are dropped or late are counted, and do not stop the twin
  realtime       the clock paces the asset, and says so
  regime         a change of the asset's forcing is seen, and recovered from
  control        the mean energy is steered towards its set point
  bad-input      what a user gets wrong is said in one line, and the status is not 0
"""
import argparse
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "support"))
import job  # noqa: E402

LIMIT = 50
# The published setting: 24 members without localisation.
STANDARD = ["--asset", "one_scale", "--filter", "sqrt", "--members", "24", "--inflation", "1.02"]
FILTER = [*STANDARD, "--method", "filter", "--seeds", "1"]
QUICK = [*FILTER, "--cycles", "200"]


def launch(options, ranks, folder, arguments, changes=()):
    text = (options.source / "miniapps/twin/twin.toml").read_text()
    for old, new in changes:
        job.demand(old in text, f"twin.toml has no '{old}'")
        text = text.replace(old, new)
    folder.parent.mkdir(exist_ok=True)
    run_file = folder.parent / f"{folder.name}.toml"
    run_file.write_text(text)
    command = [*options.mpirun.split(), "-n", ranks, options.bin / "twin", "--no-pictures", "--out", folder, *arguments,
               run_file]
    return job.run(command, LIMIT, folder.parent)


def summary_of(options, ranks, folder, arguments, changes=()):
    result = launch(options, ranks, folder, arguments, changes)
    job.demand(result.status == 0, "the run failed", result)
    return json.loads((folder / "summary.json").read_text())


def in_filter(line):
    """Puts a line into [twin.filter]."""
    return [('[twin.filter]\nkind = "lorenz96"\n', f'[twin.filter]\nkind = "lorenz96"\n{line}\n')]


def check_method(name, method, seeds, cycles):
    for what in ("analysis", "forecast"):
        values = method[what]["by_seed"]
        job.demand(len(values) == seeds, f"{name}: {what} of {values}")
        job.demand(abs(method[f"{what}_rmse"] - sum(values) / seeds) < 1e-12, f"{name}: {what} {method}")
    job.demand(method["deadline_misses"] == 0, f"{name}: {method['deadline_misses']} deadlines missed")
    job.demand(method["counters"]["cycles"] == method["counters"]["on_time"] == seeds * cycles, f"{name}: {method}")
    latency = method["latency_us"]
    job.demand(latency["count"] == seeds * cycles and 0 < latency["p50"] <= latency["p99"] <= latency["max"],
               f"{name}: {latency}")
    job.demand(0 < method["work_us"]["p50"] <= latency["max"], f"{name}: {method['work_us']}")
    job.demand(method["age_cycles"] == {"mean": 0, "max": 0}, f"{name}: {method['age_cycles']}")


def summary(options, folder):
    arguments = [*STANDARD, "--cycles", "1200", "--seeds", "1"]
    for method in ("climatology", "oi", "3dvar", "filter"):
        arguments += ["--method", method]
    out = summary_of(options, 2, folder / "out", arguments, [("background = 0.05", "background = 0.02")])
    job.demand(list(out["methods"]) == ["3dvar", "climatology", "filter", "oi"], f"methods {list(out['methods'])}")
    for name, method in out["methods"].items():
        check_method(name, method, 1, 1200)
    # 900 cycles: more spread than the published 2,000 to 100,000 cycles have.
    for name, published, tolerance in (("climatology", 3.6, 0.15), ("oi", 0.95, 0.05), ("3dvar", 0.41, 0.06),
                                       ("filter", 0.18, 0.03)):
        error = out["methods"][name]["analysis_rmse"]
        job.demand(abs(error - published) < tolerance, f"{name}: analysis RMSE {error}, published {published}")
    for key in ("analysis_rmse", "forecast_rmse", "deadline_misses"):
        job.demand(out[key] == out["methods"]["filter"][key], f"{key} is {out[key]}")
    job.demand(out["method"] == "filter" and out["seeds"] == [1], f"{out['method']} {out['seeds']}")
    job.demand(out["versions"]["cardan"], f"{out['versions']}")
    job.demand((folder / "out/twin.h5").stat().st_size > 0, "no twin.h5")


def errors(out, method="filter"):
    return [out["methods"][method][what]["by_seed"] for what in ("analysis", "forecast")]


def same_result(options, folder):
    # Half of the sites, by spread: what is seen next depends on what came of it before.
    arguments = [*FILTER, "--cycles", "120", "--sites", "20", "--sites-by", "spread"]
    two = [("ml = { count = 1 }", "ml = { count = 2 }")]
    results = [errors(summary_of(options, ranks, folder / str(ranks), arguments)) for ranks in (2, 3, 4)]
    results.append(errors(summary_of(options, 4, folder / "two", arguments, two)))
    job.demand(all(result == results[0] for result in results), f"ranks differ: {results}")
    other = errors(summary_of(options, 2, folder / "other", [*arguments, "--seed", "7"]))
    job.demand(other != results[0], f"another seed gives the same: {other}")


def network(options, folder):
    arguments = ["--cycles", "500", "--seeds", "1", "--method", "filter", "--method", "network", "--method", "shut"]
    out = summary_of(options, 2, folder / "out", arguments)
    job.demand(out["gate_shut_identical"], "with its gate shut the network changes the filter")
    method = out["methods"]["network"]
    job.demand(method["versions"][0] > 0 and method["trusted_share"] > 0.5, f"versions {method['versions']}")
    job.demand(out["methods"]["shut"]["versions"][0] > 0 and out["methods"]["shut"]["trusted_share"] == 0, "the gate is open")
    less = out["network"]["network"]["forecast_rmse_less_by"]["mean"]
    job.demand(less > 0.05, f"the network lowers the forecast error by {less}")
    job.demand(out["method"] == "network" and out["forecast_rmse"] == method["forecast_rmse"], "top level")


def misses(options, folder):
    late = 'deadline = "1 ns"'
    out = summary_of(options, 2, folder / "last", QUICK, in_filter(late))
    method = out["methods"]["filter"]
    job.demand(out["deadline_misses"] == method["counters"]["missed"] == 200, f"{method['counters']}")
    # Nothing was ever taken: zeros against the truth.
    job.demand(3 < method["analysis_rmse"] < 6, f"analysis RMSE {method['analysis_rmse']}")
    out = summary_of(options, 2, folder / "wait", QUICK, in_filter(f'{late}\nlate = "wait"'))
    method = out["methods"]["filter"]
    job.demand(method["counters"]["missed"] == 200 and method["analysis_rmse"] < 0.5, f"wait: {method}")
    result = launch(options, 2, folder / "stop", QUICK, in_filter(f'{late}\nlate = "stop"'))
    job.demand(result.status != 0 and "deadline" in result.err, "a miss does not stop the run", result)


def faults(options, folder):
    whole = summary_of(options, 2, folder / "whole", QUICK)
    out = summary_of(options, 2, folder / "out", [*QUICK, "--dropout", "0.2", "--late", "0.1", "--late-by", "2"])
    counters = out["methods"]["filter"]["counters"]
    job.demand(15 < counters["dropped"] < 70 and 5 < counters["delayed"] < 45, f"{counters}")
    job.demand(whole["analysis_rmse"] < out["analysis_rmse"] < 2, f"{whole['analysis_rmse']} {out['analysis_rmse']}")
    job.demand(out["age_cycles"]["max"] > 0, f"{out['age_cycles']}")


def realtime(options, folder):
    out = summary_of(options, 2, folder / "out", [*QUICK, "--report", "realtime", "--rate", "100"])
    method = out["methods"]["filter"]
    job.demand(out["realtime"] and abs(out["period_ms"] - 10) < 1e-9, f"{out['period_ms']}")
    # The last cycle begins 1.99 s after the first.
    job.demand(1.98 < method["wall_seconds"][0], f"200 cycles took {method['wall_seconds']} s")
    counters = method["counters"]
    job.demand(counters["on_time"] + counters["missed"] == 200 == counters["cycles"], f"{counters}")


def regime(options, folder):
    arguments = [*FILTER, "--cycles", "1000", "--regime", "500:6"]
    out = summary_of(options, 2, folder / "out", arguments)
    job.demand(out["regime"] == {"cycle": 500, "forcing": 6}, f"{out['regime']}")
    recovery = out["recovery"][0]
    job.demand(recovery["peak"] > 1.5 * recovery["before"], f"nothing has happened: {recovery}")
    job.demand(recovery["cycles_to_after"] is not None, f"{recovery}")


def control(options, folder):
    out = summary_of(options, 2, folder / "out", [*STANDARD, "--report", "control", "--cycles", "600", "--seeds", "1"])
    plain, steered = (out["methods"][name]["energy"]["mean"] for name in ("filter", "controlled"))
    job.demand(abs(steered - out["target"]) < 0.5 * abs(plain - out["target"]), f"{plain} {steered} {out['target']}")


def refuse(options, ranks, folder, arguments, message, changes=()):
    result = launch(options, ranks, folder, arguments, changes)
    said = [line for line in result.err.splitlines() if message in line]
    job.demand(result.status != 0, f"{arguments}: status 0", result)
    job.demand(len(said) == 1, f"{arguments}: '{message}' is said {len(said)} times", result)


def bad_input(options, folder):
    for number, (arguments, message) in enumerate((
            (["--filter", "letkv"], "Did you mean 'letkf'?"),
            (["--members", "1"], "--members"),
            (["--sites", "1000"], "1000 sites"),
            (["--regime", "5"], "CYCLE:FORCING"))):
        refuse(options, 2, folder / str(number), arguments, message)
    refuse(options, 2, folder / "key", QUICK, "unknown key 'inflatoin'", [("inflation = 1.2\n", "inflatoin = 1.2\n")])
    refuse(options, 1, folder / "alone", QUICK, "leave none of 1 ranks")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mpirun", required=True)
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("test")
    options = parser.parse_args()
    work = {"summary": summary, "same-result": same_result, "network": network, "misses": misses, "faults": faults,
            "realtime": realtime, "regime": regime, "control": control, "bad-input": bad_input}[options.test]
    job.main(lambda folder: work(options, folder))


main()
