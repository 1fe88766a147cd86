"""The coefficients of the elementary functions: Remez' exchange in 60 digits, printed as doubles with the largest error.

Needs mpmath. The functions are those that `src/elementary.rs` names beside its tables.
"""
from mpmath import atanh, cos, exp, log, lu_solve, matrix, mp, mpf, pi, sin, sqrt

mp.dps = 60


def remez(function, start, end, degree, weight=lambda x: mpf(1)):
    n = degree + 2
    points = [(start + end) / 2 - (end - start) / 2 * cos(pi * mpf(i) / (n - 1)) for i in range(n)]
    while True:
        system, right = matrix(n, n), matrix(n, 1)
        for i, x in enumerate(points):
            for power in range(degree + 1):
                system[i, power] = x**power
            system[i, degree + 1] = (-1) ** i / weight(x)
            right[i] = function(x)
        solution = lu_solve(system, right)
        coefficients = [solution[power] for power in range(degree + 1)]
        grid = [start + (end - start) * mpf(i) / 1200 for i in range(1201)]
        errors = [weight(x) * (sum(c * x**k for k, c in enumerate(coefficients)) - function(x)) for x in grid]
        extrema, current = [], 0
        for i in range(1, len(grid)):
            if (errors[i] > 0) != (errors[current] > 0):
                extrema.append(current)
                current = i
            elif abs(errors[i]) > abs(errors[current]):
                current = i
        extrema.append(current)
        exchanged = [grid[i] for i in extrema]
        if len(exchanged) != n or exchanged == points:
            return coefficients, max(abs(error) for error in errors)
        points = exchanged


def near(small, series, exact):
    return lambda x: series(x) if abs(x) < small else exact(x)


half = log(2) / 2 * mpf("1.0005")
largest_s = (sqrt(2) - 1) / (sqrt(2) + 1)
quarter = (pi / 4 * mpf("1.0005")) ** 2
functions = {
    "EXP": remez(
        near(mpf("1e-6"), lambda r: mpf(1) / 2 + r / 6 + r**2 / 24 + r**3 / 120, lambda r: (exp(r) - 1 - r) / r**2),
        -half, half, 10, lambda r: max(abs(r), half / 40),
    ),
    "LN": remez(
        near(mpf("1e-12"), lambda z: mpf(2) / 3 + 2 * z / 5, lambda z: (2 * atanh(sqrt(z)) / sqrt(z) - 2) / z),
        mpf(0), largest_s**2 * mpf("1.0005"), 6,
    ),
    "SIN": remez(
        near(mpf("1e-12"), lambda z: -mpf(1) / 6 + z / 120, lambda z: (sin(sqrt(z)) - sqrt(z)) / sqrt(z) ** 3),
        mpf(0), quarter, 5,
    ),
    "COS": remez(
        near(mpf("1e-12"), lambda z: mpf(1) / 24 - z / 720, lambda z: (cos(sqrt(z)) - 1 + z / 2) / z**2),
        mpf(0), quarter, 5,
    ),
}
for name, (coefficients, error) in functions.items():
    print(name, f"largest error {float(error):.1e}", *(repr(float(c)) for c in coefficients), sep="\n  ")
