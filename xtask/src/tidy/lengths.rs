//! Files stay short enough to be read in one go.

use super::Finding;
use crate::workspace::Tree;

/// The most lines a Rust file may have; unit tests in their own `tests.rs` are exempt.
const MAX_LINES: usize = 600;

/// Finds Rust files that are too long.
pub(super) fn check(tree: &Tree) -> anyhow::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for file in tree.with_extension("rs") {
        if file.rsplit('/').next() == Some("tests.rs") {
            continue;
        }
        let n_lines = tree.text(file)?.unwrap_or_default().lines().count();
        if n_lines > MAX_LINES {
            findings.push(Finding::new(
                file,
                MAX_LINES + 1,
                format!("{n_lines} lines (accepted: at most {MAX_LINES}); split it by what it does"),
            ));
        }
    }
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tests::tree_of;

    #[test]
    fn the_limit_itself_is_accepted_and_one_line_more_is_not() {
        let limit = "\n".repeat(MAX_LINES);
        let over = "\n".repeat(MAX_LINES + 1);
        let (_folder, tree) = tree_of(&[
            ("limit.rs", &limit),
            ("over.rs", &over),
            ("a/tests.rs", &over),
            ("long.md", &over),
        ]);
        let found = check(&tree).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(
            found[0].to_string(),
            "over.rs:601: 601 lines (accepted: at most 600); split it by what it does"
        );
    }
}
