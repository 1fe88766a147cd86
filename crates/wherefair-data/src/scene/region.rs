//! What changes slowly across a scene.

use std::f64::consts::TAU;

use wherefair_core::{Seed, Stream};

/// A smooth function of place with values of about −1.6 to 1.6: a slope and a few long waves.
#[derive(Debug)]
pub(super) struct Trend {
    south: f64,
    east: f64,
    waves: [[f64; 3]; 3],
}

impl Trend {
    pub(super) fn new(south: f64, east: f64, mut stream: Stream) -> Self {
        let waves = std::array::from_fn(|_| {
            let direction = TAU * stream.uniform();
            let n_waves = 0.5 + 0.9 * stream.uniform();
            [
                TAU * n_waves * libm::cos(direction),
                TAU * n_waves * libm::sin(direction),
                TAU * stream.uniform(),
            ]
        });
        Self { south, east, waves }
    }

    pub(super) fn at(&self, place: Place) -> f64 {
        let waves = self.waves.iter();
        let wavy: f64 = waves
            .map(|[down, right, phase]| libm::cos(down * place.south + right * place.east + phase))
            .sum();
        self.south * (2.0 * place.south - 1.0) + self.east * (2.0 * place.east - 1.0) + 0.2 * wavy
    }
}

/// A place as a share of the way from north to south and from west to east, each 0 to 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) south: f64,
    pub(super) east: f64,
}

impl Place {
    /// exp(−d² / 2r²) at the distance d from `centre`: 1 there, and next to nothing some radii r away.
    pub(super) fn bump(self, centre: Self, radius: f64) -> f64 {
        let (down, right) = (self.south - centre.south, self.east - centre.east);
        libm::exp(-(down * down + right * right) / (2.0 * radius * radius))
    }
}

/// What a place does to the plants and the light above it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Drift {
    /// Lateness of the season.
    pub(super) season: f64,
    /// Brightness of the soil.
    pub(super) soil: f64,
    /// Vigour of the plants.
    pub(super) vigour: f64,
    /// Haze of the day on which the place was seen.
    pub(super) haze: f64,
    /// Orchards kept narrow or wide.
    pub(super) spacing: f64,
    /// Drought, 0 (none) to 1: a district without water, far from the rest in looks.
    pub(super) drought: f64,
}

/// The drought of a district in the south-west.
fn drought(place: Place) -> f64 {
    const CENTRE: Place = Place {
        south: 0.78,
        east: 0.24,
    };
    const RADIUS: f64 = 0.19;
    place.bump(CENTRE, RADIUS)
}

/// The trends of one scene.
#[derive(Debug)]
pub(super) struct Region {
    season: Trend,
    soil: Trend,
    vigour: Trend,
    haze: Trend,
    spacing: Trend,
    /// Moves the mix of crops besides slope and trough.
    mix: [Trend; 4],
    river: [f64; 2],
}

impl Region {
    pub(super) fn new(seed: Seed) -> Self {
        let trend = |name: &str, south, east| Trend::new(south, east, seed.stream(name));
        let mut river = seed.stream("scene/river");
        Self {
            season: trend("scene/season", -0.9, 0.2),
            soil: trend("scene/soil", 0.3, -0.8),
            vigour: trend("scene/vigour", -0.3, 0.6),
            haze: trend("scene/haze", 0.7, 0.2),
            spacing: trend("scene/spacing", 0.4, -0.5),
            mix: std::array::from_fn(|index| Trend::new(0.0, 0.0, seed.indexed("scene/mix", index as u64))),
            river: [river.uniform(), river.uniform()],
        }
    }

    pub(super) fn drift(&self, place: Place) -> Drift {
        Drift {
            season: self.season.at(place),
            soil: self.soil.at(place),
            vigour: self.vigour.at(place),
            haze: self.haze.at(place),
            spacing: self.spacing.at(place),
            drought: drought(place),
        }
    }

    /// The values that the mix of crops follows, one a group of classes.
    pub(super) fn mix(&self, place: Place) -> [f64; 4] {
        std::array::from_fn(|group| self.mix[group].at(place))
    }

    /// How near a place is to the trough of the valley: 1 in it, −1 at its borders.
    pub(super) fn trough(place: Place) -> f64 {
        1.0 - 2.0 * (2.0 * place.east - 1.0).abs()
    }

    /// Where the river crosses a row, as a share of the way from west to east.
    pub(super) fn river(&self, south: f64) -> f64 {
        0.5 + 0.13 * libm::sin(TAU * (1.3 * south + self.river[0]))
            + 0.04 * libm::sin(TAU * (4.1 * south + self.river[1]))
    }
}
