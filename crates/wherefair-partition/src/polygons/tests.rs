//! Tests of polygons: borders, holes, and what is rejected.

use wherefair_core::Seed;

use super::*;
use crate::Ring;

fn ring(points: &[(f64, f64)]) -> Ring {
    points.iter().map(|(x, y)| Point::new(*x, *y)).collect()
}

fn shape(points: &[(f64, f64)]) -> Shape {
    Shape {
        polygons: vec![vec![ring(points)]],
    }
}

fn square(x: f64, y: f64, side: f64) -> Shape {
    Shape::rectangle(&Extent::new(x, y, x + side, y + side).unwrap())
}

fn labelled(shapes: Vec<Shape>) -> Vec<(String, Shape)> {
    let labels = (0..).map(|i| format!("p{i}"));
    labels.zip(shapes).collect()
}

fn at(polygons: &Polygons, x: f64, y: f64) -> Option<u32> {
    polygons.locate(&Site::at(x, y)).map(|id| id.0)
}

/// Cells of a grid with jittered corners, every corner shared by its neighbours.
fn jittered(n: usize, seed: u64) -> Vec<Shape> {
    let mut stream = Seed::new(seed).stream("jitter");
    let corners: Vec<Point> = (0..(n + 1) * (n + 1))
        .map(|k| {
            let (column, row) = (k % (n + 1), k / (n + 1));
            let mut jitter = |i: usize| {
                if i == 0 || i == n {
                    0.0
                } else {
                    0.4 * (stream.uniform() - 0.5)
                }
            };
            Point::new(column as f64 + jitter(column), row as f64 + jitter(row))
        })
        .collect();
    let corner = |column: usize, row: usize| corners[row * (n + 1) + column];
    (0..n * n)
        .map(|k| {
            let (c, r) = (k % n, k / n);
            Shape {
                polygons: vec![vec![vec![
                    corner(c, r),
                    corner(c + 1, r),
                    corner(c + 1, r + 1),
                    corner(c, r + 1),
                ]]],
            }
        })
        .collect()
}

#[test]
fn every_point_of_a_mesh_is_in_exactly_one_polygon() {
    let n = 12;
    let mesh = Polygons::new("mesh", labelled(jittered(n, 3))).unwrap();
    let mut stream = Seed::new(4).stream("points");
    let mut probes: Vec<Point> = (0..4000)
        .map(|_| Point::new(stream.uniform() * n as f64, stream.uniform() * n as f64))
        .collect();
    for shape in &mesh.shapes {
        let corners = &shape.polygons[0][0];
        probes.extend(corners);
        probes.extend(
            corners
                .iter()
                .zip(&corners[1..])
                .map(|(p, q)| Point::new(0.5 * (p.x + q.x), 0.5 * (p.y + q.y))),
        );
    }
    for p in probes {
        let n_inside = mesh
            .bands
            .iter()
            .filter(|bands| bands.place(p) == Place::Inside)
            .count();
        assert!(n_inside <= 1, "{p:?} is in {n_inside}");
        let inner = p.x > 0.0 && p.x < n as f64 && p.y > 0.0 && p.y < n as f64;
        assert!(!inner || n_inside == 1, "{p:?}");
        let first = mesh
            .bands
            .iter()
            .position(|bands| bands.place(p) == Place::Inside);
        let border = || {
            mesh.bands
                .iter()
                .position(|bands| bands.place(p) == Place::Border)
        };
        assert_eq!(
            mesh.locate(&Site::at(p.x, p.y)).map(PartitionId::index),
            first.or_else(border)
        );
        assert!(mesh.locate(&Site::at(p.x, p.y)).is_some(), "{p:?}");
    }
}

#[test]
fn holes_and_parts_follow_the_even_odd_rule() {
    let frame = Shape {
        polygons: vec![
            vec![
                ring(&[(0.0, 0.0), (5.0, 0.0), (5.0, 5.0), (0.0, 5.0)]),
                ring(&[(1.0, 1.0), (4.0, 1.0), (4.0, 4.0), (1.0, 4.0)]),
            ],
            vec![ring(&[
                (2.0, 2.0),
                (3.0, 2.0),
                (3.0, 3.0),
                (2.0, 3.0),
                (2.0, 2.0),
            ])],
        ],
    };
    let polygons = Polygons::new("frame", vec![("frame".into(), frame)]).unwrap();
    assert_eq!(at(&polygons, 0.5, 2.5), Some(0));
    assert_eq!(at(&polygons, 1.5, 2.5), None);
    assert_eq!(at(&polygons, 2.5, 2.5), Some(0));
    assert_eq!(polygons.area(PartitionId(0)), Some(17.0));
    assert_eq!(polygons.shape(PartitionId(0)).unwrap().polygons[1][0].len(), 4);
    for border in [(1.0, 2.0), (4.0, 2.0), (5.0, 5.0), (3.0, 3.0), (0.0, 5.0)] {
        assert_eq!(at(&polygons, border.0, border.1), Some(0), "{border:?}");
    }
    assert_eq!(at(&polygons, f64::NAN, 1.0), None);
    assert_eq!(at(&polygons, f64::INFINITY, 1.0), None);
}

