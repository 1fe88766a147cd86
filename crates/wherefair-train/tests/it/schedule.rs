//! Counts of the schedules.

use wherefair_core::{Extent, Seed};
use wherefair_partition::PartitioningDistribution;
use wherefair_train::{Sampling, Schedule, Stage};

fn of_paper() -> PartitioningDistribution {
    PartitioningDistribution::equal_grids(Extent::new(0.0, 0.0, 1.0, 1.0).unwrap(), 5, 5).unwrap()
}

/// How often each partitioning is at hand.
fn counts(plan: &[usize]) -> Vec<usize> {
    let mut counts = vec![0; 24];
    for &partitioning in plan {
        counts[partitioning] += 1;
    }
    counts
}

#[test]
fn the_schedule_of_the_paper_has_its_totals() {
    let paper = Schedule::paper();
    let of_stages: Vec<_> = paper.stages().iter().map(Stage::n_epochs).collect();
    assert_eq!(of_stages, [480, 480, 240]);
    let plan = paper.plan(&of_paper(), Seed::new(1));
    assert_eq!(plan.len(), 1_200);
    // 50 expected epochs for each: with independent draws only on average.
    let counts = counts(&plan);
    assert_eq!(counts.iter().sum::<usize>(), 24 * 50);
    assert!(counts.iter().any(|&count| count != 50));
    // The partitioning stays for 10, then 5 epochs.
    assert!(
        plan[..480]
            .chunks(10)
            .all(|draw| draw.iter().all(|&one| one == draw[0]))
    );
    assert!(
        plan[480..960]
            .chunks(5)
            .all(|draw| draw.iter().all(|&one| one == draw[0]))
    );
}

#[test]
fn enumeration_gives_every_partitioning_its_50_epochs() {
    for schedule in [
        Schedule::paper().with_sampling(Sampling::Enumerated),
        Schedule::journal(50, 24).unwrap(),
        Schedule::released(),
    ] {
        let plan = schedule.plan(&of_paper(), Seed::new(1));
        assert_eq!(counts(&plan), [50; 24]);
    }
    // Each loop has an order of its own.
    let plan = Schedule::journal(50, 24).unwrap().plan(&of_paper(), Seed::new(1));
    assert_ne!(plan[..24], plan[24..48]);
}

#[test]
fn a_plan_depends_on_the_seed_alone() {
    let plan = |seed| Schedule::paper().plan(&of_paper(), Seed::new(seed));
    assert_eq!(plan(1), plan(1));
    assert_ne!(plan(1), plan(2));
}

#[test]
fn impossible_schedules_are_rejected() {
    let stage = |epochs_each, n_draws| vec![Stage { epochs_each, n_draws }];
    for (base, stages) in [
        (1, stage(0, 1)),
        (1, stage(1, 0)),
        (1, stage(u32::MAX, u32::MAX)),
        (u64::MAX, stage(1, 1)),
    ] {
        assert!(Schedule::new(base, stages, Sampling::Independent).is_err());
    }
    assert!(Schedule::journal(u32::MAX, 24).is_err());
    assert!(Schedule::journal(0, 24).is_err());
}
