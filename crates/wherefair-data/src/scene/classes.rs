//! The classes of a crop scene: how common they are, where they grow and how they look in August.

use super::spectrum::Traits;

/// The fewest classes of a scene: all that the land needs besides its rarer crops.
pub(super) const MIN_CLASSES: usize = 18;

/// The code of built-up land, of which roads are made.
pub(super) const DEVELOPED: u8 = 11;
/// The code of water, of which the river is made.
pub(super) const WATER: u8 = 15;
/// The code of the wetland along the river.
pub(super) const WETLAND: u8 = 16;

/// One class.
#[derive(Debug, Clone, Copy)]
pub(super) struct Class {
    pub(super) name: &'static str,
    /// Its share before regions change it; shares need not sum to 1.
    pub(super) share: f64,
    /// Change of the logarithm of its share from the middle to the south, to the east, and from the borders of the
    /// valley to its trough.
    pub(super) south: f64,
    pub(super) east: f64,
    pub(super) trough: f64,
    /// Whether it fills rangeland, outside of cropped sections.
    pub(super) is_wild: bool,
    /// What its fields are on average.
    pub(super) traits: Traits,
    /// How early or late seasons change its green cover and its dry share.
    pub(super) cover_by_season: f64,
    pub(super) dry_by_season: f64,
}

const fn crop(name: &'static str, share: f64, place: [f64; 3], traits: [f64; 6], season: [f64; 2]) -> Class {
    let [cover, dry, shade, wet, chlorophyll, structure] = traits;
    Class {
        name,
        share,
        south: place[0],
        east: place[1],
        trough: place[2],
        is_wild: false,
        traits: Traits {
            cover,
            dry,
            shade,
            wet,
            chlorophyll,
            structure,
            water: 0.0,
            built: 0.0,
        },
        cover_by_season: season[0],
        dry_by_season: season[1],
    }
}

const fn wild(class: Class, water: f64, built: f64) -> Class {
    Class {
        is_wild: true,
        traits: Traits {
            water,
            built,
            ..class.traits
        },
        ..class
    }
}

