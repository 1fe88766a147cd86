//! Reads pages back and checks what every page must keep to.

use std::collections::BTreeSet;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

/// What a page holds.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// Names of all elements, in order.
    pub(crate) elements: Vec<String>,
    /// All attributes as (element, attribute, value).
    pub(crate) attributes: Vec<(String, String, String)>,
    /// All text but style and script, unescaped.
    pub(crate) text: String,
    /// All style and script.
    pub(crate) code: String,
}

impl Page {
    pub(crate) fn count(&self, element: &str) -> usize {
        self.elements.iter().filter(|name| *name == element).count()
    }

    /// The values of `attribute` on all elements called `element`.
    pub(crate) fn values(&self, element: &str, attribute: &str) -> Vec<&str> {
        self.attributes
            .iter()
            .filter(|(name, key, _)| name == element && key == attribute)
            .map(|(.., value)| value.as_str())
            .collect()
    }
}

/// Reads `markup`, which must be well-formed, load nothing, and hold only finite numbers.
pub(crate) fn read(markup: &str) -> Page {
    let page = parse(markup);
    let mut ids = BTreeSet::new();
    for (element, key, value) in &page.attributes {
        let place = format!("<{element} {key}=\"{value}\">");
        match key.as_str() {
            "x" | "y" | "x1" | "y1" | "x2" | "y2" | "cx" | "cy" | "r" | "width" | "height"
            | "stroke-width" | "font-size" => {
                assert!(value.parse::<f64>().is_ok_and(f64::is_finite), "{place}");
            }
            "d" | "viewBox" => {
                let known = |c: char| c.is_ascii_digit() || "MLZhv -.".contains(c);
                assert!(value.chars().all(known), "{place}");
            }
            "href" => assert!(value.starts_with('#') || value == "data:,", "{place}"),
            "id" => assert!(ids.insert(value.clone()), "twice: {place}"),
            "src" | "srcset" | "onclick" | "onload" | "action" => panic!("{place}"),
            _ => {}
        }
    }
    for target in page.values("a", "href") {
        assert!(ids.contains(&target[1..]), "{target} leads nowhere");
    }
    assert!(page.values("svg", "role").iter().all(|role| *role == "img"));
    assert_eq!(page.values("svg", "aria-label").len(), page.count("svg"));
    for loading in ["url(", "@import", "fetch", "http", ".src", "import("] {
        assert!(!page.code.contains(loading), "{loading}");
    }
    page
}

fn parse(markup: &str) -> Page {
    let mut page = Page::default();
    let mut reader = Reader::from_str(markup);
    let mut open: Vec<String> = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => {
                open.push(start.name().as_ref().to_owned());
                page.take(&start);
            }
            Event::Empty(start) => page.take(&start),
            Event::End(_) => {
                open.pop();
            }
            Event::Text(code) if matches!(open.last().map(String::as_str), Some("style" | "script")) => {
                page.code.push_str(&code);
            }
            Event::Text(text) => page.text.push_str(&text),
            Event::GeneralRef(reference) => {
                let text = quick_xml::escape::unescape(&format!("&{};", &*reference))
                    .unwrap()
                    .into_owned();
                page.text.push_str(&text);
            }
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(open, Vec::<String>::new(), "left open");
    page
}

impl Page {
    fn take(&mut self, start: &BytesStart<'_>) {
        let name = start.name().as_ref().to_owned();
        for attribute in start.attributes() {
            let attribute = attribute.unwrap();
            let key = attribute.key.as_ref().to_owned();
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .unwrap()
                .into_owned();
            self.attributes.push((name.clone(), key, value));
        }
        self.elements.push(name);
    }
}
