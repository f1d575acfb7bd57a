"""The spin task of the miniapp adapt: spin.py [options] TEST

  ranks      flips find the same, to the last bit, on 1, 2, 3 and 5 ranks
  network    a network that goes on learning: repeated it finds the same, nothing is below the exact optimum, and
             the files say what they promise
  bad-input  what is wrong with [adapt.spin] is said with its line
"""
import argparse
import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "support"))
import job  # noqa: E402

LIMIT = 50


def write_run_file(options, folder, **keys):
    """miniapps/adapt/adapt.toml with these keys in [adapt.spin]."""
    text = (options.source / "miniapps/adapt/adapt.toml").read_text()
    head, table = text.split("[adapt.spin]\n")
    for key, value in {"length": 12, "width": 3, "generations": 12, "seeds": 1, **keys}.items():
        line = f"{key} = {json.dumps(value)}"
        table, found = re.subn(rf"^{key} .*$", line, table, count=1, flags=re.M)
        if not found:
            table = f"{line}\n{table}"
    path = folder / "spin.toml"
    path.write_text(f"{head}[adapt.spin]\n{table}")
    return path


def launch(options, ranks, folder, run_file):
    return job.run([*options.mpirun.split(), "-n", ranks, options.bin / "adapt", "--task", "spin", "--no-pictures",
                    "--out", folder, run_file], LIMIT, folder.parent)


def spin_of(options, ranks, folder, run_file):
    result = launch(options, ranks, folder, run_file)
    job.demand(result.status == 0, "the run failed", result)
    summary = json.loads((folder / "summary.json").read_text())
    spin = summary["tasks"]["spin"]
    job.demand(summary["fraction_of_optimum"] == spin["fraction_of_optimum"], "fraction_of_optimum", result)
    for name, method in spin["methods"].items():
        job.demand(all(0 < fraction <= 1 + 1e-12 for fraction in method["fractions"]), f"{name}: {method}", result)
        rising = [point["fraction"] for point in method["after"]]
        job.demand(rising == sorted(rising), f"{name}: {rising}", result)
        job.demand(method["seconds_per_call"] > 0, f"{name}: {method}", result)
    return spin


def ranks(options, folder):
    run_file = write_run_file(options, folder, methods=["flips", "adapted_flips", "heat_bath"], seeds=2)
    found = []
    for count in (1, 2, 3, 5):
        spin = spin_of(options, count, folder / f"on-{count}", run_file)
        job.demand(all(method["simulation_ranks"] == count for method in spin["methods"].values()), f"{count} ranks")
        found.append({name: (method["fractions"], method["after"]) for name, method in spin["methods"].items()})
    job.demand(all(each == found[0] for each in found), f"ranks differ: {found}")
    job.demand(len({str(each) for each in found[0].values()}) == 3, f"methods do not differ: {found[0]}")


def network(options, folder):
    run_file = write_run_file(options, folder, methods=["flips", "adaptive"], first_lessons=512)
    spins = [spin_of(options, 3, folder / name, run_file) for name in ("once", "again")]
    adaptive = [spin["methods"]["adaptive"] for spin in spins]
    job.demand(adaptive[0]["ml_ranks"] == 1 and adaptive[0]["simulation_ranks"] == 2, f"ranks: {adaptive[0]}")
    for key in ("fractions", "after"):
        job.demand(adaptive[0][key] == adaptive[1][key], f"not repeated: {adaptive}")
    job.demand(spins[0]["fraction_of_optimum"] == adaptive[0]["fraction_of_optimum"], f"{spins[0]}")
    job.demand(adaptive[0]["fraction_of_optimum"] > 0.5, f"nothing was found: {adaptive[0]}")
    job.demand(adaptive[0]["versions"][0] > 1, f"nothing was learned: {adaptive[0]}")
    job.demand((folder / "once" / "spin.h5").is_file(), "no spin.h5")


def bad_input(options, folder):
    for key, value, message in (("width", 15, "must be 1 to 14"), ("methods", ["flip"], "known: flips, adapted_flips"),
                                ("flips", 1.5, "must be above 0 and at most 1"), ("widht", 6, "widht"),
                                ("first_lessons", 100, "must be 128 to")):
        run_file = write_run_file(options, folder, **{key: value})
        result = launch(options, 2, folder / key, run_file)
        job.demand(result.status != 0, f"{key} = {value} was taken", result)
        line = next(i for i, text in enumerate(run_file.read_text().splitlines(), 1) if text.startswith(f"{key} ="))
        job.demand(f"spin.toml:{line}:" in result.err and message in result.err, f"no word of {key}", result)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mpirun", required=True)
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("test")
    options = parser.parse_args()
    work = {"ranks": ranks, "network": network, "bad-input": bad_input}[options.test]
    job.main(lambda folder: work(options, folder))


main()
