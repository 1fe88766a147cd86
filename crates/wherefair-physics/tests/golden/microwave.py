"""Makes microwave.json: brightness temperatures and absorption of air by the formulas written a second time.

Run with Python 3.9 or later, without packages: python microwave.py
The formulas and tables are those of CMEM 5.1 as its papers and its source have them, where the documentation of the crate
names a difference the corrected form, and of Liebe's MPM89. Nothing here is taken from the crate. Each case holds the
components of a model, the whole state and the brightness temperatures; states are drawn from a seeded generator, or lie
close to both sides of a switch.
"""

import cmath
import json
import math
import pathlib
import random

C = 2.998e8
EPS0 = 8.854e-12
MU0 = 4e-7 * math.pi
WATER_INF = 4.9
FROST = 273.15
SKY = 2.7

# The frequency in GHz and six parameters of each line of MPM89.
OXYGEN = [
    [49.452377, 0.12, 11.83, 8.4, 0.0, 6.3, 1.7],
    [49.962257, 0.34, 10.72, 8.5, 0.0, 6.3, 1.7],
    [50.474239, 0.94, 9.69, 8.6, 0.0, 6.3, 1.7],
    [50.987747, 2.46, 8.69, 8.7, 0.0, 6.3, 1.7],
    [51.503349, 6.08, 7.74, 8.9, 0.0, 6.359, 1.8],
    [52.021408, 14.14, 6.84, 9.2, 0.0, 6.09, 1.8],
    [52.542393, 31.02, 6.0, 9.4, 0.0, 5.799, 1.8],
    [53.066906, 64.1, 5.22, 9.7, 0.0, 5.484, 1.9],
    [53.595749, 124.7, 4.48, 10.0, 0.0, 5.17, 1.8],
    [54.129997, 228.0, 3.81, 10.2, 0.0, 4.923, 2.0],
    [54.671158, 391.8, 3.19, 10.5, 0.0, 4.687, 1.9],
    [55.221367, 631.6, 2.62, 10.79, 0.0, 4.485, 2.1],
    [55.783798, 953.5, 2.115, 11.1, 0.0, 4.228, 2.1],
    [56.264778, 548.9, 0.01, 16.46, 0.0, 2.79, 0.9],
    [56.363388, 1344.0, 1.655, 11.44, 0.0, 3.828, 2.3],
    [56.968182, 1763.0, 1.255, 11.81, 0.0, 3.55, 2.5],
    [57.61248, 2141.0, 0.91, 12.21, 0.0, 0.534, 3.2],
    [58.323875, 2386.0, 0.621, 12.66, 0.0, 0.463, -2.5],
    [58.44659, 1457.0, 0.079, 14.49, 0.0, 6.201, 0.8],
    [59.164204, 2404.0, 0.386, 13.19, 0.0, -4.033, 0.1],
    [59.590981, 2112.0, 0.207, 13.6, 0.0, 6.498, 0.5],
    [60.306057, 2124.0, 0.207, 13.82, 0.0, -5.981, 0.7],
    [60.434776, 2461.0, 0.386, 12.97, 0.0, 3.214, -0.4],
    [61.150558, 2504.0, 0.621, 12.48, 0.0, -1.729, 3.5],
    [61.800152, 2298.0, 0.91, 12.07, 0.0, -1.396, 2.9],
    [62.411213, 1933.0, 1.255, 11.71, 0.0, -4.314, 2.3],
    [62.486252, 1517.0, 0.078, 14.68, 0.0, -4.027, 0.9],
    [62.997974, 1503.0, 1.66, 11.39, 0.0, -4.385, 2.2],
    [63.568516, 1087.0, 2.11, 11.08, 0.0, -4.662, 2.0],
    [64.127762, 733.5, 2.62, 10.78, 0.0, -4.832, 2.0],
    [64.678902, 463.5, 3.19, 10.5, 0.0, -4.976, 1.8],
    [65.224068, 274.8, 3.81, 10.2, 0.0, -5.168, 1.9],
    [65.764771, 153.0, 4.48, 10.0, 0.0, -5.381, 1.8],
    [66.302086, 80.09, 5.22, 9.7, 0.0, -5.663, 1.8],
    [66.83683, 39.46, 6.0, 9.4, 0.0, -5.951, 1.7],
    [67.369598, 18.32, 6.84, 9.2, 0.0, -6.215, 1.8],
    [67.900864, 8.01, 7.74, 8.9, 0.0, -6.456, 1.7],
    [68.431, 3.3, 8.69, 8.7, 0.0, -6.3, 1.7],
    [68.960304, 1.28, 9.69, 8.6, 0.0, -6.2, 1.7],
    [69.489021, 0.47, 10.72, 8.5, 0.0, -6.2, 1.7],
    [70.017342, 0.16, 11.83, 8.4, 0.0, -6.2, 1.7],
    [118.750343, 945.0, 0.0, 16.3, 0.0, -0.244, 0.8],
    [368.498352, 67.9, 0.02, 19.2, 0.6, 0.0, 1.0],
    [424.763123, 638.0, 0.011, 19.16, 0.6, 0.0, 1.0],
    [487.249359, 235.0, 0.011, 19.2, 0.6, 0.0, 1.0],
    [715.393127, 99.6, 0.089, 18.1, 0.6, 0.0, 1.0],
    [773.838745, 671.0, 0.079, 18.1, 0.6, 0.0, 1.0],
    [834.145325, 180.0, 0.079, 18.1, 0.6, 0.0, 1.0],
]
WATER = [
    [22.235081, 0.109, 2.143, 26.93, 0.69, 4.8, 0.61],
    [67.813957, 0.001, 8.73, 28.58, 0.69, 4.93, 0.82],
    [119.995941, 0.001, 8.347, 29.48, 0.7, 4.78, 0.79],
    [183.310074, 2.3, 0.653, 28.13, 0.64, 5.3, 0.85],
    [321.225647, 0.046, 6.156, 23.03, 0.67, 4.69, 0.54],
    [325.152924, 1.54, 1.515, 27.83, 0.68, 4.85, 0.74],
    [336.187012, 0.001, 9.802, 26.93, 0.69, 4.74, 0.61],
    [380.197357, 11.9, 1.018, 28.43, 0.54, 5.41, 0.89],
    [390.134521, 0.004, 7.318, 21.52, 0.63, 4.81, 0.55],
    [437.34668, 0.064, 5.015, 18.45, 0.6, 4.23, 0.48],
    [439.150818, 0.921, 3.561, 21.0, 0.63, 4.29, 0.52],
    [443.01828, 0.194, 5.015, 18.6, 0.6, 4.23, 0.5],
    [448.001068, 10.6, 1.37, 26.32, 0.66, 4.84, 0.67],
    [470.888947, 0.33, 3.561, 21.52, 0.66, 4.57, 0.65],
    [474.689117, 1.28, 2.342, 23.55, 0.65, 4.65, 0.64],
    [488.491119, 0.253, 2.814, 26.02, 0.69, 5.04, 0.72],
    [503.568542, 0.037, 6.693, 16.12, 0.61, 3.98, 0.43],
    [504.482697, 0.013, 6.693, 16.12, 0.61, 4.01, 0.45],
    [556.935974, 510.0, 0.114, 32.1, 0.69, 4.11, 1.0],
    [620.700806, 5.09, 2.15, 24.38, 0.71, 4.68, 0.68],
    [658.00647, 0.274, 7.767, 32.1, 0.69, 4.14, 1.0],
    [752.033203, 250.0, 0.336, 30.6, 0.68, 4.09, 0.84],
    [841.073608, 0.013, 8.113, 15.9, 0.33, 5.76, 0.45],
    [859.86499, 0.133, 7.989, 30.6, 0.68, 4.09, 0.84],
    [899.406982, 0.055, 7.845, 29.85, 0.68, 4.53, 0.9],
    [902.554993, 0.038, 8.36, 28.65, 0.7, 5.1, 0.95],
    [906.205505, 0.183, 5.039, 24.08, 0.7, 4.7, 0.53],
    [916.17157, 8.56, 1.369, 26.7, 0.7, 4.78, 0.78],
    [970.315002, 9.16, 1.842, 25.5, 0.64, 4.94, 0.67],
    [987.926758, 138.0, 0.178, 29.85, 0.68, 4.55, 0.9],
]

