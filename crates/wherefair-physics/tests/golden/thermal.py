"""Makes thermal.json: bands, atmospheres, inversions and the energy balance of the thermal model, written out anew.

Run with any Python 3: python thermal.py
Formulas and constants are those of the publications, in their own form: Planck's law by wave number from the SI's
constants, the radiative transfer by ψ as it was published (ψ1 = 1/τ, ψ2 = −L↓ − L↑/τ, ψ3 = L↓), quotients by logarithms
of sums. Nothing is taken from the crate.
"""

import itertools
import json
import math
import pathlib

# The SI's constants of 2019.
PLANCK_J_S = 6.62607015e-34
LIGHT_M_S = 299792458.0
BOLTZMANN_J_K = 1.380649e-23
# CODATA 2018, as printed.
STEFAN_BOLTZMANN = 5.670374419e-8

# K1 in W m⁻² sr⁻¹ µm⁻¹ and K2 in K of the products' metadata: Chander, Markham and Helder (2009) for Landsat 5 and 7, the
# MTL files of Landsat 8 and 9.
CALIBRATION = {
    "landsat5-band6": (607.76, 1260.56),
    "landsat7-band6": (666.09, 1282.71),
    "landsat8-band10": (774.8853, 1321.0789),
    "landsat8-band11": (480.8883, 1201.1442),
    "landsat9-band10": (799.0284, 1329.2405),
    "landsat9-band11": (475.6581, 1198.3494),
}

# Effective wave number in cm⁻¹, slope and offset of the temperature of MODIS on Terra and on Aqua.
MODIS = {
    "modis-band31": (908.0884, 0.9995608, 0.1302699),
    "modis-band32": (831.5399, 0.9997256, 0.07181833),
    "modis-aqua-band31": (907.6813, 0.9995270, 0.1343433),
    "modis-aqua-band32": (830.8411, 0.9997271, 0.07135051),
}

# Jiménez-Muñoz et al. (2009) for Landsat 5 and 7; Jiménez-Muñoz et al. (2014) for Landsat 8.
PSI = {
    "landsat5-band6": ((0.07518, -0.00492, 1.03189), (-0.59600, -1.22554, 0.08104), (-0.02767, 1.43740, -0.25844)),
    "landsat7-band6": ((0.06518, 0.00683, 1.02717), (-0.53003, -1.25866, 0.10490), (-0.01965, 1.36947, -0.24310)),
    "landsat8-band10": ((0.04019, 0.02916, 1.01523), (-0.38333, -1.50294, 0.20324), (0.00918, 1.36072, -0.27514)),
}
GAMMA_K = {"landsat5-band6": 1256.0, "landsat7-band6": 1277.0, "landsat8-band10": 1324.0}

# Transmittance over water vapour and effective temperature over air temperature, as R's package LST has them.
TRANSMITTANCE = {
    "landsat8-band10": (-0.0164, -0.04203, 0.9715),
    "landsat8-band11": (-0.01218, -0.07735, 0.9603),
}
EFFECTIVE = {
    "us-standard": (25.940, 0.8805),
    "tropical": (17.977, 0.9172),
    "mid-latitude-summer": (16.011, 0.9262),
    "mid-latitude-winter": (19.270, 0.9112),
}
DIFFUSIVITY = 1.66

# Jiménez-Muñoz et al. (2014): c0 to c6.
SPLIT_WINDOW = (-0.268, 1.378, 0.183, 54.30, -2.238, -129.20, 16.40)


def polynomial(coefficients, x):
    a, b, c = coefficients
    return a * x**2 + b * x + c


def planck_by_wave_number(per_m, temperature_k):
    """W m⁻² sr⁻¹ µm⁻¹."""
    energy = math.exp(PLANCK_J_S * LIGHT_M_S * per_m / (BOLTZMANN_J_K * temperature_k))
    per_wave_number = 2 * PLANCK_J_S * LIGHT_M_S**2 * per_m**3 / (energy - 1)
    return per_wave_number * per_m**2 * 1e-6


def radiance(band, temperature_k):
    if band in CALIBRATION:
        k1, k2 = CALIBRATION[band]
        return k1 / (math.exp(k2 / temperature_k) - 1)
    per_cm, slope, offset_k = MODIS[band]
    return planck_by_wave_number(100 * per_cm, slope * temperature_k + offset_k)


