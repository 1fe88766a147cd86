"""Moran with permutations in PySAL's esda.

Usage: moran.py FOLDER, which holds the columns x, y, z (float64), and `neighbours`, how many of them, or
`inverse_distance` instead. Reads tasks, a line each: `global` or `local`.
"""
import json
import sys
import time
import warnings
from importlib.metadata import version
from pathlib import Path

warnings.filterwarnings("ignore")
import numba  # esda is slow without
import numpy as np
from esda import Moran, Moran_Local
from libpysal.weights import KNN, full2W

N_PERMUTATIONS = 999
folder = Path(sys.argv[1])
x, y, z = (np.fromfile(folder / name, "<f8") for name in "xyz")
points = np.column_stack([x, y])
if (folder / "inverse_distance").exists():
    distances = np.sqrt(((points[:, None, :] - points[None, :, :]) ** 2).sum(2))
    np.fill_diagonal(distances, np.inf)
    w = full2W(1 / distances)
else:
    k = int((folder / "neighbours").read_text())
    w = KNN.from_array(points, k=k)
w.transform = "r"
# Compiles.
Moran_Local(z[:500], KNN.from_array(points[:500], k=4), permutations=99, n_jobs=1)
print(json.dumps({"peer": f"esda {version('esda')} (one process, numba {numba.__version__})"}), flush=True)
for task in sys.stdin:
    start = time.perf_counter()
    if task.strip() == "global":
        result = Moran(z, w, permutations=N_PERMUTATIONS)
        seconds = time.perf_counter() - start
        np.array([result.I]).tofile(folder / "answer")
    else:
        result = Moran_Local(z, w, permutations=N_PERMUTATIONS, n_jobs=1, seed=1)
        seconds = time.perf_counter() - start
        # esda scales by n - 1.
        (result.Is * len(z) / (len(z) - 1)).astype("<f8").tofile(folder / "answer")
    del result
    print(json.dumps({"seconds": seconds}), flush=True)
