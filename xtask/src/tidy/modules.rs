//! Every Rust file of a crate is compiled: a file that no `mod` names is dead.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use super::{Finding, source};
use crate::workspace::{Metadata, Tree};

/// Finds Rust files in the folders of the crates that no target of their crate reaches.
pub(super) fn check(tree: &Tree, metadata: &Metadata) -> anyhow::Result<Vec<Finding>> {
    let mut reached = BTreeSet::new();
    for target in metadata.packages.iter().flat_map(|package| &package.targets) {
        reach(tree, &target.src_path, true, &mut reached)?;
    }
    let folders: Vec<String> = metadata
        .packages
        .iter()
        .map(|package| format!("{}/", tree.relative(package.folder())))
        .collect();
    Ok(tree
        .with_extension("rs")
        .filter(|file| folders.iter().any(|folder| file.starts_with(folder.as_str())))
        .filter(|file| !reached.contains(&tree.root.join(file)))
        .map(|file| Finding::new(file, 1, "no `mod` of a compiled file names this file"))
        .collect())
}

/// Adds `file` and every file that its `mod` and `include!` items name.
///
/// `owns_folder` says that submodules lie beside the file, as for `main.rs` and `mod.rs`, and not in a folder of
/// its name.
fn reach(tree: &Tree, file: &Path, owns_folder: bool, reached: &mut BTreeSet<PathBuf>) -> anyhow::Result<()> {
    if !file.is_file() || !reached.insert(file.to_path_buf()) {
        return Ok(());
    }
    let text = tree.text(&file.to_string_lossy())?.unwrap_or_default();
    let beside = file.parent().unwrap_or(Path::new("")).to_path_buf();
    let below = if owns_folder {
        beside.clone()
    } else {
        beside.join(file.file_stem().unwrap_or_default())
    };
    for named in named_files(&text) {
        match named {
            Named::Module { inline, name } => {
                let folder = inline
                    .iter()
                    .fold(below.clone(), |folder, part| folder.join(part));
                reach(tree, &folder.join(format!("{name}.rs")), false, reached)?;
                reach(tree, &folder.join(&name).join("mod.rs"), true, reached)?;
            }
            Named::Path { inline, path } => {
                let folder = if inline.is_empty() { &beside } else { &below };
                let folder = inline
                    .iter()
                    .fold(folder.clone(), |folder, part| folder.join(part));
                reach(tree, &resolved(&folder.join(path)), true, reached)?;
            }
            Named::Include { path } => reach(tree, &resolved(&beside.join(path)), true, reached)?,
        }
    }
    Ok(())
}

/// The path without `.` and `..`.
fn resolved(path: &Path) -> PathBuf {
    let mut resolved = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                resolved.pop();
            }
            part => resolved.push(part),
        }
    }
    resolved
}

/// A file that source code names.
#[derive(Debug, PartialEq)]
enum Named {
    /// `mod name;` inside the inline modules `inline`.
    Module { inline: Vec<String>, name: String },
    /// `#[path = "path"] mod …;` inside the inline modules `inline`.
    Path { inline: Vec<String>, path: String },
    /// `include!("path")`.
    Include { path: String },
}

fn named_files(text: &str) -> Vec<Named> {
    let code = source::code_only(text);
    let tokens = tokens(&code);
    let word = |i: usize| tokens.get(i).map_or("", |&(_, token)| token);
    let mut named = Vec::new();
    let mut depth = 0_usize;
    // The inline modules that are open, each with the depth of its braces.
    let mut open: Vec<(usize, String)> = Vec::new();
    let mut path = None;
    for (i, &(at, token)) in tokens.iter().enumerate() {
        match token {
            "path" if word(i + 1) == "=" && i >= 2 && word(i - 1) == "[" && word(i - 2) == "#" => {
                path = literal_after(text, at);
            }
            "include" if word(i + 1) == "!" => {
                if let Some(path) = literal_after(text, at) {
                    named.push(Named::Include { path });
                }
            }
            "mod" if word(i + 2) == ";" => {
                let inline = open.iter().map(|(_, name)| name.clone()).collect();
                named.push(match path.take() {
                    Some(path) => Named::Path { inline, path },
                    None => Named::Module {
                        inline,
                        name: module_name(word(i + 1)),
                    },
                });
            }
            "mod" if word(i + 2) == "{" => {
                // A path on an inline module renames its folder.
                open.push((depth + 1, path.take().unwrap_or_else(|| module_name(word(i + 1)))));
            }
            "{" => depth += 1,
            "}" => {
                open.retain(|&(inner, _)| inner < depth);
                depth = depth.saturating_sub(1);
            }
            ";" => path = None,
            _ => {}
        }
    }
    named
}

