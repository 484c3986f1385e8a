//! What a message says whatever the record: everything that names or counts is a placeholder.
//!
//! Messages are platforms' and in any language, so the shape of a word decides and hardly ever its meaning. Where it is
//! in doubt a word stays, since two patterns for one cause are better than one pattern for two.

use std::borrow::Cow;

/// Bytes of a message that are looked at, to the end of the letter; a platform that is down may answer a whole page.
const READ: usize = 600;

const QUOTED: &str = "\"…\"";
const CONNECTION: &str = "{connection}";
const ADDRESS: &str = "{address}";
const EMAIL: &str = "{email}";
const NUMBER: &str = "{number}";
const PRICE: &str = "{price}";
const DATE: &str = "{date}";
const TIME: &str = "{time}";
const ID: &str = "{id}";

/// How quoted texts begin and end.
const QUOTES: [(&str, &str); 10] = [
    ("\"", "\""),
    ("“", "”"),
    ("„", "“"),
    ("«", "»"),
    ("‘", "’"),
    ("`", "`"),
    ("'", "'"),
    ("&quot;", "&quot;"),
    ("&#8220;", "&#8221;"),
    ("&#039;", "&#039;"),
];

/// After these a word that could be a name is one.
const NAMING: [&str; 12] = [
    "sku", "skus", "id", "ids", "gtin", "ean", "upc", "barcode", "handle", "slug", "token", "código",
];

/// After these a number of three or four digits tells one failure from another.
const FAILING: [&str; 5] = ["http", "status", "code", "error", "estado"];

/// Keys of JSON under which platforms say what went wrong; elsewhere there is data.
const TELLING: [&str; 14] = [
    "code", "message", "error", "errors", "detail", "details", "reason", "type", "status", "field", "path",
    "param", "title", "messages",
];

const UNITS: [&str; 12] = [
    "kg", "g", "mm", "cm", "m", "ms", "s", "min", "h", "px", "KB", "MB",
];

/// Writes the shape of a message about a connection, which people call `connection`.
pub fn shape(message: &str, connection: &str, shape: &mut String) {
    let mut ends = message.char_indices().map(|(end, _)| end);
    let end = match message.len() {
        short @ ..=READ => short,
        long => ends.find(|end| *end >= READ).unwrap_or(long),
    };
    Shaping {
        connection,
        shape,
        before: Before::Other,
        nesting: Vec::new(),
        key: Said::Data,
    }
    .read(&message[..end]);
    shape.truncate(shape.trim_end().len());
}

/// A message that is being read.
struct Shaping<'a> {
    connection: &'a str,
    shape: &'a mut String,
    before: Before,
    /// The objects and lists of JSON that are open, each with what is in it.
    nesting: Vec<Said>,
    /// What the last key of JSON stands before.
    key: Said,
}

/// What the word before says about the next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    Naming,
    Failing,
    Other,
}

/// What a text in JSON is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Said {
    WhatWentWrong,
    Data,
}

