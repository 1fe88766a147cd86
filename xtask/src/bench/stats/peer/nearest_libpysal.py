"""Nearest neighbours by libpysal, as weights.

Usage: nearest_libpysal.py FOLDER, which holds the columns x, y (float64) and `neighbours`, how many of them. Each line
read is one task.
"""
import json
import sys
import time
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np
from libpysal.graph import Graph

warnings.filterwarnings("ignore")
folder = Path(sys.argv[1])
points = np.column_stack([np.fromfile(folder / name, "<f8") for name in "xy"])
k = int((folder / "neighbours").read_text())
print(json.dumps({"peer": f"libpysal {version('libpysal')} Graph.build_knn"}), flush=True)
for _ in sys.stdin:
    start = time.perf_counter()
    graph = Graph.build_knn(points, k=k)
    seconds = time.perf_counter() - start
    neighbours = graph.adjacency.index.get_level_values("neighbor").to_numpy().reshape(-1, k)
    np.sort(neighbours, axis=1).astype("<f8").tofile(folder / "answer")
    print(json.dumps({"seconds": seconds}), flush=True)
