"""Nearest neighbours by scipy's tree.

Usage: nearest.py FOLDER, which holds the columns x, y (float64) and `neighbours`, how many of them. Each line read
is one task.
"""
import json
import sys
import time
from pathlib import Path

import numpy as np
import scipy
from scipy.spatial import cKDTree

folder = Path(sys.argv[1])
points = np.column_stack([np.fromfile(folder / name, "<f8") for name in "xy"])
k = int((folder / "neighbours").read_text())
print(json.dumps({"peer": f"scipy {scipy.__version__} cKDTree on all threads"}), flush=True)
for _ in sys.stdin:
    start = time.perf_counter()
    _, nearest = cKDTree(points).query(points, k=k + 1, workers=-1)
    seconds = time.perf_counter() - start
    # The first is the point itself.
    np.sort(nearest[:, 1:], axis=1).astype("<f8").tofile(folder / "answer")
    print(json.dumps({"seconds": seconds}), flush=True)