/// All classes, the rarest crops last.
pub(super) const TABLE: [Class; 23] = [
    crop(
        "almonds",
        0.15,
        [0.3, 0.2, 0.2],
        [0.62, 0.10, 0.30, 0.10, 1.00, 0.95],
        [-0.06, 0.10],
    ),
    wild(
        crop(
            "grassland",
            0.10,
            [-0.3, 0.2, -1.2],
            [0.55, 0.88, 0.04, 0.05, 0.80, 0.80],
            [0.06, -0.05],
        ),
        0.0,
        0.0,
    ),
    crop(
        "grapes",
        0.10,
        [0.7, 0.7, -0.2],
        [0.55, 0.10, 0.20, 0.08, 1.05, 1.05],
        [0.05, 0.02],
    ),
    crop(
        "alfalfa",
        0.08,
        [0.1, -0.6, 0.7],
        [0.84, 0.08, 0.05, 0.35, 1.10, 1.05],
        [0.10, -0.06],
    ),
    crop(
        "cotton",
        0.06,
        [1.6, -0.7, 0.9],
        [0.82, 0.05, 0.10, 0.30, 1.10, 1.15],
        [-0.08, 0.04],
    ),
    crop(
        "fallow",
        0.07,
        [0.5, -0.8, 0.1],
        [0.12, 0.60, 0.02, 0.05, 0.90, 0.90],
        [0.05, 0.00],
    ),
    crop(
        "tomatoes",
        0.06,
        [-0.3, -0.9, 0.8],
        [0.70, 0.22, 0.06, 0.15, 0.95, 1.00],
        [0.12, -0.16],
    ),
    crop(
        "pistachios",
        0.07,
        [1.1, -0.2, 0.1],
        [0.48, 0.12, 0.26, 0.06, 1.02, 0.92],
        [0.08, -0.06],
    ),
    crop(
        "walnuts",
        0.06,
        [-1.1, 0.5, 0.4],
        [0.78, 0.06, 0.34, 0.18, 1.04, 1.00],
        [-0.04, 0.08],
    ),
    crop(
        "rice",
        0.07,
        [-2.6, -0.2, 1.1],
        [0.92, 0.06, 0.02, 0.85, 1.30, 0.96],
        [0.05, -0.14],
    ),
    crop(
        "corn",
        0.06,
        [-0.4, 0.0, 0.9],
        [0.86, 0.12, 0.14, 0.25, 1.08, 0.90],
        [0.10, -0.20],
    ),
    wild(
        crop(
            "developed",
            0.02,
            [0.0, 0.3, -0.1],
            [0.30, 0.35, 0.25, 0.05, 0.95, 0.85],
            [0.00, 0.00],
        ),
        0.0,
        0.55,
    ),
    crop(
        "oranges",
        0.024,
        [1.4, 1.8, -0.8],
        [0.70, 0.02, 0.42, 0.12, 1.22, 0.92],
        [0.00, 0.01],
    ),
    crop(
        "other hay",
        0.02,
        [-0.4, 0.2, 0.2],
        [0.66, 0.30, 0.04, 0.15, 1.00, 0.95],
        [0.12, -0.10],
    ),
    wild(
        crop(
            "shrubland",
            0.02,
            [0.4, -0.4, -1.4],
            [0.42, 0.55, 0.20, 0.02, 0.90, 0.75],
            [0.03, -0.02],
        ),
        0.0,
        0.0,
    ),
    wild(
        crop(
            "water",
            0.006,
            [0.0, 0.0, 0.3],
            [0.05, 0.20, 0.05, 0.90, 1.00, 0.80],
            [0.00, 0.00],
        ),
        0.88,
        0.0,
    ),
    wild(
        crop(
            "wetland",
            0.008,
            [-0.5, -0.2, 0.8],
            [0.66, 0.25, 0.18, 0.80, 1.10, 0.85],
            [0.06, -0.06],
        ),
        0.16,
        0.0,
    ),
    crop(
        "winter wheat",
        0.025,
        [0.2, -0.3, 0.3],
        [0.34, 0.86, 0.02, 0.05, 0.90, 0.90],
        [0.10, -0.06],
    ),
    crop(
        "cherries",
        0.010,
        [-0.6, 0.4, 0.0],
        [0.64, 0.14, 0.30, 0.14, 1.00, 0.98],
        [-0.05, 0.07],
    ),
    crop(
        "sunflower",
        0.009,
        [-1.4, -0.6, 0.4],
        [0.62, 0.45, 0.06, 0.10, 0.95, 0.92],
        [0.08, -0.18],
    ),
    crop(
        "peaches",
        0.009,
        [-0.2, 0.8, 0.0],
        [0.66, 0.08, 0.28, 0.15, 1.02, 1.00],
        [-0.04, 0.06],
    ),
    crop(
        "plums",
        0.008,
        [0.2, 0.7, 0.1],
        [0.65, 0.09, 0.29, 0.12, 1.03, 0.98],
        [-0.04, 0.06],
    ),
    crop(
        "olives",
        0.006,
        [-0.2, -0.4, -0.5],
        [0.50, 0.12, 0.36, 0.05, 0.98, 0.80],
        [0.00, 0.02],
    ),
];

/// The names, by code.
pub(super) const NAMES: [&str; TABLE.len()] = {
    let mut names = [""; TABLE.len()];
    let mut code = 0;
    while code < names.len() {
        names[code] = TABLE[code].name;
        code += 1;
    }
    names
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_with_a_name_of_their_own_are_those_classes() {
        for (code, name) in [(DEVELOPED, "developed"), (WATER, "water"), (WETLAND, "wetland")] {
            assert_eq!(NAMES[usize::from(code)], name);
            assert!(usize::from(code) < MIN_CLASSES);
        }
    }

    #[test]
    fn names_are_distinct_and_shares_positive() {
        for (code, class) in TABLE.iter().enumerate() {
            assert!(class.share > 0.0, "{}", class.name);
            assert!(!NAMES[..code].contains(&class.name), "{}", class.name);
        }
    }
}
