//! The programs that run Python and R scripts, and how to tell that they or their packages are missing.

use std::path::Path;

/// A program that runs scripts; an environment variable may name another one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Interpreter {
    pub(crate) extension: &'static str,
    pub(crate) program: &'static str,
    pub(crate) variable: &'static str,
}

const INTERPRETERS: &[Interpreter] = &[
    Interpreter {
        extension: "py",
        program: "python3",
        variable: "WHEREFAIR_PYTHON",
    },
    Interpreter {
        extension: "R",
        program: "Rscript",
        variable: "WHEREFAIR_RSCRIPT",
    },
];

impl Interpreter {
    /// The one for scripts with the extension of `script`.
    pub(crate) fn of(script: &Path) -> Option<Self> {
        let extension = script.extension()?;
        INTERPRETERS
            .iter()
            .find(|one| extension == one.extension)
            .copied()
    }

    /// The program to start: what the environment names, or the usual one.
    pub(crate) fn command(self) -> String {
        std::env::var(self.variable).unwrap_or_else(|_| self.program.to_owned())
    }
}

/// The package that Python or R says is not installed.
pub(crate) fn missing_package(errors: &str) -> Option<String> {
    errors.lines().find_map(|line| {
        if let Some((_, rest)) = line.split_once("ModuleNotFoundError: No module named ") {
            return Some(format!("Python module {}", rest.trim().trim_matches('\'')));
        }
        let (_, rest) = line.split_once("there is no package called ")?;
        let name = rest.trim().trim_matches(|c: char| !c.is_alphanumeric());
        Some(format!("R package {name}"))
    })
}