# GHz: six coefficients of the optical depth, three of the temperature upwards, three downwards.
REGRESSION = {
    1.4: ([0.0067437, -0.0042382, 1.7619e-05, -1.3158e-05, 1.4305e-05, -1.0359e-07], [36.53, 0.7755, 0.03601], [36.38, 0.7764, 0.03555]),
    6.925: ([0.0077339, -0.0058269, 3.6637e-06, 6.0123e-05, -1.2679e-05, 2.393e-07], [36.16, 0.7773, 0.1705], [36.0, 0.7783, 0.1708]),
    7.3: ([0.0078109, -0.0059659, 4.0964e-06, 6.7199e-05, -1.6768e-05, 2.7629e-07], [35.84, 0.7785, 0.1796], [35.68, 0.7794, 0.18]),
    10.65: ([0.008696, -0.0075497, 1.1144e-05, 0.00015758, -6.4653e-05, 7.0528e-07], [30.52, 0.7987, 0.2417], [30.35, 0.7998, 0.2432]),
    18.7: ([0.01275, -0.014146, 0.00065793, 0.00096464, -0.00036238, 2.8457e-06], [-9.91, 0.9613, 0.1876], [-10.28, 0.9635, 0.2031]),
    23.8: ([0.016869, -0.021553, 0.0060445, -0.00063915, -0.00061159, 1.5723e-06], [-21.71, 1.012, 0.05911], [-22.21, 1.015, 0.1217]),
    36.5: ([0.04656, -0.062541, 0.00010512, 0.0016282, -0.00078491, 8.1643e-06], [26.02, 0.8126, 0.2949], [25.26, 0.8183, 0.312]),
    89.0: ([0.018155, 0.021977, 0.00058428, 0.0070867, -0.0073944, 5.5953e-05], [-25.04, 1.042, -0.01814], [-24.84, 1.042, 0.0624]),
}

# b of Jackson; b1, b2, tt_h, tt_v, h, N_h, N_v and albedo of Wigneron; water of forest in kg/m2. None: h of grass.
KINDS = {
    "bare-soil": (0.0, 0.0, 0.0, 1.0, 1.0, 0.1, 0.0, -1.0, 0.0, 0.0),
    "deciduous-forest": (0.33, 0.0, 0.70, 0.49, 0.46, 1.0, 1.0, 2.0, 0.07, 4.0),
    "coniferous-forest": (0.33, 0.0, 0.69, 0.80, 0.80, 1.2, 1.75, 0.0, 0.08, 3.0),
    "rain-forest": (0.33, 0.0, 0.70, 1.0, 1.0, 1.3, 1.0, 0.0, 0.095, 10.0),
    "c3-grass": (0.20, 0.0375, 0.05, 1.0, 1.0, None, 1.0, 0.0, 0.05, 0.0),
    "c4-grass": (0.20, 0.0375, 0.05, 1.0, 1.0, None, 1.0, 0.0, 0.05, 0.0),
    "c3-crop": (0.15, 0.05, 0.0, 1.0, 2.0, 0.1, 0.0, -1.0, 0.0, 0.0),
    "c4-crop": (0.15, 0.05, 0.0, 2.0, 1.0, 0.6, 0.0, -1.0, 0.05, 0.0),
}
LOW = ["c3-grass", "c4-grass", "c3-crop", "c4-crop"]
FORESTS = ["deciduous-forest", "coniferous-forest", "rain-forest"]
TILES = [
    "bare-soil", "bare-soil-snow", "low-vegetation", "low-vegetation-snow", "high-vegetation",
    "high-vegetation-snow", "open-water",
]
SENSORS = {
    "amsr2": [[f, 55.0] for f in (6.925, 7.3, 10.65, 18.7, 23.8, 36.5)],
    "smos": [[1.4, None]],
    "smap": [[1.41, 40.0]],
}


def wavenumber(f):
    return 2 * math.pi * f * 1e9 / C


def omega(f):
    return 2 * math.pi * f * 1e9


# Water and ice. Losses are positive.


def relaxation(t):
    return 1.768e-11 - 6.068e-13 * t + 1.104e-14 * t**2 - 8.111e-17 * t**3


def pure_water(f, kelvin):
    t = kelvin - FROST
    at_rest = 88.045 - 0.4147 * t + 6.295e-4 * t**2 + 1.075e-5 * t**3
    return WATER_INF + (at_rest - WATER_INF) / (1 - 1j * omega(f) * relaxation(t))


