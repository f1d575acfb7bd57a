"""The Debian packages, as cpack makes them of this build: packages.py [options]

Their fields and contents are looked at, and they are unpacked into a folder, from where `cardan` runs. That apt installs
them and that programs are built with them is scripts/test-packages' to prove, on a clean Debian.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "support"))
import job  # noqa: E402
from installed import call  # noqa: E402

SKIPPED = 77


def expected(options):
    """For each package: what its dependencies must name, and paths below /usr that it must have."""
    same = f"(= {options.version}-1)"
    lib = options.libdir
    packages = {
        "libcardan0": (["libc6", "libopenmpi", "libhdf5-openmpi"], [f"{lib}/libcardan.so.0", f"{lib}/libcardan.so."]),
        "libcardan-dev": ([f"libcardan0 {same}", "libopenmpi-dev"],
                          ["include/cardan/cardan.hpp", "include/cardan/version.hpp", f"{lib}/libcardan.so",
                           f"{lib}/cmake/cardan/cardanConfig.cmake", f"{lib}/pkgconfig/cardan.pc"]),
        "cardan-tools": ([f"libcardan0 {same}", "openmpi-bin"],
                         ["bin/cardan", "bin/cardan-ml", "bin/cardan-play", "share/man/man1/cardan.1.gz",
                          "share/bash-completion/completions/cardan", "share/man/man1/cardan-ml.1.gz",
                          "share/man/man1/cardan-play.1.gz"]),
    }
    if "torch" in options.features:
        packages["libcardan-torch"] = ([f"libcardan0 {same}", "libtorch"], [f"{lib}/cardan/torch.so"])
    if "baselines" in options.features:
        packages["libcardan0"][1].append(f"{lib}/cardan/baselines.so")
    if "fortran" in options.features:
        packages["libcardan0"][1].append(f"{lib}/libcardan-fortran.so.0")
        packages["libcardan-dev"][1].extend([f"{lib}/libcardan-fortran.so", f"{lib}/pkgconfig/cardan-fortran.pc"])
    for name, (_, paths) in packages.items():
        paths.extend(f"share/doc/{name}/{file}" for file in ("copyright", "changelog.gz", "changelog.Debian.gz"))
    return packages


def look_at(options, deb, depends, paths):
    def field(name):
        return call(["dpkg-deb", "-f", deb, name]).out.strip()

    print(f"{deb.name}: {field('Depends')}")
    for word in depends:
        job.demand(word in field("Depends"), f"{deb.name} depends on '{field('Depends')}', not on '{word}'")
    for name in ("Section", "Maintainer", "Description"):
        job.demand(field(name), f"{deb.name} has no field {name}")
    listed = [line.split()[5] for line in call(["dpkg-deb", "-c", deb]).out.splitlines()]
    has = {path.removeprefix("./usr/") for path in listed if not path.endswith("/")}
    for path in paths:
        job.demand(any(file == path or (path[-1] == "." and file.startswith(path)) for file in has),
                   f"{deb.name} has no {path}: {sorted(has)}")
    job.demand(all(file.startswith(("bin/", "include/", "lib/", "share/")) for file in has),
               f"{deb.name} has files elsewhere: {sorted(has)}")
    return has


def check_run_path(file):
    """Programs and libraries look for others beside themselves, or nowhere in particular."""
    said = call(["readelf", "-d", file]).out
    for path in re.findall(r"R(?:UN)?PATH.*\[(.*)\]", said):
        job.demand(all(part.startswith("$ORIGIN") for part in path.split(":")), f"{file} looks in {path}")


def work(options, folder):
    if any(shutil.which(tool) is None for tool in ("dpkg-deb", "dpkg-shlibdeps", "file")):
        sys.exit(SKIPPED)
    call([options.cpack, "--config", options.build / "CPackConfig.cmake", "-B", folder], folder=folder)
    debs = {deb.name.split("_")[0]: deb for deb in folder.glob("*.deb")}
    packages = expected(options)
    job.demand(set(debs) == set(packages), f"packages: {sorted(debs)}, not {sorted(packages)}")
    files = [file for name, wants in packages.items() for file in look_at(options, debs[name], *wants)]
    job.demand(len(files) == len(set(files)), "two packages have the same file")
    control = call(["sh", "-c", f"dpkg-deb --ctrl-tarfile '{debs['libcardan0']}' | tar xO ./shlibs ./triggers"]).out
    job.demand(f"libcardan 0 libcardan0 (>= {options.version}-1)" in control and "ldconfig" in control, control)

    root = folder / "root"
    for deb in debs.values():
        call(["dpkg-deb", "-x", deb, root])
    for path in root.rglob("*"):
        if path.is_symlink() or not path.is_file():
            continue
        content = path.read_bytes()
        if content[:4] == b"\x7fELF":
            check_run_path(path)
        job.demand(str(options.build).encode() not in content, f"{path} knows the build tree")
    os.environ["LD_LIBRARY_PATH"] = str(root / "usr" / options.libdir)
    said = json.loads(call([root / "usr" / "bin" / "cardan", "--version", "--json"]).out)
    print(json.dumps(said, indent=2))
    job.demand(said["version"] == options.version and pathlib.Path(said["modules"]) == root / "usr" / options.libdir / "cardan",
               "another Cardan")
    job.demand(all(said["features"][name].get("module", "here") for name in options.features), "a module is missing")
    if shutil.which("man"):
        done = subprocess.run(["man", "-l", root / "usr/share/man/man1/cardan.1.gz"], capture_output=True, text=True,
                              check=False, env=dict(os.environ, LC_ALL="C", MANWIDTH="80", PAGER="cat"))
        job.demand(done.returncode == 0 and "--version" in done.stdout and not done.stderr, f"man: {done}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, required=True, help="the build tree")
    parser.add_argument("--cpack", required=True)
    parser.add_argument("--version", required=True)
    parser.add_argument("--libdir", required=True, help="below /usr")
    parser.add_argument("--features", type=lambda text: text.split(","), default=[],
                        help="those that this build has, with commas between them")
    options = parser.parse_args()
    os.environ.pop("CARDAN_MODULE_PATH", None)
    job.main(lambda folder: work(options, folder))


if __name__ == "__main__":
    main()
