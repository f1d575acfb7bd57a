"""What the installed libraries export, against the list in symbols.txt: symbols.py [--update] LIBRARY...

A difference fails; --update writes the list anew (for the libraries named), to be read before it is committed. What is
exported is chosen by cmake/cardan.map, surrogates/torch.map and surrogates/baselines/baselines.map. Tables and type
information of classes (`vtable for ...`) may be missing: compilers leave out those that nothing in a library needs.
"""
import argparse
import pathlib
import shlex
import subprocess
import sys

LIST = pathlib.Path(__file__).parent / "symbols.txt"
HEAD = """# What the installed libraries export; kept true by the test install/symbols. A line that goes away breaks programs
# that were built before.
"""
SHORT = (("std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >", "std::string"),
         ("std::basic_string_view<char, std::char_traits<char> >", "std::string_view"),
         ("std::string >", "std::string>"))


def exported(library):
    text = subprocess.run(["nm", "--dynamic", "--defined-only", "--demangle", library], check=True,
                          capture_output=True, text=True).stdout
    names = set()
    for line in text.splitlines():
        name = line.split(None, 2)[2]
        for long, short in SHORT:
            name = name.replace(long, short)
        names.add(name)
    return names


def listed():
    lists, current = {}, None
    if LIST.exists():
        for line in LIST.read_text().splitlines():
            if line.startswith("  "):
                current.add(line.strip())
            elif line and not line.startswith("#"):
                current = lists.setdefault(line, set())
    return lists


def optional(name):
    return name.startswith(("vtable for ", "typeinfo for ", "typeinfo name for "))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--update", action="store_true")
    parser.add_argument("libraries", nargs="+", type=pathlib.Path)
    options = parser.parse_args()
    lists = listed()
    wrong = []
    for library in options.libraries:
        name = library.name.split(".so")[0] + ".so"
        found, known = exported(library), lists.get(name, set())
        print(f"{library}: {len(found)} symbols")
        if options.update:
            lists[name] = found
            continue
        wrong += [f"{name}: appeared: {symbol}" for symbol in sorted(found - known)]
        wrong += [f"{name}: disappeared: {symbol}" for symbol in sorted(known - found) if not optional(symbol)]
    if options.update:
        LIST.write_text(HEAD + "".join(f"\n{name}\n" + "".join(f"  {symbol}\n" for symbol in sorted(symbols))
                                       for name, symbols in lists.items()))
    elif wrong:
        print("\n".join(wrong), file=sys.stderr)
        words = [sys.executable, __file__, "--update", *map(str, options.libraries)]
        sys.exit(f"\nIf that is meant (see cmake/cardan.map for what is exported), run:\n  {shlex.join(words)}")


if __name__ == "__main__":
    main()
