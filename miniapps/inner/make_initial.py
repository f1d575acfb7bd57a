#!/usr/bin/python3
"""Makes initial.h5: initial fields for the flagship, as any other program could.

    miniapps/inner/make_initial.py [FILE] [CELLS]

The file holds one array, `state` (ny, nx, 3): the species y1, y2 and y3 at the centres of the cells, y first.
Here a ring of little y1 crosses a lattice of spots of y3.
"""
import sys

import h5py
import numpy as np


def fields(cells):
    centres = (np.arange(cells) + 0.5) / cells
    y, x = np.meshgrid(centres, centres, indexing="ij")
    radius = np.hypot(x - 0.5, y - 0.5)
    ring = np.exp(-(((radius - 0.3) / 0.06) ** 2))
    spots = (np.sin(3 * np.pi * x) * np.sin(3 * np.pi * y)) ** 2
    state = np.zeros((cells, cells, 3), dtype=np.float32)
    state[..., 0] = 1 - 0.6 * ring
    state[..., 2] = 0.6 * spots
    return state


def main():
    path = sys.argv[1] if len(sys.argv) > 1 else "initial.h5"
    cells = int(sys.argv[2]) if len(sys.argv) > 2 else 96
    with h5py.File(path, "w") as file:
        state = file.create_dataset("state", data=fields(cells), compression="gzip", shuffle=True)
        state.attrs["axes"] = "y, x, species (y1, y2, y3)"
    print(f"wrote {path}: state ({cells}, {cells}, 3)")


if __name__ == "__main__":
    main()
