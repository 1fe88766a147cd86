//! The workspace builds with any recent stable compiler, so no toolchain is pinned.

use super::Finding;
use crate::workspace::Tree;

/// Finds toolchain files: they make a fresh checkout download a compiler.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    tree.files
        .iter()
        .filter(|file| {
            let name = file.rsplit('/').next().unwrap_or_default();
            name == "rust-toolchain" || name == "rust-toolchain.toml"
        })
        .map(|file| {
            Finding::new(
                file,
                1,
                "no toolchain is pinned; `rust-version` in the workspace manifest states the oldest one",
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tests::tree_of;

    #[test]
    fn a_pinned_toolchain_is_found_in_any_folder() {
        let (_folder, tree) = tree_of(&[
            ("rust-toolchain.toml", ""),
            ("a/rust-toolchain", ""),
            ("docs/rust-toolchain.md", ""),
        ]);
        let files: Vec<_> = check(&tree).into_iter().map(|finding| finding.file).collect();
        assert_eq!(files, ["a/rust-toolchain", "rust-toolchain.toml"]);
    }
}
