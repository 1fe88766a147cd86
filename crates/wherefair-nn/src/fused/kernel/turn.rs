//! Turning matrices between one sample a row and one feature a row.

#![expect(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function gets its vector instructions"
)]

/// Squares of this side are turned in registers.
const SIDE: usize = 4;

/// Turns rows, given by where each begins in `from`, to columns of length `column` in `to`.
///
/// `width` numbers of each row become `width` columns; the first row goes to place `first` of each column.
#[inline(always)]
pub(super) fn turn<T: Copy + Default>(
    from: &[T],
    starts: [usize; SIDE],
    width: usize,
    to: &mut [T],
    column: usize,
    first: usize,
) {
    if width < SIDE {
        for (s, start) in starts.into_iter().enumerate() {
            for (i, &value) in from[start..start + width].iter().enumerate() {
                to[i * column + first + s] = value;
            }
        }
        return;
    }
    let rows = starts.map(|start| &from[start..start + width]);
    let mut i = 0;
    while i < width {
        // The last square may overlap the one before it.
        i = i.min(width - SIDE);
        let at = |row: usize| -> [T; SIDE] { rows[row][i..].first_chunk().copied().unwrap_or_default() };
        let (a, b, c, d) = (at(0), at(1), at(2), at(3));
        let turned = [
            [a[0], b[0], c[0], d[0]],
            [a[1], b[1], c[1], d[1]],
            [a[2], b[2], c[2], d[2]],
            [a[3], b[3], c[3], d[3]],
        ];
        for (k, turned) in turned.iter().enumerate() {
            to[(i + k) * column + first..][..SIDE].copy_from_slice(turned);
        }
        i += SIDE;
    }
}

/// Turns the features of samples to panels; the last one is filled up with zeros.
#[inline(always)]
pub(super) fn load<T: Copy + Default>(
    n_features: usize,
    panel: usize,
    features: &[T],
    rows: &[u32],
    tile: &mut [T],
) {
    for (rows, tile) in rows.chunks(panel).zip(tile.chunks_exact_mut(n_features * panel)) {
        if rows.len() < panel {
            tile.fill(T::default());
        }
        let (squares, rest) = rows.as_chunks::<SIDE>();
        for (block, rows) in squares.iter().enumerate() {
            let starts = rows.map(|row| row as usize * n_features);
            turn(features, starts, n_features, tile, panel, block * SIDE);
        }
        for (s, &row) in (squares.len() * SIDE..).zip(rest) {
            let sample = &features[row as usize * n_features..][..n_features];
            for (column, &value) in tile.chunks_exact_mut(panel).zip(sample) {
                column[s] = value;
            }
        }
    }
}

/// Turns samples that follow each other, at most a panel of them, to one panel, filled up with zeros.
#[inline(always)]
pub(super) fn load_in_order<T: Copy + Default>(n_values: usize, panel: usize, samples: &[T], tile: &mut [T]) {
    tile.fill(T::default());
    for (s, sample) in samples.chunks_exact(n_values).enumerate() {
        for (column, &value) in tile.chunks_exact_mut(panel).zip(sample) {
            column[s] = value;
        }
    }
}

/// Turns panels `(panels, n_in, panel)` to samples `(panels × panel, stride)`; columns from `n_in` on stay as they are.
#[inline(always)]
pub(super) fn to_samples<T: Copy + Default>(
    n_in: usize,
    panel: usize,
    stride: usize,
    input: &[T],
    samples: &mut [T],
) {
    let panels = input
        .chunks_exact(n_in * panel)
        .zip(samples.chunks_exact_mut(stride * panel));
    for (input, samples) in panels {
        let whole = n_in / SIDE * SIDE;
        for i in (0..whole).step_by(SIDE) {
            let starts = std::array::from_fn(|k| (i + k) * panel);
            turn(input, starts, panel, samples, stride, i);
        }
        for i in whole..n_in {
            let values = &input[i * panel..(i + 1) * panel];
            for (sample, &value) in samples.chunks_exact_mut(stride).zip(values) {
                sample[i] = value;
            }
        }
    }
}
