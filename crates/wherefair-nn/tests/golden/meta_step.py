"""Meta-gradients of Meta-Ref in 64 bits, by jax: what chains of gradients and Hessian-vector products must give.

Weights are [inputs, outputs], y = x W + b. LSTM: gates in the order i, f, g, o; h0 = c0 = 0; one bias; encoding = the last
hidden state; dense networks: encoding = activations of the last hidden layer (ReLU). Referee: input per location
[l_i, m_i - M, mean over points of the encoding], a hidden layer of tanh, a linear output eta_i. l_i = mean loss of the support
points of the location (cross-entropy, or squared error); m_i = F1 of class 1 (dnn, a constant) or RMSE (lstm).
Inner step: theta' = theta - sum beta_i g_i (agg = sum) or divided by the number of locations (agg = mean); K of them, with
everything recomputed at the current parameters but M, beta_plus and beta_minus. Rates: uni (beta_plus + beta_minus) / 2; net
(beta_plus - beta_minus) (eta - min) / (max - min) + beta_minus. L = mean over locations of the query loss, L_fair = mean of
|l_i - L| (abs) or its square (sq). Gradients: second = exact; second_const_inputs = the referee's inputs are constants; first =
g_i constant, the derivatives of the rates kept; first_const_inputs = g_i and rates constant. W_L_fair: by the referee.
"""
import json
import os

os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")
import jax

jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp
import numpy as np

sg = jax.lax.stop_gradient


def forward_dnn(p, x):
    for q in p[:-1]:
        x = jnp.maximum(x @ q["w"] + q["b"], 0)
    return x, x @ p[-1]["w"] + p[-1]["b"]


def forward_lstm(p, x):
    h = c = jnp.zeros(x.shape[:-2] + (p["wh"].shape[0],))
    s = jax.nn.sigmoid
    for t in range(x.shape[-2]):
        i, f, g, o = jnp.split(x[..., t, :] @ p["wx"] + h @ p["wh"] + p["b"], 4, -1)
        c = s(f) * c + s(i) * jnp.tanh(g)
        h = s(o) * jnp.tanh(c)
    return h, h @ p["head"]["w"] + p["head"]["b"]


def cross_entropy(o, y):
    return jax.nn.logsumexp(o, -1) - jnp.take_along_axis(o, y[..., None], -1)[..., 0]


def squared(o, y):
    return (o[..., 0] - y) ** 2


def f1(o, y):
    p = (o[..., 1] > o[..., 0]) * 1.0
    return 2 * (p * y).sum(-1) / (p.sum(-1) + y.sum(-1))


def rmse(o, y):
    return jnp.sqrt(squared(o, y).mean(-1))


def build(net, referee, agg, fair, K, order):
    forward, loss, metric = (forward_dnn, cross_entropy, f1) if net == "dnn" else (forward_lstm, squared, rmse)

    def rates(theta, W, d):
        e, o = forward(theta, d["xs"])
        l, m, e = loss(o, d["ys"]).mean(-1), metric(o, d["ys"]), e.mean(1)
        if "const" in order:
            l, m, e = sg(l), sg(m), sg(e)
        plus, minus = d["beta_plus"], d["beta_minus"]
        if referee == "uni":
            return jnp.full_like(l, (plus + minus) / 2)
        z = jnp.concatenate([l[:, None], (m - d["M"])[:, None], e], 1)
        eta = (jnp.tanh(z @ W[0]["w"] + W[0]["b"]) @ W[1]["w"] + W[1]["b"])[:, 0]
        return (plus - minus) * (eta - eta.min()) / (eta.max() - eta.min()) + minus

    def inner(theta, W, d):
        for _ in range(K):
            b = rates(theta, W, d)
            n = b.shape[0] if agg == "mean" else 1
            at = sg(theta) if order.startswith("first") else theta
            g = jax.grad(lambda t, b: (b * loss(forward(t, d["xs"])[1], d["ys"]).mean(-1)).sum() / n)(at, b)
            theta = jax.tree.map(lambda p, q: p - q, theta, g)
        return theta

    def outer(theta, W, d):
        l = loss(forward(inner(theta, W, d), d["xq"])[1], d["yq"]).mean(-1)
        gap = l - l.mean()
        return l.mean(), (gap**2 if fair == "sq" else jnp.abs(gap)).mean()

    return rates, inner, outer