def klein_swift(f, kelvin, s):
    t = kelvin - FROST
    a = 1 + 1.613e-5 * s * t - 3.656e-3 * s + 3.210e-5 * s**2 - 4.232e-7 * s**3
    b = 1 + 2.282e-5 * s * t - 7.638e-4 * s - 7.760e-6 * s**2 + 1.105e-8 * s**3
    at_rest = (87.134 - 0.1949 * t - 0.01276 * t**2 + 2.491e-4 * t**3) * a
    return WATER_INF + (at_rest - WATER_INF) / (1 - 1j * omega(f) * relaxation(t) * b)


def sea_water(f, kelvin, s):
    d = 25 - (kelvin - FROST)
    at_25 = s * (0.182521 - 1.46192e-3 * s + 2.09324e-5 * s**2 - 1.28205e-7 * s**3)
    alpha = 2.033e-2 + 1.266e-4 * d + 2.464e-6 * d**2 - s * (1.849e-5 - 2.551e-7 * d + 2.551e-8 * d**2)
    return klein_swift(f, kelvin, s) + 1j * at_25 * math.exp(-d * alpha) / (omega(f) * EPS0)


def ice(f, kelvin, sign=1.0):
    theta = 300 / kelvin - 1
    alpha = (0.00504 + 0.0062 * theta) * math.exp(-22.1 * theta)
    b = math.exp(335 / kelvin)
    beta = 0.0207 / kelvin * b / (b - 1) ** 2 + 1.16e-11 * f**2 + math.exp(-10.02 + 0.0364 * (kelvin - FROST))
    return complex(3.1884 + 9.1e-4 * (kelvin - FROST), sign * (alpha / f + beta * f))


def sign(reading):
    return -1.0 if reading == "original" else 1.0


# Soil.


def bulk_density(sand, clay):
    return (1.6 * sand + 1.1 * clay + 1.2 * (100 - sand - clay)) / 100


def porosity(sand, clay):
    return 1 - bulk_density(sand, clay) / 2.66


def wilting(sand, clay):
    return 0.06774 - 0.00064 * sand + 0.00478 * clay


def soil_water(f, kelvin, sand, clay, w):
    density = bulk_density(sand, clay)
    sigma = max(0.0, -1.645 + 1.939 * density - 0.02256 * sand + 0.01594 * clay)
    share = (2.66 - density) / (2.66 * max(w, 0.001))
    return klein_swift(f, kelvin, 0.0) + 1j * sigma * share / (omega(f) * EPS0)


def wang_mixture(water, sand, clay, w):
    p, wp = porosity(sand, clay), wilting(sand, clay)
    gamma, wt = 0.481 - 0.57 * wp, 0.165 + 0.49 * wp
    frozen, rock = 3.2 + 0.1j, 5.5 + 0.2j
    if w <= wt:
        wet = w * (frozen + (water - frozen) * w / wt * gamma)
    else:
        wet = wt * (frozen + (water - frozen) * gamma) + (w - wt) * water
    return wet + (p - w) + (1 - p) * rock


def wang(f, water, sand, clay, w):
    alpha = min(100 * wilting(sand, clay), 26.0) if f <= 2.5 else 0.0
    return wang_mixture(water, sand, clay, w) + 1j * alpha * w**2


def dobson(water, sand, clay, w):
    a = 0.65
    particles = (1.01 + 0.44 * 2.66) ** 2 - 0.062
    b_re, b_im = (127.48 - 0.519 * sand - 0.152 * clay) / 100, (133.797 - 0.603 * sand - 0.166 * clay) / 100
    re = 1 + bulk_density(sand, clay) / 2.66 * (particles**a - 1) + w**b_re * water.real**a - w
    return complex(re ** (1 / a), (w**b_im * abs(water.imag) ** a) ** (1 / a))


def mironov(f, clay, w):
    c = clay / 100
    dry = complex(1.634 - 0.539 * c + 0.2748 * c**2, 0.03952 - 0.04038 * c)
    most = 0.02863 + 0.30673 * c

    def index(at_rest, tau, sigma):
        x = omega(f) * tau
        share = (at_rest - WATER_INF) / (1 + x**2)
        return cmath.sqrt(complex(WATER_INF + share, share * x + sigma / (omega(f) * EPS0)))

    bound = index(79.8 - 85.4 * c + 32.7 * c**2, 1.062e-11 + 3.45e-12 * c, 0.3112 + 0.467 * c)
    free = index(100.0, 8.5e-12, 0.3631 + 1.217 * c)
    return (dry + (bound - 1) * min(w, most) + (free - 1) * max(w - most, 0.0)) ** 2


def soil(f, kelvin, sand, clay, w, model, ice_sign):
    t = kelvin - FROST
    ground = 5 + 0.5j
    if t < -5:
        return ground
    if w < 0.02 and sand > 90 and f < 10:
        eps = 2.53 + 0.26 / (1 - 1j * f / 0.27) + 0.002j
    elif model == "mironov":
        eps = mironov(f, clay, w)
    else:
        water = ice(f, kelvin, ice_sign) if t < -0.5 else soil_water(f, kelvin, sand, clay, w)
        eps = dobson(water, sand, clay, w) if model == "dobson" else wang(f, water, sand, clay, w)
    return 0.5 * eps + 0.5 * ground if t < -0.5 else eps


# Temperature, reflectivity.


def surface_share(f, model, s):
    length = 100 * C / (f * 1e9)
    if model == "surface":
        return 1.0
    if model == "choudhury":
        for bound, share in ((4.4, 0.802), (8.5, 0.667), (16, 0.480), (35, 0.246)):
            if length < bound:
                return share
        return 0.084
    w, sand, clay = s["soil_moisture"], s["sand_percent"], s["clay_percent"]
    if model.startswith("wigneron"):
        share = max(0.001, (w / 0.41) ** 0.35)
        return share if model == "wigneron-unbounded" else min(share, 1.0)
    eps = wang_mixture(pure_water(f, s["surface_temperature_k"]), sand, clay, w)
    return min(max((eps.imag / eps.real / 0.08) ** 0.87, 0.001), 1.0)


def fresnel(angle, eps):
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    g = cmath.sqrt(eps - sin**2)
    return [abs((cos - g) / (cos + g)) ** 2, abs((eps * cos - g) / (eps * cos + g)) ** 2]


