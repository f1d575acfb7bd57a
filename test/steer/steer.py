"""The miniapp steer: steer.py [options] TEST ARGUMENT...

  summary METHOD...       summary.json says what it promises, of these methods and of independent walkers
  same-result METHOD      in rounds, the same states are found at the same times by 1, 2 and 3 simulation ranks
  no-ml                   independent walkers, on 1, 2 and 3 ranks, the same on all
  censored                a run whose budget is spent has no coverage time, and neither has the median of such runs
  asynchronous            walkers that wait for nobody, on 2 simulation ranks
  beside                  with cardan-ml beside: one run works, and several are refused
  bad-input               what a user gets wrong is said in one line, and the status is not 0
"""
import argparse
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "support"))
import job  # noqa: E402

# A temperature at which states are soon found.
QUICK = ["--temperature", "0.2", "--members", "6", "--no-pictures"]
LIMIT = 50


def launch(options, ranks, folder, arguments, beside=()):
    command = [*options.mpirun.split(), "-n", ranks, options.bin / "steer", "--out", folder, *arguments,
               options.source / "miniapps/steer/steer.toml", *beside]
    return job.run(command, LIMIT, folder.parent)


def summary_of(options, ranks, folder, arguments, beside=()):
    result = launch(options, ranks, folder, arguments, beside)
    job.demand(result.status == 0, "the run failed", result)
    return json.loads((folder / "summary.json").read_text())


