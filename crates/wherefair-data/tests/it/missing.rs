//! Missing cells, shared dictionaries and the checks of requests.

use std::fmt::Write as _;

use proptest::prelude::*;
use wherefair_data::{ColumnRequest, MissingPolicy, NO_LABEL, ReadRequest};

use crate::reading::{csv, error, read, request};

#[test]
fn a_missing_cell_is_an_error_that_shows_it() {
    let cases = [
        (
            "a,b\n1,x\n,y\n",
            "t.csv, line 3, column \"a\": missing value: \"\"",
        ),
        (
            "a,b\n1,x\nNA,y\n",
            "t.csv, line 3, column \"a\": missing value: \"NA\"",
        ),
        (
            "a,b\n-inf,x\n",
            "t.csv, line 2, column \"a\": not a finite number: \"-inf\"",
        ),
        (
            "a,b\n1e999,x\n",
            "t.csv, line 2, column \"a\": not a finite number: \"1e999\"",
        ),
        ("a,b\n1, \n", "t.csv, line 2, column \"b\": missing value: \" \""),
        // The first row counts, not the first column.
        (
            "a,b\n1,\n,y\n",
            "t.csv, line 2, column \"b\": missing value: \"\"",
        ),
    ];
    for (text, message) in cases {
        assert!(
            error(&csv(text), &request(&["a"], &["b"])).starts_with(message),
            "{text:?}"
        );
    }
}

#[test]
fn skipped_rows_are_counted_by_column_and_reason() {
    let mut ask = request(&["a", "b"], &["c"]);
    ask.missing = MissingPolicy::Skip;
    let table = csv("a,b,c\n1,2,x\n,inf,y\nNaN,2,\n4,5,z\n");
    let whole = read(&table, &ask).unwrap();
    assert_eq!(whole.numbers[..2], [vec![1.0, 4.0], vec![2.0, 5.0]]);
    assert_eq!(whole.texts(2), ["x", "z"]);
    // Labels of skipped rows do not appear.
    assert_eq!(whole.labels[2], ["x", "z"]);
    assert_eq!(whole.n_skipped, 2);
    let counts: Vec<_> = whole
        .skipped
        .iter()
        .map(|c| (c.name.as_str(), c.n_empty, c.n_not_finite, c.n_nodata))
        .collect();
    assert_eq!(counts, [("a", 1, 1, 0), ("b", 0, 1, 0), ("c", 1, 0, 0)]);
}

#[test]
fn kept_rows_have_nan_and_no_label_whatever_the_size_of_batches() {
    let table = csv("a,c\n1,x\n,y\nNaN,\ninf,\n5,x\n,\n");
    let mut ask = ReadRequest::new(vec![
        ColumnRequest::number("a"),
        ColumnRequest::label("c"),
        ColumnRequest::label("a"),
    ]);
    ask.missing = MissingPolicy::Keep;
    for batch_rows in [1, 2, 100] {
        ask.batch_rows = batch_rows;
        let mut batches = table.read(&ask).unwrap();
        let (mut numbers, mut labels, mut rows) = (Vec::new(), vec![Vec::new(); 2], Vec::new());
        for batch in batches.by_ref() {
            let batch = batch.unwrap();
            rows.extend(batch.rows());
            numbers.extend(batch.columns[0].numbers().unwrap().to_vec());
            labels[0].extend(batch.columns[1].labels().unwrap().to_vec());
            labels[1].extend(batch.columns[2].labels().unwrap().to_vec());
        }
        assert_eq!(rows, [0, 1, 2, 3, 4, 5]);
        assert_eq!((numbers[0], numbers[4]), (1.0, 5.0));
        assert!(
            [numbers[1], numbers[2], numbers[5]]
                .iter()
                .all(|number| number.is_nan())
        );
        assert_eq!(labels[0], [0, 1, NO_LABEL, NO_LABEL, 0, NO_LABEL]);
        assert_eq!(labels[1], [0, NO_LABEL, NO_LABEL, NO_LABEL, 1, NO_LABEL]);
        assert_eq!(
            (batches.labels(1), batches.labels(2)),
            (
                &["x", "y"].map(str::to_owned)[..],
                &["1", "5"].map(str::to_owned)[..]
            )
        );
        assert_eq!((batches.n_skipped(), batches.rows_read()), (0, 6));
    }
}

