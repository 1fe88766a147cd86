"""Makes metrics.json: scores, group metrics, correlations and two-sample tests by scikit-learn, fairlearn and SciPy.

Run with a Python that has scikit-learn, fairlearn, pandas and SciPy: python metrics.py
The data are drawn from seeded generators and stored beside the values, so that the reader needs no generator.
Values that a library leaves undefined are null.
"""

import json
import pathlib
import warnings

import fairlearn
import fairlearn.metrics as fl
import numpy as np
import scipy
import sklearn
import sklearn.metrics as skm
from scipy import special, stats

warnings.filterwarnings("ignore")

ALTERNATIVES = {"two_sided": "two-sided", "greater": "greater", "less": "less"}
ZERO = {"zero": 0, "one": 1, "exclude": np.nan}
MEASURES = {"precision": skm.precision_score, "recall": skm.recall_score, "f1": skm.f1_score}


def number(value):
    """A float, or None where it is undefined."""
    value = float(value)
    return value if np.isfinite(value) else None


def mean_of_others(truth, pred, k):
    """Per-class precision, recall and F1 with 0/0 replaced by the mean of the other classes, class by class."""
    tp = np.array([np.sum((truth == c) & (pred == c)) for c in range(k)], float)
    support = np.array([np.sum(truth == c) for c in range(k)], float)
    predicted = np.array([np.sum(pred == c) for c in range(k)], float)

    def filled(numerator, denominator):
        raw = [n / d if d > 0 else None for n, d in zip(numerator, denominator)]
        out = []
        for c in range(k):
            others = [raw[o] for o in range(k) if o != c and raw[o] is not None]
            out.append(raw[c] if raw[c] is not None else sum(others) / len(others))
        return np.array(out)

    p, r = filled(tp, predicted), filled(tp, support)
    f = np.array([2 * a * b / (a + b) if a + b > 0 else 0.0 for a, b in zip(p, r)])
    return {"precision": p, "recall": r, "f1": f}, support