def check_method(name, method, seeds, states):
    job.demand(len(method["coverage_time"]) == seeds, f"{name}: {method['coverage_time']}")
    median = sorted(float("inf") if time is None else time for time in method["coverage_time"])[seeds // 2]
    job.demand(method["median_coverage_time"] == (None if median == float("inf") else median), f"{name}: median")
    job.demand(set(method["populations"]) == set(states), f"{name}: populations of {list(method['populations'])}")
    shares = method["populations"].values()
    job.demand(all(0 <= share <= 1 for share in shares) and 0 < sum(shares) < 1 + 1e-9, f"{name}: {method['populations']}")
    latency = method["decision_latency_us"]
    if name == "independent":
        job.demand(latency is None, f"{name}: latency {latency}")
        return
    spread = method["decision_latency_us_spread"]
    job.demand(latency > 0 and spread["median"] == latency, f"{name}: latency {latency} {spread}")
    job.demand(spread["p5"] <= spread["median"] <= spread["p95"], f"{name}: {spread}")
    job.demand(method["work_us"]["median"] <= spread["p95"], f"{name}: work {method['work_us']}")
    job.demand(method["counters"]["restarted"] > 0, f"{name}: nothing was restarted: {method['counters']}")
    job.demand(method["counters"]["missing"] == 0, f"{name}: {method['counters']}")


def summary(options, folder, methods):
    arguments = [*QUICK, "--seeds", "3", "--budget", "4000"]
    for method in [*methods, "independent"]:
        arguments += ["--method", method]
    out = summary_of(options, 3, folder / "out", arguments)
    job.demand(set(out["methods"]) == {*methods, "independent"}, f"methods {list(out['methods'])}")
    job.demand(len(out["states"]) == 7 and out["seeds"] == [1, 2, 3], f"{out['states']} {out['seeds']}")
    for name, method in out["methods"].items():
        check_method(name, method, 3, out["states"])
    job.demand((folder / "out/steer.h5").stat().st_size > 0, "no steer.h5")


def found(out, name):
    method = out["methods"][name]
    return [method[key] for key in ("coverage_time", "states_found", "simulated_time")]


def same_result(options, folder, methods):
    # A budget that also ends a run, so that more than the first rounds are compared.
    arguments = [*QUICK, "--method", methods[0], "--seeds", "2", "--budget", "1500", "--barrier"]
    results = [found(summary_of(options, ranks, folder / str(ranks), arguments), methods[0]) for ranks in (2, 3, 4)]
    job.demand(results[0] == results[1] == results[2], f"1, 2 and 3 simulation ranks differ: {results}")
    other = found(summary_of(options, 2, folder / "other", [*arguments, "--seed", "7"]), methods[0])
    job.demand(other != results[0], f"another seed gives the same: {other}")


def no_ml(options, folder, _):
    arguments = [*QUICK, "--no-ml", "--seeds", "3", "--budget", "4000"]
    outs = [summary_of(options, ranks, folder / str(ranks), arguments) for ranks in (1, 2, 3)]
    for ranks, out in zip((1, 2, 3), outs):
        job.demand(list(out["methods"]) == ["independent"], f"methods {list(out['methods'])}")
        check_method("independent", out["methods"]["independent"], 3, out["states"])
        job.demand(out["methods"]["independent"]["simulation_ranks"] == ranks, "a rank does not simulate")
    results = [found(out, "independent") for out in outs]
    job.demand(results[0] == results[1] == results[2], f"ranks differ: {results}")


def censored(options, folder, _):
    # The labels of the ground state, in less time than an atom needs to come to the middle.
    arguments = ["--no-pictures", "--method", "knn", "--seeds", "3", "--temperature", "0.1", "--budget", "96"]
    out = summary_of(options, 3, folder / "out", arguments)
    method = out["methods"]["knn"]
    job.demand(method["coverage_time"] == [None] * 3 and method["median_coverage_time"] is None, f"{method}")
    job.demand(method["simulated_time"] == [96.0] * 3, f"simulated time {method['simulated_time']}")


def asynchronous(options, folder, _):
    arguments = [*QUICK, "--async", "--method", "knn", "--budget", "3000"]
    out = summary_of(options, 3, folder / "out", arguments)
    method = out["methods"]["knn"]
    check_method("knn", method, 1, out["states"])
    job.demand(not method["barrier"] and method["simulated_time"][0] <= 3000, f"{method['simulated_time']}")
    if method["coverage_time"][0] is not None:
        job.demand(method["coverage_time"][0] <= method["simulated_time"][0], "covered after the end")


def beside(options, folder, _):
    ml = [":", "-n", 1, options.bin / "cardan-ml", options.source / "miniapps/steer/steer.toml"]
    out = summary_of(options, 2, folder / "one", [*QUICK, "--method", "knn", "--budget", "500"], ml)
    job.demand(out["methods"]["knn"]["simulation_ranks"] == 2, "ranks")
    refuse(options, 2, folder / "several", [*QUICK, "--method", "knn", "--seeds", "2"], "cardan-ml serves one run", ml)


def refuse(options, ranks, folder, arguments, message, beside=()):
    result = launch(options, ranks, folder, arguments, beside)
    said = [line for line in result.err.splitlines() if message in line]
    job.demand(result.status != 0, f"{arguments}: status 0", result)
    job.demand(len(said) == 1, f"{arguments}: '{message}' is said {len(said)} times", result)


def bad_input(options, folder, _):
    for number, (arguments, message) in enumerate((
            (["--system", "lj8"], "lj8"),
            (["--target", "colours"], "colours"),
            (["--method", "noveltie"], "Did you mean 'novelty'?"),
            (["--report", "temprature"], "Did you mean 'temperature'?"),
            (["--temperature", "-1"], "must be positive"),
            (["--budget", "0"], "must be positive"),
            (["--seeds", "0"], "--seeds"),
            (["--members", "0"], "--members"),
            (["--uneven", "0.5"], "--uneven"),
            (["--barrier", "--async"], "excludes"),
            (["--no-ml", "--method", "knn"], "excludes"))):
        refuse(options, 2, folder / str(number), arguments, message)
    refuse(options, 1, folder / "alone", ["--method", "knn"], "leave none of 1 ranks")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mpirun", required=True)
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("test")
    parser.add_argument("arguments", nargs="*")
    options = parser.parse_args()
    work = {"summary": summary, "same-result": same_result, "no-ml": no_ml, "censored": censored,
            "asynchronous": asynchronous, "beside": beside, "bad-input": bad_input}[options.test]
    job.main(lambda folder: work(options, folder, options.arguments))


main()
