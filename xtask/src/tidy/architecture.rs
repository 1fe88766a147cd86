//! `ARCHITECTURE.md` names every crate.

use super::Finding;
use crate::workspace::{Metadata, Tree};

const FILE: &str = "ARCHITECTURE.md";

/// Finds crates of the workspace that `ARCHITECTURE.md` does not name.
pub(super) fn check(tree: &Tree, metadata: &Metadata) -> anyhow::Result<Vec<Finding>> {
    if metadata.packages.is_empty() {
        return Ok(Vec::new());
    }
    if !tree.files.iter().any(|file| file == FILE) {
        return Ok(vec![Finding::new(FILE, 1, "the file is missing")]);
    }
    let text = tree.text(FILE)?.unwrap_or_default();
    Ok(metadata
        .packages
        .iter()
        .filter(|package| !names(&text, &package.name))
        .map(|package| Finding::new(FILE, 1, format!("crate `{}` is not named", package.name)))
        .collect())
}

/// Whether `text` holds `name` as a whole word; a hyphen is part of a word, so that `wherefair` is not named by
/// `wherefair-core`.
fn names(text: &str, name: &str) -> bool {
    let part_of_word = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    text.match_indices(name).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + name.len()..].chars().next();
        !before.is_some_and(part_of_word) && !after.is_some_and(part_of_word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tests::tree_of;
    use crate::workspace::Package;

    fn packages(names: &[&str]) -> Metadata {
        let packages = names
            .iter()
            .map(|&name| Package {
                name: name.to_owned(),
                ..Package::default()
            })
            .collect();
        Metadata { packages }
    }

    #[test]
    fn a_crate_is_not_named_by_a_longer_name() {
        let (_folder, tree) = tree_of(&[(FILE, "The crate `wherefair-core` is small; so is tests/.\n")]);
        let found = check(&tree, &packages(&["wherefair", "wherefair-core"])).unwrap();
        assert_eq!(found, [Finding::new(FILE, 1, "crate `wherefair` is not named")]);
    }

    #[test]
    fn a_missing_file_is_one_finding() {
        let (_folder, tree) = tree_of(&[]);
        let found = check(&tree, &packages(&["a", "b"])).unwrap();
        assert_eq!(found, [Finding::new(FILE, 1, "the file is missing")]);
    }
}
