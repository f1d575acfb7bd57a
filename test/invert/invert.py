"""The miniapp invert: invert.py [options] TEST

  summary    summary.json says what it promises, of walks that need no network
  surrogate  with a network, a right and a wrong one: the posterior of a walk without
  design     a stiffness is found whose field, simulated again, is near the wanted one
  alone      without ML ranks chains run on, without a surrogate; and on several simulation ranks
  bad-input  what a user gets wrong is said in one line, and the status is not 0
"""
import argparse
import json
import math
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "support"))
import job  # noqa: E402

LIMIT = 100
PUBLISHED = -228.510844
METHOD_KEYS = ("solves", "solves_before", "steps", "effective_median", "ess_per_solve", "ess_per_second", "gelman_rubin_median",
               "block_log_means", "block_log_deviations", "block_effective")


def launch(options, ranks, folder, arguments, changes=()):
    """The miniapp's own run file, with what the pattern of a change finds replaced."""
    text = (options.source / "miniapps/invert/invert.toml").read_text()
    for old, new in changes:
        text, count = re.subn(old, new, text)
        job.demand(count > 0, f"invert.toml has no '{old}'")
    folder.mkdir(parents=True, exist_ok=True)
    run_file = folder / "run.toml"
    run_file.write_text(text)
    command = [*options.mpirun.split(), "-n", ranks, options.bin / "invert", "--no-pictures", "--out", folder / "out",
               *arguments, run_file]
    return job.run(command, LIMIT, folder)


def summary_of(options, ranks, folder, arguments, changes=()):
    result = launch(options, ranks, folder, arguments, changes)
    job.demand(result.status == 0, "the run failed", result)
    return json.loads((folder / "out/summary.json").read_text())


def check_method(name, method):
    for key in METHOD_KEYS:
        job.demand(key in method, f"{name} has no {key}")
    job.demand(0 < method["solves_before"] < method["solves"], f"{name}: {method['solves_before']} {method['solves']}")
    job.demand(len(method["block_log_means"]) == 64 and all(map(math.isfinite, method["block_log_means"])), name)
    job.demand(math.isclose(method["ess_per_solve"], method["effective_median"] / method["solves"]), f"{name}: {method}")
    job.demand(0 < method["effective_median"] <= method["steps"], f"{name}: {method['effective_median']}")
    job.demand(0 < method["acceptance_exact"] < 1, f"{name}: {method['acceptance_exact']}")


def summary(options, folder):
    arguments = ["--method", "random-walk", "--method", "preconditioned", "--chains", "3", "--steps", "300", "--warmup", "100"]
    out = summary_of(options, 2, folder, arguments)
    job.demand(abs(out["log_likelihood_at_one"] - PUBLISHED) < 1e-4, f"{out['log_likelihood_at_one']}")
    job.demand(list(out["methods"]) == ["preconditioned", "random-walk"], f"{list(out['methods'])}")
    for name, method in out["methods"].items():
        check_method(name, method)
        job.demand(method["chains"] == 3 and method["steps"] == 900, f"{name}: {method['chains']}, {method['steps']}")
        job.demand(method["solves"] >= 3 * 400, f"{name}: {method['solves']} solves")
        job.demand(method["versions"] == 0 and method["acceptance_surrogate"] is None, f"{name} has a surrogate")
    for key in ("ess_per_solve", "block_log_means"):
        job.demand(out[key] == out["methods"][out["method"]][key], key)
    job.demand(out["methods"]["random-walk"]["over_random_walk"] == 1, "the published walk beside itself")
    job.demand((folder / "out/invert.h5").stat().st_size > 0, "no invert.h5")