def problem(net, rng):
    r = lambda *s: np.round(rng.normal(size=s), 3)
    layer = lambda i, o, s: dict(
        w=jnp.array(np.round(rng.normal(size=(i, o)) * s, 3)), b=jnp.array(np.round(rng.normal(size=o) * 0.1, 3))
    )
    S, ns, nq = 3, 6, 5
    if net == "dnn":
        theta, encoding, shape = [layer(3, 8, 0.8), layer(8, 8, 0.5), layer(8, 2, 0.5)], 8, (3,)
        ys = jnp.array([[0, 1, 1, 0, 1, 0], [1, 0, 0, 1, 0, 0], [0, 1, 0, 1, 1, 1]])
        yq = jnp.array([[1, 0, 1, 0, 0], [0, 1, 0, 0, 1], [1, 1, 0, 1, 0]])
        M = 0.55
    else:
        h = encoding = 4
        shape = (4, 2)
        theta = dict(
            wx=jnp.array(np.round(rng.normal(size=(2, 4 * h)) * 0.6, 3)),
            wh=jnp.array(np.round(rng.normal(size=(h, 4 * h)) * 0.5, 3)),
            b=jnp.array(np.round(rng.normal(size=4 * h) * 0.2, 3)),
            head=layer(h, 1, 0.7),
        )
        ys, yq = jnp.array(r(S, ns)), jnp.array(r(S, nq))
        M = 1.1
    W = [layer(2 + encoding, 6, 0.5), layer(6, 1, 0.7)]
    rate, share = 0.3, 1 / (1 + np.exp(-0.5))
    data = dict(xs=jnp.array(r(S, ns, *shape)), ys=ys, xq=jnp.array(r(S, nq, *shape)), yq=yq, M=M)
    data.update(beta_plus=share * rate, beta_minus=(1 - share) * rate)
    return theta, W, data


def plain(tree):
    digits = lambda x: float(f"{x:.13g}") if isinstance(x, float) else x
    nested = lambda x: [nested(y) for y in x] if isinstance(x, list) else digits(x)
    return jax.tree.map(lambda a: nested(np.asarray(a).tolist()), tree)


# Seeds for which no kink of ReLU or of |l_i - L| is near.
SEEDS = dict(dnn=9, lstm=7)
CASES = [("uni", "sum", "abs", 1), ("uni", "mean", "sq", 2), ("net", "sum", "abs", 1), ("net", "sum", "abs", 2)]
ORDERS = ["second", "second_const_inputs", "first", "first_const_inputs"]

document = dict(about=__doc__, tool=f"jax {jax.__version__}, float64", relative_tolerance=1e-9, nets={})
for net, seed in SEEDS.items():
    theta, W, d = problem(net, np.random.default_rng(seed))
    cases = []
    for referee, agg, fair, K in CASES:
        case = dict(referee=referee, agg=agg, fair=fair, K=K, grads={})
        for order in ORDERS if referee == "net" else ["second", "first"]:
            rates, inner, outer = build(net, referee, agg, fair, K, order)
            by_L = jax.grad(lambda t: outer(t, W, d)[0])(theta)
            by_fair, of_W = jax.grad(lambda t, w: outer(t, w, d)[1], (0, 1))(theta, W)
            case["grads"][order] = dict(theta_L=plain(by_L), theta_L_fair=plain(by_fair))
            if referee == "net":
                case["grads"][order]["W_L_fair"] = plain(of_W)
        L, L_fair = outer(theta, W, d)
        case.update(beta=plain(rates(theta, W, d)), theta_prime=plain(inner(theta, W, d)), L=float(L), L_fair=float(L_fair))
        cases.append(case)
    document["nets"][net] = dict(theta=plain(theta), W=plain(W), data=plain(d), cases=cases)
with open("meta_step.json", "w") as file:
    json.dump(document, file)
