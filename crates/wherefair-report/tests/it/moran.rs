//! Pages on spatial autocorrelation.

use wherefair_core::{Extent, Point};
use wherefair_partition::Shape;
use wherefair_report::{Cluster, Context, LocalMoranPage, MoranPage, local_moran_html, moran_html};

use crate::moran_fixtures::{global, local};
use crate::reading::{Page, read};

/// The colours of the map, in the order of the clusters.
const COLOURS: [&str; 6] = ["#a8400a", "#164c82", "#f3a75c", "#8cbce0", "#d9dcdf", "#ffffff"];

fn read_global(page: &MoranPage) -> Page {
    read(&moran_html(page, &Context::default()))
}

fn read_local(page: &LocalMoranPage) -> Page {
    read(&local_moran_html(page, &Context::default()))
}

/// The number of dots of places: dots of keys have no tooltip, so that they are the dots beyond tooltips.
fn n_titled(page: &Page, element: &str) -> usize {
    let pairs = page.elements.windows(2);
    pairs
        .filter(|pair| pair[0] == element && pair[1] == "title")
        .count()
}

#[test]
fn every_number_of_places_gives_both_pages() {
    for n in [0, 1, 4, 20_001] {
        let (global, local) = (read_global(&global(n)), read_local(&local(n)));
        assert!(global.text.contains("permutation") && local.text.contains("Local Moran"));
        // One dot a place in the scatterplot, and in the map; too many become squares.
        assert_eq!(n_titled(&global, "circle"), if n > 5_000 { 0 } else { n }, "{n}");
        assert_eq!(
            n_titled(&local, "circle"),
            if n > 5_000 { 0 } else { 2 * n },
            "{n}"
        );
        assert_eq!(global.text.contains("too many"), n > 5_000, "{n}");
        assert_eq!(local.text.contains("too many"), n > 5_000, "{n}");
    }
}

#[test]
fn up_to_20_000_places_are_dots_on_the_map() {
    let page = read_local(&local(20_000));
    assert_eq!(n_titled(&page, "circle"), 20_000);
}

#[test]
fn squares_hold_every_place_once() {
    let page = local_moran_html(&local(20_001), &Context::default());
    let map = page.find("Map of clusters and outliers").unwrap();
    let map = &page[map..map + page[map..].find("</svg>").unwrap()];
    let n_in_squares: usize = map
        .split("<title>")
        .skip(1)
        .map(|title| {
            title
                .split(' ')
                .next()
                .unwrap()
                .replace(',', "")
                .parse::<usize>()
                .unwrap()
        })
        .sum();
    assert_eq!(n_in_squares, 20_001);
}

#[test]
fn without_draws_there_is_no_distribution() {
    let heading = "What chance alone gives";
    let mut page = global(30);
    assert!(read_global(&page).text.contains(heading));
    for draws in [Vec::new(), vec![f64::NAN, f64::INFINITY]] {
        page.draws = draws;
        let read = read_global(&page);
        assert!(!read.text.contains(heading) && read.count("svg") == 1);
    }
    page.draws.clear();
    assert!(read_global(&page).text.contains("No permutations were drawn"));
}

#[test]
fn the_bars_hold_every_draw() {
    let page = moran_html(&global(30), &Context::default());
    let n_drawn: usize = page
        .split("<title>")
        .filter_map(|title| title.split_once(" between ")?.0.parse::<usize>().ok())
        .sum();
    assert_eq!(n_drawn, 99);
}

#[test]
fn draws_that_are_all_the_same_have_one_bar() {
    let mut page = global(9);
    (page.draws, page.statistic, page.expectation) = (vec![0.25; 99], 0.25, 0.25);
    let read = read_global(&page);
    assert_eq!(read.text.matches("99 between 0.250 and 0.250").count(), 1);
    assert!(read.text.contains("observed 0.250") && read.text.contains("99 permutations"));
}

#[test]
fn the_line_is_named_after_the_statistic_only_where_it_is_its_slope() {
    let mut page = global(30);
    assert!(read_global(&page).text.contains("slope 0.500 = Moran’s I"));
    page.statistic = 0.4;
    let text = read_global(&page).text;
    assert!(text.contains("slope 0.500") && !text.contains("0.500 = Moran’s I"));
}

