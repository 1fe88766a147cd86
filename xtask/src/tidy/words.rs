//! Text that belongs to one machine only must not enter the repository.

use super::Finding;
use crate::workspace::Tree;

/// The banned text with the reason. Put together at compile time, so that this file does not hold it.
const BANNED: &[(&str, &str)] = &[
    (concat!("/", "work/"), "an absolute path of one machine"),
    (concat!("/", "root/"), "an absolute path of one machine"),
];

/// Finds banned text in every text file.
pub(super) fn check(tree: &Tree) -> anyhow::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for file in &tree.files {
        let Some(text) = tree.text(file)? else {
            continue;
        };
        for (i, line) in text.lines().enumerate() {
            for (word, reason) in BANNED {
                if holds_path(line, word) {
                    findings.push(Finding::new(file, i + 1, format!("`{word}` is {reason}")));
                }
            }
        }
    }
    Ok(findings)
}

/// Whether `path` begins somewhere in `line`, that is not as the middle of a longer path or address.
fn holds_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        line[..at]
            .chars()
            .next_back()
            .is_none_or(|before| !(before.is_alphanumeric() || "._-)}>".contains(before)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tests::tree_of;

    #[test]
    fn absolute_paths_of_one_machine_are_found_with_their_line() {
        let line = format!("first\nsee `{}notes`\n", BANNED[0].0);
        let (_folder, tree) = tree_of(&[("a.md", &line), ("b.toml", "path = \"work/notes\"\n")]);
        let found = check(&tree).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].file.as_str(), found[0].line), ("a.md", 2));
    }

    #[test]
    fn the_middle_of_a_longer_path_is_accepted() {
        let word = BANNED[1].0;
        assert!(holds_path(&format!("cd {word}x"), word));
        assert!(holds_path(&format!("file://{word}x"), word));
        assert!(!holds_path(&format!("https://example.org{word}x"), word));
        assert!(!holds_path(&format!("${{HOME}}{word}x"), word));
    }

    #[test]
    fn files_that_are_not_text_are_skipped() {
        let (folder, _) = tree_of(&[]);
        let mut bytes = vec![0xff, 0xfe];
        bytes.extend(BANNED[0].0.bytes());
        std::fs::write(folder.path().join("x.bin"), bytes).unwrap();
        let tree = Tree::new(folder.path(), ["x.bin".to_owned()]);
        assert_eq!(tree.files.len(), 1);
        assert!(check(&tree).unwrap().is_empty());
    }
}
