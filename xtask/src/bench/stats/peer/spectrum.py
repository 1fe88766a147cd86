"""All eigenvectors of doubly centred weights by numpy, or the leading ones of sparse weights by scipy's Lanczos.

Usage: spectrum.py FOLDER, which holds the links `from`, `to` (float64) of binary weights, `units`, how many there are,
and `leading`, how many eigenvectors are sought, 0 for all. Each line read is one task.
"""
import json
import sys
import time
from pathlib import Path

import numpy as np
import scipy
from scipy.sparse import csr_matrix
from scipy.sparse.linalg import LinearOperator, eigsh

folder = Path(sys.argv[1])
links = [np.fromfile(folder / name, "<f8").astype(int) for name in ("from", "to")]
n = int((folder / "units").read_text())
k = int((folder / "leading").read_text())
w = csr_matrix((np.ones(len(links[0])), links), shape=(n, n))
solver = f"scipy {scipy.__version__} eigsh" if k else f"numpy {np.__version__} eigh"
print(json.dumps({"peer": solver}), flush=True)


def centred(vector):
    return vector - vector.mean(axis=0)


for _ in sys.stdin:
    start = time.perf_counter()
    if k:
        operator = LinearOperator((n, n), matvec=lambda v: centred(w @ centred(v.ravel())), dtype=float)
        values, _ = eigsh(operator, k=k, which="LA", tol=1e-8, v0=np.random.default_rng(1).normal(size=n))
    else:
        dense = centred(centred(w.toarray()).T)
        values, _ = np.linalg.eigh(dense)
    seconds = time.perf_counter() - start
    values[::-1].astype("<f8").tofile(folder / "answer")
    print(json.dumps({"seconds": seconds}), flush=True)
