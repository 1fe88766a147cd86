//! Links inside the repository's Markdown files lead somewhere.
//!
//! Addresses with a scheme are not followed, so the check needs no network. Headings are those with `#` marks.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::Finding;
use crate::workspace::Tree;

/// Finds relative links whose file or heading does not exist.
pub(super) fn check(tree: &Tree) -> anyhow::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let mut anchors: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in tree.with_extension("md") {
        let text = tree.text(file)?.unwrap_or_default();
        for (line, target) in targets(&text) {
            if has_scheme(&target) {
                continue;
            }
            let (path, anchor) = match target.split_once('#') {
                Some((path, anchor)) => (path, Some(anchor)),
                None => (target.as_str(), None),
            };
            let Some(path) = resolve(file, &percent_decoded(path)) else {
                findings.push(Finding::new(
                    file,
                    line,
                    format!("link `{target}` leaves the repository"),
                ));
                continue;
            };
            if target.is_empty() || !tree.root.join(&path).exists() {
                findings.push(Finding::new(
                    file,
                    line,
                    format!("link `{target}` leads to no file"),
                ));
                continue;
            }
            let Some(anchor) = anchor else {
                continue;
            };
            if !is_markdown(&path) || !tree.root.join(&path).is_file() {
                continue;
            }
            if !anchors.contains_key(&path) {
                let text = tree.text(&path)?.unwrap_or_default();
                anchors.insert(path.clone(), anchors_of(&text));
            }
            if !anchors[&path].contains(&percent_decoded(anchor)) {
                findings.push(Finding::new(
                    file,
                    line,
                    format!("link `{target}` leads to no heading"),
                ));
            }
        }
    }
    Ok(findings)
}

fn is_markdown(path: &str) -> bool {
    Path::new(path)
        .extension()
        .is_some_and(|extension| extension == "md")
}

/// Whether the target is an address such as `https://…` or `mailto:…`.
fn has_scheme(target: &str) -> bool {
    target.starts_with("//")
        || target.split_once(':').is_some_and(|(scheme, _)| {
            scheme.starts_with(|c: char| c.is_ascii_alphabetic())
                && scheme
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "+.-".contains(c))
        })
}

