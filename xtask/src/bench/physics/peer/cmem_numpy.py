"""The same equations in NumPy: Mironov's soil, Fresnel, Wegmüller's roughness and vegetation, low vegetation, H and V.

Usage: cmem_numpy.py FOLDER, which holds the columns soil_moisture, clay_percent, surface_temperature_k, deep_temperature_k,
vegetation_temperature_k, low_vegetation_water_kg_m2 and roughness_cm (float64), all of it thawed. Reads tasks, a line each: how many states
are computed at a time; 0 for all.
"""
import json
import sys
import time
from pathlib import Path

import numpy as np

FREQUENCY_GHZ, ANGLE_DEG = 6.925, 55.0
LIGHT_SPEED, PERMITTIVITY = 2.998e8, 8.854e-12
OMEGA = 2 * np.pi * FREQUENCY_GHZ * 1e9
K = OMEGA / LIGHT_SPEED
COS, SIN2 = np.cos(np.deg2rad(ANGLE_DEG)), np.sin(np.deg2rad(ANGLE_DEG)) ** 2
NAMES = [
    "soil_moisture", "clay_percent", "surface_temperature_k", "deep_temperature_k", "vegetation_temperature_k",
    "low_vegetation_water_kg_m2", "roughness_cm",
]


def debye(at_rest, relaxation, conductivity=0.0):
    return 4.9 + (at_rest - 4.9) / (1 - 1j * OMEGA * relaxation) + 1j * conductivity / (OMEGA * PERMITTIVITY)


def mironov(w, clay):
    c = clay / 100
    dry = 1.634 - 0.539 * c + 0.2748 * c**2 + 1j * (0.03952 - 0.04038 * c)
    most_bound = 0.02863 + 0.30673 * c
    bound = np.sqrt(debye(79.8 - 85.4 * c + 32.7 * c**2, 1.062e-11 + 3.45e-12 * c, 0.3112 + 0.467 * c))
    free = np.sqrt(debye(100.0, 8.5e-12, 0.3631 + 1.217 * c))
    index = dry + (bound - 1) * np.minimum(w, most_bound) + (free - 1) * np.maximum(w - most_bound, 0)
    return index**2


def vegetation(temperature, water):
    t = temperature - 273.15
    relaxation = 1.768e-11 + t * (-6.068e-13 + t * (1.104e-14 - 8.111e-17 * t))
    at_rest = 88.045 + t * (-0.4147 + t * (6.295e-4 + 1.075e-5 * t))
    matter = (0.51 - 0.64 * 0.3) * debye(at_rest, relaxation) + 3.2 * 0.3 + 0.49
    k0, k1, leaf = K * COS, K * np.sqrt(matter - SIN2), 2e-4
    once, twice = np.exp(-1j * (k0 - k1) * leaf), np.exp(2j * k1 * leaf)
    depth = 0.33 * K * water / 0.7 / 950 * matter.imag / COS
    passed = []
    for outside in (k0, matter * k0):
        reflected = (outside - k1) / (outside + k1)
        through = 4 * outside * k1 * once / ((outside + k1) ** 2 * (1 - reflected**2 * twice))
        passed.append(np.exp(-depth * np.abs(through) ** 2))
    return passed


def brightness(w, clay, surface, deep, plants, water, roughness):
    effective = deep + 0.802 * (surface - deep)
    soil = mironov(w, clay)
    g = np.sqrt(soil - SIN2)
    smooth = np.abs((COS - g) / (COS + g)) ** 2
    h = smooth * np.exp(-((K * 0.01 * roughness) ** np.sqrt(0.1 * COS)))
    result = []
    for reflected, passed in zip((h, h * COS**0.655), vegetation(plants, water)):
        leaves = 0.95 * (1 - passed) * plants
        result.append(effective * (1 - reflected) * passed + leaves * (1 + reflected * passed))
    return result


folder = Path(sys.argv[1])
columns = [np.fromfile(folder / name, "<f8") for name in NAMES]
n = len(columns[0])
brightness(*[column[:1000] for column in columns])
print(json.dumps({"peer": f"NumPy {np.__version__}"}), flush=True)
for task in sys.stdin:
    block = int(task) or n
    answer = np.empty((n, 2))
    start = time.perf_counter()
    for first in range(0, n, block):
        h, v = brightness(*[column[first : first + block] for column in columns])
        answer[first : first + block, 0] = h
        answer[first : first + block, 1] = v
    seconds = time.perf_counter() - start
    answer.tofile(folder / "answer")
    print(json.dumps({"seconds": seconds}), flush=True)