fn module_name(word: &str) -> String {
    word.trim_start_matches("r#").to_owned()
}

/// The next string literal of `text` after byte `at`, on the same line.
fn literal_after(text: &str, at: usize) -> Option<String> {
    let line = text[at..].lines().next()?;
    line.split('"').nth(1).map(str::to_owned)
}

/// Words and single signs with their byte offsets.
fn tokens(code: &str) -> Vec<(usize, &str)> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut tokens = Vec::new();
    let mut rest = code;
    while let Some(first) = rest.chars().next() {
        let mut length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        if let Some(raw) = rest.strip_prefix("r#") {
            length = 2 + raw.find(|c| !is_word(c)).unwrap_or(raw.len());
        }
        let length = length.max(first.len_utf8());
        if !first.is_whitespace() {
            tokens.push((code.len() - rest.len(), &rest[..length]));
        }
        rest = &rest[length..];
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tests::tree_of;
    use crate::workspace::{Package, Target};

    fn orphans(files: &[(&str, &str)], roots: &[&str]) -> Vec<String> {
        let (folder, tree) = tree_of(files);
        let package = Package {
            name: "a".to_owned(),
            manifest_path: folder.path().join("a/Cargo.toml"),
            targets: roots
                .iter()
                .map(|root| Target {
                    src_path: folder.path().join(root),
                })
                .collect(),
            ..Package::default()
        };
        let found = check(
            &tree,
            &Metadata {
                packages: vec![package],
            },
        )
        .unwrap();
        found.into_iter().map(|finding| finding.file).collect()
    }

    #[test]
    fn files_are_reached_through_both_layouts_of_modules() {
        let files = [
            (
                "a/src/lib.rs",
                "mod one;\npub(crate) mod two;\n#[cfg(test)]\nmod tests;\n",
            ),
            ("a/src/one.rs", "mod inner;\n"),
            ("a/src/one/inner.rs", ""),
            ("a/src/two/mod.rs", "mod inner;\n"),
            ("a/src/two/inner.rs", ""),
            ("a/src/tests.rs", ""),
            ("a/src/inner.rs", ""),
            ("a/src/two/lost.rs", ""),
            ("elsewhere.rs", ""),
        ];
        assert_eq!(
            orphans(&files, &["a/src/lib.rs"]),
            ["a/src/inner.rs", "a/src/two/lost.rs"]
        );
    }

    #[test]
    fn mods_in_comments_and_strings_reach_nothing() {
        let files = [
            (
                "a/src/lib.rs",
                "// mod one;\nconst A: &str = \"mod two;\";\n/* mod one; */\n",
            ),
            ("a/src/one.rs", ""),
            ("a/src/two.rs", ""),
        ];
        assert_eq!(
            orphans(&files, &["a/src/lib.rs"]),
            ["a/src/one.rs", "a/src/two.rs"]
        );
    }

    #[test]
    fn inline_modules_paths_and_includes_are_followed() {
        let files = [
            (
                "a/src/lib.rs",
                "mod outer {\n    fn f() { if true {} }\n    mod inner;\n}\nmod after;\n\
                 #[path = \"odd/name.rs\"]\nmod even;\nfn g() { include!(\"part.rs\") }\n",
            ),
            ("a/src/outer/inner.rs", ""),
            ("a/src/after.rs", ""),
            ("a/src/odd/name.rs", ""),
            ("a/src/part.rs", ""),
            ("a/src/even.rs", ""),
        ];
        assert_eq!(orphans(&files, &["a/src/lib.rs"]), ["a/src/even.rs"]);
    }

    #[test]
    fn every_target_is_a_root() {
        let files = [
            ("a/src/main.rs", ""),
            ("a/tests/it/main.rs", "mod audit;\n"),
            ("a/tests/it/audit.rs", ""),
            ("a/tests/it/lost.rs", ""),
        ];
        assert_eq!(
            orphans(&files, &["a/src/main.rs", "a/tests/it/main.rs"]),
            ["a/tests/it/lost.rs"]
        );
    }

    #[test]
    fn a_raw_name_is_a_file_without_its_mark() {
        assert_eq!(
            named_files("mod r#loop;"),
            [Named::Module {
                inline: Vec::new(),
                name: "loop".to_owned()
            }]
        );
    }

    #[test]
    fn modules_that_name_each_other_do_not_loop() {
        let files = [("a/src/lib.rs", "#[path = \"lib.rs\"]\nmod again;\n")];
        assert!(orphans(&files, &["a/src/lib.rs"]).is_empty());
    }
}
