"""The audit of 24 grids written with pandas' group-by and scikit-learn's F1.

Usage: audit_pandas.py FOLDER, which holds the columns x, y, truth, pred (float64). Audits once for each line it reads.
"""
import json
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import sklearn
from sklearn.metrics import f1_score

warnings.filterwarnings("ignore")
folder = Path(sys.argv[1])
column = lambda name: np.fromfile(folder / name, "<f8")
frame = pd.DataFrame({
    "x": column("x"),
    "y": column("y"),
    "truth": column("truth").astype("u4"),
    "pred": column("pred").astype("u4"),
})


def cell(values, n):
    return np.searchsorted(np.arange(1, n) / n, values, side="right")


def audit():
    total = 0.0
    for rows in range(1, 6):
        for columns in range(1, 6):
            if rows == columns == 1:
                continue
            key = cell(frame["y"].to_numpy(), rows) * columns + cell(frame["x"].to_numpy(), columns)
            scores = [f1_score(part["truth"], part["pred"], average="weighted") for _, part in frame.groupby(key)]
            scores = np.array(scores)
            total += np.abs(scores - scores.mean()).mean()
    return total


print(json.dumps({"peer": f"pandas {pd.__version__} with scikit-learn {sklearn.__version__}"}), flush=True)
for _ in sys.stdin:
    start = time.perf_counter()
    total = audit()
    seconds = time.perf_counter() - start
    np.array([total]).tofile(folder / "answer")
    print(json.dumps({"seconds": seconds}), flush=True)