impl Shaping<'_> {
    fn read(&mut self, text: &str) {
        let mut rest = text;
        let mut last = ' ';
        while let Some(next) = rest.chars().next() {
            let taken = if next.is_whitespace() {
                if !self.shape.is_empty() && !self.shape.ends_with(' ') {
                    self.shape.push(' ');
                }
                next.len_utf8()
            } else if let Some(taken) = self.named(rest) {
                taken
            } else if let Some(taken) = self.ordinary(rest) {
                taken
            } else if let Some(taken) = self.quoted(rest, last) {
                taken
            } else if let Some(taken) = self.bracket(rest) {
                taken
            } else {
                let taken = self.end_of_word(rest);
                self.word(&rest[..taken]);
                taken
            };
            last = rest[..taken].chars().next_back().unwrap_or(' ');
            rest = &rest[taken..];
        }
    }

    /// The connection's own name, where no longer word begins with it.
    fn named(&mut self, rest: &str) -> Option<usize> {
        let after = rest.strip_prefix(self.connection)?;
        let whole = !self.connection.is_empty() && !after.starts_with(char::is_alphanumeric);
        whole.then(|| {
            self.put(CONNECTION);
            self.connection.len()
        })
    }

    /// A word of ASCII letters alone, as most are: there is no need to look closer. Without this everything would be
    /// read alike, only more slowly.
    fn ordinary(&mut self, rest: &str) -> Option<usize> {
        let bytes = rest.as_bytes();
        let end = bytes.iter().position(|byte| !byte.is_ascii_alphabetic());
        let end = end.unwrap_or(bytes.len());
        let ends = matches!(bytes.get(end), None | Some(b' '));
        ends.then(|| {
            self.before = before(&rest[..end]);
            self.shape.push_str(&rest[..end]);
            end
        })
    }

    /// A quoted text, or a string of JSON.
    fn quoted(&mut self, rest: &str, last: char) -> Option<usize> {
        if rest.starts_with(|first: char| first.is_ascii() && !"\"'`&".contains(first)) {
            return None;
        }
        let (open, close) = QUOTES.iter().find(|(open, _)| rest.starts_with(open))?;
        // An apostrophe is within a word.
        if last.is_alphanumeric() && matches!(*open, "'" | "‘" | "&#039;") {
            return None;
        }
        let inner = &rest[open.len()..];
        let end = if *open == "\"" {
            end_of_string(inner)?
        } else {
            closing(inner, close)?
        };
        let taken = open.len() + end + close.len();
        let (inner, after) = (&inner[..end], rest[taken..].trim_start());
        if *open != "\"" || self.nesting.is_empty() {
            self.put(QUOTED);
        } else if after.starts_with(':') {
            self.key = self.nesting.last().copied().unwrap_or(Said::Data);
            if TELLING.contains(&inner) {
                self.key = Said::WhatWentWrong;
            }
            self.before = before(inner);
            self.shape.push_str(&rest[..taken]);
        } else if self.key == Said::WhatWentWrong {
            let inner = unescaped(&rest[..taken], inner);
            self.shape.push('"');
            Shaping {
                connection: self.connection,
                shape: self.shape,
                before: self.before,
                nesting: Vec::new(),
                key: Said::Data,
            }
            .read(&inner);
            self.shape.push('"');
        } else {
            self.put(QUOTED);
        }
        Some(taken)
    }

    /// A bracket of JSON.
    fn bracket(&mut self, rest: &str) -> Option<usize> {
        let bracket = rest.chars().next()?;
        let inside = rest[bracket.len_utf8()..].trim_start();
        match bracket {
            '{' if inside.starts_with(['"', '}']) => self.nesting.push(self.key),
            '[' if inside.starts_with(['"', '{']) => self.nesting.push(self.key),
            '[' if !self.nesting.is_empty() => self.nesting.push(self.key),
            '}' | ']' if !self.nesting.is_empty() => {
                self.nesting.pop();
                self.key = self.nesting.last().copied().unwrap_or(Said::Data);
            }
            ',' | ':' if !self.nesting.is_empty() => {
                if bracket == ',' {
                    self.key = self.nesting.last().copied().unwrap_or(Said::Data);
                }
            }
            _ => return None,
        }
        self.shape.push(bracket);
        Some(1)
    }

    fn end_of_word(&self, rest: &str) -> usize {
        let json = !self.nesting.is_empty();
        let ends = |c: char| {
            c.is_whitespace()
                || matches!(c, '"' | '“' | '„' | '«' | '`')
                || json && matches!(c, ',' | ':' | ']' | '}')
        };
        let mut letters = rest.char_indices().skip(1);
        let end = letters
            .find(|(at, c)| ends(*c) || *c == '&' && rest[*at..].starts_with("&quot;"))
            .map_or(rest.len(), |(at, _)| at);
        // A bracket that opens JSON ends a word too, as in `refused:{"code"`.
        match rest[..end].char_indices().skip(1).find(|(_, c)| *c == '{') {
            Some((at, _)) if rest[at + 1..].starts_with('"') => at,
            _ => end,
        }
    }

    /// What stands between blanks, with the marks around it.
    fn word(&mut self, word: &str) {
        let opens = |c: char| "([{<#*¿¡'‘".contains(c);
        let closes = |c: char| ".,;:!?…)]}>*'’".contains(c);
        let start = word.len() - word.trim_start_matches(opens).len();
        let core = word[start..].trim_end_matches(closes);
        let end = start + core.len();
        self.shape.push_str(&word[..start]);
        let enclosed = word[..start].ends_with(['(', '[', '#']);
        self.core(core, enclosed && self.before == Before::Naming);
        self.shape.push_str(&word[end..]);
    }

    fn core(&mut self, core: &str, surely_a_name: bool) {
        let failing = self.before == Before::Failing
            && (3..=4).contains(&core.len())
            && core.bytes().all(|b| b.is_ascii_digit());
        let name =
            surely_a_name || self.before == Before::Naming && core.contains(['-', '_', '/']) || is_id(core);
        if core.is_empty() {
            return;
        }
        if failing || is_plain(core) && !name {
            self.before = before(core);
            self.shape.push_str(core);
        } else if core.starts_with("http://") || core.starts_with("https://") || core.starts_with("www.") {
            self.put(ADDRESS);
        } else if core.contains("://") {
            self.put(ID);
        } else if is_email(core) {
            self.put(EMAIL);
        } else if is_date(core) {
            self.put(DATE);
        } else if is_time(core) {
            self.put(TIME);
        } else if is_number(core) {
            self.put(NUMBER);
        } else if is_price(core) {
            self.put(PRICE);
        } else if let Some(unit) = unit(core) {
            self.put(NUMBER);
            self.shape.push_str(unit);
        } else if core.starts_with("HTTP/") {
            self.before = Before::Failing;
            self.shape.push_str(core);
        } else if let Some((first, mark, rest)) = listed(core) {
            self.core(first, false);
            self.shape.push(mark);
            self.core(rest, false);
        } else if let Some((key, mark, value)) = assigned(core) {
            self.before = before(key);
            self.shape.push_str(key);
            self.shape.push(mark);
            self.core(value, self.before == Before::Naming);
        } else if is_path(core) {
            self.path(core);
        } else {
            self.put(ID);
        }
    }

    /// Where a value stands in a document: `variants/1/price`, `line_items[3].sku`.
    fn path(&mut self, path: &str) {
        for segment in path.split_inclusive(SEPARATORS) {
            let name = segment.trim_end_matches(SEPARATORS);
            if !name.is_empty() && name.bytes().all(|b| b.is_ascii_digit()) {
                self.shape.push_str(NUMBER);
                self.shape.push_str(&segment[name.len()..]);
            } else {
                self.shape.push_str(segment);
            }
        }
        self.before = Before::Other;
    }

    /// A placeholder. Several alike in a list are as good as many.
    fn put(&mut self, placeholder: &str) {
        const MORE: &str = ", …";
        self.before = Before::Other;
        let listed = self.shape.strip_suffix([',', ' ']).map(str::trim_end);
        let listed = listed.map(|before| before.strip_suffix(',').unwrap_or(before));
        if let Some(before) = listed.filter(|_| self.shape.trim_end().ends_with(',')) {
            let again = before.strip_suffix(MORE).unwrap_or(before);
            if again.ends_with(placeholder) {
                let keep = again.len();
                self.shape.truncate(keep);
                self.shape.push_str(MORE);
                return;
            }
        }
        self.shape.push_str(placeholder);
    }
}

