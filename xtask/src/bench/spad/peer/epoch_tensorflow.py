"""Training epochs of a multilayer perceptron in TensorFlow.

Usage: epoch_tensorflow.py FOLDER, which holds the column `features` (float64; samples, 10), `labels` (float64) and the
whole numbers `width`, `batch` and `classes`. Trains one epoch for each line it reads.
"""
import json
import os
import sys
import time
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow
from tensorflow import keras

folder = Path(sys.argv[1])
integer = lambda name: int((folder / name).read_text())
width, batch, classes = integer("width"), integer("batch"), integer("classes")
x = np.fromfile(folder / "features", "<f8").reshape(-1, 10).astype("f4")
y = np.fromfile(folder / "labels", "<f8").astype("i4")
dense = lambda n, activation: keras.layers.Dense(n, activation=activation, kernel_initializer="he_normal")
model = keras.Sequential([keras.layers.Input((10,))] + [dense(width, "relu") for _ in range(7)] + [dense(classes, None)])
model.compile(optimizer=keras.optimizers.Adam(1e-3), loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
fit = lambda: model.fit(x, y, batch_size=batch, epochs=1, shuffle=False, verbose=0)
fit()
print(json.dumps({"peer": f"TensorFlow {tensorflow.__version__}"}), flush=True)
np.zeros(0).tofile(folder / "answer")
for _ in sys.stdin:
    start = time.perf_counter()
    fit()
    print(json.dumps({"seconds": time.perf_counter() - start}), flush=True)
