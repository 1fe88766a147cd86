//! Tests of the link check.

use super::*;
use crate::tidy::tests::tree_of;

fn broken(text: &str) -> Vec<String> {
    let (_folder, tree) = tree_of(&[
        ("docs/page.md", text),
        (
            "docs/other.md",
            "# One & two\n\n## `code` _here_\n\n## Same\n\n## Same\n\n<a id=\"by-hand\"></a>\n",
        ),
        ("docs/sub/deep.md", "deep\n"),
        ("README.md", "# Top\n"),
        ("src/a b.rs", "//! A.\n"),
    ]);
    check(&tree)
        .unwrap()
        .into_iter()
        .map(|finding| finding.message)
        .collect()
}

#[test]
fn links_that_lead_somewhere_are_accepted() {
    for link in [
        "[a](other.md)",
        "[a](./other.md \"a title\")",
        "[a](sub/deep.md)",
        "[a](sub)",
        "[a](../README.md#top)",
        "![a](<../src/a b.rs>)",
        "[a](../src/a%20b.rs#L10)",
        "[a](other.md#one--two)",
        "[a](other.md#code-_here_)",
        "[a](other.md#same) [b](other.md#same-1)",
        "[a](other.md#by-hand)",
        "# Here\n\n[a](#here)",
        "[a]: other.md",
        "<a href=\"other.md\">x</a>",
        "[a](https://example.org/none.md) [b](mailto:a@example.org)",
    ] {
        assert!(broken(link).is_empty(), "{link}: {:?}", broken(link));
    }
}

#[test]
fn links_that_lead_nowhere_are_found() {
    for (link, message) in [
        ("[a](none.md)", "link `none.md` leads to no file"),
        ("[a]()", "link `` leads to no file"),
        ("![a](none.png \"title\")", "link `none.png` leads to no file"),
        ("[a](other.md#none)", "link `other.md#none` leads to no heading"),
        (
            "[a](other.md#same-2)",
            "link `other.md#same-2` leads to no heading",
        ),
        ("[a](#none)", "link `#none` leads to no heading"),
        (
            "[a](../../outside.md)",
            "link `../../outside.md` leaves the repository",
        ),
        ("[a](/README.md)", "link `/README.md` leaves the repository"),
        ("[a]: none.md", "link `none.md` leads to no file"),
        ("<img src=\"none.png\">", "link `none.png` leads to no file"),
        ("[![a](none.png)](other.md)", "link `none.png` leads to no file"),
        ("[a](none(1).md)", "link `none(1).md` leads to no file"),
    ] {
        assert_eq!(broken(link), [message], "{link}");
    }
}

#[test]
fn code_is_not_looked_at() {
    for text in [
        "```text\n[a](none.md)\n```\n",
        "~~~\n```\n[a](none.md)\n~~~\n",
        "````\n```\n[a](none.md)\n````\n",
        "`[a](none.md)`",
        "``a ` [a](none.md)``",
        "[^1]: none.md",
    ] {
        assert!(broken(text).is_empty(), "{text}");
    }
}

#[test]
fn links_after_code_are_found_with_their_line() {
    let (_folder, tree) = tree_of(&[("a.md", "```\nx\n```\n`code` [a](none.md)\n")]);
    let found = check(&tree).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].line, 4);
}

#[test]
fn an_unfinished_percent_code_stays_as_it_is() {
    assert_eq!(percent_decoded("a%2"), "a%2");
    assert_eq!(percent_decoded("a%zz"), "a%zz");
    assert_eq!(percent_decoded("%C3%A9"), "é");
}
