//! Which crate may depend on which.
//!
//! Dependencies point downwards only, so that every layer can be embedded without the ones above it. Tests may
//! reach up: development dependencies are not looked at, save for the ban on candle.

use super::Finding;
use crate::workspace::{Metadata, Package, Tree};

/// The crates of the workspace that a crate may depend on.
#[derive(Debug, Clone, Copy)]
enum Allowed {
    /// These.
    Only(&'static [&'static str]),
    /// All but the programs and the packages of tests and tasks.
    Libraries,
    /// All.
    Everything,
}

use Allowed::{Everything, Libraries, Only};

const CORE: &str = "wherefair-core";
const PARTITION: &str = "wherefair-partition";
const METRICS: &str = "wherefair-metrics";
const STATS: &str = "wherefair-stats";
const PHYSICS: &str = "wherefair-physics";
const SIMILARITY: &str = "wherefair-similarity";
const NN: &str = "wherefair-nn";
const AUDIT: &str = "wherefair-audit";
const TRAIN: &str = "wherefair-train";

/// Every crate has its row, those that are planned too.
const LAYERS: &[(&str, Allowed)] = &[
    (CORE, Only(&[])),
    (PARTITION, Only(&[CORE])),
    (METRICS, Only(&[CORE, PARTITION])),
    (STATS, Only(&[CORE])),
    (PHYSICS, Only(&[CORE])),
    ("wherefair-data", Only(&[CORE, PARTITION])),
    (NN, Only(&[CORE])),
    (SIMILARITY, Only(&[CORE, PARTITION, METRICS])),
    (AUDIT, Only(&[CORE, PARTITION, METRICS, STATS])),
    (
        "wherefair-report",
        Only(&[CORE, PARTITION, METRICS, AUDIT, STATS]),
    ),
    (TRAIN, Only(&[CORE, PARTITION, METRICS, NN, AUDIT])),
    (
        "wherefair-spad",
        Only(&[CORE, PARTITION, METRICS, NN, SIMILARITY, AUDIT, TRAIN]),
    ),
    (
        "wherefair-metaref",
        Only(&[CORE, PARTITION, METRICS, NN, AUDIT, TRAIN]),
    ),
    (
        "wherefair-simfair",
        Only(&[CORE, PARTITION, METRICS, NN, PHYSICS, AUDIT, TRAIN]),
    ),
    ("wherefair", Libraries),
    ("wherefair-cli", Libraries),
    ("wherefair-tests", Everything),
    ("xtask", Everything),
];

/// Packages that no library may depend on.
const NOT_LIBRARIES: &[&str] = &["wherefair-cli", "wherefair-tests", "xtask"];

/// Crates that must build without a tensor library.
const WITHOUT_CANDLE: &[&str] = &[
    CORE,
    PARTITION,
    METRICS,
    STATS,
    PHYSICS,
    SIMILARITY,
    "wherefair-data",
    AUDIT,
    "wherefair-report",
];

/// Finds dependencies that point the wrong way and crates without a row in the table.
pub(super) fn check(tree: &Tree, metadata: &Metadata) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in &metadata.packages {
        let manifest = tree.relative(&package.manifest_path);
        let text = std::fs::read_to_string(&package.manifest_path).unwrap_or_default();
        for (name, message) in violations(package, metadata) {
            findings.push(Finding::new(&manifest, line_of(&text, &name), message));
        }
    }
    findings
}

/// The names at fault, each with what is wrong.
fn violations(package: &Package, metadata: &Metadata) -> Vec<(String, String)> {
    let mut violations = Vec::new();
    let name = &package.name;
    let row = LAYERS.iter().find(|(row, _)| row == name);
    if row.is_none() {
        violations.push((
            "name".to_owned(),
            format!("crate `{name}` has no layer; add it to the table in xtask/src/tidy/layers.rs"),
        ));
    }
    for dependency in &package.dependencies {
        let needed = dependency.name.as_str();
        if WITHOUT_CANDLE.contains(&name.as_str()) && needed.starts_with("candle-") {
            violations.push((
                needed.to_owned(),
                format!("`{name}` must not depend on `{needed}`"),
            ));
        }
        let is_workspace = metadata.packages.iter().any(|other| other.name == needed);
        if !is_workspace || dependency.kind.as_deref() == Some("dev") {
            continue;
        }
        let (is_allowed, accepted) = match row {
            None | Some((_, Everything)) => continue,
            Some((_, Libraries)) => (!NOT_LIBRARIES.contains(&needed), "any library".to_owned()),
            Some((_, Only([]))) => (false, "no crate of the workspace".to_owned()),
            Some((_, Only(allowed))) => (allowed.contains(&needed), allowed.join(", ")),
        };
        if !is_allowed {
            violations.push((
                needed.to_owned(),
                format!("`{name}` must not depend on `{needed}` (accepted: {accepted})"),
            ));
        }
    }
    violations
}

