"""Spatial weights of libpysal on seeded points.

Writes weights__points.json: neighbours and weights, row by row, of each constructor; transforms and the moments S0,
S1 and S2 of each form; two-hop neighbours; cells of a raster.
"""
import json
import warnings
from importlib.metadata import version

import numpy as np
from libpysal.weights import KNN, DistanceBand, Kernel, higher_order, lat2W
from libpysal.cg import KDTree

warnings.filterwarnings("ignore")
RADIUS_M = 6_371_000.0

generator = np.random.default_rng(20260101)
planar = generator.uniform(0, 100, (40, 2))
# Two points far from all others, so that bands have isolates.
planar[17] = [180.0, 10.0]
planar[31] = [-90.0, 95.0]
globe = np.column_stack([generator.uniform(-180, 180, 30), np.degrees(np.arcsin(generator.uniform(-1, 1, 30)))])


def rows(w, names):
    """Neighbours and weights of each unit, ascending by neighbour, without the diagonal; no values where all are 1."""
    out = []
    for i in names:
        row = sorted((names.index(j), float(x)) for j, x in w[i].items() if j != i)
        out.append({"neighbours": [j for j, _ in row], "values": [x for _, x in row]})
    if all(x == 1 for row in out for x in row["values"]):
        return [{"neighbours": row["neighbours"]} for row in out]
    return out


def moments(w):
    return {"s0": float(w.s0), "s1": float(w.s1), "s2": float(w.s2)}


cases = []


def standardised(name, w, codes):
    for code in codes:
        # libpysal's D divides by the sum of the weights as they are, so each transform starts from the original.
        w.transform = "O"
        w.transform = code
        case(f"{name}_{code}", w)


def case(name, w, with_moments=True):
    entry = {"name": name, "rows": rows(w, list(w.id_order))}
    if with_moments:
        entry["moments"] = moments(w)
    cases.append(entry)


knn = KNN.from_array(planar, k=6)
case("k_nearest_6", knn)
standardised("k_nearest_6", knn, "BRDV")

globe_tree = KDTree(globe, distance_metric="Arc", radius=RADIUS_M)
case("k_nearest_5_great_circle", KNN(globe_tree, k=5))

band = DistanceBand(planar, threshold=15.0, binary=True, silence_warnings=True)
case("band_15", band)
inverse = DistanceBand(planar, threshold=25.0, binary=False, alpha=-1.0, silence_warnings=True)
case("inverse_1_cutoff_25", inverse)
# libpysal's V counts isolates, so it is not compared here.
standardised("inverse_1_cutoff_25", inverse, "RD")
case("inverse_2_all", DistanceBand(planar, threshold=1e6, binary=False, alpha=-2.0, silence_warnings=True))
case(
    "inverse_1_great_circle_4000_km",
    DistanceBand(globe_tree, threshold=4_000_000.0, binary=False, alpha=-1.0, silence_warnings=True),
)

# libpysal keeps K(0) on the diagonal, so the moments are not those of a zero diagonal.
for function in ["triangular", "uniform", "quadratic", "quartic", "gaussian"]:
    case(f"kernel_{function}_fixed_20", Kernel(planar, bandwidth=20.0, function=function), with_moments=False)
    case(f"kernel_{function}_adaptive_7", Kernel(planar, k=7, fixed=False, function=function), with_moments=False)

rook = lat2W(6, 7, rook=True)
queen = lat2W(6, 7, rook=False)
case("raster_6_7_rook", rook)
case("raster_6_7_queen", queen)
case("raster_6_7_rook_exactly_2_hops", higher_order(rook, k=2))
case("raster_6_7_rook_exactly_3_hops", higher_order(rook, k=3))

json.dump(
    {
        "tool": f"libpysal {version('libpysal')}",
        "relative_tolerance": 1e-9,
        "radius_m": RADIUS_M,
        "planar": planar.tolist(),
        "globe": globe.tolist(),
        "cases": cases,
    },
    open("weights__points.json", "w"),
    separators=(",", ":"),
)
