"""Contiguity of the census tracts of Chicago by libpysal.

Writes contiguity__chicago_tracts.json. Needs chicago_tracts.geojson in the folder WHEREFAIR_REAL_DATA, by default
../shared/data beside the workspace; says that it is skipped where that is absent.

golden-arguments: {root}
"""
import json
import os
import pathlib
import sys
import warnings
import zlib
from importlib.metadata import version

import shapely.geometry
from libpysal.cg import Polygon
from libpysal.weights import Queen, Rook

warnings.filterwarnings("ignore")
folder = os.environ.get("WHEREFAIR_REAL_DATA", pathlib.Path(sys.argv[1]) / "../shared/data")
path = pathlib.Path(folder) / "chicago_tracts.geojson"
if not path.exists():
    sys.exit(f"skipped: no real data ({path.name})")
features = json.loads(path.read_text())["features"]
areas = []
for feature in features:
    shape = shapely.geometry.shape(feature["geometry"])
    parts = list(shape.geoms) if shape.geom_type == "MultiPolygon" else [shape]
    holes = [list(hole.coords) for part in parts for hole in part.interiors]
    areas.append(Polygon([list(part.exterior.coords) for part in parts], holes or None))


def summary(w):
    links = sorted((i, j) for i, row in w.neighbors.items() for j in row)
    text = "".join(f"{i} {j}\n" for i, j in links)
    return {
        "n": w.n,
        "n_nonzero": len(links),
        "isolates": sorted(w.islands),
        "n_components": int(w.n_components),
        "largest_degree": max(w.cardinalities.values()),
        "adler32_of_links": zlib.adler32(text.encode()),
    }


json.dump(
    {
        "tool": f"libpysal {version('libpysal')}",
        "queen": summary(Queen.from_iterable(areas)),
        "rook": summary(Rook.from_iterable(areas)),
    },
    open("contiguity__chicago_tracts.json", "w"),
    indent=1,
)
