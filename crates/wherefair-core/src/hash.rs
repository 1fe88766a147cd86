//! Hashes that never change: names of streams, checksums.

/// The offset of 64-bit FNV-1a.
pub(crate) const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

/// 64-bit FNV-1a of bytes.
///
/// # Examples
/// ```
/// assert_eq!(wherefair_core::fnv1a(*b"a"), 0xaf63_dc4c_8601_ec8c);
/// ```
///
/// # References
/// Fowler, Noll & Vo, the FNV hash, draft-eastlake-fnv.
pub fn fnv1a(bytes: impl IntoIterator<Item = u8>) -> u64 {
    fnv1a_words(bytes.into_iter().map(u64::from))
}

/// FNV-1a that takes in a whole word at each step: for numbers, where [`fnv1a`] of their bytes would be slower.
///
/// `DIFFERENCE:` not the FNV-1a of the words' bytes; the two agree on words below 256.
pub fn fnv1a_words(words: impl IntoIterator<Item = u64>) -> u64 {
    fnv1a_from(OFFSET, words)
}

/// With a chosen offset: two offsets make two 64-bit names of one text.
pub(crate) fn fnv1a_from(offset: u64, words: impl IntoIterator<Item = u64>) -> u64 {
    words.into_iter().fold(offset, |hash, word| {
        (hash ^ word).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
