"""Training epochs of a multilayer perceptron, jit-compiled by JAX.

Usage: epoch_jax.py FOLDER, which holds the column `features` (float64; samples, 10), `labels` (float64) and the whole
numbers `width`, `batch` and `classes`. Trains one epoch for each line it reads.
"""
import json
import sys
import time
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

folder = Path(sys.argv[1])
integer = lambda name: int((folder / name).read_text())
width, batch, classes = integer("width"), integer("batch"), integer("classes")
x = jnp.asarray(np.fromfile(folder / "features", "<f8").reshape(-1, 10).astype("f4"))
y = jnp.asarray(np.fromfile(folder / "labels", "<f8").astype("i4"))
sizes = [10] + [width] * 7 + [classes]
keys = jax.random.split(jax.random.PRNGKey(0), 8)
params = [
    (jax.random.normal(key, (n_in, n_out)) * (2 / n_in) ** 0.5, jnp.zeros(n_out))
    for key, n_in, n_out in zip(keys, sizes, sizes[1:])
]


def loss(params, x, y):
    for w, b in params[:-1]:
        x = jax.nn.relu(x @ w + b)
    w, b = params[-1]
    return -jnp.take_along_axis(jax.nn.log_softmax(x @ w + b), y[:, None], 1).mean()


@jax.jit
def epoch(state, x, y):
    def step(state, i):
        p, m, v, t = state
        xb, yb = (jax.lax.dynamic_slice_in_dim(a, i * batch, batch) for a in (x, y))
        g = jax.grad(loss)(p, xb, yb)
        t = t + 1
        m = jax.tree.map(lambda a, b: 0.9 * a + 0.1 * b, m, g)
        v = jax.tree.map(lambda a, b: 0.999 * a + 0.001 * b * b, v, g)
        move = lambda p, a, b: p - 1e-3 * (a / (1 - 0.9**t)) / (jnp.sqrt(b / (1 - 0.999**t)) + 1e-8)
        return (jax.tree.map(move, p, m, v), m, v, t), None

    return jax.lax.scan(step, state, jnp.arange(x.shape[0] // batch))[0]


zero = jax.tree.map(jnp.zeros_like, params)
state = jax.block_until_ready(epoch((params, zero, zero, 0.0), x, y))
print(json.dumps({"peer": f"JAX {jax.__version__}"}), flush=True)
np.zeros(0).tofile(folder / "answer")
for _ in sys.stdin:
    start = time.perf_counter()
    state = jax.block_until_ready(epoch(state, x, y))
    print(json.dumps({"seconds": time.perf_counter() - start}), flush=True)
