"""The run file's reference: keys.py

The tables of docs/ are what the sources give; and a key that nobody describes, a default that was changed, a comment whose
key is gone, and a table that somebody edited are noticed.
"""
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "support"))
import job  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]

# What is changed in a copy of the tree, and what must then be said.
CHANGES = (
    ("couplers/closure/settings.cpp", '  settings.deadline = table.get<Seconds>("deadline"',
     '  static_cast<void>(table.get<bool>("fresh", true));\n  settings.deadline = table.get<Seconds>("deadline"',
     "surrogate.NAME.deadline"),  # the comment now describes the other key
    ("couplers/closure/settings.cpp", "  static_cast<void>(module_name(",
     '  static_cast<void>(table.get<bool>("fresh", true));\n  static_cast<void>(module_name(', "is not what the sources give"),
    ("couplers/service/settings.cpp", '  settings.stall = seconds("stall"',
     '  settings.stall = seconds("stall", settings.stall);\n  settings.stall = seconds("fresh"', "service.NAME.fresh"),
    ("couplers/service/settings.cpp", "  settings.balance = read_balance(table);",
     '  settings.balance = (&table)->get<bool>("fresh", true) ? read_balance(table) : Balance::local_first;',
     "how this reads a key is not known"),
    ("surrogates/families/unet.torch.cpp", 'if (settings.levels > 16)',
     'static_cast<void>(read_count(model, "fresh", 3));\n  if (settings.levels > 16)', "surrogate.NAME.model.fresh"),
    ("surrogates/baselines/settings.cpp", 'model.get<double>("forget", settings.forget)', "settings.forget",
     "nothing is read of what"),
    ("couplers/service/settings.hpp", "double stall = 0.5;", "double stall = 0.25;", "run-file.md is not what"),
    ("surrogates/families/cnn.torch.cpp", 'read_kernel(model, 3)', "read_kernel(model, 5)", "models.md is not what"),
    ("surrogates/core/settings.cpp", "{1e-3, 1e-3, 1e-2, 1}", "{2e-3, 1e-3, 1e-2, 1}", "is computed from 2e-3"),
    ("couplers/closure/settings.cpp", '{"solver", "wait", "last"}', '{"solver", "wait"}', "run-file.md is not what"),
    ("surrogates/baselines/sketch_state.cpp", "take(const State& state", "take(const Config& state",
     "which table 'state' is"),  # a state's names are no keys, a table's are
    ("docs/run-file.md", "how long `predict` waits", "how long it waits", "run-file.md is not what"),
    ("docs/models.md", "<!-- keys: surrogate.NAME.model of linear, knn, pod -->", "", "no document has a place"),
)


def check(folder):
    return subprocess.run([sys.executable, folder / "scripts/lib/keys.py", "--check"], capture_output=True, text=True,
                          check=False)


def work(folder):
    done = check(ROOT)
    print(done.stderr)
    job.demand(done.returncode == 0, done.stderr)
    tree = folder / "tree"
    for name in ("lib", "couplers", "surrogates", "docs", "scripts/lib"):
        shutil.copytree(ROOT / name, tree / name)
    for name, old, new, says in CHANGES:
        path = tree / name
        text = path.read_text()
        job.demand(old in text, f"{name} has no '{old}' any more; give this test another change")
        path.write_text(text.replace(old, new, 1))
        done = check(tree)
        path.write_text(text)
        job.demand(done.returncode == 1 and says in done.stderr,
                   f"'{new}' in {name} should be noticed ('{says}'); it was said:\n{done.stderr}")
    print(f"{len(CHANGES)} changes were noticed")


if __name__ == "__main__":
    job.main(work)
