//! Writes a page on global and one on local autocorrelation of a synthetic field: `PATH` and `PATH` with `-local`
//! before its ending. A second argument sets the number of places, a third one, `areas`, makes them squares.

use std::error::Error;
use std::path::Path;

use wherefair_core::{Extent, ParamError, Point, Seed, Stream};
use wherefair_partition::Shape;
use wherefair_report::{
    Cluster, Context, LocalMoranPage, LocalPlace, MoranPage, local_moran_html, moran_html,
};

const WEIGHTS: &str = "up to four neighbours in the grid, row-standardised";
const N_PERMUTATIONS: usize = 499;
/// Standardised values whose product with their lag exceeds this are called clusters in this example.
const STRONG: f64 = 0.9;

/// Incomes on a square grid of places.
struct Field {
    side: usize,
    points: Vec<Point>,
    values: Vec<f64>,
    standardised: Vec<f64>,
    lag: Vec<f64>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments
        .next()
        .ok_or("missing argument: the path of the page to write")?;
    let n_places: usize = arguments.next().map_or(Ok(900), |n| n.parse())?;
    let as_areas = arguments.next().as_deref() == Some("areas");

    let mut stream = Seed::new(11).stream("synthetic-moran");
    let field = field(n_places.isqrt().max(3), &mut stream);
    let context = Context {
        title: "Synthetic incomes".to_owned(),
        sentence: "High incomes lie among high ones in the north-east, low among low in the south-west."
            .to_owned(),
        facts: vec![("Input".to_owned(), "synthetic, seed 11".to_owned())],
        unit: Some("k€".to_owned()),
        geographic: true,
    };
    std::fs::write(&path, moran_html(&global_page(&field, &mut stream), &context))?;
    let path = Path::new(&path);
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let page = local_page(&field, as_areas)?;
    std::fs::write(
        path.with_file_name(format!("{stem}-local.html")),
        local_moran_html(&page, &context),
    )?;
    Ok(())
}

/// A hill in the north-east, a basin in the south-west, and noise.
fn field(side: usize, stream: &mut Stream) -> Field {
    let (mut points, mut values) = (Vec::new(), Vec::new());
    for i in 0..side * side {
        let share = |k: usize| k as f64 / (side - 1) as f64;
        let (east, north) = (share(i % side), share(i / side));
        let hill = (-((east - 0.7).powi(2) + (north - 0.65).powi(2)) / 0.05).exp();
        let basin = (-((east - 0.2).powi(2) + (north - 0.3).powi(2)) / 0.04).exp();
        points.push(Point::new(19.0 + 3.0 * east, 52.0 + 2.0 * north));
        values.push(30.0 + 12.0 * hill - 9.0 * basin + 3.0 * stream.standard_normal());
    }
    let standardised = standardise(&values);
    let lag = lag_of(&standardised, side);
    Field {
        side,
        points,
        values,
        standardised,
        lag,
    }
}

fn global_page(field: &Field, stream: &mut Stream) -> MoranPage {
    let moran = |z: &[f64]| mean(&products(z, &lag_of(z, field.side)));
    let statistic = moran(&field.standardised);
    let mut shuffled = field.standardised.clone();
    let draws: Vec<f64> = (0..N_PERMUTATIONS)
        .map(|_| {
            stream.shuffle(&mut shuffled);
            moran(&shuffled)
        })
        .collect();
    let n_extreme = draws.iter().filter(|draw| **draw >= statistic).count();
    let p = (n_extreme + 1) as f64 / (N_PERMUTATIONS + 1) as f64;
    let expectation = -1.0 / (field.values.len() as f64 - 1.0);
    MoranPage {
        variable: "income".to_owned(),
        weights: WEIGHTS.to_owned(),
        standardised: field.standardised.clone(),
        lag: field.lag.clone(),
        measures: vec![
            ("Moran’s I".to_owned(), format!("{statistic:.3}")),
            ("Expectation".to_owned(), format!("{expectation:.4}")),
            ("p (permutation, greater)".to_owned(), format!("{p:.3}")),
        ],
        statistic,
        expectation,
        draws,
        notes: Vec::new(),
    }
}

fn local_page(field: &Field, as_areas: bool) -> Result<LocalMoranPage, ParamError> {
    let half = 0.5 / (field.side - 1) as f64;
    let mut places = Vec::new();
    for (i, statistic) in products(&field.standardised, &field.lag).into_iter().enumerate() {
        let Point { x, y } = field.points[i];
        let (wide, high) = (3.0 * half, 2.0 * half);
        let around = Extent::new(x - wide, y - high, x + wide, y + high)?;
        let strong = statistic.abs() > STRONG;
        places.push(LocalPlace {
            label: format!("Parish {}", i + 1),
            point: field.points[i],
            shape: as_areas.then(|| Shape::rectangle(&around)),
            value: field.values[i],
            statistic,
            cluster: match (strong, field.standardised[i] > 0.0, field.lag[i] > 0.0) {
                (false, ..) => Cluster::NotSignificant,
                (_, true, true) => Cluster::HighHigh,
                (_, false, false) => Cluster::LowLow,
                (_, true, false) => Cluster::HighLow,
                (_, false, true) => Cluster::LowHigh,
            },
            p_value: None,
            q_value: None,
        });
    }
    let n_of = |cluster| places.iter().filter(|place| place.cluster == cluster).count();
    Ok(LocalMoranPage {
        variable: "income".to_owned(),
        weights: WEIGHTS.to_owned(),
        measures: vec![
            ("High–high".to_owned(), n_of(Cluster::HighHigh).to_string()),
            ("Low–low".to_owned(), n_of(Cluster::LowLow).to_string()),
        ],
        standardised: field.standardised.clone(),
        lag: field.lag.clone(),
        places,
        significance: format!("|local I| > {STRONG}, in place of a test"),
        method: vec![(
            "Significance".to_owned(),
            "This example tests nothing: it calls large statistics significant.".to_owned(),
        )],
        notes: vec!["The field is synthetic.".to_owned()],
    })
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn products(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a * b).collect()
}

fn standardise(values: &[f64]) -> Vec<f64> {
    let centre = mean(values);
    let centred: Vec<f64> = values.iter().map(|value| value - centre).collect();
    let sd = mean(&products(&centred, &centred)).sqrt();
    centred.iter().map(|value| value / sd).collect()
}

/// The mean of the neighbours left, right, below and above in a square grid.
fn lag_of(z: &[f64], side: usize) -> Vec<f64> {
    let neighbours = |i: usize| {
        let (column, row) = (i % side, i / side);
        let left = (column > 0).then(|| z[i - 1]);
        let right = (column + 1 < side).then(|| z[i + 1]);
        let below = (row > 0).then(|| z[i - side]);
        let above = (row + 1 < side).then(|| z[i + side]);
        [left, right, below, above]
            .into_iter()
            .flatten()
            .collect::<Vec<f64>>()
    };
    (0..z.len()).map(|i| mean(&neighbours(i))).collect()
}