/// The line of a manifest that begins with the key `name`, from 1; 1 when there is none.
fn line_of(manifest: &str, name: &str) -> usize {
    manifest
        .lines()
        .position(|line| {
            line.strip_prefix(name)
                .is_some_and(|rest| rest.starts_with(['.', ' ', '=']))
        })
        .map_or(1, |line| line + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Dependency;

    fn package(name: &str, dependencies: &[(&str, Option<&str>)]) -> Package {
        Package {
            name: name.to_owned(),
            dependencies: dependencies
                .iter()
                .map(|(name, kind)| Dependency {
                    name: (*name).to_owned(),
                    kind: kind.map(str::to_owned),
                })
                .collect(),
            ..Package::default()
        }
    }

    fn messages(packages: Vec<Package>) -> Vec<String> {
        let metadata = Metadata { packages };
        metadata
            .packages
            .iter()
            .flat_map(|package| violations(package, &metadata))
            .map(|(_, message)| message)
            .collect()
    }

    #[test]
    fn dependencies_downwards_and_outside_are_accepted() {
        let found = messages(vec![
            package(CORE, &[("serde", None)]),
            package(PARTITION, &[(CORE, None), ("wherefair-outside", None)]),
            package("wherefair", &[(CORE, None), (PARTITION, None)]),
            package("wherefair-cli", &[("wherefair", None)]),
            package("xtask", &[("wherefair-cli", None)]),
        ]);
        assert!(found.is_empty(), "{found:?}");
    }

    #[test]
    fn a_dependency_upwards_is_found_unless_it_is_for_tests() {
        let found = messages(vec![
            package(CORE, &[(PARTITION, Some("dev"))]),
            package(PARTITION, &[(METRICS, None), (CORE, Some("build"))]),
            package(METRICS, &[]),
            package(STATS, &[(PARTITION, Some("build"))]),
        ]);
        assert_eq!(
            found,
            [
                "`wherefair-partition` must not depend on `wherefair-metrics` (accepted: wherefair-core)",
                "`wherefair-stats` must not depend on `wherefair-partition` (accepted: wherefair-core)",
            ]
        );
    }

    #[test]
    fn a_library_must_not_depend_on_a_program() {
        let found = messages(vec![
            package("wherefair", &[("xtask", None)]),
            package("xtask", &[]),
        ]);
        assert_eq!(
            found,
            ["`wherefair` must not depend on `xtask` (accepted: any library)"]
        );
    }

    #[test]
    fn candle_is_kept_out_even_of_tests() {
        let found = messages(vec![
            package(AUDIT, &[("candle-core", Some("dev"))]),
            package(NN, &[("candle-core", None)]),
        ]);
        assert_eq!(found, ["`wherefair-audit` must not depend on `candle-core`"]);
    }

    #[test]
    fn a_crate_without_a_row_is_found() {
        let found = messages(vec![package("wherefair-new", &[])]);
        assert_eq!(found.len(), 1);
        assert!(
            found[0].starts_with("crate `wherefair-new` has no layer"),
            "{}",
            found[0]
        );
    }

    #[test]
    fn the_table_names_each_crate_once_and_only_crates_of_the_table() {
        for (i, (name, allowed)) in LAYERS.iter().enumerate() {
            assert!(LAYERS[..i].iter().all(|(other, _)| other != name), "{name}");
            // Rows stand below the rows they need, so that there is no cycle.
            if let Only(allowed) = allowed {
                for needed in *allowed {
                    assert!(
                        LAYERS[..i].iter().any(|(other, _)| other == needed),
                        "{name} needs {needed}"
                    );
                }
            }
        }
    }

    #[test]
    fn no_crate_from_train_down_knows_a_method() {
        let methods = ["wherefair-spad", "wherefair-metaref", "wherefair-simfair"];
        for (name, allowed) in LAYERS {
            let (Only(allowed), is_method) = (allowed, methods.contains(name)) else {
                continue;
            };
            assert_eq!(is_method, allowed.contains(&TRAIN), "{name}");
            assert!(allowed.iter().all(|needed| !methods.contains(needed)), "{name}");
        }
        let found = messages(vec![
            package(TRAIN, &[("wherefair-spad", None)]),
            package("wherefair-spad", &[]),
        ]);
        assert_eq!(found.len(), 1, "{found:?}");
    }

    #[test]
    fn the_line_of_a_dependency_is_found() {
        let manifest = "[dependencies]\nserde-x = \"1\"\nserde.workspace = true\n";
        assert_eq!(line_of(manifest, "serde"), 3);
        assert_eq!(line_of(manifest, "absent"), 1);
    }
}
