//! Where the workspace is, which files it has and which crates.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail, ensure};
use serde::Deserialize;

/// The root of the workspace: the nearest folder upwards whose manifest has a `[workspace]` table.
pub(crate) fn root() -> anyhow::Result<PathBuf> {
    let start = std::env::current_dir().context("the current folder cannot be read")?;
    for folder in start.ancestors() {
        let Ok(text) = std::fs::read_to_string(folder.join("Cargo.toml")) else {
            continue;
        };
        let manifest: toml::Table = text
            .parse()
            .with_context(|| format!("{} is not a manifest", folder.join("Cargo.toml").display()))?;
        if manifest.contains_key("workspace") {
            return Ok(folder.to_path_buf());
        }
    }
    bail!("no workspace manifest in `{}` or above it", start.display())
}

/// The cargo that runs this task.
pub(crate) fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"))
}

/// The files that belong to the repository: tracked ones and new ones that are not ignored.
#[derive(Debug)]
pub(crate) struct Tree {
    /// The root of the repository.
    pub(crate) root: PathBuf,
    /// Paths relative to the root, with `/`, sorted.
    pub(crate) files: Vec<String>,
}

impl Tree {
    /// Asks git for the files; those deleted but not yet committed are left out.
    pub(crate) fn read(root: &Path) -> anyhow::Result<Self> {
        let output = Command::new("git")
            .args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"])
            .current_dir(root)
            .output()
            .context("git cannot be run")?;
        ensure!(
            output.status.success(),
            "git ls-files failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
        let listed = String::from_utf8(output.stdout).context("a file name is not UTF-8")?;
        Ok(Self::new(
            root,
            listed
                .split('\0')
                .filter(|name| !name.is_empty())
                .map(str::to_owned),
        ))
    }

    /// A tree of the given files, as far as they exist.
    pub(crate) fn new(root: &Path, files: impl IntoIterator<Item = String>) -> Self {
        let mut files: Vec<String> = files
            .into_iter()
            .filter(|file| root.join(file).is_file())
            .collect();
        files.sort();
        files.dedup();
        Self {
            root: root.to_path_buf(),
            files,
        }
    }

    /// The files whose name ends in `.` and `extension`.
    pub(crate) fn with_extension(&self, extension: &str) -> impl Iterator<Item = &str> {
        self.files.iter().map(String::as_str).filter(move |file| {
            Path::new(file)
                .extension()
                .is_some_and(|found| found == extension)
        })
    }

    /// The text of a file; `None` when it is not text.
    pub(crate) fn text(&self, file: &str) -> anyhow::Result<Option<String>> {
        let path = self.root.join(file);
        let bytes = std::fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))?;
        Ok(String::from_utf8(bytes).ok())
    }

    /// The path relative to the root, with `/`; the path itself when it lies elsewhere.
    pub(crate) fn relative(&self, path: &Path) -> String {
        let relative = path.strip_prefix(&self.root).unwrap_or(path);
        let parts: Vec<_> = relative
            .components()
            .map(|part| part.as_os_str().to_string_lossy())
            .collect();
        parts.join("/")
    }
}

/// What cargo knows of the workspace.
#[derive(Debug, Deserialize)]
pub(crate) struct Metadata {
    /// The crates of the workspace.
    pub(crate) packages: Vec<Package>,
}

/// One crate of the workspace, its inherited fields filled in.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) manifest_path: PathBuf,
    pub(crate) dependencies: Vec<Dependency>,
    pub(crate) targets: Vec<Target>,
    pub(crate) description: Option<String>,
    pub(crate) documentation: Option<String>,
    pub(crate) repository: Option<String>,
    pub(crate) license: Option<String>,
    pub(crate) readme: Option<PathBuf>,
    pub(crate) keywords: Vec<String>,
    /// The registries it may go to: none at all when empty, every one when `None`.
    pub(crate) publish: Option<Vec<String>>,
}

/// One dependency of a crate.
#[derive(Debug, Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// `None` for a normal dependency, else `dev` or `build`.
    pub(crate) kind: Option<String>,
}

/// One thing that cargo builds of a crate.
#[derive(Debug, Deserialize)]
pub(crate) struct Target {
    pub(crate) src_path: PathBuf,
}

impl Metadata {
    /// Asks cargo; does not look beyond the workspace.
    pub(crate) fn read(root: &Path) -> anyhow::Result<Self> {
        let output = Command::new(cargo())
            .args(["metadata", "--no-deps", "--format-version", "1"])
            .current_dir(root)
            .output()
            .context("cargo cannot be run")?;
        ensure!(
            output.status.success(),
            "cargo metadata failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
        serde_json::from_slice(&output.stdout).context("cargo metadata wrote something unexpected")
    }
}

impl Package {
    /// The folder of the crate.
    pub(crate) fn folder(&self) -> &Path {
        self.manifest_path.parent().unwrap_or(Path::new(""))
    }

    /// Whether the crate may be published.
    pub(crate) fn is_published(&self) -> bool {
        self.publish
            .as_ref()
            .is_none_or(|registries| !registries.is_empty())
    }
}
