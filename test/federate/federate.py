"""The miniapp federate: federate.py [options] TEST

  summary      all methods, briefly: summary.json says what it promises, and the files are there and right
  quadratic    averaging reaches its fixed point; with one local step that is the least-squares line of all data
  same-result  the same seed gives the same, another one does not (noise is drawn anew in each run)
  beside       with cardan-ml beside: one method works, and several are refused
  report       the page loads nothing, is whole, and a browser without a network draws it (77 where there is none)
  bad-input    what a user gets wrong is said in one line, and the status is not 0
"""
import argparse
import json
import math
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "support"))
sys.path.insert(0, str(pathlib.Path(__file__).parent))
import events  # noqa: E402
import job  # noqa: E402
import page  # noqa: E402

LIMIT = 100
METHODS = {"fedavg", "fedprox", "async", "compressed", "private", "alone", "pooled"}
SECTIONS = ("errors", "metrics", "hyperparameters", "log", "tensorboard", "settings")


def launch(options, ranks, folder, arguments, beside=()):
    command = [*options.mpirun.split(), "-n", ranks, options.bin / "federate", "--out", folder, *arguments,
               options.source / "miniapps/federate/federate.toml", *beside]
    return job.run(command, LIMIT, folder.parent)


def summary_of(options, ranks, folder, arguments, beside=()):
    result = launch(options, ranks, folder, arguments, beside)
    job.demand(result.status == 0, "the run failed", result)
    return json.loads((folder / "summary.json").read_text())


def check_events(folder, out):
    """The event files say what metrics.json says."""
    metrics = json.loads((folder / "metrics.json").read_text())
    for method in metrics["methods"]:
        below = folder / "tensorboard" / method["name"]
        names = {path.name for path in below.iterdir()}
        job.demand(names == {"global", *(f"silo-{i}" for i in range(len(method["silos"])))}, f"{below}: {names}")
        for place, silo in enumerate(method["silos"]):
            texts, scalars = events.read(below / f"silo-{place}/events.out.tfevents.federate")
            job.demand("rounds" in texts["settings"], f"{texts}")
            losses = scalars["loss/global"]
            job.demand([step for step, _ in losses] == list(range(len(silo["global_loss"]))), f"steps {losses}")
            job.demand(all(abs(value - true) <= 1e-6 * abs(true) for (_, value), true in zip(losses, silo["global_loss"])),
                       f"{below}: {losses} {silo['global_loss']}")


def summary(options, folder):
    out = summary_of(options, 4, folder / "out", ["--rounds", "4", "--no-sweep"])
    job.demand(set(out["methods"]) == METHODS and out["silos"] == 3, f"{list(out['methods'])} {out['silos']}")
    job.demand(len(out["silo_loss"]) == 3 and abs(sum(out["silo_loss"]) / 3 - out["global_loss"]) < 1e-9,
               f"{out['silo_loss']} {out['global_loss']}")
    private = out["methods"]["private"]
    job.demand(out["epsilon"] == private["epsilon"] > 0, f"epsilon {out['epsilon']} {private['epsilon']}")
    for name, method in out["methods"].items():
        job.demand(method["rounds"] == 4 and len(method["errors"][0]) == 3, f"{name}: {method}")
        job.demand(all(math.isfinite(error) for row in method["errors"] for error in row), f"{name}: {method['errors']}")
        job.demand((method["epsilon"] is None) == (name != "private"), f"{name}: epsilon {method['epsilon']}")
        job.demand((method["moved_bytes"] > 0) == (name not in ("alone", "pooled")), f"{name}: {method['moved_bytes']}")
    fedavg, packed = out["methods"]["fedavg"], out["methods"]["compressed"]
    job.demand(fedavg["errors"][0] == fedavg["errors"][1] == fedavg["errors"][2], f"silos differ: {fedavg['errors']}")
    job.demand(packed["moved_bytes"] < packed["raw_bytes"] / 3, f"{packed['moved_bytes']} of {packed['raw_bytes']}")
    alone = out["methods"]["alone"]["errors"]
    job.demand(alone[0] != alone[1], "silos alone are alike")
    check_events(folder / "out", out)
    job.demand((folder / "out/federate.h5").stat().st_size > 0, "no federate.h5")
    text = (folder / "out/report.html").read_text()
    problems = page.check(text, SECTIONS)
    job.demand(not problems, f"report.html: {problems}")


