"""The style sheet of the page of scripts/report-federate: light, and dark where the reader's browser prefers it."""

# Of a method or a silo: on light ground, on dark ground.
COLOURS = {"fedavg": ("#1f6feb", "#6cb0ff"), "quadratic": ("#1f6feb", "#6cb0ff"), "fedprox": ("#0f8a6a", "#41c9a2"),
           "async": ("#b7791f", "#e8b04b"), "compressed": ("#7a4fd0", "#b394f5"), "private": ("#c2378a", "#f07fc0"),
           "alone": ("#c4472f", "#ff8a70"), "pooled": ("#57606a", "#a8b3bf"),
           "silo0": ("#1f6feb", "#6cb0ff"), "silo1": ("#b7791f", "#e8b04b"), "silo2": ("#0f8a6a", "#41c9a2"),
           "silo3": ("#c2378a", "#f07fc0"), "silo4": ("#7a4fd0", "#b394f5"), "silo5": ("#c4472f", "#ff8a70")}

LIGHT = {"ground": "#f6f7f9", "card": "#ffffff", "ink": "#1c2127", "soft": "#5b6570", "line": "#dfe3e8", "heat": "#c4472f",
         "mark": "#fff4d6"}
DARK = {"ground": "#101418", "card": "#181d23", "ink": "#e8ecf1", "soft": "#9aa6b2", "line": "#2b333c", "heat": "#e0604a",
        "mark": "#3a3213"}

SHEET = """
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,"DejaVu Sans",sans-serif}
main{max-width:1160px;margin:0 auto;padding:28px 20px 60px}
h1{font-size:26px;margin:0 0 4px}h2{font-size:19px;margin:0 0 4px}h3{font-size:15px;margin:22px 0 8px}
.lead{color:var(--soft);margin:0 0 14px}
section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:20px 22px;margin-top:20px}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(170px,1fr));gap:12px;margin-top:16px}
.tile{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:12px 14px}
.tile span,.tile small{display:block;color:var(--soft);font-size:13px}.tile b{font-size:23px;font-weight:600}
.grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(440px,1fr));gap:18px 22px}
.matrices{display:flex;flex-wrap:wrap;gap:10px 22px;margin-bottom:14px}.matrix{flex:1 1 225px}
figure{margin:0;min-width:0}svg{display:block;width:100%;height:auto}
figcaption{display:flex;flex-wrap:wrap;gap:2px 14px;padding:2px 0 0 10%;font-size:13px;color:var(--soft)}
.key i{display:inline-block;width:20px;height:0;border-top:2.5px solid;vertical-align:middle;margin-right:6px}
.key i.dashed{border-top-style:dashed}
svg text{font-family:system-ui,"DejaVu Sans",sans-serif;fill:var(--soft);font-size:12px}
svg .title{font-size:14px;font-weight:600;fill:var(--ink)}svg .value{fill:var(--ink)}
svg .cell{font-size:14px;fill:var(--ink)}svg .cell.dark{fill:#fff;font-weight:600}
svg .heat{fill:var(--heat)}svg .grid{stroke:var(--line);stroke-width:1}svg .axis{stroke:var(--soft);stroke-width:1}
svg .line{fill:none;stroke-width:2;stroke-linejoin:round}
table{border-collapse:collapse;width:100%;font-size:13.5px;font-variant-numeric:tabular-nums}
th,td{text-align:right;padding:5px 10px;border-bottom:1px solid var(--line)}
th{color:var(--soft);font-weight:600}th:first-child,td:first-child{text-align:left}
tr.chosen td{background:var(--mark);font-weight:600}
pre{margin:12px 0 0;padding:12px;max-height:340px;overflow:auto;background:var(--ground);border:1px solid var(--line);
border-radius:8px;font:12px/1.45 ui-monospace,"DejaVu Sans Mono",monospace}
.scroll{max-height:300px;overflow:auto}
@media(max-width:560px){.grid{grid-template-columns:1fr}}
@media print{section{break-inside:avoid}pre,.scroll{max-height:none}}
"""


def variables(ground, which):
    values = {**ground, **{name: pair[which] for name, pair in COLOURS.items()}}
    return ":root{" + "".join(f"--{name}:{value};" for name, value in values.items()) + "}"


def sheet():
    classes = "".join(f"svg .stroke-{name}{{stroke:var(--{name})}}svg rect.fill-{name},svg .title.fill-{name}"
                      f"{{fill:var(--{name})}}.border-{name}{{border-color:var(--{name})!important}}" for name in COLOURS)
    return (":root{color-scheme:light dark}" + variables(LIGHT, 0) + "@media(prefers-color-scheme:dark){"
            + variables(DARK, 1) + "}" + SHEET + classes)
