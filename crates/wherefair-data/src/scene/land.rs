//! Sections of land, divided into fields.

use wherefair_core::{Seed, Stream};

use super::CropSceneConfig;
use super::classes::{Class, DEVELOPED, TABLE, WATER, WETLAND};
use super::region::{Place, Region};
use super::spectrum::{Spectrum, Surroundings};

/// A side below which a field is not divided, in pixels.
const SHORTEST_SIDE: usize = 6;
/// The share of sections that are rangeland where rangeland is neither rare nor common.
const RANGELAND: f64 = 0.10;
/// How often a field has the crop of the field before it: farmers own more than one.
const SAME_FARM: f64 = 0.3;
/// What the parameters' strengths of 1 stand for, tuned to the scores that the SPAD paper reports.
const PULL_EFFECT: f64 = 1.4;
const DRIFT_EFFECT: f64 = 1.25;
const DROUGHT_EFFECT: f64 = 2.6;

/// Pixels of one class with one look.
#[derive(Debug)]
pub(super) struct Patch {
    /// What its pixels are said to be.
    pub(super) label: u8,
    pub(super) spectrum: Spectrum,
}

/// A rectangle of a scene, in pixels; the ends are not part of it.
#[derive(Debug, Clone, Copy)]
struct Rect {
    top: usize,
    left: usize,
    bottom: usize,
    right: usize,
}

/// A square of land between roads.
#[derive(Debug)]
pub(super) struct Section {
    /// The fields, then road, river and bank.
    patches: Vec<Patch>,
    fields: Vec<Rect>,
    whole: Rect,
}

/// What of a row belongs to the river: half the width of the water and of the wetland around it.
#[derive(Debug, Clone, Copy)]
pub(super) struct River {
    pub(super) centre: f64,
    pub(super) water: f64,
    pub(super) bank: f64,
}

impl Section {
    /// Section (`row`, `col`) of a scene; the same whichever others are made.
    pub(super) fn new(
        config: &CropSceneConfig,
        region: &Region,
        seed: Seed,
        (row, col): (usize, usize),
    ) -> Self {
        let side = config.section_px();
        let whole = Rect {
            top: row * side,
            left: col * side,
            bottom: ((row + 1) * side).min(config.rows()),
            right: ((col + 1) * side).min(config.cols()),
        };
        let mut stream = seed.indexed("scene/section", (row as u64) << 32 | col as u64);
        let mut fields = Vec::new();
        divide(whole, config.field_px(), &mut stream, &mut fields);

        let mix = Mix::new(config, region, place(config, whole), &mut stream);
        let mut patches = Vec::with_capacity(fields.len() + 3);
        let mut class = mix.draw(&mut stream);
        for &field in &fields {
            if stream.uniform() >= SAME_FARM {
                class = mix.draw(&mut stream);
            }
            let is_wrong = stream.uniform() < 0.5 * config.label_noise();
            // Drawn in any case, so that the fields look the same whatever the noise.
            let other = mix.draw(&mut stream);
            let label = if is_wrong { other } else { class };
            patches.push(Patch {
                label,
                spectrum: look(config, region, place(config, field), class, &mut stream),
            });
        }
        for code in [DEVELOPED, WATER, WETLAND] {
            patches.push(Patch {
                label: code,
                spectrum: look(config, region, place(config, whole), code, &mut stream),
            });
        }
        Self {
            patches,
            fields,
            whole,
        }
    }

    /// Writes which patch each of its pixels in `row` is of; `line` is the whole row of the scene.
    pub(super) fn write_row<'a>(&'a self, row: usize, river: River, line: &mut [&'a Patch]) {
        let [fields @ .., road, water, bank] = &self.patches[..] else {
            return;
        };
        let line = &mut line[self.whole.left..self.whole.right];
        if row == self.whole.top {
            line.fill(road);
        } else {
            for (field, patch) in self.fields.iter().zip(fields) {
                if (field.top..field.bottom).contains(&row) {
                    line[field.left - self.whole.left..field.right - self.whole.left].fill(patch);
                }
            }
            line[0] = road;
        }
        for (offset, patch) in line.iter_mut().enumerate() {
            let distance = ((self.whole.left + offset) as f64 + 0.5 - river.centre).abs();
            if distance < river.water {
                *patch = water;
            } else if distance < river.bank {
                *patch = bank;
            }
        }
    }

    /// Its road.
    pub(super) fn road(&self) -> &Patch {
        &self.patches[self.fields.len()]
    }

    /// What one of its fields, drawn at random, is said to be.
    pub(super) fn some_label(&self, stream: &mut Stream) -> u8 {
        self.patches[stream.index(self.fields.len())].label
    }
}

