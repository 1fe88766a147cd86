//! Whole pages of ordinary audits.

use wherefair_audit::{Audit, Limit, PartitioningAudit};
use wherefair_report::{Context, html};

use crate::fixtures::{audit, grid, grids, groups, params, partitioning, without_null};
use crate::reading::{Page, read};

fn context() -> Context {
    Context {
        title: "Yield".into(),
        sentence: "It is worse in the east.".into(),
        facts: vec![("Input".into(), "fields.csv".into())],
        unit: Some("t/ha".into()),
        geographic: true,
    }
}

fn page_of(audit: &Audit) -> Page {
    read(&html(audit, &context()))
}

#[test]
fn all_sections_are_there_in_order() {
    let page = html(&grids(5, 5), &context());
    let headings = [
        "<h1>Yield</h1>",
        "It is worse in the east.",
        "<h2>Deviation by partitioning</h2>",
        "<h2>Is it one map or all maps?</h2>",
        "<h2>Where</h2>",
        "<h2>Worst places</h2>",
        "<h2>How this was computed</h2>",
        "fields.csv",
    ];
    let places: Vec<usize> = headings
        .iter()
        .map(|heading| page.find(heading).expect(heading))
        .collect();
    assert!(places.is_sorted());
    assert_eq!(read(&page).count("h1"), 1);
}

#[test]
fn the_same_audit_gives_the_same_bytes() {
    assert_eq!(html(&grids(4, 4), &context()), html(&grids(4, 4), &context()));
}

#[test]
fn every_number_of_maps_is_drawn() {
    for (rows, columns) in [(1, 2), (2, 2), (5, 5), (12, 12)] {
        let audit = grids(rows, columns);
        let n = audit.partitionings.len();
        let page = page_of(&audit);
        let multiples = page
            .values("div", "class")
            .iter()
            .filter(|class| **class == "multiples")
            .count();
        let cells = page.attributes.iter().filter(|(element, key, value)| {
            element == "td" && key == "title" && value.contains("mean deviation")
        });
        assert_eq!(multiples, usize::from(n > 1), "{n} maps");
        assert_eq!(cells.count(), if n >= 4 { n } else { 0 }, "{n} maps");
    }
}

#[test]
fn up_to_36_maps_are_all_drawn_small_and_large() {
    let page = page_of(&grids(5, 5));
    assert_eq!(page.count("figure"), 24);
    assert_eq!(page.values("details", "name").len(), 24);
    assert_eq!(page.values("details", "open").len(), 1);
    assert_eq!(page_of(&grids(12, 12)).count("figure"), 12);
}

#[test]
fn cells_above_their_floor_are_marked() {
    let audit = grids(5, 5);
    let above = |p: &&PartitioningAudit| p.mean_deviation.unwrap().observed > 0.2;
    let n_above = audit.partitionings.iter().filter(above).count();
    assert!(n_above > 0 && n_above < 24);
    let marked = page_of(&audit)
        .values("td", "class")
        .iter()
        .filter(|class| **class == "above")
        .count();
    assert_eq!(marked, n_above);
}

#[test]
fn a_gate_is_shown_with_its_verdict() {
    let mut audit = grids(3, 3);
    audit.config = params().fail_above(Some(0.125)).check().unwrap();
    audit.passed = Some(false);
    audit.stability.as_mut().unwrap().limit = Limit::Gate(0.125);
    let text = page_of(&audit).text;
    assert!(text.contains("failed") && text.contains("gate 0.125") && text.contains("the gate of 0.125"));
    assert!(!page_of(&grids(3, 3)).text.contains("failed"));
}

#[test]
fn without_a_noise_floor_no_p_value_is_shown() {
    let text = page_of(&without_null(grids(4, 4))).text;
    assert!(text.contains("No noise floor was drawn") && text.contains("neither a gate nor a noise floor"));
    assert!(!text.contains("p = 0"));
}

#[test]
fn groups_are_drawn_as_bars() {
    let only_groups = page_of(&audit(vec![groups(&["forest", "field"])]));
    assert!(only_groups.text.contains("No partitioning has shapes") && only_groups.text.contains("forest"));
    assert_eq!(only_groups.count("path"), 0);
    let both = page_of(&audit(vec![grid(2, 2), groups(&["forest", "field"])]));
    assert!(both.count("path") > 0 && both.text.contains("not drawn as a map: land use"));
}

#[test]
fn many_groups_show_the_worst() {
    let labels: Vec<String> = (0..500).map(|i| format!("group {i}")).collect();
    let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
    let text = page_of(&audit(vec![groups(&labels)])).text;
    assert!(text.contains("group 499") && text.contains("460 better ones not shown"));
}

#[test]
fn a_single_map_says_nothing_of_other_maps() {
    let says_so = |audit: &Audit| {
        page_of(audit)
            .text
            .contains("nothing can be said about other maps")
    };
    assert!(says_so(&grids(1, 2)) && !says_so(&grids(2, 2)));
}

#[test]
fn the_most_unequal_map_is_the_one_that_is_open() {
    let audit = grids(5, 5);
    let mean = |p: &&PartitioningAudit| p.mean_deviation.unwrap().observed;
    let worst = audit
        .partitionings
        .iter()
        .max_by(|a, b| mean(a).total_cmp(&mean(b)))
        .unwrap();
    let page = html(&audit, &context());
    let open = format!(r#"open="open"><summary><b>{}</b>: most unequal map"#, worst.name);
    assert_eq!(page.matches(&open).count(), 1);
}

#[test]
fn notes_are_shown() {
    let mut audit = grids(2, 2);
    audit.notes = vec!["7 of 9 samples lie in no partition.".into()];
    assert!(
        page_of(&audit)
            .text
            .contains("7 of 9 samples lie in no partition.")
    );
}

#[test]
fn partitionings_without_a_score_are_said_to_have_none() {
    let mut empty = grid(2, 2);
    for partition in &mut empty.partitions {
        (partition.score, partition.deviation, partition.shortfall) = (None, None, None);
    }
    let empty = partitioning("2x2".into(), 0.0, empty.partitions);
    let text = page_of(&audit(vec![empty.clone(), grid(1, 2)])).text;
    assert!(text.contains("no partition has a score"));
    let text = page_of(&audit(vec![empty])).text;
    assert!(text.contains("no partitioning has a score") && text.contains("No place is worse"));
}

#[test]
fn equal_scores_have_no_worst_place() {
    let mut equal = grid(2, 3);
    for partition in &mut equal.partitions {
        let zero = partition.score.map(|_| 0.0);
        partition.score = partition.score.map(|_| 2.0);
        (partition.deviation, partition.shortfall) = (zero, zero);
    }
    let page = page_of(&audit(vec![partitioning("2x3".into(), 2.0, equal.partitions)]));
    assert!(page.text.contains("No place is worse than its reference."));
}

#[test]
fn no_partitioning_at_all_still_gives_a_page() {
    page_of(&audit(Vec::new()));
}
