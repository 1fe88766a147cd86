//! Every crate that may be published says what it is, and all crates share the lints.

use anyhow::Context;

use super::{Finding, source};
use crate::workspace::{Metadata, Package, Tree};

/// The limits of the crate registry.
const MAX_KEYWORDS: usize = 5;
const MAX_KEYWORD_CHARACTERS: usize = 20;

/// The only crate that may switch the lint against unsafe code off.
const UNSAFE_CRATE: &str = "crates/wherefair-nn/";

/// The lint against unsafe code.
const UNSAFE_LINT: &str = "unsafe_code";

/// Finds missing or unfit fields of manifests, and unsafe code where none may be.
pub(super) fn check(tree: &Tree, metadata: &Metadata) -> anyhow::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for package in &metadata.packages {
        let file = tree.relative(&package.manifest_path);
        let text = std::fs::read_to_string(&package.manifest_path)
            .with_context(|| format!("{} cannot be read", package.manifest_path.display()))?;
        let manifest: toml::Table = text
            .parse()
            .with_context(|| format!("{file} is not a manifest"))?;
        if !shares_lints(&manifest) {
            findings.push(Finding::new(
                &file,
                1,
                "the manifest needs `[lints] workspace = true`",
            ));
        }
        if package.is_published() {
            findings.extend(
                fields(package)
                    .into_iter()
                    .map(|message| Finding::new(&file, 1, message)),
            );
        }
    }
    for file in tree
        .with_extension("rs")
        .filter(|file| !file.starts_with(UNSAFE_CRATE))
    {
        let text = tree.text(file)?.unwrap_or_default();
        for (i, line) in source::code_only(&text).lines().enumerate() {
            if has_word(line, UNSAFE_LINT) {
                findings.push(Finding::new(file, i + 1, "only wherefair-nn may use unsafe code"));
            }
        }
    }
    Ok(findings)
}

fn shares_lints(manifest: &toml::Table) -> bool {
    manifest
        .get("lints")
        .and_then(|lints| lints.get("workspace"))
        .and_then(toml::Value::as_bool)
        == Some(true)
}

fn has_word(line: &str, word: &str) -> bool {
    line.split(|c: char| !c.is_alphanumeric() && c != '_')
        .any(|found| found == word)
}

/// What the manifest of a published crate lacks.
fn fields(package: &Package) -> Vec<String> {
    let mut messages = Vec::new();
    for (name, value) in [
        ("description", &package.description),
        ("documentation", &package.documentation),
        ("repository", &package.repository),
        ("license", &package.license),
    ] {
        if value.as_ref().is_none_or(|value| value.trim().is_empty()) {
            messages.push(format!("`{name}` is missing"));
        }
    }
    match &package.readme {
        None => messages.push("`readme` is missing".to_owned()),
        Some(readme) if !package.folder().join(readme).is_file() => {
            messages.push(format!("readme `{}` does not exist", readme.display()));
        }
        Some(_) => {}
    }
    let n_keywords = package.keywords.len();
    if n_keywords == 0 || n_keywords > MAX_KEYWORDS {
        messages.push(format!("{n_keywords} keywords (accepted: 1 to {MAX_KEYWORDS})"));
    }
    for keyword in &package.keywords {
        if keyword.chars().count() > MAX_KEYWORD_CHARACTERS {
            messages.push(format!(
                "keyword `{keyword}` is too long (accepted: at most {MAX_KEYWORD_CHARACTERS} characters)"
            ));
        }
    }
    messages
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::tidy::tests::tree_of;

    const MANIFEST: &str = "[package]\nname = \"a\"\n[lints]\nworkspace = true\n";

    fn good(folder: &tempfile::TempDir) -> Package {
        let some = || Some("x".to_owned());
        Package {
            name: "a".to_owned(),
            manifest_path: folder.path().join("a/Cargo.toml"),
            description: some(),
            documentation: some(),
            repository: some(),
            license: some(),
            readme: Some(PathBuf::from("README.md")),
            keywords: vec!["spatial".to_owned()],
            ..Package::default()
        }
    }

    #[test]
    fn a_complete_manifest_is_accepted() {
        let (folder, tree) = tree_of(&[("a/Cargo.toml", MANIFEST), ("a/README.md", "# a\n")]);
        let metadata = Metadata {
            packages: vec![good(&folder)],
        };
        assert_eq!(check(&tree, &metadata).unwrap(), []);
    }

    #[test]
    fn every_gap_is_found() {
        let (folder, tree) = tree_of(&[("a/Cargo.toml", "[package]\nname = \"a\"\n")]);
        let package = Package {
            description: None,
            license: Some("  ".to_owned()),
            keywords: vec!["a-keyword-of-21-letters".to_owned(); 6],
            ..good(&folder)
        };
        let found = check(
            &tree,
            &Metadata {
                packages: vec![package],
            },
        )
        .unwrap();
        let messages: Vec<_> = found.into_iter().map(|finding| finding.message).collect();
        assert_eq!(
            messages[..5],
            [
                "the manifest needs `[lints] workspace = true`",
                "`description` is missing",
                "`license` is missing",
                "readme `README.md` does not exist",
                "6 keywords (accepted: 1 to 5)",
            ]
        );
        assert_eq!(messages.len(), 5 + 6);
    }

    #[test]
    fn a_package_that_is_never_published_needs_only_the_lints() {
        let (folder, tree) = tree_of(&[("a/Cargo.toml", MANIFEST)]);
        let package = Package {
            name: "a".to_owned(),
            manifest_path: folder.path().join("a/Cargo.toml"),
            publish: Some(Vec::new()),
            ..Package::default()
        };
        assert_eq!(
            check(
                &tree,
                &Metadata {
                    packages: vec![package]
                }
            )
            .unwrap(),
            []
        );
    }

    #[test]
    fn the_lint_against_unsafe_code_may_be_switched_off_in_one_crate_only() {
        let text = format!("//! A.\n#![expect({UNSAFE_LINT}, reason = \"x\")]\n");
        let (_folder, tree) = tree_of(&[
            ("crates/wherefair-nn/src/lib.rs", &text),
            ("crates/wherefair-core/src/lib.rs", &text),
        ]);
        let found = check(&tree, &Metadata { packages: Vec::new() }).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].file.as_str(), found[0].line),
            ("crates/wherefair-core/src/lib.rs", 2)
        );
    }
}
