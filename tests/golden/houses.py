"""Independent computation of the demo's figures with pandas.

Usage: houses.py DATA.csv.gz OUT.json
For every grid of up to 5 x 5 (without 1 x 1): houses and mean |ln(avalue / price)| of each cell, the mean and
maximum absolute deviation from the mean over cells that hold at least 30 houses, and the sums over grids.

golden-arguments: {root}/datasets/lucas_county_houses.csv.gz houses.json
"""
import json
import sys

import numpy as np
import pandas as pd

MIN_SAMPLES = 30
houses = pd.read_csv(sys.argv[1])
houses["error"] = np.abs(np.log(houses["avalue"] / houses["price"]))


def cell(values, n):
    low, high = values.min(), values.max()
    cuts = low + (high - low) * (np.arange(1, n) / n)
    return np.searchsorted(cuts, values, side="right")


grids = []
for rows in range(1, 6):
    for columns in range(1, 6):
        if rows == columns == 1:
            continue
        frame = houses.assign(r=cell(houses["y_m"].to_numpy(), rows), c=cell(houses["x_m"].to_numpy(), columns))
        cells = frame.groupby(["r", "c"])["error"].agg(["size", "mean"])
        scored = cells[cells["size"] >= MIN_SAMPLES]
        reference = scored["mean"].mean()
        deviation = (scored["mean"] - reference).abs()
        index = [(r, c) for r in range(rows) for c in range(columns)]
        full = cells.reindex(index)
        grids.append({
            "name": f"{rows}x{columns}",
            "n": [int(n) for n in full["size"].fillna(0)],
            "mean_error": [None if np.isnan(v) else v for v in full["mean"]],
            "reference": reference,
            "mean_deviation": deviation.mean(),
            "max_deviation": deviation.max(),
        })
result = {
    "tool": f"pandas {pd.__version__}, numpy {np.__version__}",
    "min_samples": MIN_SAMPLES,
    "relative_tolerance": 1e-10,
    "n": len(houses),
    "global": houses["error"].mean(),
    "global_median": houses["error"].median(),
    "sum_of_means": sum(grid["mean_deviation"] for grid in grids),
    "sum_of_maxima": sum(grid["max_deviation"] for grid in grids),
    "grids": grids,
}
json.dump(result, open(sys.argv[2], "w"), indent=1)