fn before(word: &str) -> Before {
    let is_one_of = |words: &[&str]| words.iter().any(|one| word.eq_ignore_ascii_case(one));
    if is_one_of(&NAMING) {
        Before::Naming
    } else if is_one_of(&FAILING) {
        Before::Failing
    } else {
        Before::Other
    }
}

/// Where a string of JSON ends, after its first quote.
fn end_of_string(inner: &str) -> Option<usize> {
    let mut escaped = false;
    inner.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })
}

/// Where a quoted text ends. A single quote that a letter follows is an apostrophe.
fn closing(inner: &str, close: &str) -> Option<usize> {
    let apostrophe = matches!(close, "'" | "’" | "&#039;");
    let mut ends = inner.match_indices(close).map(|(at, _)| at);
    ends.find(|at| !apostrophe || !inner[at + close.len()..].starts_with(char::is_alphanumeric))
}

/// What a string of JSON says.
fn unescaped<'a>(string: &str, inner: &'a str) -> Cow<'a, str> {
    if inner.contains('\\') {
        serde_json::from_str(string).map_or(Cow::Borrowed(inner), Cow::Owned)
    } else {
        Cow::Borrowed(inner)
    }
}

fn is_plain(word: &str) -> bool {
    !word.contains(char::is_numeric) && !word.contains('@') && !word.contains("://") && !word.contains('=')
}