def quadratic(options, folder):
    common = ["--problem", "quadratic", "--no-pictures"]
    out = summary_of(options, 4, folder / "many", [*common, "--rounds", "200"])
    job.demand(out["distance"] < 1e-6, f"{out['reached']} is not {out['fixed_point']}")
    apart = max(abs(a - b) for a, b in zip(out["fixed_point"], out["pooled"]))
    job.demand(apart > 1e-3, f"local steps do not matter: {apart}")
    out = summary_of(options, 3, folder / "one", [*common, "--rounds", "400", "--local-steps", "1"])
    job.demand(max(abs(a - b) for a, b in zip(out["reached"], out["pooled"])) < 1e-6, f"{out['reached']} {out['pooled']}")


def same_result(options, folder):
    arguments = ["--method", "fedavg", "--method", "compressed", "--rounds", "4", "--no-pictures"]

    def losses(place, *more):
        out = summary_of(options, 3, folder / place, [*arguments, *more])
        return [(method["silo_loss"], method["errors"]) for method in out["methods"].values()]

    first = losses("first")
    job.demand(losses("again") == first, "the same seed gives something else")
    job.demand(losses("other", "--seed", "7") != first, "another seed gives the same")


def beside(options, folder):
    ml = [":", "-n", 1, options.bin / "cardan-ml", options.source / "miniapps/federate/federate.toml"]
    out = summary_of(options, 2, folder / "one", ["--method", "fedavg", "--rounds", "3", "--no-pictures"], ml)
    job.demand(out["silos"] == 2 and out["methods"]["fedavg"]["rounds"] == 3, f"{out['silos']}")
    refuse(options, 2, folder / "several", ["--rounds", "3"], "cardan-ml serves one run", ml)


def report(options, folder):
    program = page.browser()
    if program is None:
        print("skipped: no chromium (scripts/setup browser)")
        sys.exit(77)
    summary_of(options, 3, folder / "out", ["--rounds", "4", "--method", "private", "--method", "alone"])
    size = (1200, 1100)
    for name, more in (("light", ()), ("dark", ("--blink-settings=preferredColorScheme=0",))):
        said = page.screenshot(program, folder / "out/report.html", folder / f"{name}.png", folder, size, more)
        job.demand(said is None, f"no picture: {said}")
        width, height, counts = page.colours(folder / f"{name}.png")
        job.demand((width, height) == size, f"{name}: {width} x {height}")
        brightest = max(counts, key=counts.get)
        job.demand((sum(brightest) > 600) == (name == "light"), f"{name}: ground {list(brightest)}")
        # The methods' colours, in titles, curves and squares.
        pairs = {"light": ((0xC4, 0x47, 0x2F), (0xC2, 0x37, 0x8A)), "dark": ((0xFF, 0x8A, 0x70), (0xF0, 0x7F, 0xC0))}
        for colour in pairs[name]:
            job.demand(counts.get(bytes(colour), 0) > 30, f"{name}: {colour} is in {counts.get(bytes(colour), 0)} pixels")
        job.demand(len(counts) > 100, f"{name}: {len(counts)} colours")


def refuse(options, ranks, folder, arguments, message, beside=()):
    result = launch(options, ranks, folder, arguments, beside)
    said = [line for line in result.err.splitlines() if message in line]
    job.demand(result.status != 0, f"{arguments}: status 0", result)
    job.demand(len(said) == 1, f"{arguments}: '{message}' is said {len(said)} times", result)


def bad_input(options, folder):
    for number, (arguments, message) in enumerate((
            (["--problem", "cubic"], "known: subgrid, quadratic"),
            (["--method", "fedavgg"], "Did you mean 'fedavg'?"),
            (["--rounds", "0"], "must be positive"),
            (["--clip", "-1"], "must not be negative"),
            (["--noise", "nan"], "must not be negative"),
            (["--compress", "zip"], "known: none, top_k, quantise"),
            (["--rounds", "many"], "--rounds"))):
        refuse(options, 2, folder / str(number), arguments, message)
    refuse(options, 1, folder / "alone", ["--method", "fedavg"], "leave none of 1 ranks")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mpirun", required=True)
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("test")
    options = parser.parse_args()
    work = {"summary": summary, "quadratic": quadratic, "same-result": same_result, "beside": beside, "report": report,
            "bad-input": bad_input}[options.test]
    job.main(lambda folder: work(options, folder))


main()