#[test]
fn an_outer_corner_goes_to_the_lowest_polygon_that_touches_it() {
    let polygons = Polygons::new(
        "row",
        labelled(vec![square(1.0, 0.0, 1.0), square(0.0, 0.0, 1.0)]),
    )
    .unwrap();
    assert_eq!(at(&polygons, 1.0, 1.0), Some(0));
    assert_eq!(at(&polygons, 1.0, 0.5), Some(0));
    assert_eq!(at(&polygons, 0.5, 1.0), Some(1));
    assert_eq!(at(&polygons, 2.0, 0.5), Some(0));
}

#[test]
fn improper_rings_are_named() {
    let cases: [(&[(f64, f64)], &str); 6] = [
        (&[(0.0, 0.0), (1.0, 1.0)], "2 distinct points"),
        (
            &[(0.0, 0.0), (1.0, 1.0), (0.0, 0.0), (1.0, 1.0)],
            "2 distinct points",
        ),
        (&[(0.0, 0.0), (1.0, f64::NAN), (0.0, 1.0)], "point (1, NaN)"),
        (&[(0.0, 0.0), (1.0, 1.0), (2.0, 2.0)], "an area of 0"),
        (&[(0.0, 0.0), (2.0, 2.0), (3.0, 0.0), (0.0, 1.0)], "crosses"),
        (
            &[(0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (2.0, 1.0), (0.0, 1.0)],
            "runs along",
        ),
    ];
    for (points, reason) in cases {
        let bad = vec![
            ("fine".to_owned(), square(10.0, 10.0, 1.0)),
            ("bad".to_owned(), shape(points)),
        ];
        let error = Polygons::new("p", bad).unwrap_err();
        let PartitionError::InvalidRing {
            label,
            index,
            reason: given,
            ..
        } = &error
        else {
            panic!("{error}");
        };
        assert_eq!((label.as_str(), *index), ("bad", 1));
        assert!(given.contains(reason), "{given}");
    }
    assert!(Polygons::new("p", vec![("none".into(), Shape::default())]).is_err());
    assert_eq!(
        Polygons::new("p", vec![]),
        Err(PartitionError::Empty { what: "polygon" })
    );
}

#[test]
fn holes_outside_and_nested_parts_are_rejected() {
    let outer = ring(&[(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0)]);
    let inner = ring(&[(1.0, 1.0), (2.0, 1.0), (2.0, 2.0), (1.0, 2.0)]);
    let away = ring(&[(7.0, 7.0), (8.0, 7.0), (8.0, 8.0), (7.0, 8.0)]);
    for polygons in [
        vec![vec![outer.clone(), away]],
        vec![vec![outer.clone()], vec![inner.clone()]],
        vec![vec![outer.clone(), inner.clone(), inner.clone()]],
        vec![vec![outer.clone()], vec![outer.clone()]],
    ] {
        let error = Polygons::new("p", vec![("a".into(), Shape { polygons })]).unwrap_err();
        assert!(
            matches!(error, PartitionError::InvalidNesting { index: 0, .. }),
            "{error}"
        );
    }
}

#[test]
fn overlapping_polygons_are_named_with_a_place_in_both() {
    let overlapping = [
        (square(0.0, 0.0, 2.0), square(1.0, 1.0, 2.0)),
        (square(0.0, 0.0, 4.0), square(1.0, 1.0, 1.0)),
        (square(0.0, 0.0, 2.0), square(0.0, 0.0, 2.0)),
        (
            square(0.0, 0.0, 2.0),
            shape(&[(0.0, 0.0), (2.0, 0.0), (2.0, 2.0)]),
        ),
    ];
    for (a, b) in overlapping {
        let alone = |shape: &Shape| Polygons::new("p", vec![("p".into(), shape.clone())]).unwrap();
        let (only_a, only_b) = (alone(&a), alone(&b));
        let error = Polygons::new("p", labelled(vec![square(50.0, 0.0, 1.0), a, b])).unwrap_err();
        let PartitionError::OverlappingPolygons {
            first,
            second,
            at: (x, y),
        } = error
        else {
            panic!("{error}");
        };
        assert_eq!((first.as_str(), second.as_str()), ("p1", "p2"));
        assert_eq!((at(&only_a, x, y), at(&only_b, x, y)), (Some(0), Some(0)));
    }
}

#[test]
fn slivers_of_rounded_corners_are_accepted_and_go_to_the_lowest_polygon() {
    let west = square(0.0, 0.0, 1.0);
    // Its corner on the shared border reaches into the western square by a rounding error.
    let east = shape(&[(1.0, 0.0), (2.0, 0.0), (2.0, 1.0), (1.0, 1.0), (1.0 - 1e-9, 0.5)]);
    let polygons = Polygons::new("p", labelled(vec![west, east])).unwrap();
    assert_eq!(at(&polygons, 1.0 - 1e-10, 0.5), Some(0));
    assert_eq!(at(&polygons, 1.0, 0.5), Some(1));
}

#[test]
fn thousands_of_polygons_are_checked_and_located() {
    let n = 45;
    let polygons = Polygons::new("many", labelled(jittered(n, 8))).unwrap();
    assert_eq!(polygons.n_partitions(), n * n);
    let total: f64 = polygons.areas.iter().sum();
    assert!((total - (n * n) as f64).abs() < 1e-9 * total);
    assert_eq!(at(&polygons, 0.1, 0.1), Some(0));
    let mut shapes = jittered(n, 8);
    shapes[1000] = square(20.0, 20.0, 2.0);
    assert!(Polygons::new("many", labelled(shapes)).is_err());
}
