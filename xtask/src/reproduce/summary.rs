//! The results for readers.

use std::fmt::Write as _;

use super::comparison::{Published, Verdict};
use super::report::Report;
use super::table::{Cell, rounded};

/// A report in Markdown.
pub(super) fn of(report: &Report) -> String {
    let mut text = format!(
        "# {}: {}\n\nScale {}, seed {}, wherefair {}. Data of the tables: the CSV files beside this one.\n",
        report.suite,
        report.paper,
        report.scale.name(),
        report.seed,
        report.version
    );
    text.push_str("\n## Checks\n\n| what | expected | found | |\n|---|---|---|---|\n");
    for check in &report.checks {
        let word = if check.holds { "holds" } else { "**FAILS**" };
        text.push_str(&row(&[&check.what, &check.expected, &check.found, word]));
    }
    for (title, verdicts) in [
        ("Paper and ours", &[Verdict::Holds, Verdict::DoesNotHold][..]),
        (
            "Side by side (data or unstated choices differ)",
            &[Verdict::NotComparable][..],
        ),
    ] {
        let mut comparisons = report
            .comparisons
            .iter()
            .filter(|comparison| verdicts.contains(&comparison.verdict))
            .peekable();
        if comparisons.peek().is_none() {
            continue;
        }
        let _ = write!(
            text,
            "\n## {title}\n\n| place | what | paper | ours | difference | |\n|---|---|---|---|---|---|\n"
        );
        for comparison in comparisons {
            let paper = match comparison.paper {
                Published::Number(number) => rounded(number),
                Published::Statement(statement) => statement.to_owned(),
            };
            text.push_str(&row(&[
                comparison.place,
                &comparison.what,
                &paper,
                &comparison.ours.rounded(),
                &Cell::from(comparison.difference).rounded(),
                comparison.verdict.word(),
            ]));
        }
    }
    for table in report.tables.iter().filter(|table| table.in_summary) {
        let _ = write!(text, "\n## {}\n\n{}", table.title, table.markdown());
    }
    if !report.figures.is_empty() {
        text.push_str("\n## Figures\n\n");
        for figure in &report.figures {
            let _ = write!(text, "![{}]({}.svg)\n\n", figure.chart.title, figure.name);
        }
    }
    text.push_str("\n## Where we depart from the paper\n");
    for difference in &report.differences {
        let _ = write!(
            text,
            "\n- DIFFERENCE ({}): paper: {}; here: {}. {}\n",
            difference.place, difference.paper, difference.ours, difference.why
        );
    }
    if !report.skipped.is_empty() {
        text.push_str("\n## Skipped\n\n");
        for skipped in &report.skipped {
            let _ = writeln!(text, "- {skipped}");
        }
    }
    text
}

fn row(cells: &[&str]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    format!("| {} |\n", cells.join(" | "))
}