def brightness_temperature(band, value):
    if band in CALIBRATION:
        k1, k2 = CALIBRATION[band]
        return k2 / math.log(k1 / value + 1)
    per_cm, slope, offset_k = MODIS[band]
    per_m = 100 * per_cm
    full = 2 * PLANCK_J_S * LIGHT_M_S**2 * per_m**5 * 1e-6
    kelvin = PLANCK_J_S * LIGHT_M_S * per_m / (BOLTZMANN_J_K * math.log(full / value + 1))
    return (kelvin - offset_k) / slope


def from_water_vapour(band, vapour):
    psi1, psi2, psi3 = (polynomial(c, vapour) for c in PSI[band])
    transmittance = 1 / psi1
    # ψ2 = −L↓ − L↑/τ with the sky as published, which is below 0 in dry air; there the model has none.
    return transmittance, (-psi2 - psi3) * transmittance, max(psi3, 0.0)


def from_air_temperature(band, climate, vapour, air_k):
    transmittance = polynomial(TRANSMITTANCE[band], vapour)
    offset_k, slope = EFFECTIVE[climate]
    emitted = radiance(band, offset_k + slope * air_k)
    return transmittance, (1 - transmittance) * emitted, (1 - math.pow(transmittance, DIFFUSIVITY)) * emitted


def slanted(transmittance, up, down, angle_deg):
    through = math.pow(transmittance, 1 / math.cos(math.radians(angle_deg)))
    return through, up * (1 - through) / (1 - transmittance), down


def at_sensor(band, surface_k, emissivity, air):
    transmittance, up, down = air
    return transmittance * (emissivity * radiance(band, surface_k) + (1 - emissivity) * down) + up


def single_channel(band, value, emissivity, vapour):
    psi1, psi2, psi3 = (polynomial(c, vapour) for c in PSI[band])
    brightness = brightness_temperature(band, value)
    gamma = brightness**2 / (GAMMA_K[band] * value)
    delta = brightness - brightness**2 / GAMMA_K[band]
    return gamma * ((psi1 * value + psi2) / emissivity + psi3) + delta


def split_window(ten_k, eleven_k, emissivity, difference, vapour):
    c = SPLIT_WINDOW
    d = ten_k - eleven_k
    return (
        ten_k
        + c[1] * d
        + c[2] * d**2
        + c[0]
        + (c[3] + c[4] * vapour) * (1 - emissivity)
        + (c[5] + c[6] * vapour) * difference
    )


def water_vapour(air_k, humidity):
    celsius = air_k - 273.15
    return 0.0981 * 10 * 0.6108 * math.exp(17.27 * celsius / (237.3 + celsius)) * humidity + 0.1697


def energy(case):
    up = case["emissivity"] * STEFAN_BOLTZMANN * case["surface_k"] ** 4 + (1 - case["emissivity"]) * case["longwave_down"]
    net = case["shortwave_down"] - case["shortwave_up"] + case["longwave_down"] - up
    return {"longwave_up": up, "net": net, "residual": net - case["sensible"] - case["latent"] - case["ground"]}


def air(transmittance, up, down):
    return {"transmittance": transmittance, "up": up, "down": down}


