//! Output files: all of them or none.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde::Serialize;
use tempfile::NamedTempFile;

use crate::args::OutputArgs;
use crate::audit_command::print;

/// Files to be written together.
///
/// Regular files are written beside their final place and moved there when every file is complete, so that a
/// failure leaves nothing behind.
#[derive(Debug, Default)]
pub(crate) struct Outputs {
    files: Vec<Output>,
}

#[derive(Debug)]
struct Output {
    flag: &'static str,
    path: PathBuf,
    replace: bool,
}

impl Outputs {
    /// Plans to write `path`, and checks at once that it can be written.
    pub(crate) fn plan(&mut self, flag: &'static str, path: &Path, replace: bool) -> Result<()> {
        let shown = path.display();
        if path.is_dir() {
            bail!("{flag} {shown}: is a folder (accepted is the path of a file)");
        }
        if is_special(path) {
            self.push(flag, path, replace);
            return Ok(());
        }
        if path.exists() && !replace {
            bail!("{flag} {shown}: exists already (add --force to replace it)");
        }
        if self.files.iter().any(|planned| planned.path == path) {
            bail!("{flag} {shown}: another output has the same path");
        }
        NamedTempFile::new_in(folder(path)).with_context(|| format!("{flag} {shown}: cannot write there"))?;
        self.push(flag, path, replace);
        Ok(())
    }

    fn push(&mut self, flag: &'static str, path: &Path, replace: bool) {
        self.files.push(Output {
            flag,
            path: path.to_path_buf(),
            replace,
        });
    }

    /// Writes all planned files, `contents` in the order of the plans.
    pub(crate) fn write(self, contents: &[impl AsRef<[u8]>]) -> Result<()> {
        let mut complete = Vec::new();
        for (file, contents) in self.files.iter().zip(contents) {
            let fails = || format!("{} {}: cannot write", file.flag, file.path.display());
            if is_special(&file.path) {
                let mut device = fs::OpenOptions::new()
                    .write(true)
                    .open(&file.path)
                    .with_context(fails)?;
                device.write_all(contents.as_ref()).with_context(fails)?;
                device.flush().with_context(fails)?;
            } else {
                let mut temporary = NamedTempFile::new_in(folder(&file.path)).with_context(fails)?;
                temporary.write_all(contents.as_ref()).with_context(fails)?;
                temporary.as_file().sync_all().with_context(fails)?;
                complete.push((file, temporary));
            }
        }
        for (file, temporary) in complete {
            let fails = || format!("{} {}: cannot write", file.flag, file.path.display());
            readable_by_all(&temporary).with_context(fails)?;
            if file.replace {
                temporary
                    .persist(&file.path)
                    .map_err(|error| error.error)
                    .with_context(fails)?;
            } else {
                temporary
                    .persist_noclobber(&file.path)
                    .map_err(|error| error.error)
                    .with_context(fails)?;
            }
        }
        Ok(())
    }
}

impl OutputArgs {
    /// Plans the files that the flags name.
    pub(crate) fn plan(&self) -> Result<Outputs> {
        let mut outputs = Outputs::default();
        if let Some(path) = self.json.as_deref().filter(|_| !self.json_to_stdout()) {
            outputs.plan("--json", path, self.force)?;
        }
        if let Some(path) = &self.report {
            outputs.plan("--report", path, self.force)?;
        }
        Ok(outputs)
    }

    /// Writes the planned files, `others` after those of [`plan`](Self::plan), then prints `text`, or the JSON
    /// where that goes to standard output. The JSON is made only where it is asked for.
    pub(crate) fn finish(
        &self,
        outputs: Outputs,
        json: impl FnOnce() -> Result<String>,
        html: Option<String>,
        others: Vec<Vec<u8>>,
        text: String,
    ) -> Result<()> {
        let mut contents = Vec::new();
        let mut printed = text;
        if self.json_to_stdout() {
            printed = json()?;
        } else if self.json.is_some() {
            contents.push(json()?.into_bytes());
        }
        contents.extend(html.map(String::into_bytes));
        contents.extend(others);
        outputs.write(&contents)?;
        print(&printed)
    }

    fn json_to_stdout(&self) -> bool {
        self.json.as_deref() == Some(Path::new("-"))
    }
}

/// A document as JSON text.
pub(crate) fn to_json(document: &impl Serialize) -> Result<String> {
    let text = serde_json::to_string_pretty(document).context("the result cannot be written as JSON")?;
    Ok(text + "\n")
}

/// A text as a cell of CSV.
pub(crate) fn quoted(text: &str) -> String {
    if text.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// A path that exists but is no regular file, such as a pipe or a device.
fn is_special(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Temporary files are private; outputs get the usual permissions.
#[cfg(unix)]
fn readable_by_all(file: &NamedTempFile) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.as_file().set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the same signature as on Unix")]
fn readable_by_all(_: &NamedTempFile) -> std::io::Result<()> {
    Ok(())
}
