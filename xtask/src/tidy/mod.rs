//! `tidy`: checks what the compiler cannot, one file a check.
//!
//! Every check returns its findings and changes nothing.

mod architecture;
mod first_line;
mod ignored;
mod layers;
mod lengths;
mod links;
mod manifests;
mod modules;
mod source;
mod toolchain;
mod words;

use std::fmt;
use std::path::Path;

use anyhow::bail;

use crate::workspace::{Metadata, Tree};

/// Something to put right.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    file: String,
    /// From 1.
    line: usize,
    message: String,
}

impl Finding {
    fn new(file: impl Into<String>, line: usize, message: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            line,
            message: message.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}

/// Runs every check, prints all findings, and fails when there is one.
pub(crate) fn run(root: &Path) -> anyhow::Result<()> {
    let tree = Tree::read(root)?;
    let metadata = Metadata::read(root)?;
    let findings = findings(&tree, &metadata)?;
    for finding in &findings {
        println!("{finding}");
    }
    match findings.len() {
        0 => {
            println!(
                "tidy: {} files and {} crates in order",
                tree.files.len(),
                metadata.packages.len()
            );
            Ok(())
        }
        1 => bail!("tidy: 1 finding"),
        n => bail!("tidy: {n} findings"),
    }
}

fn findings(tree: &Tree, metadata: &Metadata) -> anyhow::Result<Vec<Finding>> {
    let mut findings = first_line::check(tree)?;
    findings.extend(layers::check(tree, metadata));
    findings.extend(modules::check(tree, metadata)?);
    findings.extend(architecture::check(tree, metadata)?);
    findings.extend(ignored::check(tree)?);
    findings.extend(links::check(tree)?);
    findings.extend(manifests::check(tree, metadata)?);
    findings.extend(toolchain::check(tree));
    findings.extend(lengths::check(tree)?);
    findings.extend(words::check(tree)?);
    findings.sort();
    findings.dedup();
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with the given files; it is removed when the first value is dropped.
    pub(super) fn tree_of(files: &[(&str, &str)]) -> (tempfile::TempDir, Tree) {
        let folder = tempfile::tempdir().unwrap();
        for (file, text) in files {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let tree = Tree::new(folder.path(), files.iter().map(|(file, _)| (*file).to_owned()));
        (folder, tree)
    }

    #[test]
    fn a_finding_reads_file_line_message() {
        let finding = Finding::new("src/a.rs", 7, "too long");
        assert_eq!(finding.to_string(), "src/a.rs:7: too long");
    }

    #[test]
    fn findings_of_several_checks_come_sorted_by_file_and_line() {
        let attribute = concat!("#[", "ignore]");
        let text = format!("fn a() {{}}\n#[test]\n{attribute}\nfn b() {{}}\n");
        let (_folder, tree) = tree_of(&[("z.rs", &text), ("ARCHITECTURE.md", "[x](none.md)\n")]);
        let found = findings(&tree, &Metadata { packages: Vec::new() }).unwrap();
        let places: Vec<_> = found
            .iter()
            .map(|finding| (finding.file.as_str(), finding.line))
            .collect();
        assert_eq!(places, [("ARCHITECTURE.md", 1), ("z.rs", 1), ("z.rs", 3)]);
    }
}