/// Without digits: upper case with hyphens, as SKUs are. Names of errors have underscores.
fn is_id(word: &str) -> bool {
    let upper = |c: char| c.is_uppercase() || c == '-' || c.is_numeric();
    word.contains('-') && word.contains(char::is_uppercase) && word.chars().all(upper)
}

fn is_email(word: &str) -> bool {
    word.split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
}

fn is_number(word: &str) -> bool {
    let digits = word.strip_prefix(['-', '+', '−']).unwrap_or(word);
    let digits = digits.strip_suffix('%').unwrap_or(digits);
    digits.starts_with(char::is_numeric)
        && digits.ends_with(char::is_numeric)
        && digits
            .chars()
            .all(|c| c.is_numeric() || matches!(c, '.' | ',' | '\''))
}

/// Of a word that is no plain number.
fn is_price(word: &str) -> bool {
    let sign = |c: char| matches!(c, '$' | '€' | '£' | '¥' | '₹' | '₽' | '₩' | '₺');
    let amount = word.trim_matches(sign);
    is_number(amount)
}

/// The unit of a number that is written without a blank before it.
fn unit(word: &str) -> Option<&str> {
    let unit = word.trim_start_matches(|c: char| c.is_numeric() || matches!(c, '.' | ','));
    let amount = &word[..word.len() - unit.len()];
    (UNITS.contains(&unit) && is_number(amount)).then_some(unit)
}

fn is_date(word: &str) -> bool {
    let day = word.split(['T', '+']).next().unwrap_or(word);
    let mark = day.chars().find(|c| !c.is_ascii_digit());
    let Some(mark @ ('-' | '/' | '.')) = mark else {
        return false;
    };
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit()).then_some(part.len());
    let mut parts = day.split(mark).map(digits);
    let lengths = [parts.next(), parts.next(), parts.next(), parts.next()].map(Option::flatten);
    matches!(
        lengths,
        [Some(4), Some(1..=2), Some(1..=2), None] | [Some(1..=2), Some(1..=2), Some(4), None]
    )
}

fn is_time(word: &str) -> bool {
    word.contains(':')
        && word
            .trim_end_matches('Z')
            .split([':', '.'])
            .all(|part| (1..=9).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit()))
}

/// A list without blanks.
fn listed(word: &str) -> Option<(&str, char, &str)> {
    let at = word.find([',', ';'])?;
    let mark = if word[at..].starts_with(',') { ',' } else { ';' };
    Some((&word[..at], mark, &word[at + 1..]))
}

/// `sku=A-1`, `id:37`.
fn assigned(word: &str) -> Option<(&str, char, &str)> {
    let at = word.find(['=', ':'])?;
    let (key, value) = (&word[..at], &word[at + 1..]);
    let mark = if word[at..].starts_with('=') { '=' } else { ':' };
    let named = !key.is_empty() && key.chars().all(|c| c.is_alphabetic() || c == '_');
    (named && !value.is_empty()).then_some((key, mark, value))
}

const SEPARATORS: [char; 4] = ['/', '.', '[', ']'];

/// Lower-case names with numbers between them; where dots part them, a name is last.
fn is_path(word: &str) -> bool {
    let is_number = |name: &str| name.bytes().all(|b| b.is_ascii_digit());
    let is_name = |name: &str| {
        let version = name.strip_prefix('v').is_some_and(is_number);
        version
            || name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b == b'_' || b == b'-')
    };
    let bare = !word.contains(['/', '[']) && word.ends_with(char::is_numeric);
    let mut names = 0;
    for name in word.split(SEPARATORS).filter(|name| !name.is_empty()) {
        match (is_number(name), is_name(name)) {
            (true, _) => {}
            (false, true) => names += 1,
            (false, false) => return false,
        }
    }
    names > 0 && !bare && word.contains(SEPARATORS)
}