/// Cuts a rectangle across its longer side until its parts are fields.
fn divide(rect: Rect, field_px: f64, stream: &mut Stream, fields: &mut Vec<Rect>) {
    let (height, width) = (rect.bottom - rect.top, rect.right - rect.left);
    let largest = 1.4 * field_px * libm::exp(0.6 * stream.standard_normal());
    let is_half = stream.uniform() < 0.7;
    let unequal = stream.uniform();
    if (height * width) as f64 <= largest || height.max(width) < 2 * SHORTEST_SIDE {
        fields.push(rect);
        return;
    }
    let longer = height.max(width);
    let cut = if is_half {
        longer / 2
    } else {
        between(longer, unequal)
    };
    let (one, other) = if height >= width {
        let middle = rect.top + cut;
        (
            Rect {
                bottom: middle,
                ..rect
            },
            Rect { top: middle, ..rect },
        )
    } else {
        let middle = rect.left + cut;
        (
            Rect {
                right: middle,
                ..rect
            },
            Rect { left: middle, ..rect },
        )
    };
    divide(one, field_px, stream, fields);
    divide(other, field_px, stream, fields);
}

/// A cut of a side at 0.3 to 0.7 of it, that leaves a field on both hands.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a side of at most 1,024 pixels"
)]
fn between(side: usize, uniform: f64) -> usize {
    let cut = (side as f64 * (0.3 + 0.4 * uniform)) as usize;
    cut.clamp(SHORTEST_SIDE, side - SHORTEST_SIDE)
}

fn place(config: &CropSceneConfig, rect: Rect) -> Place {
    Place {
        south: (rect.top + rect.bottom) as f64 / (2 * config.rows()) as f64,
        east: (rect.left + rect.right) as f64 / (2 * config.cols()) as f64,
    }
}

/// Which classes a section has, and how often.
struct Mix {
    cumulative: Vec<f64>,
}

impl Mix {
    fn new(config: &CropSceneConfig, region: &Region, place: Place, stream: &mut Stream) -> Self {
        let strength = config.regional_mix();
        let trough = Region::trough(place);
        let trends = region.mix(place);
        let is_range = stream.uniform() < RANGELAND * libm::exp(-1.2 * strength * trough);
        let mut sum = 0.0;
        let classes = TABLE[..config.n_classes()].iter().enumerate();
        let cumulative = classes.map(|(code, class)| {
            let pull = class.south * (2.0 * place.south - 1.0)
                + class.east * (2.0 * place.east - 1.0)
                + class.trough * trough
                + 0.6 * trends[code % trends.len()];
            let habitat = if class.is_wild == is_range { 1.0 } else { 0.08 };
            sum += class.share * habitat * libm::exp(strength * pull * PULL_EFFECT);
            sum
        });
        Self {
            cumulative: cumulative.collect(),
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "there are 23 classes at most")]
    fn draw(&self, stream: &mut Stream) -> u8 {
        let last = self.cumulative.len() - 1;
        let target = stream.uniform() * self.cumulative[last];
        self.cumulative.partition_point(|&sum| sum <= target).min(last) as u8
    }
}

/// The look of one field.
fn look(config: &CropSceneConfig, region: &Region, place: Place, code: u8, stream: &mut Stream) -> Spectrum {
    let Class {
        traits,
        cover_by_season,
        dry_by_season,
        ..
    } = &TABLE[usize::from(code)];
    let drift = region.drift(place);
    let strength = DRIFT_EFFECT * config.spectral_drift();
    let drought = config.spectral_drift() * drift.drought * DROUGHT_EFFECT;
    let mut varied = |spread: f64| config.field_variation() * spread * stream.standard_normal();

    let mut traits = *traits;
    let is_orchard = if traits.shade >= 0.25 { 1.0 } else { 0.0 };
    traits.cover +=
        strength * (cover_by_season * drift.season + 0.06 * is_orchard * drift.spacing) + varied(0.105);
    traits.dry +=
        0.10 * drought + strength * (dry_by_season * drift.season - 0.03 * drift.vigour) + varied(0.06);
    traits.shade += strength * 0.03 * is_orchard * drift.spacing + varied(0.048);
    traits.wet += varied(0.095);
    traits.chlorophyll += -0.15 * drought + strength * 0.06 * drift.vigour + varied(0.07);
    traits.structure += -0.12 * drought + strength * 0.05 * drift.vigour + varied(0.06);
    traits.spectrum(Surroundings {
        soil: (1.0 + 0.15 * drought + strength * 0.12 * drift.soil + varied(0.10)).max(0.3),
        haze: 0.5 * drought + strength * 0.5 * drift.haze + varied(0.15),
    })
}
