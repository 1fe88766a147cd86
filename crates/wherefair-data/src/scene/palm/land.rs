//! Concessions of land, divided into parcels.

use rayon::prelude::*;
use wherefair_core::{Seed, Stream};

use super::super::region::Place;
use super::PalmSceneConfig;
use super::climate::{Climate, N_MONTHS};
use super::covers::{Cover, looks};
use super::spectrum::Spectrum;

/// Cells of a mesh beyond each border, so that every place has neighbours all around.
const MARGIN: usize = 2;

/// What a regional mix of 1 stands for, tuned to the differences across space that the journal paper reports.
const PULL_EFFECT: f64 = 3.5;

/// Points, one in each cell of a square mesh; the area of a point is what is nearer to it than to the others.
#[derive(Debug)]
struct Mesh<T> {
    /// The side of a cell, in pixels.
    side: f64,
    n_cols: usize,
    points: Vec<(Position, T)>,
}

/// Pixels from the northern and the western border.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Position {
    pub(super) row: f64,
    pub(super) col: f64,
}

impl<T: Send> Mesh<T> {
    fn new(config: &PalmSceneConfig, side: f64, make: impl Fn(u64) -> (Position, T) + Sync) -> Self {
        let cells = |n_pixels: usize| whole(n_pixels as f64 / side) + 1 + 2 * MARGIN;
        let (n_rows, n_cols) = (cells(config.rows()), cells(config.cols()));
        let points = (0..n_rows * n_cols).into_par_iter().map(|cell| {
            let (row, col) = (cell / n_cols, cell % n_cols);
            let (jitter, item) = make((row as u64) << 32 | col as u64);
            let at = |cell: usize, jitter: f64| (cell as f64 - MARGIN as f64 + jitter) * side;
            let position = Position {
                row: at(row, jitter.row),
                col: at(col, jitter.col),
            };
            (position, item)
        });
        Self {
            side,
            n_cols,
            points: points.collect(),
        }
    }

    /// The number of the point that is nearest among those of the cell and of the eight cells around it; of equals,
    /// the first.
    fn nearest(&self, at: Position) -> usize {
        let cell = |coordinate: f64| whole((coordinate / self.side + MARGIN as f64).max(1.0));
        let last_row = self.points.len() / self.n_cols - 2;
        let (row, col) = (cell(at.row).min(last_row), cell(at.col).min(self.n_cols - 2));
        let (mut nearest, mut least) = (0, f64::INFINITY);
        for row in row - 1..=row + 1 {
            for index in row * self.n_cols + col - 1..=row * self.n_cols + col + 1 {
                let position = self.points[index].0;
                let (down, right) = (position.row - at.row, position.col - at.col);
                let distance = down * down + right * right;
                if distance < least {
                    (nearest, least) = (index, distance);
                }
            }
        }
        nearest
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a number of cells: not negative, and no more than there are pixels"
)]
fn whole(value: f64) -> usize {
    value as usize
}

/// A place within its cell, away from the borders of it.
fn jitter(stream: &mut Stream) -> Position {
    Position {
        row: 0.1 + 0.8 * stream.uniform(),
        col: 0.1 + 0.8 * stream.uniform(),
    }
}

/// Land of one cover with one look a month.
#[derive(Debug)]
pub(super) struct Parcel {
    /// Whether the labels call it a plantation.
    pub(super) is_plantation: bool,
    /// How common oil palm is in its concession.
    pub(super) palm_share: f64,
    pub(super) looks: [Spectrum; N_MONTHS],
}

/// All parcels of a scene.
#[derive(Debug)]
pub(super) struct Land {
    parcels: Mesh<Parcel>,
}

impl Land {
    pub(super) fn new(config: &PalmSceneConfig, climate: &Climate, seed: Seed) -> Self {
        // What becomes of a concession depends on where it lies: the mesh is made first.
        let concessions = Mesh::new(config, config.concession_px(), |cell| {
            let mut stream = seed.indexed("palm/concession", cell);
            (jitter(&mut stream), stream.uniform())
        });
        let shares: Vec<[f64; Cover::ALL.len()]> = concessions
            .points
            .iter()
            .map(|&(position, chance)| shares(config, climate, place(config, position), chance))
            .collect();
        let parcels = Mesh::new(config, config.parcel_px(), |cell| {
            (jitter(&mut seed.indexed("palm/parcel", cell)), cell)
        });
        let grown = parcels.points.into_par_iter().map(|(position, cell)| {
            let shares = &shares[concessions.nearest(position)];
            let mut stream = seed.indexed("palm/cover", cell);
            let parcel = Parcel::new(config, climate, (place(config, position), shares), &mut stream);
            (position, parcel)
        });
        Self {
            parcels: Mesh {
                points: grown.collect(),
                side: parcels.side,
                n_cols: parcels.n_cols,
            },
        }
    }

    /// The number of the parcel at a position.
    pub(super) fn at(&self, position: Position) -> usize {
        self.parcels.nearest(position)
    }

    pub(super) fn parcel(&self, number: usize) -> &Parcel {
        &self.parcels.points[number].1
    }
}

fn place(config: &PalmSceneConfig, position: Position) -> Place {
    Place {
        south: (position.row / config.rows() as f64).clamp(0.0, 1.0),
        east: (position.col / config.cols() as f64).clamp(0.0, 1.0),
    }
}

/// How common each cover is in a concession whose use is drawn by `chance`.
fn shares(config: &PalmSceneConfig, climate: &Climate, place: Place, chance: f64) -> [f64; Cover::ALL.len()] {
    let strength = config.regional_mix();
    let setting = climate.setting(place, config.spectral_drift());
    let pull = libm::exp(PULL_EFFECT * strength * setting.suitability);
    // Estates, villages, forest reserves and swamps; shares in the order of `Cover::ALL`.
    let uses = [
        (0.22 * pull, [0.80, 0.03, 0.01, 0.08, 0.02, 0.05, 0.01]),
        (0.30, [0.16, 0.13, 0.01, 0.42, 0.22, 0.05, 0.01]),
        (0.34 / pull, [0.02, 0.89, 0.00, 0.06, 0.01, 0.02, 0.00]),
        (
            0.05 + 0.5 * strength * setting.peat,
            [0.20, 0.02, 0.56, 0.06, 0.10, 0.03, 0.03],
        ),
    ];
    let sum: f64 = uses.iter().map(|(weight, _)| weight).sum();
    let mut rest = chance * sum;
    for (weight, shares) in uses {
        if rest < weight {
            return shares;
        }
        rest -= weight;
    }
    uses[0].1
}

impl Parcel {
    fn new(
        config: &PalmSceneConfig,
        climate: &Climate,
        (place, shares): (Place, &[f64; Cover::ALL.len()]),
        stream: &mut Stream,
    ) -> Self {
        let mut rest = stream.uniform() * shares.iter().sum::<f64>();
        let mut cover = Cover::Forest;
        for (one, share) in Cover::ALL.into_iter().zip(shares) {
            if rest < *share {
                cover = one;
                break;
            }
            rest -= share;
        }
        let palm_share = shares[0];
        let is_wrong = stream.uniform() < 0.5 * config.label_noise();
        // Drawn in any case, so that parcels look the same whatever the noise.
        let other = stream.uniform() < palm_share;
        let setting = climate.setting(place, config.spectral_drift());
        Self {
            is_plantation: if is_wrong { other } else { cover == Cover::Palm },
            palm_share,
            looks: looks(config, climate, (place, &setting), cover, stream),
        }
    }
}
