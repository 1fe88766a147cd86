//! The page on a training.

use wherefair_audit::Audit;
use wherefair_report::{
    ClusterHistory, ClusteredMap, Context, LoopClusters, ModelOnTest, TrainingEpoch, TrainingPage,
    training_html,
};

use crate::fixtures::{audit, grids, groups, without_null};
use crate::hostile::{TEXTS, assert_shows_only_numbers, figures};
use crate::reading::read;

fn epochs(n: u64) -> Vec<TrainingEpoch> {
    (1..=n)
        .map(|epoch| {
            let is_measured = epoch >= 10;
            TrainingEpoch {
                epoch,
                is_base: epoch <= 10,
                loss: Some(1.0 / epoch as f64),
                quality: is_measured.then_some(2.0 + (epoch % 7) as f64 / 100.0),
                deviation_mean: is_measured.then_some(3.0 - (epoch % 11) as f64 / 10.0),
            }
        })
        .collect()
}

fn page<'a>(models: &[(&str, &'a Audit)]) -> TrainingPage<'a> {
    TrainingPage {
        models: models
            .iter()
            .map(|&(name, audit)| ModelOnTest {
                name: name.to_owned(),
                audit,
            })
            .collect(),
        epochs: epochs(60),
        selected: 43,
        max_quality_loss: 0.01,
        notes: vec!["`same` is left out.".to_owned()],
        clusters: None,
    }
}

#[test]
fn clusters_are_listed_loop_by_loop() {
    let (base, fair) = (grids(2, 2), grids(2, 2));
    let mut page = page(&[("Base", &base), ("SPAD-SIM", &fair)]);
    assert!(!training_html(&page, &Context::default()).contains("stand for others"));
    let map = |name: &str, n_sampled| ClusteredMap {
        name: name.to_owned(),
        n_sampled,
    };
    page.clusters = Some(ClusterHistory {
        maps: vec![map("1x2", 7), map("<2x1>", 0), map("2x2", 12)],
        loops: vec![
            LoopClusters {
                number: 7,
                labels: vec![Some(0), None, Some(0)],
            },
            // Shorter than the maps, and of many clusters.
            LoopClusters {
                number: 8,
                labels: vec![Some(41)],
            },
        ],
    });
    let html = training_html(&page, &Context::default());
    read(&html);
    let section = html.split("Maps that stand for others").nth(1).unwrap();
    let section = section.split("</section>").next().unwrap();
    for text in ["Loop 7", "Loop 8", "&lt;2x1&gt;", ">42<", ">12<"] {
        assert!(section.contains(text), "{text}");
    }
    assert_eq!(section.matches("background:#cfe3f5").count(), 2);
    page.clusters = Some(ClusterHistory::default());
    assert!(!training_html(&page, &Context::default()).contains("stand for others"));
}

#[test]
fn models_stand_side_by_side_in_the_same_order() {
    let (base, fair) = (grids(3, 3), grids(3, 3));
    let context = Context {
        title: "Houses".into(),
        sentence: "Fairer.".into(),
        facts: vec![("seed".into(), "7".into())],
        ..Context::default()
    };
    let html = training_html(&page(&[("Base", &base), ("SPAD", &fair)]), &context);
    let read = read(&html);
    assert_eq!(read.count("h1"), 1);
    for text in [
        "Houses",
        "Fairer.",
        "`same` is left out.",
        "kept: epoch 43",
        "Worst places: SPAD",
    ] {
        assert!(html.contains(text), "{text}");
    }
    // A map a model and partitioning, the legend, the trade-off and the curves.
    assert_eq!(read.count("svg"), 2 * 8 + 3);
    // One dot an epoch of fair training, and the one that is kept.
    let trade_off = html.split("against the score, epoch by epoch").nth(1).unwrap();
    let trade_off = trade_off.split("</svg>").next().unwrap();
    assert_eq!(trade_off.matches("r=\"2.6\"").count(), 50);
    assert_eq!(trade_off.matches("the model that is kept, epoch 43").count(), 1);
    assert_eq!(trade_off.matches("base model, epoch 10").count(), 1);
    assert_eq!(
        training_html(&page(&[("Base", &base), ("SPAD", &fair)]), &context),
        html
    );
}

#[test]
fn models_of_any_number_and_kind_make_a_page() {
    let (map, group) = (grids(2, 2), audit(vec![groups(&["a", "b"])]));
    let plain = without_null(grids(2, 2));
    for models in [
        &[][..],
        &[("one", &map)],
        &[("a", &group), ("b", &group)],
        &[("a", &plain), ("b", &map), ("c", &map)],
    ] {
        let mut page = page(models);
        read(&training_html(&page, &Context::default()));
        page.epochs.clear();
        page.selected = 0;
        read(&training_html(&page, &Context::default()));
    }
}

#[test]
fn text_is_escaped_and_figures_that_are_not_finite_are_not_drawn() {
    let map = grids(2, 2);
    for text in TEXTS {
        let mut page = page(&[(text, &map), (text, &map)]);
        page.notes = vec![text.to_owned()];
        let context = Context {
            title: text.to_owned(),
            sentence: text.to_owned(),
            facts: vec![(text.to_owned(), text.to_owned())],
            unit: Some(text.to_owned()),
            geographic: true,
        };
        assert_eq!(read(&training_html(&page, &context)).count("script"), 0);
    }
    for figures in figures() {
        let mut page = page(&[("a", &map), ("b", &map)]);
        for (i, epoch) in page.epochs.iter_mut().enumerate() {
            let figure = figures[i % figures.len()];
            (epoch.loss, epoch.quality, epoch.deviation_mean) = (Some(figure), Some(figure), Some(figure));
        }
        page.max_quality_loss = figures[0];
        assert_shows_only_numbers(&training_html(&page, &Context::default()), &figures);
    }
}
