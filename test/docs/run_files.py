"""Is a text a run file that Cardan would take? By the keys, forms and choices that the run file's reference is made of."""
import functools
import pathlib
import re
import tomllib

from config_reads import Problems, scan
from keys import collect

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Tables with other names are the simulation's own.
NAMED = ("surrogate", "training", "service")
OWN = ("run", "ranks", "transport", *NAMED)


@functools.cache
def known():
    problems = Problems()
    keys = collect(scan(ROOT, problems), problems)
    assert not problems.all, problems.all
    return keys


def fits(value, key):
    """Whether a value has the form that the reference states."""
    form = key.form()
    if form.startswith("`"):
        return isinstance(value, str) and f'`"{value}"`' in form
    if form == "table":
        return isinstance(value, dict)
    if form == "time":
        return isinstance(value, (int, float)) or re.fullmatch(r"[\d.]+ (ns|us|ms|s|min|h)", value) is not None
    if form == "true or false":
        return isinstance(value, bool)
    values = value if form.endswith("or list") and isinstance(value, list) else [value]
    types = {"integer": int, "number": (int, float), "string": str}[form.split()[0]]
    return bool(values) and all(isinstance(each, types) and not isinstance(each, bool) for each in values)


def leaves(table, path, kind):
    """What stands in a table: path, kind of model, value; a table is one itself if the reference has nothing below it."""
    for name, value in table.items():
        # A service's model has the keys of a surrogate's.
        here = f"{path}.{name}".replace("service.NAME.model", "surrogate.NAME.model")
        if isinstance(value, dict) and any(key.path.startswith(here + ".") for key in known()):
            inner = kind
            if name == "model":
                inner = "file" if "file" in value else value.get("kind", "mlp")
                if "library" in value:
                    inner = None
            yield from leaves(value, here, inner)
        else:
            yield here, kind, value


def check(text):
    """What is wrong with it."""
    try:
        file = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return [f"no TOML: {error}"]
    wrong = []
    for name, table in file.items():
        if name not in OWN:
            if not isinstance(table, dict) or any(key.path.split(".")[-2:] == ["NAME", name] for key in known()):
                wrong.append(f"'{name}' stands in no table")
            continue
        parts = [(f"{name}.NAME", part) for part in table.values()] if name in NAMED else [(name, table)]
        for path, part in parts:
            for here, kind, value in leaves(part, path, ""):
                found = [key for key in known() if key.path == here and (not key.kinds or kind in key.kinds)]
                if kind is None and here.startswith("surrogate.NAME.model."):
                    continue
                if not found:
                    wrong.append(f"unknown key '{here}'" + (f" of {kind}" if kind else ""))
                elif not any(fits(value, key) for key in found):
                    wrong.append(f"{here} = {value!r} is not {found[0].form()}")
    return wrong
