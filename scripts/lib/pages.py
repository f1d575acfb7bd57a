"""Lays out what doxygen reads: pages.py FOLDER

Copies README.md, the guides and the other pages to FOLDER/pages, with links that doxygen follows (in the sources they are
relative, as a Git host wants them), and writes FOLDER/Doxyfile and FOLDER/layout.xml, which has the navigation. A page that
is new in a folder below is in the navigation without being named here. Links to files that have no page become plain text.
"""
import pathlib
import re
import sys

from links import LINK, headings, outside_code, slug

ROOT = pathlib.Path(__file__).resolve().parents[2]
# The groups of the navigation, and their pages: patterns, the first that fits counts.
GROUPS = (
    ("Guides", ("docs/couple-cpp.md", "docs/couple-fortran.md", "docs/couple-c.md", "docs/fortran.md",
                "docs/models-from-files.md", "docs/services.md", "docs/steering.md", "docs/ensembles.md",
                "docs/twin.md", "docs/reduction.md", "docs/federation.md",
                "docs/*.md")),
    ("Run file", ("docs/run-file.md", "docs/models.md")),
    ("Miniapps, examples and figures", ("miniapps/*/README.md", "examples/*/README.md", "bench/README.md")),
    ("Project", ("CONTRIBUTING.md", "CHANGELOG.md")),
)
# Every header by itself; a C header and a Fortran module as soon as there are some.
HEADERS = ("include/cardan/*.hpp", "include/cardan/*.h", "lib/fortran/*.f90")


def pages():
    """Group by group, the pages' paths; a page is where its pattern is most exact."""
    exact = {path for _, patterns in GROUPS for pattern in patterns if "*" not in pattern for path in [pattern]}
    told, groups = set(), []
    for title, patterns in GROUPS:
        found = []
        for pattern in patterns:
            for path in sorted(ROOT.glob(pattern)):
                name = str(path.relative_to(ROOT))
                if name not in told and ("*" not in pattern or name not in exact or title == group_of(name)):
                    told.add(name)
                    found.append(name)
        groups.append((title, found))
    return groups


def group_of(name):
    return next((title for title, patterns in GROUPS if name in patterns), None)


def headers():
    return [str(path.relative_to(ROOT)) for pattern in HEADERS for path in sorted(ROOT.glob(pattern))]


def label(name, heading=""):
    """What doxygen calls a page, or a heading of it."""
    page = "page-" + re.sub(r"\W+", "-", name.removesuffix(".md")).lower()
    return f"{page}--{slug(heading)}" if heading else page


def title_of(name):
    found = headings((ROOT / name).read_text())
    return re.sub(r"[`*]", "", found[0]) if found else name


def staged(name, all_pages, all_headers):
    """A page with doxygen's labels and references."""
    text = (ROOT / name).read_text()
    folder = (ROOT / name).parent

    def relinked(found):
        image, said, target = found.groups()
        if image or re.match(r"[a-z]+:", target):
            return found.group(0)
        file, _, part = target.partition("#")
        path = str((folder / file).resolve().relative_to(ROOT)) if file else name
        if path == "README.md" and not part:
            return f"[{said}](@ref index)"
        if path in all_pages:
            return f"[{said}](@ref {label(path)}{'--' + part if part else ''})"
        if path in all_headers:
            return f"[{said}](@ref {path.removeprefix('include/')})"
        return said

    lines, first = [], True
    for line, code in outside_code(text):
        if not code:
            line = LINK.sub(relinked, line)
            if re.match(r"<!-- .* -->$", line):
                continue
            # Doxygen takes a % before a word away, in code too.
            line = re.sub(r"`[^`]*`", lambda code: re.sub(r"%(?=\w)", "%%", code.group(0)), line)
            if heading := re.match(r"(#+) (.*)", line):
                # The first heading is the page's title, and a page has no other of its size.
                level = heading.group(1) if first else "#" * max(2, len(heading.group(1)))
                here = label(name) if first else label(name, heading.group(2))
                # Doxygen shows no code in headings.
                line = f"{level} {heading.group(2).replace('`', '')}" + (" {#" + here + "}" if name != "README.md" or not first else "")
                first = False
        elif line.strip() == "```fortran":
            # Doxygen would write it in small letters.
            line = line.replace("fortran", "{.unparsed}")
        lines.append(line)
    return "\n".join(lines) + "\n"


def layout(groups):
    tabs = ['<tab type="mainpage" visible="yes" title="Cardan"/>']
    for title, names in groups:
        inner = "".join(f'<tab type="user" url="@ref {label(name)}" title="{title_of(name)}"/>' for name in names)
        if inner:
            tabs.append(f'<tab type="usergroup" visible="yes" title="{title}">{inner}</tab>')
    tabs.append('<tab type="usergroup" visible="yes" title="API">'
                '<tab type="filelist" visible="yes" title="By header"/>'
                '<tab type="classlist" visible="yes" title="Classes"/>'
                '<tab type="modules" visible="yes" title="C, by subject"/>'
            '<tab type="user" url="@ref fortran" title="Fortran"/>'
            '<tab type="namespacelist" visible="yes" title="Namespaces and modules"/>'
                '<tab type="namespacemembers" visible="yes" title="Functions and types"/></tab>')
    return "<doxygenlayout version=\"1.0\">\n<navindex>\n" + "\n".join(tabs) + "\n</navindex>\n</doxygenlayout>\n"


def main():
    folder = pathlib.Path(sys.argv[1]).resolve()
    groups = pages()
    names = ["README.md", *(name for _, found in groups for name in found)]
    sources = headers()
    (folder / "pages").mkdir(parents=True, exist_ok=True)
    for name in names:
        path = folder / "pages" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(staged(name, set(names), set(sources)))
    (folder / "layout.xml").write_text(layout(groups))
    settings = (ROOT / "docs/doxygen/Doxyfile").read_text()
    images = sorted({str((ROOT / name).parent) for name in names})
    for key, values in (("INPUT", [*(folder / "pages" / name for name in names), *(ROOT / name for name in sources),
                           ROOT / "docs/doxygen/namespaces.dox"]),
                        ("HTML_EXTRA_STYLESHEET", [ROOT / "docs/doxygen/pages.css"]), ("IMAGE_PATH", images), ("STRIP_FROM_PATH", [folder / "pages", ROOT / "include", ROOT]),
                        ("STRIP_FROM_INC_PATH", [ROOT / "include"]),
                        ("USE_MDFILE_AS_MAINPAGE", [folder / "pages/README.md"]), ("OUTPUT_DIRECTORY", [folder]),
                        ("LAYOUT_FILE", [folder / "layout.xml"]), ("WARN_LOGFILE", [folder / "warnings"]),
                        ("PROJECT_NUMBER", [version()])):
        settings += f"{key} = " + " ".join(f'"{value}"' for value in values) + "\n"
    for suffix, command, script in (("h", "sed -f", "c.sed"), ("f90", "sh", "fortran.sh")):
        settings += f"FILTER_PATTERNS += *.{suffix}=\"{command} '{ROOT / 'docs/doxygen' / script}'\"\n"
    (folder / "Doxyfile").write_text(settings)


def version():
    return re.search(r"project\(cardan VERSION ([\d.]+)", (ROOT / "CMakeLists.txt").read_text()).group(1)


if __name__ == "__main__":
    main()
