//! `wherefair audit`.

use std::io::Write as _;

use anyhow::{Context as _, Result, bail};
use serde::Serialize;
use wherefair_audit::{Audit, AuditError, audit_source};
use wherefair_core::Seed;
use wherefair_data::{Crs, MissingPolicy, Table};
use wherefair_report::Context as ReportContext;

use crate::Outcome;
use crate::args::{AuditArgs, Missing, RunningArgs};
use crate::audit_errors::{AuditedErrors, Found, errors};
use crate::input::{Input, choose_columns, choose_metric};
use crate::maps::{crs_note, maps, may_be_degrees};
use crate::measure::{config, preview, reference};
use crate::output::to_json;
use crate::progress::Bars;
use crate::scan::{Scan, ScanOptions, scan};
use crate::table::{grouped, table};

/// What `--json` writes.
#[derive(Debug, Serialize)]
struct Document<'a> {
    wherefair: &'static str,
    input: Vec<(String, String)>,
    sentence: &'a str,
    labels: &'a [String],
    audit: &'a Audit,
    #[serde(skip_serializing_if = "Option::is_none")]
    errors_in_space: Option<&'a AuditedErrors>,
}

/// Runs the audit that the flags describe.
pub(crate) fn run(args: &AuditArgs) -> Result<Outcome> {
    set_threads(&args.running)?;
    args.maps.check()?;
    check_reference(args)?;
    let outputs = args.output.plan()?;
    let bars = Bars::new(args.running.quiet);
    let input = Input::open(args)?;
    let audited = audit_input(input, args, &bars)?;
    bars.finish();

    let html = args
        .output
        .report
        .as_ref()
        .map(|_| audited.html("Spatial fairness audit"));
    let text = format!("{}\n{}\n", audited.table(), audited.sentence);
    args.output
        .finish(outputs, || audited.json(), html, Vec::new(), text)?;
    Ok(if audited.audit.passed == Some(false) {
        Outcome::GateFailed
    } else {
        Outcome::Done
    })
}

/// An audit with what the reader needs to know about its input.
#[derive(Debug)]
pub(crate) struct Audited {
    pub(crate) audit: Audit,
    pub(crate) sentence: String,
    errors: Option<Box<AuditedErrors>>,
    facts: Vec<(String, String)>,
    labels: Vec<String>,
    geographic: bool,
    unit: Option<String>,
}

impl Audited {
    /// The table for the terminal.
    pub(crate) fn table(&self) -> String {
        let mut text = table(&self.audit);
        if let Some(errors) = &self.errors {
            text.push('\n');
            text.push_str(&errors.table(&self.audit));
        }
        text
    }

    pub(crate) fn json(&self) -> Result<String> {
        let document = Document {
            wherefair: env!("CARGO_PKG_VERSION"),
            input: self.facts.clone(),
            sentence: &self.sentence,
            labels: &self.labels,
            audit: &self.audit,
            errors_in_space: self.errors.as_deref(),
        };
        to_json(&document)
    }

    pub(crate) fn html(&self, title: &str) -> String {
        let context = ReportContext {
            title: title.to_owned(),
            sentence: self.sentence.clone(),
            facts: self.facts.clone(),
            unit: self.unit.clone(),
            geographic: self.geographic,
        };
        match &self.errors {
            Some(errors) => wherefair_report::html_with_errors(&self.audit, &errors.page(), &context),
            None => wherefair_report::html(&self.audit, &context),
        }
    }
}

