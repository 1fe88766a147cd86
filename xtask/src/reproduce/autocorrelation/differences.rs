//! Where we depart from the paper; its code is not public.

use super::super::comparison::Difference;

/// All of them.
pub(super) fn all() -> Vec<Difference> {
    vec![
        Difference {
            place: "section 3.1, W",
            paper: "inverse distances, scaling not stated",
            ours: "W/λmax (symmetric), and row-standardised W as a named variant",
            why: "With raw inverse distances (I − ρW)⁻¹ is no spatial lag: the spectral radius is far above 1.",
        },
        Difference {
            place: "section 3.1, places",
            paper: "2,080 block groups of Chicago, subsets drawn at random",
            ours: "random 1,000, 1,500 and 2,080 of the 2,100 block groups at hand that have all values, one subset a size; beside them random points in a square",
            why: "The paper's list of block groups is not published. A new subset a run would cost an eigendecomposition a run.",
        },
        Difference {
            place: "appendix B.1, p-values",
            paper: "M/R, which can be 0",
            ours: "(M + 1)/(R + 1)",
            why: "The data count as one of the permutations, which keeps the level exactly for every R.",
        },
        Difference {
            place: "section 2.1 and appendix B.1, T2",
            paper: "small T2 rejects (main text), large T2 rejects (formula of the p-value)",
            ours: "both tails, named; the small one is the default",
            why: "The two statements contradict each other, and neither alone gives what the paper says of both Fig. 3 and Fig. 4.",
        },
        Difference {
            place: "section 2.1, Q2",
            paper: "T2 only, whose permutation null has no autocorrelation at all",
            ours: "also two one-sided tests of equivalence by permutations with margins 1 (the paper's δ) and 6",
            why: "Equality is then the alternative, as the question asks; T2 peaks where the difference is δ, not 0.",
        },
        Difference {
            place: "section 2.1, Q1",
            paper: "T1 by joint permutations",
            ours: "T1, and beside it the larger of the p-values of each variable alone",
            why: "Where one variable alone is autocorrelated, which belongs to the null, joint permutations reject more often than the level.",
        },
        Difference {
            place: "section 3.1, proxy",
            paper: "x and a are made from the same errors ε₂",
            ours: "x has errors of its own",
            why: "As printed x is a, against the words that y is not associated with a.",
        },
        Difference {
            place: "section 2.2, eigenvectors",
            paper: "of W, with a factor ρ",
            ours: "of MWM with M = I − 11ᵀ/n; ρ = 1",
            why: "The first eigenvector of W is nearly constant and competes with the intercept; ρ is not identified beside γ.",
        },
        Difference {
            place: "appendix B.2, penalty",
            paper: "the squared norm λ‖γ‖₁², and residuals y − ρEγ + Xβ",
            ours: "λ‖γ‖₁, and residuals y − Eγ − Xβ",
            why: "The path is the same with other λ; the sign contradicts the word residuals.",
        },
        Difference {
            place: "appendix B.2, AIC and BIC",
            paper: "candidates and likelihood not stated",
            ours: "the paper's reading: penalised coefficients, candidates with a Moran coefficient of at least 0.25 of the largest, variance fixed; ours: refitted coefficients, all positive eigenvalues, BIC",
            why: "With all n eigenvectors and the variance estimated at each step both criteria select everything. Penalised coefficients leave a part of each pattern behind, refitted ones do not.",
        },
        Difference {
            place: "section 3.2, Fig. 5 discrete",
            paper: "n = 2,080, 1,000 runs, 1,000 copies; range of β not stated",
            ours: "fewer places, runs, copies and values of ρ₂ (filtering.csv); β = 0 to 1; logistic paths of 20 penalties down to 0.05 of the largest",
            why: "A logistic path is fitted for both variables, three times a run.",
        },
        Difference {
            place: "sections 3.1 and 3.2, sizes",
            paper: "1,000 runs, 1,000 permutations",
            ours: "fewer at the scales smoke and small (columns of power.csv)",
            why: "Time. The scale paper does what the paper did.",
        },
        Difference {
            place: "section 3.3, units",
            paper: "801 census tracts, stations in each, ACS 2018",
            ours: "block groups, stations within 800 m of the centroid in 2017 (beside it 2022), without the block groups that have no income",
            why: "Those are the data at hand. Levels of I and all p-values depend on it: Tables 1 and 2 stand side by side, no more.",
        },
        Difference {
            place: "Table 1, exponential weights",
            paper: "exp(−d/V), unit of d not stated",
            ours: "d in degrees of longitude and latitude, in the plane",
            why: "With V = 0.001 to 1 degrees the weights run from single neighbours to nearly constant, as the paper's values do.",
        },
        Difference {
            place: "Table 1, 1-hop and 2-hop neighbours",
            paper: "adjacency of the areas",
            ours: "the six nearest block groups, made mutual, and their neighbours in turn",
            why: "The data at hand have centroids, no outlines.",
        },
    ]
}
