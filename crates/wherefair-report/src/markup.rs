//! A typed tree of markup, so that whatever comes from data is escaped on its way out.

/// Longer texts from data are cut, so that one label cannot swell the page.
pub(crate) const MAX_TEXT: usize = 400;

/// Coordinates are kept within this many pixels.
const MAX_PX: f64 = 100_000.0;

/// Elements of HTML and SVG that are written without an end tag.
const SELF_CLOSING: [&str; 6] = ["meta", "link", "rect", "circle", "line", "path"];

/// An element with attributes and children.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Element {
    name: &'static str,
    attributes: Vec<(&'static str, String)>,
    children: Vec<Node>,
}

#[derive(Debug, Clone, PartialEq)]
enum Node {
    Element(Element),
    Text(String),
    /// Constant text that is written as it is: style and script.
    Verbatim(&'static str),
}

impl Element {
    pub(crate) fn new(name: &'static str) -> Self {
        Self {
            name,
            attributes: Vec::new(),
            children: Vec::new(),
        }
    }

    /// An element that holds `text`.
    pub(crate) fn of_text(name: &'static str, text: impl AsRef<str>) -> Self {
        Self::new(name).text(text)
    }

    pub(crate) fn attr(mut self, name: &'static str, value: impl AsRef<str>) -> Self {
        self.attributes.push((name, value.as_ref().to_owned()));
        self
    }

    pub(crate) fn class(self, value: &'static str) -> Self {
        self.attr("class", value)
    }

    /// An attribute in pixels; see [`px`].
    pub(crate) fn num(self, name: &'static str, value: f64) -> Self {
        self.attr(name, px(value))
    }

    pub(crate) fn text(mut self, text: impl AsRef<str>) -> Self {
        self.children.push(Node::Text(text.as_ref().to_owned()));
        self
    }

    pub(crate) fn verbatim(mut self, text: &'static str) -> Self {
        self.children.push(Node::Verbatim(text));
        self
    }

    pub(crate) fn child(mut self, child: Self) -> Self {
        self.children.push(Node::Element(child));
        self
    }

    /// Adds any number of children, an `Option` included.
    pub(crate) fn children(mut self, children: impl IntoIterator<Item = Self>) -> Self {
        self.children.extend(children.into_iter().map(Node::Element));
        self
    }

    pub(crate) fn to_markup(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        out.push('<');
        out.push_str(self.name);
        for (name, value) in &self.attributes {
            out.push(' ');
            out.push_str(name);
            out.push_str("=\"");
            escape_into(value, out);
            out.push('"');
        }
        if SELF_CLOSING.contains(&self.name) && self.children.is_empty() {
            out.push_str("/>");
            return;
        }
        out.push('>');
        for child in &self.children {
            match child {
                Node::Element(element) => element.write(out),
                Node::Text(text) => escape_into(text, out),
                Node::Verbatim(text) => out.push_str(text),
            }
        }
        out.push_str("</");
        out.push_str(self.name);
        out.push('>');
    }
}

/// Escapes `text` for content and for quoted attributes.
///
/// Characters that no document may hold, and those that would reorder the text around them, become U+FFFD.
fn escape_into(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(c),
            '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FFFE}' | '\u{FFFF}' => {
                out.push('\u{FFFD}');
            }
            c if c.is_control() => out.push('\u{FFFD}'),
            c => out.push(c),
        }
    }
}

/// `text` in at most `n_chars` characters, the last one an ellipsis where it was cut.
pub(crate) fn shortened(text: &str, n_chars: usize) -> String {
    if text.chars().nth(n_chars).is_none() {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(n_chars.saturating_sub(1)).collect();
    short.push('…');
    short
}

/// A coordinate or length with at most two decimals; 0 where `value` is not a finite number.
pub(crate) fn px(value: f64) -> String {
    if !value.is_finite() {
        return "0".to_owned();
    }
    let mut text = format!("{:.2}", value.clamp(-MAX_PX, MAX_PX));
    while text.ends_with('0') {
        text.pop();
    }
    if text.ends_with('.') {
        text.pop();
    }
    if text == "-0" { "0".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_and_attributes_are_escaped() {
        let element = Element::new("p")
            .attr("title", "\"'<&>")
            .text("<script>alert('x')</script>");
        assert_eq!(
            element.to_markup(),
            "<p title=\"&quot;&#39;&lt;&amp;&gt;\">&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;</p>"
        );
    }

    #[test]
    fn control_and_reordering_characters_are_replaced() {
        let markup = Element::of_text("b", "a\0b\u{202E}c\u{7F}\n").to_markup();
        assert_eq!(markup, "<b>a\u{FFFD}b\u{FFFD}c\u{FFFD}\n</b>");
    }

    #[test]
    fn pixels_are_short_and_finite() {
        for (value, text) in [
            (1.0, "1"),
            (0.125, "0.12"),
            (-0.001, "0"),
            (10.5, "10.5"),
            (100.0, "100"),
            (f64::NAN, "0"),
            (f64::INFINITY, "0"),
            (1e300, "100000"),
        ] {
            assert_eq!(px(value), text);
        }
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        assert_eq!(shortened("żółć", 4), "żółć");
        assert_eq!(shortened("żółćw", 4), "żół…");
        assert_eq!(shortened("", 0), "");
    }

    proptest! {
        #[test]
        fn no_text_opens_a_tag_or_ends_an_attribute(text in any::<String>()) {
            let mut out = String::new();
            escape_into(&text, &mut out);
            prop_assert!(!out.contains(['<', '>', '"', '\'']));
        }
    }
}