/// Reads and audits an opened input.
pub(crate) fn audit_input(input: Input, args: &AuditArgs, bars: &Bars) -> Result<Audited> {
    let names = choose_columns(&input, args)?;
    let metric = choose_metric(&input, &names, args)?;
    let crs = declared_crs(&input.table, args.crs.as_deref())?;
    let title = input.title.clone();
    let options = ScanOptions {
        kind: metric.outcome_kind(),
        missing: match args.missing {
            Missing::Error => MissingPolicy::Error,
            Missing::Skip => MissingPolicy::Skip,
        },
        memory_bytes: args.memory.saturating_mul(1 << 20),
        allow_unmatched_labels: args.allow_unmatched_labels,
    };
    let mut scan = scan(input.table, &names, options, bars)?;
    let score = metric.score(&args.measure, &scan.labels)?;
    let config = config(score, &args.measure, &args.inference)?;
    let maps = maps(&args.maps, &scan.places, &crs, Seed::new(args.inference.seed))?;
    let mut audit = match audit_source(&mut scan.source, &maps.distribution, &config, bars) {
        // The engine counts samples from 0, people count rows from 1.
        Err(AuditError::UndefinedError {
            row,
            kind,
            truth,
            pred,
            accepted,
        }) => bail!(
            "{}: row {} of the data: the {kind} of prediction {pred} and truth {truth} is undefined (accepted: {accepted})",
            scan.source.table.path().display(),
            row + 1
        ),
        result => result.with_context(|| scan.source.table.path().display().to_string())?,
    };
    audit.notes.extend(maps.notes);
    let geographic = crs
        .is_geographic()
        .unwrap_or_else(|| scan.places.extent.is_some_and(|extent| may_be_degrees(&extent)));
    if scan.places.extent.is_some() {
        audit.notes.extend(crs_note(&crs, geographic));
    }
    if scan.n_skipped > 0 {
        audit.notes.push(format!(
            "{} rows with missing or non-finite values were left out.",
            grouped(scan.n_skipped)
        ));
    }
    let errors = match errors(&mut scan, args, &maps.distribution, &config, geographic, bars)? {
        None => None,
        Some(Found::Tested(errors)) => Some(errors),
        Some(Found::Nothing(why)) => {
            audit.notes.push(why);
            None
        }
    };
    let mut sentence = audit.sentence();
    if let Some(errors) = &errors {
        sentence.push(' ');
        sentence.push_str(&errors.sentence());
    }
    let facts = facts(&title, &scan, args, &names, &crs, metric.flag());
    Ok(Audited {
        sentence,
        errors,
        facts,
        labels: scan.labels,
        geographic,
        unit: None,
        audit,
    })
}

fn facts(
    title: &str,
    scan: &Scan,
    args: &AuditArgs,
    names: &crate::scan::ColumnNames,
    crs: &Crs,
    metric: String,
) -> Vec<(String, String)> {
    let mut facts = vec![
        ("input".to_owned(), title.to_owned()),
        ("rows".to_owned(), grouped(scan.places.n_rows)),
        ("truth".to_owned(), names.truth.clone()),
        ("prediction".to_owned(), names.pred.clone()),
    ];
    let mut add = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            facts.push((name.to_owned(), value));
        }
    };
    add("base model", names.base.clone());
    add(
        "coordinates",
        names.coordinates.as_ref().map(|(x, y)| format!("{x}, {y}")),
    );
    add("coordinate reference system", Some(crs.describe()));
    add("time", names.time.clone());
    add("group", names.group.clone());
    add("metric", Some(metric));
    add(
        "classes",
        (!scan.labels.is_empty()).then(|| preview(&scan.labels)),
    );
    add("weights", args.neighbours.weights.clone());
    add("reference", Some(args.measure.reference.clone()));
    add("seed", Some(args.inference.seed.to_string()));
    add(
        "samples in memory",
        Some(
            if scan.source.held.is_some() {
                "yes"
            } else {
                "no, streamed"
            }
            .to_owned(),
        ),
    );
    facts
}

fn check_reference(args: &AuditArgs) -> Result<()> {
    let rule = reference(&args.measure.reference)?;
    let needs_base = matches!(
        rule,
        wherefair_audit::ReferenceRule::BaseModel | wherefair_audit::ReferenceRule::WeightedBaseModel
    );
    if needs_base && args.base.is_none() {
        bail!(
            "--reference {} needs --base COLUMN, the predictions of the base model",
            args.measure.reference
        );
    }
    Ok(())
}

/// The coordinate reference system of `table`, or the one that `--crs` declares where it names none.
pub(crate) fn declared_crs(table: &Table, declared: Option<&str>) -> Result<Crs> {
    let own = table.crs().clone();
    let Some(text) = declared else {
        return Ok(own);
    };
    let given = text
        .to_ascii_uppercase()
        .strip_prefix("EPSG:")
        .and_then(|code| code.parse().ok())
        .map(Crs::Epsg)
        .with_context(|| format!("--crs {text}: accepted is EPSG:CODE, such as EPSG:4326"))?;
    if own != Crs::Unknown && own != given {
        bail!(
            "--crs {text}: but {} says it is in {}",
            table.path().display(),
            own.describe()
        );
    }
    Ok(given)
}

/// Sets the number of threads.
pub(crate) fn set_threads(running: &RunningArgs) -> Result<()> {
    let Some(n) = running.threads else {
        return Ok(());
    };
    if n == 0 {
        bail!("--threads 0: accepted is a whole number of at least 1");
    }
    rayon::ThreadPoolBuilder::new()
        .num_threads(n)
        .build_global()
        .with_context(|| format!("--threads {n}: cannot start the threads"))
}

/// Writes to standard output.
pub(crate) fn print(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // The reader has seen enough, as in `wherefair audit … | head`.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        result => result.context("cannot write to standard output"),
    }
}
