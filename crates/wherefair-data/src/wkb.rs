//! Well-known binary, ISO and extended: the shapes in `GeoParquet`.

use wherefair_core::Point;

use crate::geometry::{Geometry, Path};

const Z_FLAG: u32 = 0x8000_0000;
const M_FLAG: u32 = 0x4000_0000;
const SRID_FLAG: u32 = 0x2000_0000;
/// A part of a shape begins with its byte order and its type.
const PART_BYTES: usize = 5;

/// Reads one shape; bytes after it are an error, as is a collection of shapes.
pub(crate) fn parse_wkb(bytes: &[u8]) -> Result<Geometry, String> {
    let mut cursor = Cursor {
        bytes,
        is_little: true,
    };
    let geometry = cursor.geometry(None)?;
    if cursor.bytes.is_empty() {
        Ok(geometry)
    } else {
        Err("bytes follow the shape".to_owned())
    }
}

struct Cursor<'a> {
    bytes: &'a [u8],
    is_little: bool,
}

impl Cursor<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let (taken, rest) = self.bytes.split_first_chunk().ok_or("the shape ends too early")?;
        self.bytes = rest;
        Ok(*taken)
    }

    fn u32(&mut self) -> Result<u32, String> {
        let bytes = self.take()?;
        Ok(if self.is_little {
            u32::from_le_bytes(bytes)
        } else {
            u32::from_be_bytes(bytes)
        })
    }

    fn f64(&mut self) -> Result<f64, String> {
        let bytes = self.take()?;
        Ok(if self.is_little {
            f64::from_le_bytes(bytes)
        } else {
            f64::from_be_bytes(bytes)
        })
    }

    /// A count of items of at least `item_bytes` each, which the remaining bytes can hold.
    fn count(&mut self, item_bytes: usize) -> Result<usize, String> {
        let n = self.u32()? as usize;
        if n > self.bytes.len() / item_bytes {
            return Err("the shape ends too early".to_owned());
        }
        Ok(n)
    }

    fn point(&mut self, n_dims: usize) -> Result<Point, String> {
        let point = Point::new(self.f64()?, self.f64()?);
        for _ in 2..n_dims {
            self.f64()?;
        }
        Ok(point)
    }

    fn path(&mut self, n_dims: usize) -> Result<Path, String> {
        let n = self.count(8 * n_dims)?;
        (0..n).map(|_| self.point(n_dims)).collect()
    }

    /// One shape, which must be of type `wanted` inside a multi-part shape.
    fn geometry(&mut self, wanted: Option<u32>) -> Result<Geometry, String> {
        self.is_little = match self.take::<1>()? {
            [0] => false,
            [1] => true,
            [other] => return Err(format!("unknown byte order {other}")),
        };
        let code = self.u32()?;
        if code & SRID_FLAG != 0 {
            self.u32()?;
        }
        let code_without_flags = code & !(Z_FLAG | M_FLAG | SRID_FLAG);
        let (kind, iso) = (code_without_flags % 1000, code_without_flags / 1000);
        if iso > 3 || wanted.is_some_and(|wanted| wanted != kind) {
            return Err(format!("unexpected shape type {code}"));
        }
        let has_z = code & Z_FLAG != 0 || iso == 1 || iso == 3;
        let has_m = code & M_FLAG != 0 || iso >= 2;
        let n_dims = 2 + usize::from(has_z) + usize::from(has_m);
        Ok(match kind {
            1 => {
                let point = self.point(n_dims)?;
                let is_empty = point.x.is_nan() && point.y.is_nan();
                Geometry::Points(if is_empty { vec![] } else { vec![point] })
            }
            2 => Geometry::Lines(vec![self.path(n_dims)?]),
            3 => {
                let n = self.count(4)?;
                Geometry::Polygons(vec![(0..n).map(|_| self.path(n_dims)).collect::<Result<_, _>>()?])
            }
            4..=6 => {
                let mut whole = match kind {
                    4 => Geometry::Points(vec![]),
                    5 => Geometry::Lines(vec![]),
                    _ => Geometry::Polygons(vec![]),
                };
                for _ in 0..self.count(PART_BYTES)? {
                    match (&mut whole, self.geometry(Some(kind - 3))?) {
                        (Geometry::Points(all), Geometry::Points(part)) => all.extend(part),
                        (Geometry::Lines(all), Geometry::Lines(part)) => all.extend(part),
                        (Geometry::Polygons(all), Geometry::Polygons(part)) => all.extend(part),
                        _ => return Err("a part of another shape type".to_owned()),
                    }
                }
                whole
            }
            7 => return Err("a collection of shapes".to_owned()),
            _ => return Err(format!("unknown shape type {code}")),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn point_bytes(code: u32, is_little: bool, values: &[f64]) -> Vec<u8> {
        let mut bytes = vec![u8::from(is_little)];
        let u32 = |value: u32| {
            if is_little {
                value.to_le_bytes()
            } else {
                value.to_be_bytes()
            }
        };
        bytes.extend(u32(code));
        if code & SRID_FLAG != 0 {
            bytes.extend(u32(4326));
        }
        for value in values {
            bytes.extend(if is_little {
                value.to_le_bytes()
            } else {
                value.to_be_bytes()
            });
        }
        bytes
    }

    #[test]
    fn points_of_all_dialects_are_read() {
        let expected = Geometry::Points(vec![Point::new(1.5, -2.0)]);
        for (code, n_dims) in [
            (1, 2),
            (1001, 3),
            (2001, 3),
            (3001, 4),
            (Z_FLAG | 1, 3),
            (Z_FLAG | M_FLAG | 1, 4),
            (SRID_FLAG | 1, 2),
        ] {
            for is_little in [true, false] {
                let bytes = point_bytes(code, is_little, &[1.5, -2.0, 9.0, 8.0][..n_dims]);
                assert_eq!(parse_wkb(&bytes).unwrap(), expected, "{code}");
                for n in 0..bytes.len() {
                    assert!(parse_wkb(&bytes[..n]).is_err());
                }
            }
        }
        assert_eq!(
            parse_wkb(&point_bytes(1, true, &[f64::NAN; 2])).unwrap(),
            Geometry::Points(vec![])
        );
    }

    #[test]
    fn multipolygons_with_holes_are_read() {
        let mut bytes = vec![1, 6, 0, 0, 0, 1, 0, 0, 0];
        bytes.extend([1, 3, 0, 0, 0, 2, 0, 0, 0]);
        for _ in 0..2 {
            bytes.extend(1_u32.to_le_bytes());
            bytes.extend([0; 16]);
        }
        let ring = vec![Point::default()];
        assert_eq!(
            parse_wkb(&bytes).unwrap(),
            Geometry::Polygons(vec![vec![ring.clone(), ring]])
        );
    }

    #[test]
    fn hostile_counts_and_collections_are_errors() {
        assert!(parse_wkb(&[1, 2, 0, 0, 0, 255, 255, 255, 255]).is_err());
        assert!(parse_wkb(&[1, 3, 0, 0, 0, 255, 255, 255, 255]).is_err());
        assert!(parse_wkb(&[1, 6, 0, 0, 0, 255, 255, 255, 255]).is_err());
        assert!(parse_wkb(&[1, 7, 0, 0, 0, 0, 0, 0, 0]).is_err());
        assert!(parse_wkb(&[2, 1, 0, 0, 0]).is_err());
        assert!(parse_wkb(&[]).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_give_an_answer(bytes: Vec<u8>, kind in 0_u8..8) {
            let _ = parse_wkb(&bytes);
            let _ = parse_wkb(&[&[1, kind, 0, 0, 0], &bytes[..]].concat());
        }
    }
}
