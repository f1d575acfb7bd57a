"""What a run's model answered is what PyTorch makes of the model exported from a checkpoint of that run, to 1e-6.

usage: export.py BIN RUN_FILE
"""

import glob
import os
import sys

import h5py
import numpy as np
import torch

import job
import restart


def answered_by(log, version):
    """Inputs and answers of all samples that a version was trusted with."""
    calls = log["kinetics/calls"]
    source = log["kinetics/source"][...]
    rows = [np.arange(first, first + count)
            for first, count, by in zip(calls["first_row"][...], calls["rows"][...], calls["version"][...]) if by == version]
    chosen = np.concatenate(rows) if rows else np.zeros(0, dtype=np.int64)
    chosen = chosen[source[chosen] == 1]
    return log["kinetics/samples/state"][...][chosen], log["kinetics/samples/advanced"][...][chosen]


def work(folder):
    programs, source = sys.argv[1], sys.argv[2]
    os.environ.pop("CARDAN_PROVENANCE", None)
    restart.run(os.path.join(programs, "inner"), source, str(folder), 2, 1, 40, "deterministic = true\n")
    compared = 0
    with h5py.File(folder / "decisions.h5", "r") as log:
        for checkpoint in sorted(glob.glob(str(folder / "state.0*.h5"))):
            with h5py.File(checkpoint, "r") as file:
                if "version" not in file["models/kinetics"] or file["models/kinetics/version"][()] == 0:
                    continue
                version = file["models/kinetics/version"][()]
            inputs, answers = answered_by(log, version)
            if len(inputs) == 0:
                continue
            model = str(folder / "kinetics.pt")
            done = job.run([os.path.join(programs, "cardan"), "export", "--torchscript", "kinetics", checkpoint,
                            "-o", model], 60, folder)
            job.demand(done.status == 0, "the model was not exported", done)
            found = torch.jit.load(model)(torch.from_numpy(inputs)).detach().numpy()
            error = np.abs(found - answers).max(0) / np.abs(answers).max(0)
            print(f"{os.path.basename(checkpoint)}: version {version}, {len(inputs)} samples, differences {error}")
            job.demand((error < 1e-6).all(), f"differences are {error}")
            compared += len(inputs)
    job.demand(compared > 0, "no version of a checkpoint has answered anything: nothing was tested")
    wrong = job.run([os.path.join(programs, "cardan"), "export", "--torchscript", "kinetic", checkpoint], 60, folder)
    job.demand(wrong.status == 2 and "kinetics" in wrong.err, "a model that is not there", wrong)


if __name__ == "__main__":
    job.main(work)
