"""The run file's keys, from the code that reads them: keys.py [--root FOLDER] [--check]

Writes the tables between `<!-- keys: TABLE -->` and `<!-- end -->` in docs/*.md; with --check it only says whether
they are what the sources give. Key, form, default and order come from the calls that read a `cardan::Config`, the
meaning from a comment before the first of them:

    //= how long `predict` waits                          the meaning
    //= 0: never | publications without ...               0 in the code is told as "never"
    //= 1e-3; 1e-2 for `sgd` | of the optimiser           a default that is computed; has all its literals
    //= [surrogate.NAME.trust]                            which table the function below is given
    //= [surrogate.NAME.model] cnn                        the same, of one kind of model
    //= [surrogate.NAME.model] callers                    of the kinds whose functions call this one

A `run_file` is the whole file. A function whose parameter is called `key` reads what its callers name. Status 1 where
a key has no meaning, a meaning no key, a table no place in a document, or a document is not up to date.
"""
import argparse
import pathlib
import re
import sys

from config_reads import Problems, literals, scan

FORMS = {"bool": "true or false", "std::int64_t": "integer", "int": "integer", "double": "number",
         "std::string": "string", "Seconds": "time", "std::vector<std::string>": "string or list",
         "std::vector<std::int64_t>": "integer or list", "std::vector<double>": "number or list"}
MARKER = re.compile(r"<!-- keys: (?P<table>[\w.]+)(?: of (?P<kinds>[\w, ]+))? -->\n(?P<old>.*?)<!-- end -->", re.S)


class Key:
    """One row: all reads of one key in one table (of the same kinds of model)."""

    def __init__(self, path, kinds):
        self.path, self.kinds, self.reads, self.described = path, kinds, [], []
        self.type = ""

    def form(self):
        read = self.described[0]
        choices = read.choices
        if read.method == "has":
            choices = next((other.choices for other in self.reads if other.choices), [])
        if choices:
            return ", ".join(f"`{word}`" for word in choices)
        if read.method in ("table", "ask", "ask_all"):
            return "table"
        return FORMS.get(read.type or self.type, "table")


def rendered(value):
    """A C++ literal as a run file has it; nothing where it is no literal."""
    if value is None:
        return None
    value = value.strip()
    if re.fullmatch(r'-?\d+(\.\d+)?(e-?\d+)?|"[^"]*"|true|false', value):
        return value
    if inner := re.fullmatch(r"\{([^{}]+)\}", value):
        words = [rendered(word) for word in inner.group(1).split(",")]
        return None if None in words else "[" + ", ".join(words) + "]"
    if seconds := re.fullmatch(r"Seconds\{([\d.e-]+)\}", value):
        number = float(seconds.group(1))
        if number == 0:
            return "0"
        unit, factor = ("s", 1) if number >= 1 else ("ms", 1e3)
        return f'"{number * factor:g} {unit}"'
    return None


def default_of(key, problems):
    """The column `default`, from the code or from the comment; the comment must agree with the code."""
    read = key.described[0]
    told, _, meaning = read.comment.rpartition(" | ")
    where = f"{read.place}: '{key.path}'"
    if not told:
        values = {}
        for kinds, value in read.defaults:
            values.setdefault(rendered(value), []).extend(kinds)
        if read.method in ("table", "ask", "ask_all", "has"):
            return "", meaning
        if None in values:
            problems.add(f"{where} has a default that only a comment can tell", f"Write //= DEFAULT | {meaning}")
            return "", meaning
        if values == {} or read.required:
            return "needed", meaning
        if len(values) == 1:
            return f"`{next(iter(values))}`", meaning
        return ", ".join(f"`{value}` for " + ", ".join(f"`{kind}`" for kind in dict.fromkeys(kinds))
                         for value, kinds in values.items()), meaning
    for _, value in read.defaults:
        plain = rendered(value) or (value or "").strip()
        if plain in ("{}", '""') or rendered(value) is not None:
            if not told.startswith(plain + ":"):
                problems.add(f"{where} has the default {plain}, and its comment says '{told}'",
                             f"Write //= {plain}: what it means | {meaning}")
            told = told.removeprefix(plain + ":").strip()
        else:
            left = [word for word in literals(read.resolved) if not in_words(word, told)]
            if left:
                problems.add(f"{where}: its default is computed from {', '.join(left)}, "
                             f"of which its comment '{told}' says nothing")
    return told, meaning


def in_words(word, text):
    """Whether a literal stands in a text: a number by its value, a string without its quotes."""
    if word.startswith('"'):
        return word.strip('"') in text
    numbers = re.findall(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e-?\d+)?", text)
    return float(word) == 0 or any(float(number) == float(word) for number in numbers)


