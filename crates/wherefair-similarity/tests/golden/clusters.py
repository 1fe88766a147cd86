"""Makes clusters.json: clusters of precomputed distances by scikit-learn and by hdbscan, which must agree.

Run with a Python that has scikit-learn, hdbscan, SciPy and NumPy: python clusters.py
The distances are drawn from seeded generators and stored beside the labels. Runs in which two clusters would merge at
equal distances are left out, for their order is nobody's contract and the two tools differ: core distances of more than
one neighbour make such ties even of different distances. `min_samples` counts the member itself, as scikit-learn does; hdbscan,
which does not, gets one less. Labels are renumbered in the order of first members; -1 is noise.
"""

import importlib.metadata
import json
import pathlib
import warnings

import hdbscan
import numpy as np
import sklearn
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import squareform
from sklearn.cluster import HDBSCAN

warnings.filterwarnings("ignore")


def renumbered(labels):
    """Labels in the order of first members."""
    known = {}
    return [-1 if label < 0 else known.setdefault(int(label), len(known)) for label in labels]


def euclidean(points):
    return np.sqrt(((points[:, None] - points[None]) ** 2).sum(-1))


def blobs(rng, sizes, spread):
    """Groups of points in the plane and a few between them."""
    centres = rng.uniform(0, 10, (len(sizes), 2))
    groups = [centre + rng.normal(0, rng.uniform(0.2, 1) * spread, (n, 2)) for centre, n in zip(centres, sizes)]
    return euclidean(np.vstack(groups + [rng.uniform(0, 10, (max(2, sum(sizes) // 8), 2))]))


def largest_shared(m, n):
    """R(m, n) of two partitions of the unit interval into equal parts."""
    total = 0.0
    for i in range(m):
        shared = [min((i + 1) / m, (j + 1) / n) - max(i / m, j / n) for j in range(n)]
        total += max(shared)
    return total


def partitionings(rng, largest):
    """dist / MI of the grids up to largest x largest with similarities that grow with MI."""
    grids = [(r, c) for r in range(1, largest + 1) for c in range(1, largest + 1)][1:]
    n = len(grids)
    distances = np.zeros((n, n))
    for i, (s1, s2) in enumerate(grids):
        for j, (t1, t2) in enumerate(grids[:i]):
            there = largest_shared(s1, t1) * largest_shared(s2, t2)
            back = largest_shared(t1, s1) * largest_shared(t2, s2)
            information = (there + back) / 2
            similarity = 0.4 * information * rng.uniform(0.3, 1)
            distances[i, j] = distances[j, i] = 1 / (1 + similarity) / information
    return distances


def has_ties(distances, min_samples):
    """Whether two merges of the single linkage of mutual reachability happen at one distance."""
    if min_samples > len(distances):
        return True
    core = np.sort(distances, axis=1)[:, min_samples - 1]
    reachability = np.maximum(distances, np.maximum(core[:, None], core[None]))
    np.fill_diagonal(reachability, 0)
    heights = linkage(squareform(reachability, checks=False), "single")[:, 2]
    return len(np.unique(heights)) < len(heights)


def main():
    rng = np.random.default_rng(20260107)
    matrices = {
        "six points": euclidean(rng.uniform(0, 1, (6, 2))),
        "24 points in three groups": blobs(rng, [8, 8, 5], 1.0),
        "45 points in five groups of different densities": blobs(rng, [6, 7, 8, 9, 10], 0.8),
        "30 points without groups": euclidean(rng.uniform(0, 1, (30, 3))),
        "one dense group": euclidean(rng.normal(0, 1, (20, 2))),
        "24 grids": partitionings(rng, 5),
        "99 grids": partitionings(rng, 10),
    }
    cases = []
    for name, distances in matrices.items():
        distances = distances.round(9)
        upper = distances[np.triu_indices(len(distances), 1)]
        runs = []
        for min_samples in (2, 3, 4, 5, 8):
            if has_ties(distances, min_samples):
                continue
            for min_cluster_size in (2, 3, 4, 5, 8):
                for single in (False, True):
                    options = {
                        "min_cluster_size": min_cluster_size,
                        "metric": "precomputed",
                        "allow_single_cluster": single,
                    }
                    # Both change the matrix they are given.
                    ours = HDBSCAN(min_samples=min_samples, copy=True, **options).fit_predict(distances.copy())
                    theirs = hdbscan.HDBSCAN(min_samples=min_samples - 1, **options).fit_predict(distances.copy())
                    labels = renumbered(ours)
                    assert labels == renumbered(theirs), f"{name}, {min_cluster_size}, {min_samples}, {single}"
                    run = {"min_samples": min_samples, "allow_single_cluster": single, "labels": labels}
                    runs.append({"min_cluster_size": min_cluster_size, **run})
        cases.append({"name": name, "n": len(distances), "upper": upper.tolist(), "runs": runs})
    tools = {
        "scikit-learn": sklearn.__version__,
        "hdbscan": importlib.metadata.version("hdbscan"),
        "numpy": np.__version__,
    }
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps({"tools": tools, "cases": cases}, indent=None, separators=(",", ":")) + "\n")
    print(f"{sum(len(case['runs']) for case in cases)} runs, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
