"""Relative links: links.py sources | links.py html FOLDER

`sources`: every relative link and image of every document in the tree leads to a file or folder, and to a heading of it
where it says one. `html`: so does every one of every page that was made. Status 1 where some do not.
"""
import html.parser
import pathlib
import re
import subprocess
import sys
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\(([^()\s]+)\)")


def outside_code(text):
    """Lines, and whether each belongs to a code block (its fences too)."""
    fence = None
    for line in text.splitlines():
        mark = re.match(r"\s*(```+|~~~+)", line)
        if fence is None and mark:
            fence = mark.group(1)
            yield line, True
        elif fence is not None:
            if mark and line.strip() == fence:
                fence = None
            yield line, True
        else:
            yield line, False


def headings(text):
    return [match.group(1) for line, code in outside_code(text)
            if not code and (match := re.match(r"#+ (.*)", line))]


def slug(heading):
    """A heading's anchor, as Git hosts make it."""
    heading = LINK.sub(r"\2", heading)
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def documents():
    """The tree's own, and those that are new in it."""
    named = subprocess.run(["git", "-c", f"safe.directory={ROOT}", "-C", ROOT, "ls-files", "-z", "--cached", "--others",
                            "--exclude-standard", "*.md"], capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in sorted(set(named.split("\0"))) if name and (ROOT / name).is_file()]


def check_sources():
    wrong, links = [], 0
    for path in documents():
        name = path.relative_to(ROOT)
        for number, (line, code) in enumerate(outside_code(path.read_text()), 1):
            for found in LINK.finditer("" if code else re.sub(r"`[^`]*`", lambda word: "x" * len(word.group(0)), line)):
                target = found.group(3)
                if re.match(r"[a-z]+:", target):
                    continue
                links += 1
                file, _, part = target.partition("#")
                leads = (path.parent / urllib.parse.unquote(file)).resolve() if file else path
                if not leads.exists():
                    wrong.append(f"{name}:{number}: there is no {target}")
                elif part and part not in [slug(heading) for heading in headings(leads.read_text())]:
                    wrong.append(f"{name}:{number}: {leads.relative_to(ROOT)} has no heading #{part}")
    return wrong, links


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.anchors, self.links = set(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        for key, value in attrs:
            if value and key in ("id", "name"):
                self.anchors.add(value)
            if value and (key == "href" or key == "src"):
                self.links.append(value)


def check_html(folder):
    pages = {path: Page(path.read_text(errors="replace")) for path in sorted(folder.rglob("*.html"))}
    wrong, links = [], 0
    for path, page in pages.items():
        for target in page.links:
            if re.match(r"[a-z]+:|//", target) or target == "#":
                continue
            links += 1
            file, _, part = target.partition("#")
            leads = (path.parent / urllib.parse.unquote(file)).resolve() if file else path
            if not leads.exists():
                wrong.append(f"{path.name}: there is no {target}")
            elif part and leads in pages and urllib.parse.unquote(part) not in pages[leads].anchors:
                wrong.append(f"{path.name}: {leads.name} has no anchor #{part}")
    return wrong, links


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "html":
        wrong, links = check_html(pathlib.Path(sys.argv[2]).resolve())
    elif sys.argv[1:] == ["sources"]:
        wrong, links = check_sources()
    else:
        sys.exit(__doc__)
    print("\n".join([*dict.fromkeys(wrong), f"{links} relative links, {len(wrong)} of them lead nowhere"]),
          file=sys.stderr)
    sys.exit(1 if wrong or not links else 0)


if __name__ == "__main__":
    main()
