//! Coordinate reference systems: enough to name them and to tell degrees from metres.

use serde_json::Value;

/// The coordinate reference system of a table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Crs {
    /// The file does not say.
    #[default]
    Unknown,
    /// A code of the EPSG registry.
    Epsg(u32),
    /// A description in well-known text, PROJJSON or plain words.
    Text(String),
}

/// Geographic systems (coordinates in degrees) in common use.
const GEOGRAPHIC: [u32; 24] = [
    4019, 4030, 4258, 4267, 4269, 4272, 4277, 4283, 4289, 4301, 4312, 4313, 4314, 4326, 4490, 4555, 4610,
    4617, 4674, 4759, 4937, 4979, 6318, 7844,
];

/// Projected systems in common use outside the ranges that hold projected systems only.
const PROJECTED: [u32; 12] = [
    3031, 3034, 3035, 3310, 3347, 3395, 3413, 3857, 5070, 6933, 27700, 28992,
];

impl Crs {
    /// A short description for people, such as `EPSG:4326`.
    pub fn describe(&self) -> String {
        match self {
            Self::Unknown => "unknown".to_owned(),
            Self::Epsg(code) => format!("EPSG:{code}"),
            Self::Text(text) => match serde_json::from_str::<Value>(text) {
                Ok(json) => json["name"].as_str().unwrap_or("unnamed").to_owned(),
                Err(_) => wkt_name(text).unwrap_or(text).to_owned(),
            },
        }
    }

    /// Whether coordinates are longitudes and latitudes; `None` when it cannot be told.
    pub fn is_geographic(&self) -> Option<bool> {
        match self {
            Self::Unknown => None,
            Self::Epsg(code) if GEOGRAPHIC.contains(code) => Some(true),
            Self::Epsg(code) => {
                let projected = PROJECTED.contains(code)
                    || matches!(code, 2000..=2999 | 25828..=25838 | 26901..=26923 | 32601..=32660 | 32701..=32760);
                projected.then_some(false)
            }
            Self::Text(text) => {
                let json = serde_json::from_str::<Value>(text).ok();
                let kind = match &json {
                    Some(json) => json["type"].as_str()?,
                    None => text.trim_start().split('[').next()?.trim_end(),
                };
                match kind.to_ascii_uppercase().as_str() {
                    "GEOGCS" | "GEOGCRS" | "GEODCRS" | "GEOGRAPHICCRS" => Some(true),
                    "PROJCS" | "PROJCRS" | "PROJECTEDCRS" => Some(false),
                    _ => None,
                }
            }
        }
    }

    /// Reads well-known text, versions 1 and 2, the ESRI dialect included.
    pub(crate) fn from_wkt(text: &str) -> Self {
        let text = text.trim();
        if text.is_empty() {
            return Self::Unknown;
        }
        if let Some(code) = wkt_root_epsg(text) {
            return Self::Epsg(code);
        }
        match (text.starts_with("GEOGCS"), wkt_name(text)) {
            (true, Some("GCS_WGS_1984" | "WGS 84" | "WGS84")) => Self::Epsg(4326),
            (true, Some("GCS_North_American_1983" | "NAD83")) => Self::Epsg(4269),
            (true, Some("GCS_ETRS_1989" | "ETRS89")) => Self::Epsg(4258),
            _ => Self::Text(text.to_owned()),
        }
    }

    /// Reads PROJJSON.
    pub(crate) fn from_projjson(json: &Value) -> Self {
        if json.is_null() {
            return Self::Unknown;
        }
        let id = &json["id"];
        let code = id["code"].as_u64().or_else(|| id["code"].as_str()?.parse().ok());
        match (id["authority"].as_str(), code, id["code"].as_str()) {
            (Some("EPSG"), Some(code), _) => {
                u32::try_from(code).map_or_else(|_| Self::Text(json.to_string()), Self::Epsg)
            }
            (Some("OGC"), _, Some("CRS84")) => Self::Epsg(4326),
            _ => json
                .as_str()
                .map_or_else(|| Self::Text(json.to_string()), Self::from_name),
        }
    }

    /// Reads a name such as `EPSG:4326`, `urn:ogc:def:crs:EPSG::4326` or `urn:ogc:def:crs:OGC:1.3:CRS84`.
    pub fn from_name(name: &str) -> Self {
        let name = name.trim();
        let upper = name.to_ascii_uppercase();
        if name.is_empty() {
            return Self::Unknown;
        }
        if upper.ends_with("CRS84") {
            return Self::Epsg(4326);
        }
        let code = upper.rsplit([':', '/']).next().and_then(|code| code.parse().ok());
        match code {
            Some(code) if upper.contains("EPSG") => Self::Epsg(code),
            _ if upper.contains('[') => Self::from_wkt(name),
            _ => Self::Text(name.to_owned()),
        }
    }
}

