//! Rust source without its comments and literals.

/// The text with every comment, string and character literal replaced by spaces.
///
/// Lines and byte offsets stay as they are, so a place found in the result is the same place in `text`.
pub(super) fn code_only(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut code = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let end = literal_end(text, at).unwrap_or(at);
        if end > at {
            for byte in &mut code[at..end] {
                if *byte != b'\n' {
                    *byte = b' ';
                }
            }
            at = end;
        } else {
            at += 1;
        }
    }
    // Whole literals are replaced, so no character is cut.
    String::from_utf8_lossy(&code).into_owned()
}

/// Where the comment or literal that begins at byte `at` ends; `None` when none begins there.
fn literal_end(text: &str, at: usize) -> Option<usize> {
    let rest = &text.as_bytes()[at..];
    match rest[0] {
        b'/' if rest.starts_with(b"//") => {
            let length = rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
            Some(at + length)
        }
        b'/' if rest.starts_with(b"/*") => Some(at + block_comment_length(rest)),
        b'"' => Some(at + string_length(rest)),
        b'\'' => character_length(&text[at..]).map(|length| at + length),
        b'r' | b'b' | b'c' if begins_word(text, at) => {
            let prefix = rest
                .iter()
                .take_while(|byte| matches!(byte, b'r' | b'b' | b'c'))
                .count();
            let n_hashes = rest[prefix..].iter().take_while(|&&byte| byte == b'#').count();
            let quote = prefix + n_hashes;
            let is_raw = rest[..prefix].ends_with(b"r");
            if prefix > 2 {
                None
            } else if rest.get(quote) == Some(&b'"') && is_raw {
                Some(at + quote + raw_string_length(&rest[quote..], n_hashes))
            } else if rest.get(prefix) == Some(&b'"') {
                Some(at + prefix + string_length(&rest[prefix..]))
            } else if rest.starts_with(b"b'") {
                character_length(&text[at + 1..]).map(|length| at + 1 + length)
            } else {
                None
            }
        }
        _ => None,
    }
}

fn begins_word(text: &str, at: usize) -> bool {
    at == 0 || {
        let before = text.as_bytes()[at - 1];
        !(before.is_ascii_alphanumeric() || before == b'_' || before >= 0x80)
    }
}

fn block_comment_length(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        if rest[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                break;
            }
        } else {
            at += 1;
        }
    }
    at
}

/// The length of the string literal that begins with the quote at the start of `rest`.
fn string_length(rest: &[u8]) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

fn raw_string_length(rest: &[u8], n_hashes: usize) -> usize {
    let close: Vec<u8> = std::iter::once(b'"')
        .chain(std::iter::repeat_n(b'#', n_hashes))
        .collect();
    rest[1..]
        .windows(close.len())
        .position(|window| window == close)
        .map_or(rest.len(), |found| 1 + found + close.len())
}

/// The length of the character literal at the start of `rest`; `None` for a lifetime.
fn character_length(rest: &str) -> Option<usize> {
    let mut characters = rest.char_indices().skip(1);
    let (_, first) = characters.next()?;
    if first == '\\' {
        // The escaped character may itself be a quote.
        characters.next()?;
        return characters.find(|&(_, c)| c == '\'').map(|(at, _)| at + 1);
    }
    match characters.next()? {
        (at, '\'') => Some(at + 1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let code = code_only(text);
        assert_eq!(code.len(), text.len());
        assert_eq!(code.lines().count(), text.lines().count());
        code.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn comments_and_literals_vanish_and_code_stays() {
        let table: &[(&str, &[&str])] = &[
            ("a // b\nc", &["a", "c"]),
            ("a /* b /* c */ d */ e", &["a", "e"]),
            ("a \"b \\\" c\" d", &["a", "d"]),
            ("a r\"b\\\" c", &["a", "c"]),
            ("a r#\"b \" c\"# d", &["a", "d"]),
            ("a br##\"b \"# c\"## d", &["a", "d"]),
            ("a b\"b\" c\"c\" d", &["a", "d"]),
            ("a '\"' b", &["a", "b"]),
            ("a '\\'' b '\\u{e9}' c b'\\\\' d", &["a", "b", "c", "d"]),
            ("a 'é' b", &["a", "b"]),
            ("&'a str", &["&'a", "str"]),
            ("r#mod b", &["r#mod", "b"]),
            ("var\"b\"", &["var"]),
            ("é \"ü\" ö", &["é", "ö"]),
        ];
        for (text, expected) in table {
            assert_eq!(words(text), *expected, "{text}");
        }
    }

    #[test]
    fn unfinished_literals_reach_to_the_end() {
        for text in ["a \"b", "a /* b", "a r#\"b\"", "a \"b\\"] {
            assert_eq!(words(text), ["a"], "{text}");
        }
    }
}