def collect(reads, problems):
    keys, positions = {}, {}
    for position, read in enumerate(reads):
        positions.setdefault(read.path, position)
        key = keys.setdefault((read.path, read.kinds), Key(read.path, read.kinds))
        key.reads.append(read)
        if read.comment:
            key.described.append(read)
    paths = {key.path for key in keys.values() if key.described}
    for key in list(keys.values()):
        read = key.reads[0]
        if len(key.described) > 1:
            problems.add(f"{key.described[1].place}: '{key.path}' is described in {key.described[0].place} already")
        if key.described:
            continue
        table = any(path.startswith(key.path + ".") for path in paths)
        elsewhere = key.path in paths and (not key.kinds or (key.path, ()) in keys and keys[key.path, ()].described
                                           or read.method == "has")
        if not table and not elsewhere:
            problems.add(f"{read.place}: nobody says what the key '{key.path}' is",
                         "Write its meaning before the line that reads it: //= what it is for")
        del keys[key.path, key.kinds]
    for key in keys.values():
        key.type = next((read.type for read in reads if read.path == key.path and read.type), "")
    def place(key):
        words = key.path.split(".")
        above = [positions.get(".".join(words[:n + 1]), -1) for n in range(len(words) - 1)]
        return [*above, reads.index(key.described[0])]
    return sorted(keys.values(), key=place)


def table_of(keys, table, kinds, problems):
    lines = ["| kind | key | form | default | |", "|---|---|---|---|---|"] if kinds else \
        ["| key | form | default | |", "|---|---|---|---|"]
    def first(key):
        return min((kinds.index(kind) for kind in key.kinds), default=0)
    for key in sorted(keys, key=first):
        default, meaning = default_of(key, problems)
        row = f"| `{key.path.removeprefix(table + '.')}` | {key.form()} | {default} | {meaning} |"
        lines.append(("| " + ", ".join(f"`{kind}`" for kind in sorted(key.kinds, key=kinds.index)) + " " if kinds else "") + row)
    return "\n".join(lines) + "\n"


def written(documents, keys, problems):
    """The documents with their tables; each key in the table that names most of its path."""
    markers = [(marker.group("table"), tuple((marker.group("kinds") or "").replace(" ", "").split(",")))
               for text in documents.values() for marker in MARKER.finditer(text)]
    markers = [(table, kinds if kinds != ("",) else ()) for table, kinds in markers]
    rows = {marker: [] for marker in markers}
    if len(rows) != len(markers):
        problems.add("two places in the documents are for the same keys")
    for key in keys:
        fits = [(table, kinds) for table, kinds in markers if key.path.startswith(table + ".") and
                (set(key.kinds) <= set(kinds) if key.kinds else not kinds)]
        if not fits:
            problems.add(f"{key.described[0].place}: no document has a place for '{key.path}'"
                         + (f" of {', '.join(key.kinds)}" if key.kinds else ""),
                         "Write <!-- keys: TABLE --> and <!-- end --> where it belongs.")
        else:
            rows[max(fits, key=lambda marker: len(marker[0]))].append(key)

    def filled(marker):
        kinds = tuple((marker.group("kinds") or "").replace(" ", "").split(",")) if marker.group("kinds") else ()
        found = rows.get((marker.group("table"), kinds), [])
        if not found:
            problems.add(f"nothing is read of {marker.group(0).splitlines()[0]}")
        head = marker.group(0).split("\n", 1)[0]
        return head + "\n\n" + table_of(found, marker.group("table"), list(kinds), problems) + "\n<!-- end -->"
    return {path: MARKER.sub(filled, text) for path, text in documents.items()}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[2])
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    problems = Problems()
    keys = collect(scan(options.root, problems), problems)
    documents = {path: path.read_text() for path in sorted((options.root / "docs").glob("*.md"))}
    if not problems.all:
        new = written(documents, keys, problems)
        for path, text in new.items():
            if text != documents[path] and options.check:
                problems.add(f"{path.relative_to(options.root)} is not what the sources give", "Run scripts/docs keys.")
            elif text != documents[path] and not problems.all:
                path.write_text(text)
                print(f"wrote {path.relative_to(options.root)}", file=sys.stderr)
    for problem in dict.fromkeys(problems.all):
        print(problem, file=sys.stderr)
    if problems.all:
        sys.exit(1)
    print(f"{len(keys)} keys of the run file are described", file=sys.stderr)


if __name__ == "__main__":
    main()
