//! Checkpoints: round trips, and files that are none.

use std::fs;
use std::path::PathBuf;

use wherefair_core::Seed;
use wherefair_nn::{
    AdamParams, Initializer, Loss, MlpShape, Model, NnError, ParameterFile, Progress, fused_mlp,
    load_checkpoint, parameters_to_bytes, save_checkpoint,
};

use crate::fixtures::{Data, adam, epoch};

fn model(hidden: &[usize], seed: u64) -> Model {
    let shape = MlpShape::new(10, hidden, 7).unwrap();
    fused_mlp(
        &shape,
        Initializer::He,
        Loss::CrossEntropy,
        adam(),
        Seed::new(seed),
    )
    .unwrap()
}

/// A checkpoint of a trained model, in a folder of its own.
fn saved() -> (tempfile::TempDir, PathBuf, Model, Progress) {
    let data = Data::new(100, 10, 7);
    let mut model = model(&[10, 10], 1);
    model
        .train(&data.samples(&Loss::CrossEntropy), &[0..100], &epoch(1e-3, 32))
        .unwrap();
    let mut progress = Progress::new(Seed::new(1));
    progress.streams.insert("order".to_owned(), 17);
    progress.schedule = serde_json::json!({ "stage": 2, "rates": [0.1, 1.0 / 3.0] });
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    save_checkpoint(&path, &model, &progress).unwrap();
    (folder, path, model, progress)
}

#[test]
fn everything_comes_back() {
    let (folder, path, first, progress) = saved();
    let mut second = model(&[10, 10], 2);
    assert_eq!(load_checkpoint(&path, &mut second).unwrap(), progress);
    assert_eq!(first.parameters(), second.parameters());
    assert_eq!(first.optimizer_state(), second.optimizer_state());
    assert_eq!(second.optimizer_state().step, 4);
    let n_files = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(n_files, 1, "nothing temporary is left");
    let bytes = fs::read(&path).unwrap();
    save_checkpoint(&path, &second, &progress).unwrap();
    assert_eq!(bytes, fs::read(&path).unwrap(), "equal states give equal files");
}

#[test]
fn a_truncated_file_is_an_error_wherever_it_ends() {
    let (_folder, path, _, _) = saved();
    let bytes = fs::read(&path).unwrap();
    let mut second = model(&[10, 10], 2);
    let before = second.parameters().to_vec();
    for end in [0, 4, 8, 100, bytes.len() / 2, bytes.len() - 1] {
        fs::write(&path, &bytes[..end]).unwrap();
        let error = load_checkpoint(&path, &mut second).unwrap_err();
        assert!(matches!(error, NnError::NotACheckpoint { .. }), "{end}: {error}");
        assert_eq!(second.parameters(), before);
    }
}

#[test]
fn a_changed_number_is_an_error() {
    let (_folder, path, _, _) = saved();
    let mut bytes = fs::read(&path).unwrap();
    let n = bytes.len();
    bytes[n - 50] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let error = load_checkpoint(&path, &mut model(&[10, 10], 2))
        .unwrap_err()
        .to_string();
    assert!(
        error.ends_with("is no whole checkpoint: its numbers do not have the checksum that it names"),
        "{error}"
    );
}

#[test]
fn another_version_is_an_error_that_names_it() {
    let (_folder, path, _, _) = saved();
    let bytes = fs::read(&path).unwrap();
    let key = br#"\"format\":1"#;
    let at = bytes.windows(key.len()).position(|window| window == key).unwrap();
    let mut bytes = bytes;
    bytes[at + key.len() - 1] = b'7';
    fs::write(&path, &bytes).unwrap();
    let error = load_checkpoint(&path, &mut model(&[10, 10], 2))
        .unwrap_err()
        .to_string();
    assert!(
        error.ends_with("has checkpoint format 7 (accepted: 1)"),
        "{error}"
    );
}

#[test]
fn another_model_loss_or_optimiser_is_an_error() {
    let (_folder, path, _, _) = saved();
    let shape = MlpShape::new(10, &[10, 10], 7).unwrap();
    let decay = AdamParams::default().weight_decay(0.1).check().unwrap();
    let make = |loss, adam| fused_mlp(&shape, Initializer::He, loss, adam, Seed::new(1)).unwrap();
    for mut other in [
        model(&[10, 11], 1),
        make(Loss::SOFT_DICE, adam()),
        make(Loss::CrossEntropy, decay),
    ] {
        let error = load_checkpoint(&path, &mut other).unwrap_err();
        assert!(
            matches!(error, NnError::OtherModel { what: "model", .. }),
            "{error}"
        );
    }
}

#[test]
fn a_missing_file_or_folder_is_an_error_that_names_it() {
    let path = PathBuf::from("no-such-folder/model.safetensors");
    let mut model = model(&[10], 1);
    let reading = load_checkpoint(&path, &mut model).unwrap_err().to_string();
    assert!(
        reading.starts_with("no-such-folder/model.safetensors: "),
        "{reading}"
    );
    let writing = save_checkpoint(&path, &model, &Progress::new(Seed::new(1)))
        .unwrap_err()
        .to_string();
    assert!(
        writing.starts_with("no-such-folder/model.safetensors: "),
        "{writing}"
    );
}

#[test]
fn another_safetensors_file_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.safetensors");
    // A header of two bytes: no tensors, no metadata.
    fs::write(&path, b"\x02\0\0\0\0\0\0\0{}").unwrap();
    let error = load_checkpoint(&path, &mut model(&[10], 1))
        .unwrap_err()
        .to_string();
    assert!(
        error.ends_with("its metadata has no entry `wherefair-nn`"),
        "{error}"
    );
}

#[test]
fn parameters_come_back_with_their_description() {
    let (folder, checkpoint, first, _) = saved();
    let path = folder.path().join("parameters.safetensors");
    let bytes = parameters_to_bytes(&first, &("wheat", [0.1, 1.0 / 3.0])).unwrap();
    assert_eq!(
        bytes,
        parameters_to_bytes(&first, &("wheat", [0.1, 1.0 / 3.0])).unwrap()
    );
    fs::write(&path, &bytes).unwrap();
    let file = ParameterFile::read(&path).unwrap();
    let described: (String, [f64; 2]) = file.description().unwrap();
    assert_eq!(described, ("wheat".to_owned(), [0.1, 1.0 / 3.0]));
    let error = file.description::<u32>().unwrap_err();
    assert!(matches!(error, NnError::NotAParameterFile { .. }), "{error}");
    let mut second = model(&[10, 10], 2);
    let state = second.optimizer_state().clone();
    file.apply(&mut second).unwrap();
    assert_eq!(first.parameters(), second.parameters());
    assert_eq!(*second.optimizer_state(), state);

    let mut other = model(&[10, 9], 2);
    let before = other.parameters().to_vec();
    let error = file.apply(&mut other).unwrap_err();
    assert!(matches!(error, NnError::OtherModel { .. }), "{error}");
    assert_eq!(other.parameters(), before);
    let error = ParameterFile::read(&checkpoint).unwrap_err();
    assert!(matches!(error, NnError::NotAParameterFile { .. }), "{error}");
    assert!(matches!(
        load_checkpoint(&path, &mut second).unwrap_err(),
        NnError::NotACheckpoint { .. }
    ));
    for place in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[place] ^= 1;
        fs::write(&path, &damaged).unwrap();
        let read = ParameterFile::read(&path).and_then(|file| file.apply(&mut model(&[10, 10], 3)));
        assert!(read.is_err(), "byte {place}");
    }
}
