"""Autocorrelation statistics of PySAL's esda on the Baltimore house sales and the Georgia counties of libpysal.

Writes autocorrelation_esda__baltim.json and autocorrelation_esda__georgia.json: values, neighbours and results.
"""
import json
import warnings
from importlib.metadata import version

import geopandas
import numpy as np
from esda import G, Geary, G_Local, Join_Counts, Moran, Moran_BV, Moran_Local
from libpysal.examples import get_path
from libpysal.weights import KNN, Queen

warnings.filterwarnings("ignore")
PERMUTATIONS = 9999
TOOL = ", ".join(f"{name} {version(name)}" for name in ("esda", "libpysal", "numpy"))


def numbers(values):
    return [float(value) for value in values]


def as_written(values):
    """Twelve digits: what is written is what is computed with."""
    return np.array([float(f"{value:.12g}") for value in values])


def neighbours(w):
    return [sorted(int(j) for j in w.neighbors[i]) for i in w.id_order]


def transformed(w, code):
    w.transform = "O"
    w.transform = code
    return w


def moran(y, w, code):
    result = Moran(y, transformed(w, code), transformation=code, permutations=0)
    names = ["I", "EI", "VI_norm", "z_norm", "p_norm", "VI_rand", "z_rand", "p_rand"]
    return {name: float(getattr(result, name)) for name in names}


def geary(y, w, code):
    result = Geary(y, transformed(w, code), transformation=code, permutations=0)
    names = ["C", "VC_norm", "z_norm", "p_norm", "VC_rand", "z_rand", "p_rand"]
    return {name: float(getattr(result, name)) for name in names}


def getis_ord(y, w):
    result = G(y, transformed(w, "B"), permutations=0)
    return {"G": float(result.G), "EG": float(result.EG), "VG": float(result.VG), "z": float(result.z_norm)}


def local_moran(y, w):
    result = Moran_Local(y, transformed(w, "R"), permutations=0)
    return {
        # (n - 1) stands for n in esda's statistic.
        "statistic": numbers(result.Is),
        "expectation": numbers(result.EIc),
        "variance": numbers(result.VIc),
        "expectation_total": numbers(result.EI),
        "variance_total": numbers(result.VI),
        "quadrant": [int(q) for q in result.q],
    }


def local_g(y, w, star):
    result = G_Local(y, transformed(w, "B"), transform="B", permutations=0, star=star)
    return numbers(result.Zs)


def joins(labels, w):
    result = Join_Counts(labels, transformed(w, "B"), permutations=0)
    return {"bb": float(result.bb), "ww": float(result.ww), "bw": float(result.bw)}


def scattered(values, order):
    """Values in the order of another variable: autocorrelated little enough that p-values tell something."""
    return values[np.argsort(order, kind="stable")]


def permutation(x, y, w):
    """Pseudo p-values: esda's are those of the smaller tail."""
    np.random.seed(20260101)
    w = transformed(w, "R")
    return {
        "n": PERMUTATIONS,
        "x": numbers(x),
        "y": numbers(y),
        "moran_folded_p": float(Moran(y, w, permutations=PERMUTATIONS).p_sim),
        "geary_folded_p": float(Geary(y, w, permutations=PERMUTATIONS).p_sim),
        "bivariate_folded_p": float(Moran_BV(x, y, w, permutations=PERMUTATIONS).p_sim),
        "local_moran_folded_p": numbers(Moran_Local(y, w, permutations=PERMUTATIONS, seed=1).p_sim),
    }


def results(x, y, w, labels):
    return {
        "moran": {code: moran(y, w, code) for code in "BRV"},
        "geary": {code: geary(y, w, code) for code in "BRV"},
        "getis_ord": getis_ord(y, w),
        "bivariate": float(Moran_BV(x, y, transformed(w, "R"), permutations=0).I),
        "local_moran": local_moran(y, w),
        "local_g": local_g(y, w, False),
        "local_g_star": local_g(y, w, True),
        "joins": joins(labels, w),
    }


def write(dataset, values):
    with open(f"autocorrelation_esda__{dataset}.json", "w") as file:
        json.dump({"tool": TOOL, **values}, file)


# 211 house sales of 1978 (Dubin 1992): prices, areas of houses and lots, and 5 nearest sales (asymmetric).
houses = geopandas.read_file(get_path("baltim.shp"))
price, area, lot = as_written(houses.PRICE), as_written(houses.SQFT), as_written(houses.LOTSZ)
has_patio = np.array(houses.PATIO, dtype=int)
places = np.column_stack([as_written(houses.X), as_written(houses.Y)])
nearest = KNN.from_array(places, k=5)
write(
    "baltim",
    {
        "n": len(houses),
        "price": numbers(price),
        "area": numbers(area),
        "has_patio": [int(value) for value in has_patio],
        "neighbours": neighbours(nearest),
        "results": results(area, price, nearest, has_patio),
        "permutation": permutation(area, scattered(lot, area), nearest),
    },
)

# 159 counties of Georgia, 1990: shares of bachelors and of the poor, queen contiguity.
counties = geopandas.read_file(get_path("G_utm.shp"))
bachelors, poor = as_written(counties.PctBach), as_written(counties.PctPov)
rural = np.array(counties.PctRural > 70, dtype=int)
queen = Queen.from_dataframe(counties, use_index=False)
write(
    "georgia",
    {
        "n": len(counties),
        "bachelors": numbers(bachelors),
        "poor": numbers(poor),
        "rural": [int(value) for value in rural],
        "neighbours": neighbours(queen),
        "results": results(poor, bachelors, queen, rural),
        "permutation": permutation(poor, scattered(bachelors, poor), queen),
    },
)