def rough(f, angle, model, smooth, s, cover):
    sigma, cos = s["roughness_cm"], math.cos(math.radians(angle))
    if model == "smooth" or (sigma == 0 and model in ("choudhury", "wigneron-simple", "wegmuller-matzler")):
        return smooth
    if model == "wegmuller-matzler":
        h = smooth[0] * math.exp(-((wavenumber(f) / 100 * sigma) ** math.sqrt(0.1 * cos)))
        return [h, h * (cos**0.655 if angle <= 60 else 0.635 - 0.0014 * (angle - 60))]
    n = (0.0, 0.0)
    if model == "choudhury":
        h = (2 * wavenumber(f) / 100 * sigma) ** 2
    elif model == "wigneron-simple":
        h = 1.3972 * (sigma / 6) ** 0.5879
    elif model == "wigneron-texture":
        n = KINDS[cover][6:8]
        wt = 0.165 + 0.49 * wilting(s["sand_percent"], s["clay_percent"])
        above, span = s["soil_moisture"] - wt, 0.1 * s["clay_percent"] / 100
        h = 0.10 if above <= 0 else 0.05 if above >= span else 0.10 - 0.05 * above / span
    else:
        n = KINDS[cover][6:8]
        h = KINDS[cover][5]
        h = 1.3 - 1.13 * s["soil_moisture"] if h is None else h
    q = 0.0 if f < 2 else 0.35 * (1 - math.exp(-0.6 * sigma**2 * f))
    return [
        (q * smooth[1] + (1 - q) * smooth[0]) * math.exp(-h * cos ** n[0]),
        (q * smooth[0] + (1 - q) * smooth[1]) * math.exp(-h * cos ** n[1]),
    ]


# Plants.


def opacity(f, angle, model, kind, water, lai, kelvin, ice_sign):
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    b, b1, b2, tt_h, tt_v = KINDS[kind][:5]
    geometry, k = 0.66 if kind in FORESTS else 0.33, wavenumber(f)
    if model == "transparent":
        return [0.0, 0.0]
    if model == "jackson":
        return [b * water / cos] * 2
    if model == "wigneron":
        return [(b1 * lai + b2) * (cos**2 + tt * sin**2) / cos for tt in (tt_h, tt_v)]
    eps = ice(f, kelvin, ice_sign) if kelvin - FROST < -0.5 else pure_water(f, kelvin)
    if model == "kirdyashev":
        return [geometry * k * water / 1000 * eps.imag / cos] * 2
    dry, thick = 0.3, 2e-4
    eps = (0.51 - 0.64 * dry) * eps + 3.2 * dry + 0.49
    k0, k1, j = k * cos, k * cmath.sqrt(eps - sin**2), -1j
    e1, e2 = cmath.exp(j * (k0 - k1) * thick), cmath.exp(-2j * -1 * k1 * thick)
    r_h, r_v = (k0 - k1) / (k0 + k1), (eps * k0 - k1) / (eps * k0 + k1)
    t_h = abs(4 * k0 * k1 * e1 / ((k0 + k1) ** 2 * (1 - r_h**2 * e2))) ** 2
    t_v = abs(4 * eps * k0 * k1 * e1 / ((eps * k0 + k1) ** 2 * (1 - r_v**2 * e2))) ** 2
    return [geometry * k * water / (1 - dry) / 950 * eps.imag * t / cos for t in (t_h, t_v)]


# Snow. Losses here have the sign of the original: eps' - i eps''.


def snow(f, angle, s, reflectivity, ground_k, reading):
    depth, density, water = s["snow_depth_m"], s["snow_density_g_cm3"], s["snow_liquid_water"]
    kelvin, k = s["snow_temperature_k"], wavenumber(f)
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    of_ice = ice(f, kelvin, sign(reading))
    dry = (density - water) / (1 - water)
    re = 1 + 1.58 * dry / (1 - 0.365 * dry)
    im = 3 * dry / 0.916 * of_ice.imag * re**2 * (2 * re + 1)
    im /= (of_ice.real + 2 * re) * (of_ice.real + 2 * re**2)
    wet = re - 1j * im
    for a in (0.005, 0.4975, 0.4975):
        relaxed = 9 * (1 + a * (88 - WATER_INF) / (re + a * (WATER_INF - re)))
        fast = water / 3 * (WATER_INF - re) / (1 + a * (WATER_INF / re - 1))
        slow = water / 3 * (88 - re) / (1 + a * (88 / re - 1))
        wet += fast + (slow - fast) / (1 + 1j * f / relaxed)
    index = cmath.sqrt(wet)
    alpha, beta = k * abs(index.imag), k * index.real
    p, q = 2 * alpha * beta, beta**2 - alpha**2 - k**2 * sin**2
    refracted = math.atan(k * sin / math.sqrt((math.sqrt(p**2 + q**2) + q) / 2))
    if reading == "original":
        eta, air = math.sqrt(MU0 / EPS0) / index, math.sqrt(MU0 / EPS0)
        cos_2 = math.cos(refracted)
        surface = [
            abs((eta * cos - air * cos_2) / (eta * cos + air * cos_2)) ** 2,
            abs((air * cos - eta * cos_2) / (air * cos + eta * cos_2)) ** 2,
        ]
    else:
        surface = fresnel(angle, wet.conjugate())
    grain = min(1000 * (1.6e-4 + 1.1e-13 * (1000 * density) ** 4), 3.0)

    def absorbs(eps):
        # The root of the root's difference, without cancellation.
        tan = eps.imag / eps.real
        half = 0.5 * tan**2 / (math.sqrt(1 + tan**2) + 1)
        return 2 * omega(f) * math.sqrt(MU0 * EPS0 * eps.real) * math.sqrt(half)

    kappa_dry, kappa_wet = absorbs(re - 1j * im), absorbs(wet)
    extinction = max(0.0018 * f**2.8 * grain**2 / 4.3429, kappa_dry) - kappa_dry + kappa_wet
    lost = extinction - 0.96 * (extinction - kappa_wet)
    passed = math.exp(-lost * depth / math.cos(refracted))
    emitted, emissivity = [], []
    for r, big_r, ground in zip(reflectivity, surface, ground_k):
        bounces = 1 - r * big_r * passed**2
        under = 1 - (1 - r) * big_r * passed**2 if reading == "original" else bounces
        of_ground = (1 - r) * (1 - big_r) * passed / under
        of_snow = (1 - big_r) * kappa_wet / lost * (1 - passed) * (1 + r * passed) / bounces
        emitted.append(of_ground * ground + of_snow * kelvin)
        emissivity.append(of_ground + of_snow)
    return emitted, emissivity


