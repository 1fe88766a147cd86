//! Fairness by *where*: does a model work equally well everywhere, and does the answer survive a change of map?
//!
//! This crate only gathers the wherefair crates under one name; each can be used by itself.
//!
//! | module | feature | what it has |
//! |---|---|---|
//! | [`core`] | always | seeds and random streams, points, extents, tallies |
//! | [`partition`] | `partition` | partitionings of space, their distribution, their common refinement |
//! | [`metrics`] | `metrics` | tallies, scores, fairness measures, classic group metrics |
//! | [`audit`] | `audit` (default) | the audit: scores on every map, noise floor, worst places |
//! | `data` | `data` | readers for tables and rasters, the bundled data set |
//! | `report` | `report` | HTML reports |
//! | `nn` | `nn` | networks, losses, optimisers, the fused engine, checkpoints |
//! | `physics` | `physics` | forward models: passive microwave and thermal infrared, with exact derivatives |
//! | `similarity` | `similarity` | which partitionings become fair together, and which stand for others |
//! | `spad` | `spad` | training that is fair by location: SPAD, SPAD-SIM, their variants and baselines |
//! | `stats` | `stats` | spatial weights, autocorrelation, permutation inference, spatial filtering |
//! | `train` | `train` | what every method of fair training shares; models that are fitted, saved and loaded |
//!
//! # Examples
//! Three lines audit four columns by the defaults of the program:
//! ```
//! # let x: Vec<f64> = (0..400).map(|i| f64::from(i % 20)).collect();
//! # let y: Vec<f64> = (0..400).map(|i| f64::from(i / 20)).collect();
//! # let truth = vec!["wheat", "maize"].repeat(200);
//! # let pred = truth.clone();
//! let audit = wherefair::audit::audit(&truth, &pred, &x, &y)?;
//! println!("{}", audit.sentence());
//! println!("{:?}", audit.worst_places.first());
//! # Ok::<(), wherefair::audit::AuditError>(())
//! ```
//!
//! The same from its parts, with maps, score and parameters of one's own:
//! ```
//! use wherefair::audit::{AuditParams, InMemory, Outcomes, Score, Silent, audit_source};
//! use wherefair::core::{Extent, Sites};
//! use wherefair::metrics::ClassScore;
//! use wherefair::partition::PartitioningDistribution;
//!
//! // Right in the west, wrong in the east.
//! let x: Vec<f64> = (0..200).map(|i| f64::from(i % 20)).collect();
//! let y: Vec<f64> = (0..200).map(|i| f64::from(i / 20)).collect();
//! let truth = vec![1; 200];
//! let pred: Vec<u32> = x.iter().map(|&x| u32::from(x < 9.5)).collect();
//!
//! let outcomes = Outcomes::Classes { truth: &truth, pred: &pred, base: None };
//! let mut samples = InMemory::new(Sites::new(&x, &y)?, outcomes)?;
//! let maps = PartitioningDistribution::equal_grids(Extent::new(0.0, 0.0, 19.0, 9.0)?, 2, 2)?;
//! let config = AuditParams::new(Score::Class(ClassScore::Accuracy)).check()?;
//! let result = audit_source(&mut samples, &maps, &config, &Silent)?;
//!
//! // Two columns tell it apart, two rows do not: the verdict depends on the map.
//! let deviation = |map: usize| result.partitionings[map].mean_deviation.unwrap().observed;
//! assert_eq!((deviation(0), deviation(1)), (0.5, 0.0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#[cfg(all(doctest, feature = "audit"))]
#[doc = include_str!("../README.md")]
mod readme {}

#[cfg(all(doctest, feature = "audit"))]
#[doc = include_str!("../../../docs/src/embedding.md")]
mod embedding {}

#[cfg(feature = "audit")]
pub use wherefair_audit as audit;
pub use wherefair_core as core;
#[cfg(feature = "data")]
pub use wherefair_data as data;
#[cfg(feature = "metrics")]
pub use wherefair_metrics as metrics;
#[cfg(feature = "nn")]
pub use wherefair_nn as nn;
#[cfg(feature = "partition")]
pub use wherefair_partition as partition;
#[cfg(feature = "physics")]
pub use wherefair_physics as physics;
#[cfg(feature = "report")]
pub use wherefair_report as report;
#[cfg(feature = "similarity")]
pub use wherefair_similarity as similarity;
#[cfg(feature = "spad")]
pub use wherefair_spad as spad;
#[cfg(feature = "stats")]
pub use wherefair_stats as stats;
#[cfg(feature = "train")]
pub use wherefair_train as train;