impl std::fmt::Display for Crs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.describe())
    }
}

/// The name of the outermost node: the first quoted text.
fn wkt_name(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once('"')?;
    rest.split_once('"').map(|(name, _)| name)
}

/// The EPSG code in the `AUTHORITY` or `ID` node directly below the outermost node.
fn wkt_root_epsg(text: &str) -> Option<u32> {
    let (mut depth, mut quoted, mut word) = (0_usize, false, 0..0);
    for (i, byte) in text.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'[' | b'(' => {
                let keyword = text[word.clone()].trim();
                if depth == 1 && (keyword == "AUTHORITY" || keyword == "ID") {
                    let node = text[i + 1..].split([']', ')']).next()?;
                    let mut parts = node.split(',').map(|part| part.trim().trim_matches('"'));
                    if parts.next() == Some("EPSG") {
                        return parts.next()?.parse().ok();
                    }
                }
                depth += 1;
                word = i + 1..i + 1;
            }
            b']' | b')' => {
                depth = depth.saturating_sub(1);
                word = i + 1..i + 1;
            }
            b',' => word = i + 1..i + 1,
            _ if byte.is_ascii() => word.end = i + 1,
            _ => word = i + 1..i + 1,
        }
        if !text.is_char_boundary(word.start) || word.start > word.end {
            word = 0..0;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn well_known_text_gives_the_outermost_code() {
        let wkt1 = r#"PROJCS["NAD83 / Ohio North",GEOGCS["NAD83",AUTHORITY["EPSG","4269"]],UNIT["metre",1],AUTHORITY["EPSG","2834"]]"#;
        assert_eq!(Crs::from_wkt(wkt1), Crs::Epsg(2834));
        let wkt2 = r#"GEOGCRS["WGS 84",DATUM["x"],ID["EPSG",4326]]"#;
        assert_eq!(Crs::from_wkt(wkt2), Crs::Epsg(4326));
        let esri = r#"GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137,298.25]]]"#;
        assert_eq!(Crs::from_wkt(esri), Crs::Epsg(4326));
        let local = Crs::from_wkt(r#"PROJCS["Lokal ä",GEOGCS["NAD83",AUTHORITY["EPSG","4269"]]]"#);
        assert_eq!(local.describe(), "Lokal ä");
        assert_eq!(local.is_geographic(), Some(false));
        assert_eq!(Crs::from_wkt(" \n"), Crs::Unknown);
    }

    #[test]
    fn broken_well_known_text_is_kept_as_text() {
        for text in [
            "]]][[[",
            "ä[ö[AUTHORITY[",
            "\"",
            "GEOGCS[\"",
            "AUTHORITY[\"EPSG\"]",
            "a[ID[EPSG]]",
            "ä,ö[ID[",
        ] {
            assert_eq!(Crs::from_wkt(text), Crs::Text(text.to_owned()));
            let _ = Crs::from_wkt(text).describe();
            assert_eq!(
                Crs::from_wkt(text).is_geographic(),
                text.starts_with("GEOGCS").then_some(true)
            );
        }
    }

    #[test]
    fn projjson_gives_its_code_or_its_name() {
        let json = |text: &str| Crs::from_projjson(&serde_json::from_str(text).unwrap());
        assert_eq!(
            json(r#"{"id": {"authority": "EPSG", "code": 2834}}"#),
            Crs::Epsg(2834)
        );
        assert_eq!(
            json(r#"{"id": {"authority": "OGC", "code": "CRS84"}}"#),
            Crs::Epsg(4326)
        );
        assert_eq!(json("null"), Crs::Unknown);
        let local = json(r#"{"type": "GeographicCRS", "name": "Local"}"#);
        assert_eq!(
            (local.describe().as_str(), local.is_geographic()),
            ("Local", Some(true))
        );
    }

    #[test]
    fn names_are_understood() {
        for (name, crs) in [
            ("EPSG:2834", Crs::Epsg(2834)),
            ("urn:ogc:def:crs:EPSG::3857", Crs::Epsg(3857)),
            ("http://www.opengis.net/def/crs/EPSG/0/4326", Crs::Epsg(4326)),
            ("urn:ogc:def:crs:OGC:1.3:CRS84", Crs::Epsg(4326)),
            ("somewhere", Crs::Text("somewhere".to_owned())),
            ("", Crs::Unknown),
        ] {
            assert_eq!(Crs::from_name(name), crs, "{name}");
        }
    }

    #[test]
    fn degrees_are_told_from_metres() {
        assert_eq!(Crs::Epsg(4326).is_geographic(), Some(true));
        assert_eq!(Crs::Epsg(2834).is_geographic(), Some(false));
        assert_eq!(Crs::Epsg(32633).is_geographic(), Some(false));
        assert_eq!(Crs::Epsg(1).is_geographic(), None);
        assert_eq!(Crs::Unknown.is_geographic(), None);
    }
}
