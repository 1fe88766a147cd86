//! What the examples that draw scenes share.

use std::error::Error;
use std::io::Write as _;

use flate2::{Compression, Crc, write::ZlibEncoder};

/// A share of full brightness as a byte, darker shares apart.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to a byte"
)]
pub(crate) fn brightness(share: f32) -> u8 {
    (share.clamp(0.0, 1.0).sqrt() * 255.0) as u8
}

/// A PNG file of 8-bit RGB.
pub(crate) fn png(width: usize, height: usize, rows: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut header = Vec::new();
    header.extend(u32::try_from(width)?.to_be_bytes());
    header.extend(u32::try_from(height)?.to_be_bytes());
    header.extend([8, 2, 0, 0, 0]);
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(rows)?;
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, data) in [
        (b"IHDR", &header),
        (b"IDAT", &encoder.finish()?),
        (b"IEND", &Vec::new()),
    ] {
        let mut crc = Crc::new();
        crc.update(name);
        crc.update(data);
        file.extend(u32::try_from(data.len())?.to_be_bytes());
        file.extend(name);
        file.extend(data);
        file.extend(crc.sum().to_be_bytes());
    }
    Ok(file)
}