/// The path that `target` names in `file`, relative to the root; `None` when it lies outside the root.
fn resolve(file: &str, target: &str) -> Option<String> {
    if target.is_empty() {
        return Some(file.to_owned());
    }
    if target.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let code = (first == b'%')
            .then(|| after.get(..2))
            .flatten()
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(code.unwrap_or(first));
        rest = if code.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The lines outside code blocks, code spans blanked, each with its number from 1.
fn prose(text: &str) -> Vec<(usize, String)> {
    let mut lines = Vec::new();
    let mut fence: Option<&str> = None;
    for (i, line) in text.lines().enumerate() {
        let trimmed = line.trim_start();
        let mark = ["```", "~~~"].into_iter().find(|mark| trimmed.starts_with(mark));
        match (fence, mark) {
            (None, Some(mark)) => {
                let sign = &mark[..1];
                let length = trimmed.len() - trimmed.trim_start_matches(sign).len();
                fence = Some(&trimmed[..length]);
            }
            (Some(open), Some(_)) => {
                // A fence is closed by one at least as long, with nothing after it.
                let sign = &open[..1];
                if trimmed.starts_with(open) && trimmed.trim_start_matches(sign).trim().is_empty() {
                    fence = None;
                }
            }
            (None, None) => lines.push((i + 1, without_code_spans(line))),
            (Some(_), None) => {}
        }
    }
    lines
}

fn without_code_spans(line: &str) -> String {
    let mut kept = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(start) = rest.find('`') {
        let after = &rest[start..];
        let length = after.len() - after.trim_start_matches('`').len();
        let mark = &after[..length];
        let Some(end) = find_exactly(&after[length..], mark) else {
            break;
        };
        kept.push_str(&rest[..start]);
        kept.push(' ');
        rest = &after[length + end + length..];
    }
    kept.push_str(rest);
    kept
}

/// Where a run of backticks exactly as long as `mark` begins.
fn find_exactly(text: &str, mark: &str) -> Option<usize> {
    let mut at = 0;
    while let Some(found) = text[at..].find('`') {
        let start = at + found;
        let length = text[start..].len() - text[start..].trim_start_matches('`').len();
        if length == mark.len() {
            return Some(start);
        }
        at = start + length;
    }
    None
}

/// The targets of all links and images, each with its line from 1.
fn targets(text: &str) -> Vec<(usize, String)> {
    let mut targets = Vec::new();
    for (number, line) in prose(text) {
        for (at, _) in line.match_indices("](") {
            if let Some(target) = inline_target(&line[at + 2..]) {
                targets.push((number, target));
            }
        }
        if let Some(target) = definition_target(&line) {
            targets.push((number, target));
        }
        for attribute in ["href=\"", "src=\""] {
            for (at, _) in line.match_indices(attribute) {
                if let Some(value) = line[at + attribute.len()..].split_once('"') {
                    targets.push((number, value.0.to_owned()));
                }
            }
        }
    }
    targets
}

/// The target of an inline link, given what follows `](`; `None` when the link is not closed.
fn inline_target(rest: &str) -> Option<String> {
    let rest = rest.trim_start();
    if let Some(bracketed) = rest.strip_prefix('<') {
        return bracketed.split_once('>').map(|(target, _)| target.to_owned());
    }
    let mut depth = 0;
    for (at, c) in rest.char_indices() {
        match c {
            '(' => depth += 1,
            ')' if depth == 0 => return Some(rest[..at].to_owned()),
            ')' => depth -= 1,
            c if c.is_whitespace() => return Some(rest[..at].to_owned()),
            _ => {}
        }
    }
    None
}

/// The target of a definition such as `[name]: target`; footnotes are none.
fn definition_target(line: &str) -> Option<String> {
    let inner = line.trim_start().strip_prefix('[')?;
    if inner.starts_with('^') {
        return None;
    }
    let (name, rest) = inner.split_once("]:")?;
    if name.is_empty() || name.contains(']') {
        return None;
    }
    let target = rest.split_whitespace().next()?;
    Some(target.trim_start_matches('<').trim_end_matches('>').to_owned())
}

/// The anchors of a Markdown text: one a heading, and those set by hand in HTML.
fn anchors_of(text: &str) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    let mut n_seen: BTreeMap<String, usize> = BTreeMap::new();
    for (number, line) in prose(text) {
        for attribute in ["id=\"", "name=\""] {
            for (at, _) in line.match_indices(attribute) {
                if let Some(value) = line[at + attribute.len()..].split_once('"') {
                    anchors.insert(value.0.to_owned());
                }
            }
        }
        let marks = line.len() - line.trim_start_matches('#').len();
        if !(1..=6).contains(&marks) || !line[marks..].starts_with(' ') {
            continue;
        }
        // Words in code spans count in a heading, so the line is taken as it stands.
        let heading = text.lines().nth(number - 1).unwrap_or_default();
        let slug = slug(heading.trim_start_matches('#'));
        let n = n_seen.entry(slug.clone()).or_insert(0);
        anchors.insert(if *n == 0 { slug } else { format!("{slug}-{n}") });
        *n += 1;
    }
    anchors
}

/// The anchor that code hosts and mdBook make of a heading.
fn slug(heading: &str) -> String {
    visible(heading.trim().trim_end_matches('#').trim())
        .to_lowercase()
        .chars()
        .filter_map(|c| match c {
            c if c.is_whitespace() => Some('-'),
            c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c),
            _ => None,
        })
        .collect()
}

/// The heading with each link replaced by its text.
fn visible(heading: &str) -> String {
    let mut shown = String::new();
    let mut rest = heading;
    while let Some(at) = rest.find("](") {
        shown.push_str(&rest[..at]);
        let after = &rest[at + 2..];
        rest = after.find(')').map_or("", |end| &after[end + 1..]);
    }
    shown.push_str(rest);
    shown
}

#[cfg(test)]
mod tests;
