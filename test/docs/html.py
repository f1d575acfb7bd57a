"""The documents as HTML: html.py

scripts/docs makes them without a warning, and every link in them leads somewhere; the guides, the run file, the miniapps and
each header have a page. A name that is not there, in a comment of a header, and a link that leads nowhere are noticed.
"""
import os
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "support"))
import job  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
SKIPPED = 77


def make(tree, out, limit=120):
    return job.run([tree / "scripts/docs", "html", "--out", out], limit, tree)


def copied(folder):
    """What git knows of the tree, or would add, as a repository of its own."""
    tree = folder / "tree"
    names = subprocess.run(["git", "-c", f"safe.directory={ROOT}", "-C", ROOT, "ls-files", "-z", "--cached", "--others",
                            "--exclude-standard"], capture_output=True, text=True, check=True).stdout.split("\0")
    for name in names:
        if name and (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tree / name)
    subprocess.run(["git", "-C", tree, "init", "-q"], check=True)
    return tree


def work(folder):
    result = make(ROOT, folder / "out")
    print(result)
    job.demand(result.status == 0, "the HTML was not made", result)
    html = folder / "out" / "html"
    navigation = (html / "navtreedata.js").read_text()
    for title in ("Guides", "Run file", "Miniapps, examples and figures", "API"):
        job.demand(f'"{title}"' in navigation, f"the navigation has no '{title}'")
    for guide in (ROOT / "docs").glob("*.md"):
        job.demand((html / f"page-docs-{guide.stem}.html").is_file(), f"{guide.name} has no page")
    for header in [*(ROOT / "include/cardan").glob("*.hpp"), *(ROOT / "include/cardan").glob("*.h")]:
        page = header.name.replace(".", "_8") + ".html"
        job.demand((html / page).is_file(), f"{header.name} has no page ({page})")
    # C by subject, Fortran's procedures with their arguments, and signs that doxygen takes away where it can.
    for page, says in (("group__c__Session", "cardan_session_open_fint"), ("group__c__Archive", "cardan_archive_write"),
                       ("namespacefortran", "call surrogate%predict(trusted"), ("namespacefortran", "dimension(..), intent(in)"),
                       ("page-docs-couple-fortran", "<code>session%open</code>"), ("page-docs-couple-fortran", "call MPI_Init()")):
        job.demand(says in (html / f"{page}.html").read_text(), f"{page}.html does not say '{says}'")
    # Something is compared at all.
    tree = copied(folder)
    for name, old, new, says in (
            ("include/cardan/box.hpp", "/// The most dimensions", "/// See @ref nothing_of_this_name. The most dimensions",
             "nothing_of_this_name"),
            ("docs/services.md", "(run-file.md)", "(run-fil.md)", "there is no run-fil.md"),
            ("docs/services.md", "# Services", "# Services\n\n[there](run-file.md#nowhere)\n", "has no heading #nowhere")):
        path = tree / name
        text = path.read_text()
        job.demand(old in text, f"{name} has no '{old}' any more; give this test another change")
        path.write_text(text.replace(old, new, 1))
        result = make(tree, folder / "other")
        path.write_text(text)
        job.demand(result.status == 1 and says in result.err, f"'{new}' in {name} was not noticed", result)


if __name__ == "__main__":
    if shutil.which("doxygen") is None or shutil.which("git") is None:
        sys.exit(SKIPPED)
    os.environ["CARDAN_SETUP"] = "skip"
    job.main(work)
