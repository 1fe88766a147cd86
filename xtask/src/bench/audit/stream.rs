//! An audit of a file larger than its memory.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use arrow_array::{ArrayRef, Float64Array, RecordBatch, UInt8Array};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use super::scene::{Order, Scene};
use crate::bench::process::high_water_mark_kib;

/// Rows of the file.
const N_ROWS: usize = 200_000_000;

/// Rows of a row group.
const GROUP: usize = 1 << 20;

/// Writes the file, audits it with the program, and deletes it.
pub(super) fn run(root: &Path) -> anyhow::Result<()> {
    let folder = root.join(".bench");
    fs::create_dir_all(&folder)?;
    let file = folder.join("large.parquet");
    let outcome = write(&file).and_then(|()| audit(root, &file));
    fs::remove_file(&file).with_context(|| format!("{} cannot be deleted", file.display()))?;
    outcome
}

fn write(path: &Path) -> anyhow::Result<()> {
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_dictionary_enabled(false)
        .set_column_dictionary_enabled("truth".into(), true)
        .set_column_dictionary_enabled("pred".into(), true)
        .set_max_row_group_row_count(Some(GROUP))
        .build();
    let mut batches = (0..N_ROWS).step_by(GROUP).map(batch);
    let first = batches.next().context("there are rows")??;
    let mut writer = ArrowWriter::try_new(File::create(path)?, first.schema(), Some(properties))?;
    writer.write(&first)?;
    for batch in batches {
        writer.write(&batch?)?;
    }
    writer.close()?;
    Ok(())
}

/// One row group from row `start` on.
fn batch(start: usize) -> anyhow::Result<RecordBatch> {
    let scene = Scene::block(start, GROUP.min(N_ROWS - start), Order::Random, 1.0);
    let labels = |labels: &[u32]| -> ArrayRef {
        let bytes = labels.iter().map(|&label| u8::try_from(label).unwrap_or(u8::MAX));
        Arc::new(UInt8Array::from_iter_values(bytes))
    };
    let (truth, pred) = (labels(&scene.truth), labels(&scene.pred));
    Ok(RecordBatch::try_from_iter([
        ("x", Arc::new(Float64Array::from(scene.x)) as ArrayRef),
        ("y", Arc::new(Float64Array::from(scene.y)) as ArrayRef),
        ("truth", truth),
        ("pred", pred),
    ])?)
}

fn audit(root: &Path, file: &Path) -> anyhow::Result<()> {
    let built = Command::new(crate::workspace::cargo())
        .args(["build", "--release", "--quiet", "--package", "wherefair-cli"])
        .current_dir(root)
        .status()?;
    if !built.success() {
        bail!("the program cannot be built");
    }
    let program = root.join("target/release/wherefair");
    let start = Instant::now();
    let mut child = Command::new(program)
        .arg("audit")
        .arg(file)
        .args([
            "--truth", "truth", "--pred", "pred", "--metric", "f1", "--quiet", "--json", "-",
        ])
        .stdout(Stdio::null())
        .spawn()
        .context("the program cannot be started")?;
    let mut peak_kib = 0;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        peak_kib = peak_kib.max(high_water_mark_kib(&child.id().to_string()).unwrap_or(0));
        std::thread::sleep(Duration::from_millis(50));
    };
    if !status.success() {
        bail!("the audit of the large file ended with {status}");
    }
    println!(
        "\n{N_ROWS} rows of Parquet ({:.1} GB), 24 maps, 999 permutations: peak memory {:.0} MiB, {:.1} million rows/s in all",
        fs::metadata(file)?.len() as f64 / 1e9,
        f64::from(peak_kib) / 1024.0,
        N_ROWS as f64 / start.elapsed().as_secs_f64() / 1e6
    );
    Ok(())
}