# Air. Transmittance, upwelling and downwelling.


def line_shape(f, centre, width, interference):
    near = (width - (centre - f) * interference) / ((centre - f) ** 2 + width**2)
    far = (width - (centre + f) * interference) / ((centre + f) ** 2 + width**2)
    return f / centre * (near + far)


def absorption(f, pascal, kelvin, vapour):
    v, e = 300 / kelvin, vapour * kelvin * 0.46152
    p = pascal / 1000 - e
    dry = 0.0
    for centre, a1, a2, a3, a4, a5, a6 in OXYGEN:
        width = a3 * (p * v ** (0.8 - a4) + 1.1 * e * v) * 1e-3
        if p < 0.7:
            width = math.sqrt(width**2 + 0.0015**2)
        strength = a1 * p * v**3 * math.exp(a2 * (1 - v)) * 1e-6
        dry += strength * line_shape(f, centre, width, a5 * p * v**a6 * 1e-3)
    width = 4.8e-3 * (p + 1.1 * e) * v**0.8
    dry += 6.14e-4 * p * v**2 * width / (f**2 + width**2) * f
    dry += 1.4e-10 * (1 - 1.2e-5 * f**1.5) * p**2 * v**3.5 * f
    wet = 0.0
    for centre, b1, b2, b3, b4, b5, b6 in WATER:
        width = b3 * (p * v**b4 + b5 * e * v**b6) * 1e-3
        if f <= centre + 40 * width:
            wet += b1 * e * v**3.5 * math.exp(b2 * (1 - v)) * line_shape(f, centre, width, 0.0)
    wet += (1.13e-6 * e * p * v**3 + 3.57e-5 * e**2 * v**10.8) * f
    return [0.182e-3 / 4.343 * f * part for part in (max(dry, 0.0), wet)]


def layers(s):
    """250 m up to 5 km, 500 m up to 12 km, 2 km up to 30 km: 6.5 K/km up to 11 km, vapour by 2 km, hydrostatic balance."""
    borders = [250.0 * i for i in range(20)] + [5000 + 500.0 * i for i in range(14)]
    borders += [12000 + 2000.0 * i for i in range(10)]
    g_m_over_r = round(9.80665 * 28.9644e-3 / 8.31432, 7)
    for low, high in zip(borders, borders[1:]):
        z, surface = (low + high) / 2, s["air_temperature_k"]
        kelvin = surface - 6.5e-3 * min(z, 11000)
        # An isothermal layer above the tropopause.
        pascal = s["surface_pressure_pa"] * (kelvin / surface) ** (g_m_over_r / 6.5e-3)
        pascal *= math.exp(-g_m_over_r * max(z - 11000, 0) / kelvin)
        share = math.exp(-low / 2000) - math.exp(-high / 2000)
        yield high - low, pascal, kelvin, s["column_vapour_kg_m2"] * share / (high - low)


def ulaby_loss_db(f):
    vapour = 7.5
    windows = [
        (0.0, 11.0, 0.04),
        (13.5, 16.5, 0.055 + 0.004 * vapour),
        (0.9 * 22.235, 1.1 * 22.235, 0.11 + 0.048 * vapour),
        (31.5, 38.5, 0.17 + 0.013 * vapour),
        (81.0, 99.0, 0.17 + 0.06 * vapour),
    ]
    for (start, low, before), (high, end, after) in zip(windows, windows[1:]):
        if low < f < high and 11 < low < 30:
            # The shape of the line of vapour between the middles of the windows.
            shape = [x**2 / ((x - 22.235) ** 2 + 2.8**2) for x in (f, (start + low) / 2, (high + end) / 2)]
            return before + (after - before) * (shape[0] - shape[1]) / (shape[2] - shape[1])
        if low < f < high:
            return before + (after - before) * (f - low) / (high - low)
    return next((loss for low, high, loss in windows if low <= f <= high), windows[-1][2])


def air(f, angle, model, s, ulaby_decibel):
    cos, kelvin = math.cos(math.radians(angle)), s["air_temperature_k"]
    if model == "none":
        return 1.0, 0.0, 0.0
    if model == "given":
        return math.exp(-s["optical_depth"] / cos), s["upwelling_k"], s["downwelling_k"]
    if model == "liebe":
        depth = up = down = 0.0
        passed = []
        column = list(layers(s))
        for thickness, pascal, temperature, vapour in column:
            slant = sum(absorption(f, pascal, temperature, vapour)) * thickness / cos
            passed.append(math.exp(-slant))
            up = up * passed[-1] - math.expm1(-slant) * temperature
            depth += slant
        down = SKY
        for share, (_, _, temperature, _) in zip(reversed(passed), reversed(column)):
            down = down * share + (1 - share) * temperature
        return math.exp(-depth), up, down
    if model == "pellarin":
        depth = math.exp(-3.926 - 0.2211 * s["elevation_km"] - 0.00369 * kelvin)
        up = down = min(math.exp(4.927 + 0.002195 * kelvin), kelvin)
    elif model == "ulaby":
        loss = ulaby_loss_db(f)
        depth, up, down = loss / 4.34, kelvin, kelvin
    else:
        c, u, d = REGRESSION[min(REGRESSION, key=lambda known: abs(known - f))]
        p, warm, v = s["surface_pressure_pa"] / 101325, (kelvin - 288.15) / 100, s["column_vapour_kg_m2"]
        depth = c[0] * p**2 + c[1] * p**2 * warm + c[2] * v + c[3] * v * p + c[4] * v * warm + c[5] * v**2
        depth = max(depth, 0.0)
        up, down = (min(x[0] + x[1] * kelvin + x[2] * v, kelvin) for x in (u, d))
    g, emitted = math.exp(-depth / cos), -math.expm1(-depth / cos)
    through = math.exp(-loss / cos) if model == "ulaby" and ulaby_decibel == "original" else g
    return through, up * emitted, down * emitted + SKY * g


# The model.

DEFAULTS = {
    "surface": "mixed",
    "soil_dielectric": "mironov",
    "dielectric_temperature": "effective",
    "effective_temperature": "choudhury",
    "roughness": "wegmuller-matzler",
    "vegetation_opacity": "wegmuller",
    "vegetation_water": "from-leaf-area",
    "low_vegetation": "c3-grass",
    "high_vegetation": "deciduous-forest",
    "scattering_albedo": None,
    "atmosphere": "regression",
    "ice_sign": "corrected",
    "snow": "corrected",
    "ulaby_decibel": "corrected",
    "frequency_switches": "off",
}


