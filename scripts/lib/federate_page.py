"""The page that scripts/report-federate makes: what a run of miniapps/federate showed."""
import html

import federate_style
import svg_plot
from svg_plot import number

NAMES = {"fedavg": "FedAvg", "fedprox": "FedProx", "async": "asynchronous", "private": "clipped, with noise",
         "compressed": "compressed", "alone": "silo alone", "pooled": "pooled data", "quadratic": "FedAvg, quadratic"}


def escape(words):
    return html.escape(str(words))


def table(head, rows, marked=()):
    """Rows of cells; those in `marked` stand out."""
    out = ["<table><thead><tr>", *(f"<th>{escape(cell)}</th>" for cell in head), "</tr></thead><tbody>"]
    for place, row in enumerate(rows):
        out.append('<tr class="chosen">' if place in marked else "<tr>")
        out += [f"<td>{escape(cell)}</td>" for cell in row]
        out.append("</tr>")
    return "".join([*out, "</tbody></table>"])


def section(name, title, lead, *parts):
    return (f'<section id="{name}"><h2>{escape(title)}</h2><p class="lead">{lead}</p>{"".join(parts)}</section>')


def grid(*figures):
    return f'<div class="grid">{"".join(figure for figure in figures if figure)}</div>'


def mean(silos, column):
    rounds = min(len(silo[column]) for silo in silos)
    values = [[silo[column][i] for silo in silos] for i in range(rounds)]
    return [None if None in row else sum(row) / len(row) for row in values]


def kind(name):
    """The class of a method's colour."""
    return name if name in NAMES else "fedavg"


def tiles(summary):
    methods = summary["methods"]
    main = methods[summary["method"]]
    items = [("global loss", number(summary["global_loss"]), f"{NAMES.get(summary['method'])}, mean over silos"),
             ("worst error in a regime", number(main["worst_error"]),
              f"silo alone: {number(methods['alone']['worst_error'])}" if "alone" in methods else "of all silos' models")]
    if "private" in methods:
        private = methods["private"]
        items.append(("privacy budget", f"ε = {number(private['epsilon'])}",
                      f"{private['rounds']} rounds, mean error {number(private['mean_error'])}"))
    if "compressed" in methods and methods["compressed"]["moved_bytes"]:
        packed = methods["compressed"]
        items.append(("compressed", f"{packed['raw_bytes'] / packed['moved_bytes']:.1f} ×",
                      f"fewer bytes, mean error {number(packed['mean_error'])}"))
    items.append(("silos", summary["silos"], f"{main['rounds']} rounds, {number(summary['wall_seconds'])} s in all"))
    return '<div class="tiles">' + "".join(
        f'<div class="tile"><span>{escape(name)}</span><b>{escape(value)}</b><small>{escape(note)}</small></div>'
        for name, value, note in items) + "</div>"


def errors(summary, metrics):
    names = [f"regime {i}" for i in range(len(summary["regimes"]))]

    def matrices(key):
        for method in metrics["methods"]:
            rows = method[key]
            labels = [f"silo {i}" for i in range(len(rows))] if len(rows) > 1 else ["model"]
            if rows:
                yield svg_plot.matrix(NAMES.get(method["name"], method["name"]), list(zip(labels, rows)), names,
                                      kind(method["name"]))

    figures, runs = list(matrices("errors")), list(matrices("run_errors"))
    regimes = "; ".join(f"regime {i}: {escape(words)}" for i, words in enumerate(summary["regimes"]))
    rows = [(NAMES.get(name, name), number(of["global_loss"]), number(of["held_out_loss"]), number(of["mean_error"]),
             number(of["worst_error"]), number(of["epsilon"]), number(of["moved_bytes"] or None), of["rounds"],
             f"{of['seconds']:.2f}") for name, of in ((m["name"], summary["methods"][m["name"]]) for m in metrics["methods"])]
    return section(
        "errors", "Each silo's model in each regime",
        f"Root mean square of the error over that of the answers: 1 is as good as answering zero. {regimes}.",
        f'<div class="matrices">{"".join(figures)}</div>',
        '<h3>A coarse run with the model in it</h3><p class="lead">Its error at the end over that of one without a closure: '
        f'below 1 the closure helps.</p><div class="matrices">{"".join(runs)}</div>' if runs else "",
        table(("method", "loss", "held-out loss", "mean error", "worst error", "ε", "bytes moved", "rounds", "seconds"), rows))


def training(summary, metrics):
    methods = metrics["methods"]

    def over_rounds(title, column, label, chosen=methods, **more):
        series = [(NAMES.get(m["name"], m["name"]), list(range(len(mean(m["silos"], column)))), mean(m["silos"], column),
                   kind(m["name"]), False) for m in chosen]
        return svg_plot.lines(title, series, "round", label, **more) if series else ""

    federated = [m for m in methods if m["name"] not in ("alone", "pooled")]
    private = [m for m in methods if any(v is not None for v in m["silos"][0]["epsilon"]) and m in federated]
    figures = [over_rounds("Loss over what silos hold out", "validation_loss", "loss, mean over silos"),
               over_rounds("Training loss of the global model", "global_loss", "loss, mean over silos"),
               over_rounds("Norm of an update before clipping", "update_norm", "norm, mean over silos"),
               over_rounds("Privacy budget spent", "epsilon", "ε", private, zero=True) if private else ""]
    moved = [(NAMES.get(m["name"], m["name"]), kind(m["name"]), summary["methods"][m["name"]]["moved_bytes"]) for m in federated]
    moved = [(name.split(",")[0], colour, value, f"{number(value / 1e6)} MB") for name, colour, value in moved if value]
    if moved:
        figures.append(svg_plot.bars("Bytes of all updates", moved, "bytes"))
    stale = [m for m in federated if any(any(silo["staleness"]) for silo in m["silos"])]
    figures.append(over_rounds("Versions that an update was behind", "staleness", "versions", stale, log=False, zero=True))
    own = []
    for m in methods:
        series = []
        for place, silo in enumerate(m["silos"]):
            rounds = list(range(len(silo["global_loss"])))
            name = f"silo {place}" if len(m["silos"]) > 1 else "all"
            series.append((name, rounds, silo["global_loss"], f"silo{place % 6}", False))
            series.append((f"{name}, local", rounds, silo["local_loss"], f"silo{place % 6}", True))
        own.append(svg_plot.lines(f"{NAMES.get(m['name'], m['name'])}: losses of each silo", series, "round", "training loss"))
    return section("metrics", "Training metrics",
                   "Losses are mean squares in the units of the training. Local: over the steps of a round; the others: of "
                   "the model that came back.", grid(*figures), "<h3>Of each silo</h3>", grid(*own))


