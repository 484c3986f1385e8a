//! Texts as `WordPress` keeps and shows them: names with their HTML escaped, dates without a zone, messages with tags.

use shared::time::Time;

/// Tags that `WordPress` leaves in names as they are; any other `<` begins text.
const KEPT: [&str; 12] = [
    "a", "b", "br", "code", "del", "em", "i", "s", "span", "strong", "sub", "sup",
];

/// A name as people read it, of one as it is shown: `Home &amp; Garden` is Home & Garden.
///
/// What was escaped twice is unescaped once. Whether `&amp;` was typed or made of `&` nobody can tell.
pub(super) fn unescape(shown: &str) -> String {
    let mut text = String::with_capacity(shown.len());
    let mut rest = shown;
    while let Some(at) = rest.find('&') {
        let (before, entity) = rest.split_at(at);
        text.push_str(before);
        let (character, length) = character(entity).unwrap_or(('&', 1));
        text.push(character);
        rest = &entity[length..];
    }
    text.push_str(rest);
    text
}

/// The character that an entity at the beginning of `text` stands for, and how long the entity is.
fn character(text: &str) -> Option<(char, usize)> {
    let end = text.char_indices().take(12).find(|(_, c)| *c == ';')?.0;
    let character = match &text[1..end] {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        number => {
            let number = number.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|c| !c.is_control())?
        }
    };
    Some((character, end + 1))
}

/// A name as it is to be sent, so that it is shown as it is: `Tools <Pro>` would lose its end as a tag. `WordPress` does
/// not escape a second time what comes escaped.
pub(super) fn escape(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(at) = rest.find(['&', '<', '>']) {
        let (before, from) = rest.split_at(at);
        text.push_str(before);
        let tag = kept_tag(from);
        match (tag, &from[..1]) {
            (Some(length), _) => {
                text.push_str(&from[..length]);
                rest = &from[length..];
                continue;
            }
            (None, "&") => text.push_str("&amp;"),
            (None, "<") => text.push_str("&lt;"),
            (None, _) => text.push_str("&gt;"),
        }
        rest = &from[1..];
    }
    text.push_str(rest);
    text
}

/// How long the tag at the beginning of `text` is, if it is one of those that stay.
fn kept_tag(text: &str) -> Option<usize> {
    let inner = text.strip_prefix('<')?;
    let end = inner.find('>')?;
    let name = inner[..end].trim_start_matches('/');
    let name = name.split([' ', '/']).next().unwrap_or_default().to_lowercase();
    KEPT.contains(&name.as_str()).then_some(end + 2)
}

/// A message without tags and escapes, on one line.
pub(super) fn plain(message: &str) -> String {
    let mut text = String::with_capacity(message.len());
    let mut in_tag = false;
    for c in message.chars() {
        match c {
            '<' => in_tag = true,
            '>' if in_tag => {
                in_tag = false;
                text.push(' ');
            }
            c if !in_tag => text.push(c),
            _ => {}
        }
    }
    let words = unescape(&text);
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether two names are the same to `WordPress`.
pub(super) fn same(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

/// A date of one of the `_gmt` fields, which say no zone: `2026-11-23T08:00:00`.
pub(super) fn gmt(date: &str) -> Option<Time> {
    let date = date.trim().trim_end_matches('Z');
    format!("{date}Z").parse().ok()
}

/// The second of an instant as the shop is asked for it together with `dates_are_gmt`: without a zone, since one with a
/// zone would be moved by the shop's own.
pub(super) fn naive(at: Time) -> String {
    at.to_string()[..19].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_people_mean_them_and_written_so_that_they_stay() {
        for (shown, read) in [
            ("Home &amp; Garden", "Home & Garden"),
            ("5 &gt; 3 &amp; 2 &lt; 4", "5 > 3 & 2 < 4"),
            ("Black &amp; White", "Black & White"),
            ("&amp;amp; twice", "&amp; twice"),
            ("Größe \"L\" 🎽", "Größe \"L\" 🎽"),
            ("<b>New</b> shirt", "<b>New</b> shirt"),
            ("R&D; AT&T", "R&D; AT&T"),
            ("It&#039;s &#8211; &#x2713; &nbsp;", "It's – ✓ \u{a0}"),
            ("&", "&"),
            ("&#0;&#xzz;", "&#0;&#xzz;"),
        ] {
            assert_eq!(unescape(shown), read, "{shown}");
        }
        for (name, sent) in [
            ("Tools <Pro>", "Tools &lt;Pro&gt;"),
            ("5 > 3 & 2 < 4", "5 &gt; 3 &amp; 2 &lt; 4"),
            (
                "<b>New</b> <i class=\"x\">shirt</i><br/>",
                "<b>New</b> <i class=\"x\">shirt</i><br/>",
            ),
            ("a < b", "a &lt; b"),
            ("<script>x</script>", "&lt;script&gt;x&lt;/script&gt;"),
            ("Größe", "Größe"),
        ] {
            assert_eq!(escape(name), sent, "{name}");
            assert_eq!(unescape(&escape(name)), name);
        }
    }

    #[test]
    fn a_message_is_shown_without_its_html() {
        for (message, shown) in [
            (
                "Use the /products/&lt;product_id&gt;/variations endpoint.",
                "Use the /products/<product_id>/variations endpoint.",
            ),
            (
                "<p>There has been a <strong>critical</strong> error.</p>\n<p>More</p>",
                "There has been a critical error. More",
            ),
            ("Invalid or duplicated SKU.", "Invalid or duplicated SKU."),
        ] {
            assert_eq!(plain(message), shown);
        }
    }

    #[test]
    fn dates_are_taken_in_gmt_and_asked_for_without_a_zone() {
        let at = gmt("2026-11-23T08:00:00").unwrap();
        assert_eq!(at.to_string(), "2026-11-23T08:00:00.000Z");
        assert_eq!(gmt("2026-11-23T08:00:00Z"), Some(at));
        assert_eq!(naive(Time(at.0 + 999)), "2026-11-23T08:00:00");
        assert_eq!(gmt(""), None);
        assert_eq!(gmt("0000-00-00T00:00:00"), None);
    }
}