def class_scores(truth, pred, k):
    rows = []

    def add(score, averaging, zero, positive, value):
        rows.append({"score": score, "averaging": averaging, "zero": zero, "positive": positive, "value": number(value)})

    add("accuracy", None, None, None, skm.accuracy_score(truth, pred))
    add("balanced_accuracy", None, None, None, skm.balanced_accuracy_score(truth, pred))
    add("cohen_kappa", None, None, None, skm.cohen_kappa_score(truth, pred))
    one_sided = len(set(truth)) == 1 or len(set(pred)) == 1
    # scikit-learn gives 0 where the coefficient is 0/0.
    add("matthews", None, None, None, np.nan if one_sided else skm.matthews_corrcoef(truth, pred))
    for averaging in ("weighted", "macro"):
        add("jaccard", averaging, "zero", None, skm.jaccard_score(truth, pred, average=averaging, zero_division=0))
        for name, function in MEASURES.items():
            for zero, value in ZERO.items():
                add(name, averaging, zero, None, function(truth, pred, average=averaging, zero_division=value))
    filled, support = mean_of_others(truth, pred, k)
    for name, values in filled.items():
        add(name, "weighted", "mean_of_others", None, np.average(values, weights=support))
        add(name, "macro", "mean_of_others", None, np.mean(values))
    for positive in sorted({0, k // 2, k - 1}):
        t, p = truth == positive, pred == positive
        add("jaccard", "binary", "zero", positive, skm.jaccard_score(t, p, zero_division=0))
        add("jaccard", "binary", "one", positive, skm.jaccard_score(t, p, zero_division=1))
        for name, function in MEASURES.items():
            for zero, value in ZERO.items():
                add(name, "binary", zero, positive, function(t, p, zero_division=value))
            add(name, "binary", "mean_of_others", positive, filled[name][positive])
        tn, fp, fn, tp = skm.confusion_matrix(t, p, labels=[False, True]).ravel()
        add("selection_rate", None, None, positive, fl.selection_rate(t, p))
        add("base_rate", None, None, positive, t.mean())
        add("true_positive_rate", None, None, positive, tp / (tp + fn))
        add("false_positive_rate", None, None, positive, fp / (fp + tn))
        add("false_negative_rate", None, None, positive, fn / (tp + fn))
    return rows


def class_cases():
    def noisy(rng, truth, k, right):
        return np.where(rng.random(len(truth)) < right, truth, rng.integers(0, k, len(truth)))

    data = []
    for seed, k in enumerate([2, 3, 4, 5, 7, 10, 13, 20]):
        rng = np.random.default_rng(100 + seed)
        truth = rng.integers(0, k, 80)
        data.append((f"balanced, {k} classes", k, truth, noisy(rng, truth, k, 0.7)))
        weights = 0.5 ** np.arange(k)
        truth = rng.choice(k, 80, p=weights / weights.sum())
        data.append((f"imbalanced, {k} classes", k, truth, noisy(rng, truth, k, 0.6)))
    rng = np.random.default_rng(200)
    truth = rng.choice([0, 1, 3, 4], 60)
    pred = rng.permutation(truth)
    data.append(("class 2 absent from both", 5, truth, pred))
    data.append(("class 2 without support", 5, truth, np.where(rng.random(60) < 0.2, 2, pred)))
    truth = rng.integers(0, 4, 60)
    data.append(("class 0 never predicted", 4, truth, np.where(truth == 0, 1, rng.permutation(truth).clip(1))))
    data.append(("single class, all right", 3, np.ones(7, int), np.ones(7, int)))
    data.append(("single class, all wrong", 3, np.ones(7, int), np.full(7, 2)))
    data.append(("single class in truth", 3, np.zeros(20, int), rng.integers(0, 3, 20)))
    data.append(("single class predicted", 3, rng.integers(0, 3, 20), np.zeros(20, int)))
    data.append(("one sample, right", 2, np.array([1]), np.array([1])))
    data.append(("one sample, wrong", 2, np.array([1]), np.array([0])))
    data.append(("two samples, swapped", 2, np.array([0, 1]), np.array([1, 0])))
    data.append(("no overlap", 4, np.array([0, 0, 1, 1]), np.array([2, 3, 3, 2])))
    return [
        {
            "name": name,
            "n_classes": k,
            "truth": truth.tolist(),
            "pred": pred.tolist(),
            "scores": class_scores(truth, pred, k),
        }
        for name, k, truth, pred in data
    ]


def value_cases():
    cases = []
    for seed, (centre, spread) in enumerate([(0, 1), (300, 0.1), (1e6, 1), (5, 3), (1e-3, 1e-4)]):
        rng = np.random.default_rng(300 + seed)
        truth = rng.normal(centre, spread, 50)
        pred = truth + rng.normal(0.1 * spread, 0.5 * spread, 50)
        case = {
            "name": f"normal around {centre}",
            "truth": truth.tolist(),
            "pred": pred.tolist(),
            "mean_absolute": skm.mean_absolute_error(truth, pred),
            "root_mean_square": skm.root_mean_squared_error(truth, pred),
            "mean_signed": float(np.mean(pred - truth)),
            "r_squared": skm.r2_score(truth, pred),
            "median_absolute": skm.median_absolute_error(truth, pred),
            "mean_absolute_percentage": skm.mean_absolute_percentage_error(truth, pred),
            "mean_absolute_log_ratio": None,
            "root_mean_square_log_ratio": None,
        }
        if (truth > 0).all() and (pred > 0).all():
            case["mean_absolute_log_ratio"] = skm.mean_absolute_error(np.log(truth), np.log(pred))
            case["root_mean_square_log_ratio"] = skm.root_mean_squared_error(np.log(truth), np.log(pred))
        cases.append(case)
    return cases


def group_cases():
    cases = []
    for seed, (n, n_groups, right) in enumerate([(60, 2, 0.8), (90, 3, 0.6), (200, 5, 0.7), (40, 2, 0.5)]):
        rng = np.random.default_rng(400 + seed)
        truth = rng.random(n) < 0.5
        pred = np.where(rng.random(n) < right, truth, ~truth)
        group = rng.integers(0, n_groups, n)
        args = {"sensitive_features": group}
        precision = fl.MetricFrame(metrics=skm.precision_score, y_true=truth, y_pred=pred, **args)
        rates = fl.MetricFrame(metrics=fl.selection_rate, y_true=truth, y_pred=pred, **args).by_group
        cases.append(
            {
                "truth": truth.astype(int).tolist(),
                "pred": pred.astype(int).tolist(),
                "group": group.tolist(),
                "demographic_parity_difference": fl.demographic_parity_difference(truth, pred, **args),
                "demographic_parity_ratio": fl.demographic_parity_ratio(truth, pred, **args),
                "disparate_impact_1_over_0": float(rates[1] / rates[0]),
                "equal_opportunity_difference": fl.equal_opportunity_difference(truth, pred, **args),
                "equalized_odds_difference_worst_case": fl.equalized_odds_difference(truth, pred, **args),
                "equalized_odds_difference_mean": fl.equalized_odds_difference(truth, pred, agg="mean", **args),
                "equalized_odds_ratio_worst_case": fl.equalized_odds_ratio(truth, pred, **args),
                "equalized_odds_ratio_mean": fl.equalized_odds_ratio(truth, pred, agg="mean", **args),
                "predictive_parity_difference": precision.difference(method="between_groups"),
            }
        )
    return cases


def correlation_cases():
    data = []
    for seed, (n, slope) in enumerate([(3, 1.0), (5, 0.3), (10, -0.8), (30, 0.0), (60, 0.4), (1000, 0.05)]):
        rng = np.random.default_rng(500 + seed)
        x = rng.normal(size=n).round(4)
        data.append((f"normal, n = {n}", x, (slope * x + rng.normal(size=n)).round(4)))
    rng = np.random.default_rng(600)
    x = rng.integers(0, 4, 40).astype(float)
    data.append(("tied in both", x, (x + rng.integers(0, 3, 40)).astype(float)))
    data.append(("tied in x", rng.integers(0, 2, 25).astype(float), rng.normal(size=25).round(4)))
    data.append(("strong", np.arange(20.0), np.arange(20.0) + rng.normal(0, 0.5, 20).round(4)))
    data.append(("large mean", 1e6 + rng.normal(size=50).round(4), rng.normal(size=50).round(4)))
    cases = []
    for name, x, y in data:
        case = {"name": name, "x": x.tolist(), "y": y.tolist(), "tests": []}
        ties = len(set(x)) < len(x) or len(set(y)) < len(y)
        for ours, theirs in ALTERNATIVES.items():
            results = {
                "pearson": stats.pearsonr(x, y, alternative=theirs),
                "spearman": stats.spearmanr(x, y, alternative=theirs),
                "kendall_asymptotic": stats.kendalltau(x, y, method="asymptotic", alternative=theirs),
            }
            if not ties and len(x) <= 60:
                results["kendall_exact"] = stats.kendalltau(x, y, method="exact", alternative=theirs)
            for test, result in results.items():
                case["tests"].append(
                    {
                        "test": test,
                        "alternative": ours,
                        "statistic": float(result.statistic),
                        "p_value": float(result.pvalue),
                    }
                )
        cases.append(case)
    return cases


def two_sample_cases():
    data = []
    shapes = [(2, 3, 0.0), (5, 5, 1.0), (8, 12, 0.5), (30, 30, 0.0), (40, 25, 0.8), (150, 100, 0.3), (400, 300, 0.0)]
    for seed, (m, n, shift) in enumerate(shapes):
        rng = np.random.default_rng(700 + seed)
        data.append((rng.normal(size=m).round(4), rng.normal(shift, 1.5, n).round(4)))
    rng = np.random.default_rng(800)
    data.append((1e4 + rng.normal(size=20).round(4), 1e4 + rng.normal(size=20).round(4)))
    data.append((np.arange(10.0), np.arange(10.0) + 100.5))
    data.append((np.array([2.0, 2.0, 2.0]), np.array([1.0, 2.5, 3.0, 4.0])))
    cases = []
    for a, b in data:
        tests = []
        for ours, theirs in ALTERNATIVES.items():
            for test, equal_var in (("welch", False), ("pooled", True)):
                # The tests do not depend on the origin, but SciPy's digits do.
                result = stats.ttest_ind(a - a[0], b - a[0], equal_var=equal_var, alternative=theirs)
                tests.append(
                    {
                        "test": test,
                        "alternative": ours,
                        "statistic": float(result.statistic),
                        "degrees_of_freedom": float(result.df),
                        "p_value": float(result.pvalue),
                    }
                )
            exact = stats.ks_2samp(a, b, alternative=theirs, method="exact")
            tests.append(
                {
                    "test": "ks_exact",
                    "alternative": ours,
                    "statistic": float(exact.statistic),
                    "p_value": float(exact.pvalue),
                }
            )
            if ours == "two_sided":
                # SciPy's "asymp" is the one-sample distribution of a rounded size; the limit is taken instead.
                z = exact.statistic * np.sqrt(len(a) * len(b) / (len(a) + len(b)))
                p_value = special.kolmogorov(z)
            else:
                p_value = stats.ks_2samp(a, b, alternative=theirs, method="asymp").pvalue
            tests.append(
                {
                    "test": "ks_asymptotic",
                    "alternative": ours,
                    "statistic": float(exact.statistic),
                    "p_value": float(p_value),
                }
            )
        cases.append({"a": a.tolist(), "b": b.tolist(), "tests": tests})
    return cases


def student_cases():
    """Upper tails of Student's t over a grid, as data for a test of correlations of many sizes."""
    return [
        {"t": t, "degrees_of_freedom": df, "p_value": float(stats.t.sf(t, df))}
        for df in (1, 2.5, 10, 100, 1e4, 1e6)
        for t in (0.01, 0.5, 1, 2, 5, 10, 30)
    ]


def main():
    golden = {
        "tools": {
            "scikit-learn": sklearn.__version__,
            "fairlearn": fairlearn.__version__,
            "scipy": scipy.__version__,
            "numpy": np.__version__,
        },
        "classes": class_cases(),
        "values": value_cases(),
        "groups": group_cases(),
        "correlations": correlation_cases(),
        "two_samples": two_sample_cases(),
        "student": student_cases(),
    }
    lines = [f'"tools": {json.dumps(golden.pop("tools"))}']
    for key, cases in golden.items():
        body = ",\n".join(json.dumps(case) for case in cases)
        lines.append(f'"{key}": [\n{body}\n]')
    path = pathlib.Path(__file__).with_name("metrics.json")
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(path, {key: len(cases) for key, cases in golden.items()})
    print("scores", sum(len(case["scores"]) for case in golden["classes"]))
    print("correlation tests", sum(len(case["tests"]) for case in golden["correlations"]))
    print("two-sample tests", sum(len(case["tests"]) for case in golden["two_samples"]))


if __name__ == "__main__":
    main()
