"""The miniapp reduce: reduce.py [options] TEST ARGUMENT...

  summary                   summary.json says what it promises, of all reports that need no training
  bound SYSTEM ENCODER...   the receiver finds no number beyond the bound, down to 1e-12 of the range
  any-ranks                 1, 2 and 3 simulation ranks end with the same bits in every field
  beside                    with cardan-ml beside: one run works, and several are refused
  bad-input                 what a user gets wrong is said in one line, and the status is not 0
"""
import argparse
import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "support"))
import job  # noqa: E402

LIMIT = 90
# Keys of a run that is over in seconds.
QUICK = {"size": "32", "warmup": "200", "puts": "2", "interval": "20", "lessons": "2", "lesson_stride": "20",
         "steps": "100", "stride": "50", "repetitions": "2", "drift_puts": "4", "drift_stride": "20"}


def run_file(options, folder, **keys):
    """The miniapp's own, with other values of keys that have a line of their own."""
    text = (options.source / "miniapps/reduce/reduce.toml").read_text()
    for key, value in {**QUICK, **keys}.items():
        text, count = re.subn(rf"(?m)^{key}(\s*)=.*$", rf"{key}\g<1>= {value}", text)
        job.demand(count > 0, f"reduce.toml has no {key}")
    path = folder / "run.toml"
    path.write_text(text)
    return path


def launch(options, ranks, folder, arguments, beside=(), **keys):
    folder.mkdir(parents=True, exist_ok=True)
    file = run_file(options, folder, **keys)
    command = [*options.mpirun.split(), "-n", ranks, options.bin / "reduce", "--no-pictures", "--out", folder / "out",
               *arguments, file]
    return job.run([*command, *([":", "-n", 1, options.bin / "cardan-ml", file] if beside else [])], LIMIT, folder)


def summary_of(options, ranks, folder, arguments, **keys):
    result = launch(options, ranks, folder, arguments, **keys)
    job.demand(result.status == 0, "the run failed", result)
    return json.loads((folder / "out/summary.json").read_text())


def check_points(points, bounds, name):
    job.demand([point["eps"] for point in points] == bounds, f"{name}: {points}")
    for point in points:
        judged = point["judged"]
        # Two ranks, two puts, two species.
        job.demand(judged["puts"] == 4 and judged["numbers"] > 0, f"{name}: {judged}")
        job.demand(judged["beyond"] == 0 and judged["mismatched"] == 0, f"{name}: {point}")
        job.demand(0 < judged["max_error"] <= point["bound"], f"{name}: {point}")
        job.demand(judged["rms_error"] <= judged["max_error"] <= point["max_error"] * (1 + 1e-12), f"{name}: {point}")
        job.demand(abs(point["bits_per_number"] * point["ratio"] - 64) < 1e-9, f"{name}: {point}")


def summary(options, folder, _):
    out = summary_of(options, 3, folder, [], encoders='["none", "svd"]')
    for key in ("ratio", "max_error", "bound", "step_cost_fraction"):
        job.demand(out[key] > 0, f"{key} = {out[key]}")
    job.demand(out["max_error"] <= out["bound"] == 1e-3 and out["encoder"] == "svd", f"{out['max_error']} {out['bound']}")
    job.demand(out["beyond"] == 0 and out["mismatched"] == 0, f"beyond {out['beyond']}, mismatched {out['mismatched']}")
    job.demand(set(out["encoders"]) == {"none", "svd"}, f"{list(out['encoders'])}")
    for name, encoder in out["encoders"].items():
        check_points(encoder["rate"], [1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6], name)
        check_points(encoder["bound"], [1e-9, 1e-12], name)
        bits = [point["bits_per_number"] for point in encoder["rate"]]
        job.demand(bits == sorted(bits), f"{name}: fewer bits for a smaller bound: {bits}")
    job.demand(len(out["encoders"]["svd"]["equal_bytes"]) == 6, "comparisons")
    job.demand(out["encoders"]["svd"]["drift"]["retrained"]["encoders"] > 0, "nothing was fitted again")
    job.demand(len(out["cost"]["fractions"]) == 2 and out["cost"]["fraction"] == out["step_cost_fraction"], f"{out['cost']}")
    job.demand((folder / "out/reduce.h5").stat().st_size > 0, "no reduce.h5")


def bound(options, folder, arguments):
    system, *encoders = arguments
    bounds = [1e-3, 1e-12] if "conv" in encoders else [1e-3, 1e-6, 1e-12]
    out = summary_of(options, 3, folder, ["--report", "bound", "--system", system, "--size", "16" if "3d" in system else "32"],
                     encoders=json.dumps(encoders), bound_eps=json.dumps(bounds), warmup="100", first="20", every="64")
    job.demand(set(out["encoders"]) == set(encoders), f"{list(out['encoders'])}")
    for name, encoder in out["encoders"].items():
        check_points(encoder["bound"], bounds, name)


def last_fields(folder):
    import h5py
    with h5py.File(folder / "out/reduce.h5", "r") as file:
        return file["fields/last"][...].tobytes()


def any_ranks(options, folder, _):
    try:
        import h5py  # noqa: F401
    except ImportError:
        sys.exit(77)
    # The last run is one of drift: through a change of parameters.
    fields = []
    for ranks in (2, 3, 4):
        place = folder / str(ranks)
        out = summary_of(options, ranks, place, ["--report", "drift", "--encoder", "none"])
        job.demand(out["simulation_ranks"] == ranks - 1, f"{out['simulation_ranks']} simulation ranks")
        fields.append(last_fields(place))
    job.demand(fields[0] == fields[1] == fields[2], "ranks differ")


def beside(options, folder, _):
    result = launch(options, 2, folder / "one", ["--report", "cost"], beside=True, repetitions="1")
    job.demand(result.status == 0, "the run failed", result)
    out = json.loads((folder / "one/out/summary.json").read_text())
    job.demand(out["simulation_ranks"] == 2 and out["ratio"] > 1, f"{out}")
    refuse(options, 2, folder / "several", ["--report", "cost"], "cardan-ml serves one run", beside=True)


def refuse(options, ranks, folder, arguments, message, beside=()):
    result = launch(options, ranks, folder, arguments, beside)
    said = [line for line in result.err.splitlines() if message in line]
    job.demand(result.status != 0, f"{arguments}: status 0", result)
    job.demand(len(said) == 1, f"{arguments}: '{message}' is said {len(said)} times", result)


def bad_input(options, folder, _):
    for number, (arguments, message) in enumerate((
            (["--system", "grey-scott"], "Did you mean 'gray-scott'?"),
            (["--encoder", "pca"], "known: none, svd, linear, conv"),
            (["--report", "rates"], "Did you mean 'rate'?"),
            (["--eps", "0"], "--eps"),
            (["--block", "8", "8", "8"], "block = 8 8 8"),
            (["--stride", "1000"], "--stride"),
            (["--steps", "-5"], "must be positive"))):
        refuse(options, 2, folder / str(number), arguments, message)
    refuse(options, 1, folder / "alone", ["--report", "cost"], "leave none of 1 ranks")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mpirun", required=True)
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("test")
    parser.add_argument("arguments", nargs="*")
    options = parser.parse_args()
    work = {"summary": summary, "bound": bound, "any-ranks": any_ranks, "beside": beside,
            "bad-input": bad_input}[options.test]
    job.main(lambda folder: work(options, folder, options.arguments))


main()