def surrogate(options, folder):
    arguments = ["--wrong-surrogate", "--method", "surrogate", "--method", "coarse", "--method", "langevin",
                 "--chains", "6", "--steps", "200", "--warmup", "150"]
    out = summary_of(options, 2, folder, arguments, [(r"(?m)^first( *)= \d+", r"first\1= 600"), (r"(?m)^steps( *)= 400\nbatch", r"steps\1= 200\nbatch")])
    job.demand(set(out["methods"]) == {"surrogate", "coarse", "wrong", "langevin"}, f"{list(out['methods'])}")
    for name in ("surrogate", "coarse", "wrong"):
        method = out["methods"][name]
        check_method(name, method)
        job.demand(method["versions"] > 0 and 0 < method["acceptance_surrogate"] < 1, f"{name}: {method}")
        # Each step of a subchain is a coarse solve, and costs a share of an exact one.
        job.demand(method["coarse_solves"] > 20 * method["solves"] and 0 < method["coarse_cost"] < 1, f"{name}: {method}")
        job.demand(0 < method["ess_per_work"] < method["ess_per_solve"], f"{name}: {method}")
    right, wrong = (out["methods"][name]["acceptance_exact"] for name in ("surrogate", "wrong"))
    job.demand(wrong < right, f"a wrong surrogate is accepted as often: {wrong} {right}")
    # Many times what long walks without it have, which is below 0.003.
    job.demand(out["methods"]["surrogate"]["ess_per_solve"] > 0.01, f"{out['methods']['surrogate']['ess_per_solve']}")
    job.demand(len(out["comparisons"]) == 5, f"{out['comparisons']}")
    for one in out["comparisons"]:
        job.demand(len(one["blocks"]) > 10 and one["largest"] < 1.5 * one["bound"], f"{one}")


def design(options, folder):
    out = summary_of(options, 2, folder, ["--mode", "design", "--wanted", "basins", "--chains", "2"])
    found = out["design"]
    job.demand(found["solves"] > 10 and len(found["misfits"]) > 10, f"{found['solves']} solves")
    job.demand(found["misfit"] < 0.01 * found["misfits"][0], f"misfit {found['misfits'][0]} to {found['misfit']}")
    job.demand(found["misfit"] <= min(found["misfits"]) * (1 + 1e-9), f"not the best: {found['misfit']}")
    # What was optimised, and what a finer mesh says of it.
    job.demand(found["rms_32"] < 0.005 and found["rms_128"] < 0.01, f"{found['rms_32']} {found['rms_128']}")
    again = found["rms_32"] ** 2 * 169 / 2 / found["tolerance"] ** 2
    job.demand(abs(again - found["misfit"]) < 1e-6 * (1 + again), f"simulated again: {again}, said: {found['misfit']}")


def alone(options, folder):
    quick = ["--method", "preconditioned", "--chains", "4", "--steps", "60", "--warmup", "40"]
    one = summary_of(options, 1, folder / "one", quick, [("count = 1", "count = 0")])
    job.demand(one["ml_ranks"] == 0 and one["methods"]["preconditioned"]["steps"] >= 240, f"{one['ml_ranks']}")
    three = summary_of(options, 4, folder / "three", quick)
    job.demand(three["simulation_ranks"] == 3 and three["ml_ranks"] == 1, f"{three['simulation_ranks']}")
    job.demand(three["methods"]["preconditioned"]["chains"] == 4, "chains of all ranks")


def bad_input(options, folder):
    for number, (arguments, changes, message) in enumerate((
            (["--method", "surogate"], (), "Did you mean 'surrogate'?"),
            (["--mode", "desing"], (), "Did you mean 'design'?"),
            (["--data", "new"], (), "known: published, regenerated"),
            (["--steps", "1"], (), "--steps = 1 (must be at least 4)"),
            ([], [("identifiable", "identifyable")], "unknown key 'identifyable'"),
            ([], [("prior_deviation = 2.0", "prior_deviation = 0.0")], "must be positive"),
            ([], [(r"inverse\.langevin", "inverse.lngevin")], "has no [inverse.langevin]"))):
        result = launch(options, 2, folder / str(number), arguments, changes)
        said = [line for line in result.err.splitlines() if message in line]
        job.demand(result.status != 0, f"{arguments}: status 0", result)
        job.demand(len(said) == 1, f"{arguments}: '{message}' is said {len(said)} times", result)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mpirun", required=True)
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("test")
    options = parser.parse_args()
    work = {"summary": summary, "surrogate": surrogate, "design": design, "alone": alone, "bad-input": bad_input}[options.test]
    job.main(lambda folder: work(options, folder))


main()
