//! A folder with files, and the program in it.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Output;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use assert_cmd::Command;
use tempfile::TempDir;
use tiff::encoder::{TiffEncoder, colortype};
use tiff::tags::Tag;

/// A temporary folder in which the program runs.
pub(crate) struct Workbench {
    folder: TempDir,
}

/// One row: x, y, truth, prediction, class, predicted class, group.
pub(crate) struct Row {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) truth: f64,
    pub(crate) pred: f64,
    pub(crate) class: &'static str,
    pub(crate) pred_class: &'static str,
    pub(crate) group: &'static str,
}

/// 600 places on a square; predictions are worse in the east.
pub(crate) fn rows() -> Vec<Row> {
    (0..600_u32)
        .map(|i| {
            let (x, y) = (f64::from(i % 30), f64::from(i / 30));
            let noise = f64::from((i * 7919) % 101) / 101.0 - 0.5;
            let east = x >= 15.0;
            let class = ["corn", "rice"][(i % 2) as usize];
            let wrong = (i * 31) % 10 < if east { 5 } else { 1 };
            Row {
                x,
                y,
                truth: 100.0 + y,
                pred: 100.0 + y + noise * if east { 20.0 } else { 2.0 },
                class,
                pred_class: if wrong == (class == "corn") {
                    "rice"
                } else {
                    "corn"
                },
                group: if east { "east" } else { "west" },
            }
        })
        .collect()
}

pub(crate) fn csv(rows: &[Row]) -> String {
    let mut text = "x,y,truth,pred,class,pred_class,group\n".to_owned();
    for row in rows {
        let Row {
            x,
            y,
            truth,
            pred,
            class,
            pred_class,
            group,
        } = row;
        let _ = writeln!(text, "{x},{y},{truth},{pred},{class},{pred_class},{group}");
    }
    text
}

impl Workbench {
    /// A folder that holds `table.csv`.
    pub(crate) fn new() -> Self {
        let bench = Self {
            folder: TempDir::new().unwrap(),
        };
        bench.write("table.csv", csv(&rows()));
        bench
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, contents: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), contents).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// The names of all files, sorted.
    pub(crate) fn files(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// Runs `wherefair` with the words of `line` in the folder.
    pub(crate) fn run(&self, line: &str) -> Output {
        Command::new(env!("CARGO_BIN_EXE_wherefair"))
            .args(line.split_whitespace())
            .current_dir(self.folder.path())
            .output()
            .unwrap()
    }

    /// Runs with few permutations and expects success.
    pub(crate) fn succeeds(&self, line: &str) -> String {
        let output = self.run(&format!("{line} --permutations 49 --bootstrap 19"));
        let (out, err) = texts(&output);
        assert_eq!(output.status.code(), Some(0), "{line}\n{err}");
        assert_eq!(err, "", "{line}");
        out
    }

    /// Runs and expects exit code 2, nothing on standard output, one line on standard error that holds all `words`,
    /// and no file that was not there before.
    pub(crate) fn fails(&self, line: &str, words: &[&str]) {
        let before = self.files();
        let output = self.run(line);
        let (out, err) = texts(&output);
        assert_eq!(output.status.code(), Some(2), "{line}\n{out}\n{err}");
        assert_eq!(out, "", "{line}");
        assert!(err.starts_with("error: "), "{line}: {err}");
        assert_eq!(err.trim_end().lines().count(), 1, "{line}: {err}");
        for word in words {
            assert!(err.contains(word), "{line}: `{word}` is not in: {err}");
        }
        assert_eq!(self.files(), before, "{line} left files behind");
    }

    pub(crate) fn write_parquet(&self, name: &str) {
        let rows = rows();
        let numbers = |of: fn(&Row) -> f64| -> ArrayRef {
            Arc::new(Float64Array::from_iter_values(rows.iter().map(of)))
        };
        let texts = |of: fn(&Row) -> &'static str| -> ArrayRef {
            Arc::new(StringArray::from_iter_values(rows.iter().map(of)))
        };
        let batch = RecordBatch::try_from_iter([
            ("x", numbers(|row| row.x)),
            ("y", numbers(|row| row.y)),
            ("truth", numbers(|row| row.truth)),
            ("pred", numbers(|row| row.pred)),
            ("class", texts(|row| row.class)),
            ("pred_class", texts(|row| row.pred_class)),
        ])
        .unwrap();
        let file = std::fs::File::create(self.path(name)).unwrap();
        let mut writer = parquet::arrow::ArrowWriter::try_new(file, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
    }

    /// A raster of `width` × `height` classes in the projected system `epsg`; `wrong` of ten pixels in the east are
    /// off by one class.
    pub(crate) fn write_raster(&self, name: &str, (width, height): (u32, u32), epsg: u16, wrong: u32) {
        let pixels: Vec<u16> = (0..width * height)
            .map(|i| {
                let class = (i / 7) % 3;
                let off = i % width >= width / 2 && (i * 37) % 10 < wrong;
                u16::try_from((class + u32::from(off)) % 3).unwrap()
            })
            .collect();
        let file = std::fs::File::create(self.path(name)).unwrap();
        let mut encoder = TiffEncoder::new(file).unwrap();
        let mut image = encoder.new_image::<colortype::Gray16>(width, height).unwrap();
        let tags = image.encoder();
        tags.write_tag(Tag::Unknown(33550), &[30.0, 30.0, 0.0][..])
            .unwrap();
        tags.write_tag(
            Tag::Unknown(33922),
            &[0.0, 0.0, 0.0, 500_000.0, 4_000_000.0, 0.0][..],
        )
        .unwrap();
        let keys: [u16; 12] = [1, 1, 0, 2, 1024, 0, 1, 1, 3072, 0, 1, epsg];
        tags.write_tag(Tag::Unknown(34735), &keys[..]).unwrap();
        image.write_data(&pixels).unwrap();
    }
}

pub(crate) fn texts(output: &Output) -> (String, String) {
    (
        String::from_utf8(output.stdout.clone()).unwrap(),
        String::from_utf8(output.stderr.clone()).unwrap(),
    )
}

/// Square districts of `size` from `start`, as GeoJSON; `shift` moves the second one.
pub(crate) fn districts(start: f64, size: f64, shift: f64) -> String {
    let ring = |x: f64| {
        let (right, top) = (x + size, start + 2.0 * size);
        format!("[[[{x},{start}],[{right},{start}],[{right},{top}],[{x},{top}],[{x},{start}]]]")
    };
    let feature = |name: &str, x: f64| {
        format!(
            r#"{{"type":"Feature","properties":{{"name":"{name}"}},"geometry":{{"type":"Polygon","coordinates":{}}}}}"#,
            ring(x)
        )
    };
    format!(
        r#"{{"type":"FeatureCollection","features":[{},{}]}}"#,
        feature("west side", start),
        feature("east side", start + size + shift)
    )
}
