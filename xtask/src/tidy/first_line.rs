//! Every Rust file says on its first line what it is for.

use super::Finding;
use crate::workspace::Tree;

/// Finds Rust files whose first line is not a `//!` comment with words in it.
pub(super) fn check(tree: &Tree) -> anyhow::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for file in tree.with_extension("rs") {
        let text = tree.text(file)?.unwrap_or_default();
        let first = text.lines().next().unwrap_or_default();
        if first
            .strip_prefix("//!")
            .is_none_or(|words| words.trim().is_empty())
        {
            findings.push(Finding::new(
                file,
                1,
                "the first line must say after `//!` what the file is for",
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
    fn only_files_without_a_first_doc_line_are_found() {
        let (_folder, tree) = tree_of(&[
            ("good.rs", "//! Reads things.\nfn a() {}\n"),
            ("late.rs", "fn a() {}\n//! Too late.\n"),
            ("mute.rs", "//!\nfn a() {}\n"),
            ("empty.rs", ""),
            ("outer.rs", "/// Not inner.\nfn a() {}\n"),
            ("text.md", "no comment\n"),
        ]);
        let files: Vec<_> = check(&tree)
            .unwrap()
            .into_iter()
            .map(|finding| finding.file)
            .collect();
        assert_eq!(files, ["empty.rs", "late.rs", "mute.rs", "outer.rs"]);
    }
}
