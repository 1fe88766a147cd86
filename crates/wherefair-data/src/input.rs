//! Where the bytes come from: a file, or memory.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Cursor, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;

use crate::DataError;

pub(crate) trait ReadSeek: Read + Seek + Send {}

impl<T: Read + Seek + Send> ReadSeek for T {}

/// A source of bytes that can be opened again and again.
#[derive(Debug, Clone)]
pub(crate) enum Input {
    File(PathBuf),
    Memory { name: PathBuf, bytes: Bytes },
}

impl Input {
    pub(crate) fn memory(name: &str, bytes: Cow<'static, [u8]>) -> Self {
        let bytes = match bytes {
            Cow::Borrowed(bytes) => Bytes::from_static(bytes),
            Cow::Owned(bytes) => Bytes::from(bytes),
        };
        Self::Memory {
            name: PathBuf::from(name),
            bytes,
        }
    }

    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::File(path) | Self::Memory { name: path, .. } => path,
        }
    }

    /// What messages call the input.
    pub(crate) fn name(&self) -> String {
        self.path().display().to_string()
    }

    /// The number of bytes, which is not 0.
    pub(crate) fn n_bytes(&self) -> Result<u64, DataError> {
        let n = match self {
            Self::File(path) => std::fs::metadata(path).map_err(|error| self.io(error))?.len(),
            Self::Memory { bytes, .. } => bytes.len() as u64,
        };
        if n == 0 {
            return Err(DataError::EmptyFile { file: self.name() });
        }
        Ok(n)
    }

    pub(crate) fn open(&self) -> Result<Box<dyn ReadSeek>, DataError> {
        Ok(match self {
            Self::File(_) => Box::new(self.open_file()?),
            Self::Memory { bytes, .. } => Box::new(Cursor::new(bytes.clone())),
        })
    }

    pub(crate) fn open_file(&self) -> Result<File, DataError> {
        File::open(self.path()).map_err(|error| self.io(error))
    }

    fn io(&self, source: io::Error) -> DataError {
        DataError::Io {
            file: self.name(),
            source,
        }
    }
}

/// Counts the bytes that pass through.
#[derive(Debug)]
pub(crate) struct Counting<R> {
    inner: R,
    count: Arc<AtomicU64>,
}

impl<R: Read> Counting<R> {
    pub(crate) fn new(inner: R) -> (Self, Arc<AtomicU64>) {
        let count = Arc::new(AtomicU64::new(0));
        (
            Self {
                inner,
                count: Arc::clone(&count),
            },
            count,
        )
    }
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.count.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}