#[test]
fn equal_values_have_no_line() {
    for constant in [0.0, f64::NAN] {
        let mut page = global(12);
        (page.standardised, page.lag) = (vec![constant; 12], vec![constant; 12]);
        page.statistic = f64::NAN;
        assert!(!read_global(&page).text.contains("origin, slope"));
        let mut page = local(12);
        (page.standardised, page.lag) = (vec![constant; 12], vec![constant; 12]);
        for place in &mut page.places {
            (place.value, place.statistic) = (7.0, f64::NAN);
            place.cluster = Cluster::NotSignificant;
        }
        assert!(
            read_local(&page)
                .text
                .contains("No place is significant: q ≤ 0.05.")
        );
    }
}

#[test]
fn places_have_the_colours_of_their_clusters_and_are_counted() {
    let html = local_moran_html(&local(6), &Context::default());
    let page = read(&html);
    for (colour, cluster) in COLOURS
        .iter()
        .zip(["high–high", "low–low", "high–low", "low–high"])
    {
        let n = page
            .values("circle", "fill")
            .iter()
            .filter(|fill| *fill == colour)
            .count();
        // The map, the scatterplot and its key.
        assert_eq!(n, 3, "{colour}");
        assert!(html.contains(&format!("<b>{cluster}</b> 1 (17 %)")), "{cluster}");
    }
}

#[test]
fn places_with_a_shape_are_areas_and_the_others_dots() {
    let mut page = local(6);
    for (i, place) in page.places.iter_mut().enumerate().take(4) {
        let x = i as f64;
        place.shape = Some(Shape::rectangle(&Extent::new(x, 0.0, x + 1.0, 1.0).unwrap()));
    }
    // A shape without points is none.
    page.places[4].shape = Some(Shape::default());
    let read = read_local(&page);
    assert_eq!(read.count("path"), 4);
    assert_eq!(n_titled(&read, "circle"), 6 + 2);
}

#[test]
fn the_strongest_significant_places_are_listed() {
    let page = read(&local_moran_html(&local(90), &Context::default()));
    let names: Vec<&str> = page.values("td", "class");
    assert_eq!(names.iter().filter(|class| **class == "name").count(), 2 * 20);
    assert!(
        page.text
            .contains("The 20 most extreme local statistics of 60 significant places.")
    );
    let html = local_moran_html(&local(90), &Context::default());
    let at = |i: usize| html.find(&format!("<td class=\"name\">place {i}</td>"));
    assert!(at(87).unwrap() < at(86).unwrap());
    // 88 and 89 are not significant or have no neighbours.
    assert_eq!((at(88), at(89)), (None, None));
}

#[test]
fn permutations_are_told_of_only_where_there_are_p_values() {
    let mut page = local(6);
    assert!(read_local(&page).text.contains("conditional permutation"));
    for place in &mut page.places {
        (place.p_value, place.q_value) = (None, None);
    }
    let read = read_local(&page);
    assert!(!read.text.contains("conditional permutation") && read.text.contains("No place has a p-value."));
    // Without p-values and q-values the table has no columns for them.
    assert_eq!(
        read.values("th", "scope")
            .iter()
            .filter(|scope| **scope == "col")
            .count(),
        5
    );
}

#[test]
fn places_without_coordinates_are_said_to_be_missing() {
    let mut page = local(6);
    page.places[2].point = Point::new(f64::NAN, 0.0);
    assert!(
        read_local(&page)
            .text
            .contains("Not drawn, for want of coordinates: 1 place.")
    );
    for place in &mut page.places {
        place.point = Point::new(f64::INFINITY, 0.0);
    }
    assert!(
        read_local(&page)
            .text
            .contains("No place has coordinates that could be drawn.")
    );
}

#[test]
fn geographic_maps_are_narrowed() {
    let mut page = local(4_000);
    for place in &mut page.places {
        place.point.y += 60.0;
    }
    let height = |geographic| {
        let context = Context {
            geographic,
            ..Context::default()
        };
        let read = read(&local_moran_html(&page, &context));
        read.values("svg", "height")[0].parse::<f64>().unwrap()
    };
    // The map is the first picture; narrowed by half, it is taller at the same width.
    assert!(height(true) > height(false));
}
