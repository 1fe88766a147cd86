//! Where we depart from the paper and from its released code.

use super::super::comparison::Difference;

/// All of them.
pub(super) fn all() -> Vec<Difference> {
    vec![
        Difference {
            place: "dataset",
            paper: "Sentinel-2 of August 2018 and CDL labels, 4096 × 4096 pixels of the Central Valley",
            ours: "synthetic scenes made to be like it; beside them 8,324 real points of August 2021 and the bundled houses",
            why: "The paper's data were taken off its repository.",
        },
        Difference {
            place: "dataset, validation",
            paper: "20 % of the locations, use not stated; the released code has none",
            ours: "`kept` is the fairest model on them whose score is at most 1 % below the base model's, of every method alike; `last epoch` is shown beside it. On points the training samples take their place",
            why: "The last epoch trains some partitions only and leaves the model at a random distance from the others.",
        },
        Difference {
            place: "implementation details, batches",
            paper: "size not stated; 65,536 in the released code",
            ours: "the same share of the training samples: 52 updates an epoch on every scene. On the real crops 1,024 for the base model and whole partitions after it",
            why: "The number of updates, not of epochs, decides how far a network is trained.",
        },
        Difference {
            place: "implementation details, loss and initial weights",
            paper: "not stated (e.g. cross-entropy or Dice); Dice and normal weights of σ = 0.5 in the released code",
            ours: "cross-entropy; He's weights on scenes and houses, σ = 0.5 on the real crops",
            why: "Cross-entropy is the usual choice and the first that the paper names.",
        },
        Difference {
            place: "experiments, unweighted F1",
            paper: "classes that a partition does not have: not stated; the released code puts the mean of the others",
            ours: "a class that is neither true nor predicted in a partition is in no mean",
            why: "A mean over classes that are not there says nothing about the model.",
        },
        Difference {
            place: "experiments, S(d)",
            paper: "distances from the mean over partitions; the released code: from the global F1 of the model itself, S(d)max not computed",
            ours: "as the paper says",
            why: "The code's measure mixes the spread of partitions with their distance from the whole.",
        },
        Difference {
            place: "released code, referee",
            paper: "rates by location; in the code they are computed and never reach the optimiser",
            ours: "rates reach it; `Equal-rates` is what the code runs",
            why: "The paper's method is the one with rates.",
        },
        Difference {
            place: "released code, schedule",
            paper: "48 draws of 10 epochs, 96 of 5, 240 of 1; in the code 4 loops of 5 and 30 of 1 over all partitionings, Adam zeroed before each partition",
            ours: "as the paper says, fewer draws at the scale smoke; Adam's state is carried",
            why: "The paper is reproduced, not its code.",
        },
        Difference {
            place: "experiments, SPAD-GD",
            paper: "gradients of all partitionings before every update; whether of batches is not stated",
            ours: "a batch spread over all places gives each update its gradients; on fewer seeds than the rest at the scale small",
            why: "With all samples an update would cost 52 times as much; the paper's 9.5 hours against 2.5 are far from that.",
        },
        Difference {
            place: "experiments, REG",
            paper: "threshold γ not stated",
            ours: "1/2",
            why: "A sample then counts for at most one class, as in F1.",
        },
        Difference {
            place: "Tables 1 and 2",
            paper: "one run",
            ours: "mean ± standard deviation of several seeds: scene, split and initial weights change; Base-longer and Equal-rates are added",
            why: "Base-longer has as many updates as SPAD and tells what training alone does.",
        },
    ]
}