def main():
    black_bodies = [
        {"band": band, "kelvin": kelvin, "radiance": radiance(band, kelvin)}
        for band in [*CALIBRATION, *MODIS]
        for kelvin in (215.0, 300.0, 351.5)
    ]
    for case in black_bodies:
        # A radiance that is none of the band's own at a round temperature.
        case["other_radiance"] = 1.07 * case["radiance"]
        case["other_kelvin"] = brightness_temperature(case["band"], case["other_radiance"])
    vapours = [
        {"band": band, "vapour": vapour, "air": air(*from_water_vapour(band, vapour))}
        for band in PSI
        for vapour in (0.0, 0.1, 0.5, 1.0, 2.0, 3.7, 6.0)
    ]
    air_temperatures = [
        {
            "band": band,
            "climate": climate,
            "vapour": vapour,
            "air_k": air_k,
            "air": air(*from_air_temperature(band, climate, vapour, air_k)),
        }
        for band in TRANSMITTANCE
        for climate in EFFECTIVE
        for vapour, air_k in ((0.3, 262.0), (2.0, 295.0), (4.5, 308.0))
    ]
    slants = [
        {"nadir": air(*nadir), "angle_deg": angle, "air": air(*slanted(*nadir, angle))}
        for nadir in ((0.81, 1.5, 2.5), (0.35, 4.2, 6.0), (0.985, 0.1, 0.25))
        for angle in (7.5, 38.0, 65.0, 85.0)
    ]
    models = []
    for band, surface_k, emissivity, angle in (
        ("landsat5-band6", 288.0, 0.955, 0.0),
        ("landsat7-band6", 311.0, 0.98, 20.0),
        ("landsat8-band10", 300.0, 0.97, 45.0),
    ):
        nadir = from_water_vapour(band, 1.8)
        value = at_sensor(band, surface_k, emissivity, slanted(*nadir, angle))
        models.append(
            {
                "band": band,
                "atmosphere": "water-vapour",
                "climate": "us-standard",
                "state": [surface_k, emissivity, 1.8, angle],
                "radiance": value,
                "kelvin": brightness_temperature(band, value),
            }
        )
    for band, climate, angle in (
        ("landsat8-band10", "tropical", 12.0),
        ("landsat8-band11", "mid-latitude-winter", 55.0),
    ):
        nadir = from_air_temperature(band, climate, 2.2, 291.0)
        value = at_sensor(band, 296.0, 0.965, slanted(*nadir, angle))
        models.append(
            {
                "band": band,
                "atmosphere": "air-temperature",
                "climate": climate,
                "state": [296.0, 0.965, 2.2, 291.0, angle],
                "radiance": value,
                "kelvin": brightness_temperature(band, value),
            }
        )
    for band in ("landsat9-band10", "landsat9-band11", *MODIS):
        value = at_sensor(band, 303.0, 0.94, slanted(0.72, 2.1, 3.3, 33.0))
        models.append(
            {
                "band": band,
                "atmosphere": "given",
                "climate": "us-standard",
                "state": [303.0, 0.94, 0.72, 2.1, 3.3, 33.0],
                "radiance": value,
                "kelvin": brightness_temperature(band, value),
            }
        )
    single_channels = [
        {
            "band": band,
            "radiance": value,
            "emissivity": emissivity,
            "vapour": vapour,
            "kelvin": single_channel(band, value, emissivity, vapour),
        }
        for band in GAMMA_K
        for value, emissivity, vapour in ((7.4, 0.95, 0.6), (9.1, 0.97, 2.0), (11.2, 0.985, 3.1))
    ]
    split_windows = [
        {
            "bands_k": [ten_k, eleven_k],
            "emissivity": emissivity,
            "difference": difference,
            "vapour": vapour,
            "kelvin": split_window(ten_k, eleven_k, emissivity, difference, vapour),
        }
        for (ten_k, eleven_k), (emissivity, difference, vapour) in itertools.product(
            ((295.0, 293.0), (281.3, 282.1), (310.0, 305.5)),
            ((0.97, 0.01, 2.0), (0.985, -0.004, 0.7), (0.93, 0.0, 4.1)),
        )
    ]
    humidities = [
        {"air_k": air_k, "humidity": humidity, "vapour": water_vapour(air_k, humidity)}
        for air_k, humidity in ((263.15, 0.9), (293.15, 0.5), (305.0, 0.2), (305.0, 1.0))
    ]
    fluxes = [
        dict(zip(("shortwave_down", "shortwave_up", "longwave_down", "sensible", "latent", "ground"), numbers[2:]))
        | {"surface_k": numbers[0], "emissivity": numbers[1]}
        for numbers in (
            (300.0, 0.97, 800.0, 160.0, 350.0, 150.0, 250.0, 60.0),
            (271.5, 0.99, 0.0, 0.0, 240.0, -35.0, 4.0, -48.0),
        )
    ]
    golden = {
        "tolerance": 1e-12,
        "tools": {"python": "standard library"},
        "black_bodies": black_bodies,
        "vapours": vapours,
        "air_temperatures": air_temperatures,
        "slants": slants,
        "models": models,
        "single_channels": single_channels,
        "split_windows": split_windows,
        "humidities": humidities,
        "fluxes": [case | energy(case) for case in fluxes],
    }
    text = json.dumps(golden, ensure_ascii=False, indent=1)
    pathlib.Path("thermal.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
