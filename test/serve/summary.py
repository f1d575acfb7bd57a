"""summary.py FOLDER COMMAND...: runs the miniapp serve and looks at what its summary.json says."""
import json
import math
import pathlib
import subprocess
import sys

PARTS = ("put", "queue", "batch_wait", "inference", "reply", "total")


def check(holds, what):
    if not holds:
        sys.exit(f"summary.json: {what}")


folder, command = pathlib.Path(sys.argv[1]), sys.argv[2:]
(folder / "summary.json").unlink(missing_ok=True)
check(subprocess.run(command).returncode == 0, "the run failed")
summary = json.loads((folder / "summary.json").read_text())
check(summary["overhead_ratio"] > 0, "no overhead was measured")
check(set(summary["services"]) == {"noop", "small", "medium", "large", "device"}, f"services {list(summary['services'])}")
for name, runs in summary["services"].items():
    check({run["scaling"] for run in runs} == {"strong", "weak"}, f"{name}: scaling")
    check({run["instances"] for run in runs} == {1, 2}, f"{name}: instances")
    for run in runs:
        check(run["requests_per_s"] > 0, f"{name}: requests/s")
        check(run["inference_us"] == run["response_us"]["inference"], f"{name}: inference")
        bootstrap = run["bootstrap_s"]
        whole = sum(bootstrap[part] for part in ("split", "windows", "load", "warm_up", "publish"))
        check(math.isclose(bootstrap["total"], whole), f"{name}: bootstrap {bootstrap}")
        for part in PARTS:
            spread = run["response_us"][part]
            check(spread["p5"] <= spread["median"] <= spread["p95"], f"{name}: {part} {spread}")
            check(spread["median"] >= 0, f"{name}: {part} {spread}")
            check(spread["median"] <= run["response_us"]["total"]["p95"], f"{name}: {part} {spread}")