def switched(f, params):
    params = DEFAULTS | params
    if params["frequency_switches"] == "off":
        return params
    if f > 2.5 and params["effective_temperature"] != "surface":
        params["effective_temperature"] = "choudhury"
    if params["roughness"].startswith("wigneron") and f >= 2:
        params["roughness"] = "choudhury" if f <= 10 else "wegmuller-matzler"
    if (params["vegetation_opacity"] == "kirdyashev" and f > 7.5) or (
        params["vegetation_opacity"] == "wigneron" and f > 11
    ):
        params["vegetation_opacity"] = "wegmuller"
    if params["atmosphere"] == "pellarin" and f >= 10:
        params["atmosphere"] = "ulaby"
    return params


def brightness(f, angle, params, s):
    params = switched(f, params)
    angle = s["incidence_deg"] if angle is None else angle
    through, up, sky = air(f, angle, params["atmosphere"], s, params["ulaby_decibel"])
    w, sand, clay = s["soil_moisture"], s["sand_percent"], s["clay_percent"]
    surface_k, deep_k, plants_k = (s[f"{name}_temperature_k"] for name in ("surface", "deep", "vegetation"))
    share = surface_share(f, params["effective_temperature"], s)
    effective = deep_k + share * (surface_k - deep_k)
    soil_k = surface_k if params["dielectric_temperature"] == "surface" else effective
    if params["effective_temperature"] == "wigneron-unbounded" and params["dielectric_temperature"] != "surface":
        soil_k = min(soil_k, 340.0)
    ice_sign = sign(params["ice_sign"])
    smooth = fresnel(angle, soil(f, soil_k, sand, clay, w, params["soil_dielectric"], ice_sign))

    def plants(kind):
        lai = s["leaf_area_index"]
        if params["vegetation_water"] == "given":
            water = s["low_vegetation_water_kg_m2" if kind in LOW else "high_vegetation_water_kg_m2"]
        else:
            water = 0.5 * lai if kind in LOW else KINDS[kind][9]
        albedo = params["scattering_albedo"]
        if albedo is None:
            albedo = KINDS[kind][8] if params["vegetation_opacity"] == "wigneron" else 0.05
        depth = opacity(f, angle, params["vegetation_opacity"], kind, water, lai, plants_k, ice_sign)
        return [(math.exp(-tau), (1 - albedo) * (1 - math.exp(-tau)) * plants_k) for tau in depth]

    def ground(cover):
        return [(r, (1 - r) * effective) for r in rough(f, angle, params["roughness"], smooth, s, cover)]

    def seen(surface, sky):
        return [emitted + r * sky for r, emitted in surface]

    def under(kind, surface, sky):
        return [
            emitted * passed + sky * r * passed**2 + own * (1 + r * passed)
            for (passed, own), (r, emitted) in zip(plants(kind), surface)
        ]

    def snow_on(surface):
        if params["snow"] == "original":
            reflectivity = [1 - leaving / surface_k for leaving in seen(surface, sky)]
            temperature = [surface_k] * 2
        else:
            reflectivity = [r for r, _ in surface]
            temperature = [emitted / (1 - r) for r, emitted in surface]
        emitted, emissivity = snow(f, angle, s, reflectivity, temperature, params["snow"])
        return [(1 - e, tb) for e, tb in zip(emissivity, emitted)]

    def seen_snow(surface):
        return [tb for _, tb in surface] if params["snow"] == "original" else seen(surface, sky)

    low, high = params["low_vegetation"], params["high_vegetation"]

    def of(tile):
        if tile == "bare-soil":
            return seen(ground("bare-soil"), sky)
        if tile == "bare-soil-snow":
            return seen_snow(snow_on(ground("bare-soil")))
        if tile == "low-vegetation":
            return under(low, ground(low), sky)
        if tile == "low-vegetation-snow":
            below = ground(low)
            above = under(low, below, 0.0)
            buried = [(r * passed**2, tb) for (r, _), (passed, _), tb in zip(below, plants(low), above)]
            return seen_snow(snow_on(buried))
        if tile == "high-vegetation":
            return under(high, ground(high), sky)
        if tile == "high-vegetation-snow":
            return under(high, snow_on(ground(high)), sky)
        kelvin = s["water_temperature_k"]
        eps = ice(f, kelvin, ice_sign) if kelvin - FROST < -0.5 else sea_water(f, kelvin, s["salinity_psu"])
        return seen([(r, (1 - r) * kelvin) for r in fresnel(angle, eps)], sky)

    if params["surface"] == "mixed":
        shares = [s[f"{name}_fraction"] for name in ("low_vegetation", "high_vegetation", "water", "snow")]
        a, b, c, cover = shares
        bare = 1 - a - b - c
        fractions = [bare * (1 - cover), bare * cover, a * (1 - cover), a * cover, b * (1 - cover), b * cover, c]
        parts = [(of(tile), fraction) for tile, fraction in zip(TILES, fractions) if fraction != 0]
        total = [sum(tb[p] * fraction for tb, fraction in parts) for p in (0, 1)]
    else:
        total = of(params["surface"]["tile"])
    return [through * tb + up for tb in total]


# Cases.

RANGES = {
    "soil_moisture": (0.0, 0.4),
    "sand_percent": (0.0, 60.0),
    "clay_percent": (1.0, 40.0),
    "surface_temperature_k": (274.0, 320.0),
    "deep_temperature_k": (274.0, 305.0),
    "vegetation_temperature_k": (274.0, 315.0),
    "leaf_area_index": (0.2, 6.0),
    "low_vegetation_water_kg_m2": (0.1, 5.0),
    "high_vegetation_water_kg_m2": (0.5, 8.0),
    "roughness_cm": (0.1, 3.0),
    "snow_depth_m": (0.02, 1.5),
    "snow_density_g_cm3": (0.1, 0.5),
    "snow_liquid_water": (0.0, 0.08),
    "snow_temperature_k": (240.0, 273.0),
    "water_temperature_k": (273.0, 305.0),
    "salinity_psu": (0.0, 40.0),
    "low_vegetation_fraction": (0.05, 0.4),
    "high_vegetation_fraction": (0.05, 0.3),
    "water_fraction": (0.05, 0.3),
    "snow_fraction": (0.05, 0.95),
    "air_temperature_k": (246.0, 307.0),
    "elevation_km": (0.0, 3.0),
    "surface_pressure_pa": (70e3, 103e3),
    "column_vapour_kg_m2": (2.0, 59.0),
    "optical_depth": (0.0, 0.3),
    "upwelling_k": (0.0, 60.0),
    "downwelling_k": (2.7, 60.0),
    "incidence_deg": (0.0, 69.0),
}
GENERATOR = random.Random(2009)
CASES = []