def validation(chosen):
    runs = chosen["runs"]
    if not runs:
        return section("hyperparameters", "Validation of hyperparameters",
                       "Nothing was chosen in this run: the settings are those of the run file.")
    marked = [i for i, run in enumerate(runs)
              if run["held_out_loss"] == min(r["held_out_loss"] or 1e300 for r in runs if r["method"] == run["method"])]
    silos = len(runs[0]["silo_held_out_loss"])
    rows = [(NAMES.get(run["method"]), run["rounds"], run["local_steps"], number(run["rate"]), number(run.get("mu")),
             *(number(value) for value in run["silo_held_out_loss"]), number(run["held_out_loss"]), f"{run['seconds']:.2f}")
            for run in runs]
    plots = []
    rates = sorted({run["rate"] for run in runs if run["method"] == "fedavg"})
    steps = sorted({run["local_steps"] for run in runs if run["method"] == "fedavg"})
    series = [(f"{count} local steps", rates,
               [next((r["held_out_loss"] for r in runs if r["method"] == "fedavg" and r["local_steps"] == count
                      and r["rate"] == rate), None) for rate in rates], f"silo{place % 6}", False)
              for place, count in enumerate(steps)]
    if len(rates) > 1:
        plots.append(svg_plot.lines("FedAvg: rate and local steps", series, "rate", "held-out loss"))
    proximal = sorted((run["mu"], run["held_out_loss"]) for run in runs if "mu" in run)
    if len(proximal) > 1:
        plots.append(svg_plot.lines("FedProx: the proximal term", [("", *map(list, zip(*proximal)), "fedprox", False)], "mu",
                                    "held-out loss"))
    best = chosen["chosen"]
    return section("hyperparameters", "Validation of hyperparameters",
                   f"Chosen by the {escape(chosen['by'])}: {best['local_steps']} local steps, rate {number(best['rate'])}, "
                   f"mu {number(best['mu'])}.", grid(*plots),
                   table(("method", "rounds", "local steps", "rate", "mu", *(f"silo {i}" for i in range(silos)),
                          "held-out loss", "seconds"), rows, marked))


def exact(summary):
    if "fixed_point" not in summary:
        return ""
    size = len(summary["fixed_point"])
    head = ("", *(f"w{i}" for i in range(size - 1)), "b")
    rows = [(name, *(f"{value:.7f}" for value in summary[key]))
            for name, key in (("fixed point, closed form", "fixed_point"), ("reached", "reached"),
                              ("least squares of all data", "pooled"))]
    return section("fixed-point", "The fixed point of averaging",
                   f"Largest difference to the closed form: {summary['distance']:.2e}.", table(head, rows))


def log(folder):
    lines = (folder / "training.log").read_text().splitlines()
    shown = [line for line in lines if " round " not in line or line.split(" round ", 1)[1].split(":")[0].strip()[-1] == "0"]
    return section("log", "Training log",
                   f"Every tenth round of {len(lines)} lines; all of them are in training.log. Where several numbers stand "
                   "together they are the silos' in order.", f'<pre>{escape(chr(10).join(shown))}</pre>')


def events(folder):
    files = sorted((folder / "tensorboard").rglob("events.out.tfevents.*"))
    rows = [(path.relative_to(folder), f"{path.stat().st_size}") for path in files]
    return section("tensorboard", "TensorBoard files",
                   f"One folder for each silo of a method, and its mean as global: tensorboard --logdir "
                   f"{escape(folder.name)}/tensorboard", f'<div class="scroll">{table(("file", "bytes"), rows)}</div>')


def settings(folder, summary):
    first = folder / "runs" / summary["method"] / "run.toml"
    text = first.read_text() if first.is_file() else ""
    versions = {**summary["versions"], "ML library": summary["ml_library"], "seed": summary["seed"]}
    return section("settings", "Settings", f"The run file as {NAMES.get(summary['method'])} was run with it.",
                   table(("", ""), versions.items()), f"<pre>{escape(text)}</pre>")


def page(folder, summary, metrics, chosen):
    title = f"federate: {summary['problem']}, {summary['silos']} silos"
    parts = [errors(summary, metrics), exact(summary), training(summary, metrics), validation(chosen), log(folder),
             events(folder), settings(folder, summary)]
    return (f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"/>'
            f'<meta name="viewport" content="width=device-width, initial-scale=1"/><title>{escape(title)}</title>'
            f"<style>{federate_style.sheet()}</style></head><body><main><header><h1>{escape(title)}</h1>"
            f'<p class="lead">Silos learn one model together; their samples stay where they were made, and updates of '
            f"weights cross.</p>{tiles(summary)}</header>{''.join(parts)}</main></body></html>\n")