#[test]
fn a_table_in_which_all_rows_are_skipped_gives_no_batch() {
    let mut ask = request(&["a"], &[]);
    ask.missing = MissingPolicy::Skip;
    let whole = read(&csv("a,b\n,1\n,2\n"), &ask).unwrap();
    assert_eq!((whole.numbers[0].len(), whole.n_skipped), (0, 2));
}

#[test]
fn shared_labels_have_equal_codes_in_order_of_first_appearance() {
    let mut ask = request(&[], &["truth", "pred", "other"]);
    ask.shared_labels = vec![vec![0, 1]];
    let whole = read(&csv("truth,pred,other\na,b,b\nc,a,a\n"), &ask).unwrap();
    assert_eq!(whole.codes, [[0, 2], [1, 0], [0, 1]]);
    assert_eq!(whole.labels[0], ["a", "b", "c"]);
    assert_eq!(whole.labels[0], whole.labels[1]);
    assert_eq!(whole.labels[2], ["b", "a"]);
}

#[test]
fn impossible_requests_are_rejected() {
    let table = csv("a,b\n1,x\n");
    let ask = |change: &dyn Fn(&mut ReadRequest)| {
        let mut ask = request(&["a"], &["b"]);
        change(&mut ask);
        error(&table, &ask)
    };
    assert!(ask(&|r| r.columns.clear()).starts_with("invalid columns: none"));
    assert!(ask(&|r| r.batch_rows = 0).starts_with("invalid batch_rows: 0"));
    for groups in [
        vec![vec![0, 1]],
        vec![vec![1, 1]],
        vec![vec![1], vec![1]],
        vec![vec![7]],
    ] {
        assert!(ask(&|r| r.shared_labels.clone_from(&groups)).starts_with("invalid shared_labels"));
    }
    assert!(ask(&|r| r.columns.push(ColumnRequest::label("B"))).contains("did you mean \"b\"?"));
}

#[test]
fn reading_again_starts_again() {
    let table = csv("a\n1\n2\n");
    let first = read(&table, &request(&["a"], &[])).unwrap();
    assert_eq!(read(&table, &request(&["a"], &[])).unwrap(), first);
    let mut batches = table.read(&request(&["a"], &[])).unwrap();
    assert_eq!(
        (
            batches.rows_read(),
            batches.labels(0).len(),
            batches.labels(9).len()
        ),
        (0, 0, 0)
    );
    assert!(batches.next().unwrap().is_ok());
    assert_eq!(batches.rows_read(), 2);
}

#[test]
fn iteration_ends_after_an_error() {
    let table = csv("a\n1\nx\n2\n");
    let mut ask = request(&["a"], &[]);
    ask.batch_rows = 1;
    let items: Vec<bool> = table.read(&ask).unwrap().map(|item| item.is_ok()).collect();
    assert_eq!(items, [true, false]);
}

proptest! {
    #[test]
    fn the_size_of_batches_does_not_show(
        rows in prop::collection::vec((prop::option::of(-5..5_i32), 0..4_u8, 0..4_u8), 1..60),
        batch_rows in 1..70_usize,
    ) {
        let mut text = "a,truth,pred\n".to_owned();
        for (a, truth, pred) in &rows {
            let a = a.map_or(String::new(), |a| a.to_string());
            writeln!(text, "{a},L{truth},L{pred}").unwrap();
        }
        let mut ask = request(&["a"], &["truth", "pred"]);
        ask.missing = MissingPolicy::Skip;
        ask.shared_labels = vec![vec![2, 1]];
        let whole = read(&csv(&text), &ask).unwrap();
        ask.batch_rows = batch_rows;
        prop_assert_eq!(read(&csv(&text), &ask).unwrap(), whole);
    }
}