def number(value):
    """Few digits, so that the file is short and every reader has the same number."""
    return float(f"{value:.5g}")


def case(group, channels, params, n=1, **given):
    """`n` states, drawn but for what is given."""
    for _ in range(n):
        state = {name: number(GENERATOR.uniform(low, high)) for name, (low, high) in RANGES.items()} | given
        channels = [list(channel) for channel in channels]
        values = [tb for f, angle in channels for tb in brightness(f, angle, params, state)]
        values = [round(value, 10) for value in values]
        row = {"group": group, "channels": channels, "params": params}
        CASES.append(row | {"state": list(state.values()), "brightness_k": values})


def tile(name):
    return {"tile": name}


BARE = {"surface": tile("bare-soil"), "atmosphere": "none", "roughness": "smooth"}
AT_SURFACE = BARE | {"effective_temperature": "surface"}
MANY = [(1.41, 40.0), (6.925, 55.0), (10.65, 55.0), (18.7, 55.0), (36.5, 55.0)]


def soils():
    for model in ("wang-schmugge", "dobson", "mironov"):
        params = AT_SURFACE | {"soil_dielectric": model}
        case("soil", MANY, params, 8)
        # Bound water, much water, hardly any, none.
        case("soil", MANY, params, soil_moisture=0.05, clay_percent=30.0)
        case("soil", MANY, params, soil_moisture=0.45, clay_percent=3.0)
        case("soil", MANY, params, soil_moisture=0.0005, sand_percent=20.0)
        case("soil", MANY, params, soil_moisture=0.0)
        # Sand without conductivity, clay beyond the most of its loss, both sides of 2.5 GHz.
        case("soil", MANY, params, sand_percent=98.0, clay_percent=1.0, soil_moisture=0.1)
        case("soil", MANY, params, sand_percent=5.0, clay_percent=60.0, soil_moisture=0.3)
        case("soil", [(2.49, 40.0), (2.51, 40.0)], params, sand_percent=5.0, clay_percent=60.0, soil_moisture=0.3)
        # Dry sand and its neighbours.
        for sand, w in ((95.0, 0.01), (90.5, 0.01), (89.5, 0.01), (95.0, 0.0199), (95.0, 0.0201)):
            around = [(1.41, 40.0), (6.925, 55.0), (9.95, 55.0), (10.05, 55.0)]
            case("soil", around, params, sand_percent=sand, clay_percent=3.0, soil_moisture=w)
        # Frost.
        for kelvin in (272.655, 272.6475, 270.0, 268.16, 268.13, 260.0):
            for ice_sign in ("corrected", "original"):
                case("soil", MANY, params | {"ice_sign": ice_sign}, surface_temperature_k=kelvin)


def temperatures():
    lengths = [4.38, 4.42, 8.45, 8.55, 15.9, 16.1, 34.9, 35.2]
    channels = [(number(100 * C / 1e9 / length), 40.0) for length in lengths]
    case("temperature", channels, BARE | {"frequency_range": "extended"}, 3)
    for model in ("wigneron", "wigneron-unbounded", "holmes"):
        params = BARE | {"effective_temperature": model, "soil_dielectric": "wang-schmugge"}
        case("temperature", [(1.41, 40.0)], params, 8)
        for w in (0.0, 0.02, 0.405, 0.415, 0.48):
            case("temperature", [(1.41, 40.0)], params, soil_moisture=w)
        case("temperature", [(1.41, 40.0)], params, soil_moisture=0.45, surface_temperature_k=338.0, deep_temperature_k=274.0)
    for model in ("wang-schmugge", "dobson"):
        params = BARE | {"dielectric_temperature": "surface", "soil_dielectric": model}
        case("temperature", MANY, params, 3, surface_temperature_k=315.0, deep_temperature_k=280.0)


def roughnesses():
    any_angle = [(1.41, None), (6.925, None), (18.7, None)]
    for model in ("choudhury", "wigneron-simple", "wigneron-texture", "wigneron", "wegmuller-matzler"):
        params = BARE | {"roughness": model}
        case("roughness", any_angle, params, 6)
        case("roughness", any_angle, params, 2, roughness_cm=0.0)
        case("roughness", any_angle, params, 2, incidence_deg=65.0)
        case("roughness", any_angle, params, incidence_deg=60.0)
        case("roughness", any_angle, params, incidence_deg=60.1)
        case("roughness", [(1.99, 40.0), (2.01, 40.0)], params, 2, roughness_cm=0.35)
        for kind in LOW + FORESTS:
            at = "low_vegetation" if kind in LOW else "high_vegetation"
            of = {"surface": tile(at.replace("_", "-")), at: kind, "vegetation_opacity": "transparent"}
            case("roughness", [(1.41, None)], params | of, 2)
    params = BARE | {"roughness": "wigneron-texture"}
    for w in (0.1, 0.22, 0.235, 0.25, 0.28, 0.4):
        case("roughness", [(1.41, 40.0)], params, soil_moisture=w, sand_percent=30.0, clay_percent=30.0)


def plants():
    for kind in LOW + FORESTS:
        at = "low_vegetation" if kind in LOW else "high_vegetation"
        of = {"surface": tile(at.replace("_", "-")), at: kind, "atmosphere": "given"}
        for model in ("jackson", "kirdyashev", "wigneron", "wegmuller"):
            params = of | {"vegetation_opacity": model}
            case("plants", [(1.41, None), (6.925, None)], params, 2)
            case("plants", [(1.41, None), (6.925, None)], params | {"vegetation_water": "given"}, 2)
            case("plants", [(1.41, None)], params | {"scattering_albedo": 0.12})
    forest = {"surface": tile("high-vegetation"), "atmosphere": "given", "vegetation_water": "given"}
    for model in ("kirdyashev", "wegmuller"):
        params = forest | {"vegetation_opacity": model}
        case("plants", MANY, params, 4)
        for kelvin in (272.655, 272.6475, 255.0, 200.0):
            for ice_sign in ("corrected", "original"):
                case("plants", MANY, params | {"ice_sign": ice_sign}, vegetation_temperature_k=kelvin)


