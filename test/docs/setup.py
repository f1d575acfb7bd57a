"""Does scripts/setup know the groups that its help names, and those that .ci/run asks for?"""
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def setup(*arguments):
    return subprocess.run([ROOT / "scripts/setup", *arguments], env={**os.environ, "CARDAN_SETUP": "skip"},
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)


shown = re.findall(r"\[(\w+)\]", setup("--help").stdout.split("\n\n")[0])
asked = re.findall(r"^scripts/setup +(.+)$", (ROOT / ".ci/run").read_text(), re.MULTILINE)
assert len(shown) > 5 and len(asked) == 1, (shown, asked)
for groups in (shown, asked[0].split()):
    answer = setup(*groups)
    assert answer.returncode == 0, (groups, answer.stderr)
answer = setup("no-such-group")
assert answer.returncode == 2, answer
known = re.search(r"known: ([\w ]+)\)", answer.stderr).group(1).split()
assert sorted(known) == sorted(shown), (known, shown)
print(f"all {len(shown)} groups are known: {' '.join(shown)}")
sys.exit(0)
