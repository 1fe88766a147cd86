//! No test is switched off.

use super::{Finding, source};
use crate::workspace::Tree;

/// Finds tests with an `ignore` attribute: a test either runs or is not there.
pub(super) fn check(tree: &Tree) -> anyhow::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for file in tree.with_extension("rs") {
        let text = tree.text(file)?.unwrap_or_default();
        for (i, line) in source::code_only(&text).lines().enumerate() {
            if ignores(line) {
                findings.push(Finding::new(
                    file,
                    i + 1,
                    "an ignored test; let it run or remove it",
                ));
            }
        }
    }
    Ok(findings)
}

fn ignores(line: &str) -> bool {
    let tight: String = line.chars().filter(|c| !c.is_whitespace()).collect();
    tight.contains("#[ignore]")
        || tight.contains("#[ignore=")
        || (tight.contains("#[cfg_attr(") && (tight.contains(",ignore)") || tight.contains(",ignore=")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tests::tree_of;

    #[test]
    fn every_form_of_the_attribute_is_found() {
        for line in [
            "#[ignore]",
            "#[test] #[ignore = \"slow\"]",
            "#[ ignore ]",
            "#[cfg_attr(unix, ignore)]",
        ] {
            let text = format!("//! A.\n{line}\nfn a() {{}}\n");
            let (_folder, tree) = tree_of(&[("a.rs", &text)]);
            let found = check(&tree).unwrap();
            assert_eq!(found.len(), 1, "{line}");
            assert_eq!(found[0].line, 2, "{line}");
        }
    }

    #[test]
    fn comments_strings_and_other_words_are_accepted() {
        for line in [
            "// #[ignore]",
            "let a = \"#[ignore]\";",
            "let a = r#\"#[ignore]\"#;",
            "let ignore = [1];",
            "#[serde(ignore_unknown)]",
        ] {
            let (_folder, tree) = tree_of(&[("a.rs", line)]);
            assert!(check(&tree).unwrap().is_empty(), "{line}");
        }
    }
}