def snows():
    for name in ("bare-soil-snow", "low-vegetation-snow", "high-vegetation-snow"):
        for reading in ("corrected", "original"):
            params = {"surface": tile(name), "snow": reading, "atmosphere": "given"}
            case("snow", MANY, params, 4)
            case("snow", MANY, params, 2, snow_liquid_water=0.0)
            case("snow", MANY, params, snow_density_g_cm3=0.399, snow_depth_m=0.1)
            case("snow", MANY, params, snow_density_g_cm3=0.402, snow_depth_m=0.1)
            case("snow", MANY, params, snow_density_g_cm3=0.7, snow_depth_m=0.02)
            case("snow", MANY, params, snow_density_g_cm3=0.25, snow_liquid_water=0.1, snow_temperature_k=265.0)
        # What is under the snow has the roughness of its plants.
        params = {"surface": tile(name), "roughness": "wigneron", "atmosphere": "given"}
        case("snow", [(1.41, 40.0)], params, 3, snow_liquid_water=0.0)


def waters():
    params = {"surface": tile("open-water"), "atmosphere": "none"}
    case("water", MANY, params, 8)
    for kelvin in (272.655, 272.6475, 250.0, 335.0):
        case("water", MANY, params, water_temperature_k=kelvin)
        case("water", MANY, params | {"ice_sign": "original"}, water_temperature_k=kelvin)


def atmospheres():
    params = {"surface": tile("bare-soil"), "roughness": "smooth"}
    case("air", [(1.41, None), (6.925, None)], params | {"atmosphere": "pellarin"}, 6)
    for kelvin in (185.0, 226.9, 227.4, 235.0):
        case("air", [(1.41, None)], params | {"atmosphere": "pellarin"}, air_temperature_k=kelvin)
    borders = [1.4, 10.9, 11.05, 12.0, 13.4, 13.6, 15.0, 16.4, 16.55, 18.7, 20.0, 20.1, 23.8, 24.4, 24.5, 28.0, 31.4, 31.6]
    borders += [36.5, 38.4, 38.6, 60.0, 80.9, 81.2, 89.0, 98.9, 99.1]
    for reading in ("corrected", "original"):
        of = params | {"atmosphere": "ulaby", "ulaby_decibel": reading, "frequency_range": "extended"}
        case("air", [(f, 55.0) for f in borders], of, 2)
    of = params | {"atmosphere": "regression", "frequency_range": "extended"}
    case("air", [(f, None) for f in REGRESSION], of, 8)
    case("air", [(f, None) for f in (10.65, 36.5)], of, air_temperature_k=225.0, column_vapour_kg_m2=69.0)
    of = params | {"atmosphere": "liebe", "frequency_range": "extended"}
    case("air", [(1.41, 40.0), (18.7, 55.0), (22.235, 0.0), (60.0, 50.0), (89.0, 55.0)], of, 4)


def mixtures():
    case("mixed", SENSORS["amsr2"], {}, 10)
    case("mixed", SENSORS["amsr2"], {}, 2, low_vegetation_fraction=0.0, snow_fraction=0.0, water_fraction=0.0)
    ecmwf = {
        "soil_dielectric": "wang-schmugge",
        "effective_temperature": "wigneron",
        "roughness": "wigneron-simple",
        "vegetation_opacity": "wigneron",
        "atmosphere": "pellarin",
        "frequency_switches": "cmem",
    }
    case("mixed", MANY, ecmwf, 4)
    around = (1.41, 1.99, 2.0, 2.01, 2.49, 2.5, 2.51, 7.45, 7.5, 7.51, 7.55, 9.95, 10.0, 10.05, 10.95, 11.0, 11.05)
    for model in ("surface", "wigneron", "holmes"):
        for roughness in ("wigneron", "wigneron-simple", "wigneron-texture", "choudhury"):
            for plants in ("wigneron", "kirdyashev"):
                params = ecmwf | {"effective_temperature": model, "roughness": roughness, "vegetation_opacity": plants}
                case("switches", [(f, 50.0) for f in around], params)


def absorptions():
    """Beside every line, at two temperatures, and high up in the air."""
    cases = []
    for lines in (OXYGEN, WATER):
        for line in lines:
            for share, pascal, kelvin, vapour in ((1.003, 60e3, 265.0, 0.004), (0.997, 95e3, 240.0, 0.009)):
                cases.append([number(line[0] * share), pascal, kelvin, vapour])
            cases.append([number(line[0]), 8e3, 215.0, 1e-4])
    for line in OXYGEN:
        for pascal in (300.0, 699.0, 703.0):
            cases.append([round(line[0] + 0.001, 6), pascal, 230.0, 1e-7])
    # Where lines of vapour end.
    for line in WATER:
        width = line[3] * (20.0 * (300 / 250) ** line[4] + line[5] * 0.001 * 250 * 0.46152 * (300 / 250) ** line[6]) * 1e-3
        for widths in (39.9, 40.1):
            cases.append([round(line[0] + widths * width, 6), 20115.0, 250.0, 0.001])
    for f in (0.3, 1.4, 6.925, 18.7, 23.8, 36.5, 89.0, 150.0, 250.0):
        cases.append([f, 101325.0, 288.15, 0.0075])
        cases.append([f, 50e3, 250.0, 0.0])
        cases.append([f, 20e3, 210.0, 1e-5])
    return [{"of": of, "absorption": [float(f"{part:.13e}") for part in absorption(*of)]} for of in cases]


def main():
    for make in (soils, temperatures, roughnesses, plants, snows, waters, atmospheres, mixtures):
        make()
    golden = {
        "sensors": [{"sensor": name, "channels": channels} for name, channels in SENSORS.items()],
        "variables": list(RANGES),
        "oxygen": OXYGEN,
        "water": WATER,
        "absorption": absorptions(),
        "brightness": CASES,
    }
    text = ",\n".join(
        f'"{key}": [\n' + ",\n".join(json.dumps(row) for row in rows) + "\n]" for key, rows in golden.items()
    )
    path = pathlib.Path(__file__).with_name("microwave.json")
    path.write_text("{\n" + text + "\n}\n")
    print(path, {key: len(rows) for key, rows in golden.items()})
    print("brightness temperatures", sum(len(row["brightness_k"]) for row in CASES))


if __name__ == "__main__":
    main()
