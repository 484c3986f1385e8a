//! A JSON merge patch (RFC 7396) as the smallest change of a TOML text.
//!
//! The text is cut and joined, never printed anew: what a patch does not name stays as it is, byte by byte.

use super::json::{mask, plain_json};
use serde_json::{Map, Value as Json};
use std::{fmt::Write as _, ops::Range};
use toml_edit::{Array, Document, InlineTable, Item, Key, Table, Value};

/// Why a patch cannot be applied.
#[derive(Debug, thiserror::Error)]
pub enum PatchError {
    #[error("the file is no TOML")]
    Syntax,
    #[error("settings are a JSON object")]
    NoObject,
    #[error("`{field}`: {reason}")]
    Value { field: String, reason: &'static str },
}

impl PatchError {
    pub(super) fn field(&self) -> Option<&str> {
        match self {
            Self::Value { field, .. } => Some(field),
            Self::Syntax | Self::NoObject => None,
        }
    }
}

/// The text with `patch` merged into it. `{"secret":"set"}` leaves a secret as it is, and a secret is replaced as
/// a whole, so that a variable takes the place of a file.
pub fn merge_patch(text: &str, patch: &Json) -> Result<String, PatchError> {
    let document = Document::parse(text).map_err(|_| PatchError::Syntax)?;
    let patch = patch.as_object().ok_or(PatchError::NoObject)?;
    let mut merge = Merge {
        text,
        splices: Vec::new(),
    };
    merge.table(document.as_table(), &Place::default(), patch)?;
    Ok(merge.apply())
}

/// Where a table is in the file.
#[derive(Clone, Default)]
struct Place {
    /// Its keys from the root.
    path: Vec<String>,
    /// Those of them that its entries repeat, because it has no header: `remote.url = ...`.
    dotted: Vec<String>,
}

struct Merge<'a> {
    text: &'a str,
    /// Disjoint; those at the same place are in their order.
    splices: Vec<(Range<usize>, String)>,
}

impl Merge<'_> {
    fn table(&mut self, table: &Table, place: &Place, patch: &Map<String, Json>) -> Result<(), PatchError> {
        let mut lines = String::new();
        let mut sections = Vec::new();
        for (key, new) in in_order(patch) {
            let below = place.below(key);
            if is_mask(&below, new) {
                if table.contains_key(key) {
                    continue;
                }
                return Err(no_secret(&below));
            }
            let old = table.get(key);
            match (old, new) {
                (None | Some(Item::None), Json::Null) => {}
                (Some(old), Json::Null) => self.remove(table, key, old),
                (Some(Item::Value(old)), new) => self.value(old, &below, new)?,
                (Some(Item::Table(old)), Json::Object(new)) if !is_reference(&below, new) => {
                    let dotted = if old.is_dotted() {
                        place.dotted.iter().chain([key]).cloned().collect()
                    } else {
                        Vec::new()
                    };
                    self.table(old, &Place { path: below, dotted }, new)?;
                }
                (Some(old @ (Item::Table(_) | Item::ArrayOfTables(_))), new) => {
                    self.remove(table, key, old);
                    lines += &self.line(place, key, &toml_of(new, &below)?);
                }
                (None | Some(Item::None), Json::Object(new)) if is_section(&below) => {
                    sections.push((below, new));
                }
                (None | Some(Item::None), new) => lines += &self.line(place, key, &toml_of(new, &below)?),
            }
        }
        self.insert_lines(table, place, lines);
        for (path, new) in sections {
            let at = self.section_end(table, place);
            let mut section = String::new();
            write_section(&mut section, &path, new)?;
            self.insert_section(at, &section);
        }
        Ok(())
    }

    /// Replaces a value, unless it says the same already.
    fn value(&mut self, old: &Value, path: &[String], new: &Json) -> Result<(), PatchError> {
        let Some(span) = old.span() else {
            return Ok(());
        };
        let written = &self.text[span.clone()];
        let same = plain_json(old) == *new;
        if same {
            return Ok(());
        }
        let text = match (written.parse::<Value>(), new) {
            (Ok(Value::InlineTable(mut table)), Json::Object(new)) if !is_reference(path, new) => {
                merge_inline(&mut table, path, new)?;
                if !written.contains('\n') {
                    table.fmt();
                }
                bare(Value::InlineTable(table))
            }
            _ => toml_of(new, path)?,
        };
        self.splices.push((span, text));
        Ok(())
    }

    /// Takes the lines of an entry away; comments above it stay.
    fn remove(&mut self, table: &Table, key: &str, item: &Item) {
        match item {
            Item::Table(inner) => {
                if has_header(inner) {
                    let start = self.line_start(inner.span().map_or(0, |span| span.start));
                    let end = self.body_end(inner);
                    self.cut(start..end);
                }
                for (key, item) in inner {
                    if !has_header(inner) || item.as_table().is_some_and(has_header_below) {
                        self.remove(inner, key, item);
                    }
                }
            }
            Item::ArrayOfTables(tables) => {
                for inner in tables {
                    let start = self.line_start(inner.span().map_or(0, |span| span.start));
                    let end = self.body_end(inner);
                    self.cut(start..end);
                }
            }
            Item::Value(value) => {
                let start = table.key(key).and_then(Key::span).map_or(0, |span| span.start);
                let end = value.span().map_or(start, |span| span.end);
                self.cut(self.line_start(start)..self.line_end(end));
            }
            Item::None => {}
        }
    }

    /// Takes whole lines away, and the blank line above them where another one follows.
    fn cut(&mut self, lines: Range<usize>) {
        let Range { mut start, end } = lines;
        let before = &self.text[..start];
        let after = &self.text[end..];
        let blank_before = before.ends_with("\n\n") || before.ends_with("\n\r\n");
        let blank_after = after.is_empty() || after.starts_with('\n') || after.starts_with("\r\n");
        if blank_before && blank_after {
            start = self.line_start(start - 1);
        }
        self.splices.push((start..end, String::new()));
    }

    /// `key = value` as an entry of the table at `place`.
    fn line(&self, place: &Place, key: &str, value: &str) -> String {
        let keys: Vec<String> = place
            .dotted
            .iter()
            .map(String::as_str)
            .chain([key])
            .map(quoted)
            .collect();
        format!("{} = {value}{}", keys.join("."), self.newline())
    }

    fn insert_lines(&mut self, table: &Table, place: &Place, lines: String) {
        if lines.is_empty() {
            return;
        }
        let newline = self.newline();
        let is_root = place.path.is_empty();
        if let Some(last) = self.last_entry(table) {
            self.insert(last, lines);
        } else if has_header(table) && !is_root {
            self.insert(self.body_end(table), lines);
        } else if let Some(first) = self.first_header(table) {
            let header = if is_root {
                String::new()
            } else {
                format!("{}{newline}", header(&place.path))
            };
            self.insert(first, format!("{header}{lines}{newline}"));
        } else {
            self.insert(self.text.len(), lines);
        }
    }

    fn insert_section(&mut self, at: usize, section: &str) {
        let nothing_before = self.text[..at].trim().is_empty() && self.splices.is_empty();
        let blank = if nothing_before { "" } else { self.newline() };
        let section = section.replace('\n', self.newline());
        self.insert(at, format!("{blank}{section}"));
    }

    /// Puts whole lines at the beginning of a line, or at the end of the text.
    fn insert(&mut self, at: usize, lines: String) {
        let unfinished = at == self.text.len()
            && !self.text.is_empty()
            && !self.text.ends_with('\n')
            && !self
                .splices
                .iter()
                .any(|(range, text)| range.start == at && !text.is_empty());
        let lines = if unfinished {
            format!("{}{lines}", self.newline())
        } else {
            lines
        };
        self.splices.push((at..at, lines));
    }

    /// Where a new section below `table` goes: after all that is in the table, or at the end of the text.
    fn section_end(&self, table: &Table, place: &Place) -> usize {
        if place.path.is_empty() || !has_header(table) {
            return self.text.len();
        }
        table
            .iter()
            .filter_map(|(_, item)| item.as_table())
            .filter(|table| has_header(table))
            .map(|table| self.body_end(table))
            .fold(self.body_end(table), usize::max)
    }

    /// The end of the line of a header table's last entry, or of its header.
    fn body_end(&self, table: &Table) -> usize {
        let header = table.span().map_or(0, |span| self.line_end(span.end));
        self.last_entry(table).unwrap_or(header).max(header)
    }

    /// The end of the line of the last entry that is written in the table itself.
    fn last_entry(&self, table: &Table) -> Option<usize> {
        let end = |(_, item): (&str, &Item)| match item {
            Item::Value(value) => Some(self.line_end(value.span()?.end)),
            Item::Table(table) if table.is_dotted() => self.last_entry(table),
            Item::Table(_) | Item::ArrayOfTables(_) | Item::None => None,
        };
        table.iter().filter_map(end).max()
    }

    /// The beginning of the first header below `table`, with the comments right above it.
    fn first_header(&self, table: &Table) -> Option<usize> {
        let start = |(_, item): (&str, &Item)| match item {
            Item::Table(table) if has_header(table) => Some(self.line_start(table.span()?.start)),
            Item::Table(table) => self.first_header(table),
            Item::Value(_) | Item::ArrayOfTables(_) | Item::None => None,
        };
        let mut first = table.iter().filter_map(start).min()?;
        while first > 0 {
            let above = self.line_start(first - 1);
            if !self.text[above..first].trim_start().starts_with('#') {
                break;
            }
            first = above;
        }
        Some(first)
    }

    fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |newline| newline + 1)
    }

    fn line_end(&self, at: usize) -> usize {
        self.text[at..]
            .find('\n')
            .map_or(self.text.len(), |newline| at + newline + 1)
    }

    fn newline(&self) -> &'static str {
        if self.text.contains("\r\n") { "\r\n" } else { "\n" }
    }

    fn apply(mut self) -> String {
        self.splices.sort_by_key(|(range, _)| range.start);
        let mut text = String::with_capacity(self.text.len());
        let mut at = 0;
        for (range, new) in self.splices {
            text.push_str(&self.text[at..range.start.max(at)]);
            text.push_str(&new);
            at = range.end.max(at);
        }
        text + &self.text[at..]
    }
}

impl Place {
    fn below(&self, key: &str) -> Vec<String> {
        self.path.iter().cloned().chain([key.to_owned()]).collect()
    }
}

fn merge_inline(
    table: &mut InlineTable,
    path: &[String],
    changes: &Map<String, Json>,
) -> Result<(), PatchError> {
    for (key, new) in changes {
        let below: Vec<String> = path.iter().cloned().chain([key.clone()]).collect();
        if is_mask(&below, new) {
            if table.contains_key(key) {
                continue;
            }
            return Err(no_secret(&below));
        }
        match (table.get_mut(key), new) {
            (None, Json::Null) => {}
            (Some(_), Json::Null) => drop(table.remove(key)),
            (Some(Value::InlineTable(old)), Json::Object(new)) if !is_reference(&below, new) => {
                merge_inline(old, &below, new)?;
            }
            (Some(old), new) if plain_json(old) == *new => {}
            (Some(old), new) => {
                let decor = old.decor().clone();
                *old = toml_value(new, &below)?;
                *old.decor_mut() = decor;
            }
            (None, new) => drop(table.insert(key, toml_value(new, &below)?)),
        }
    }
    Ok(())
}

/// A new section with its header; what is long enough for a header of its own comes after it.
fn write_section(text: &mut String, path: &[String], section: &Map<String, Json>) -> Result<(), PatchError> {
    *text += &header(path);
    text.push('\n');
    let mut inner = Vec::new();
    for (key, value) in in_order(section) {
        let below: Vec<String> = path.iter().cloned().chain([key.clone()]).collect();
        if is_mask(&below, value) {
            return Err(no_secret(&below));
        }
        match value {
            Json::Null => {}
            Json::Object(value) if is_section(&below) => inner.push((below, value)),
            value => {
                let value = toml_of(value, &below)?;
                writeln!(text, "{} = {value}", quoted(key)).expect("writing to a String never fails");
            }
        }
    }
    for (path, section) in inner {
        text.push('\n');
        write_section(text, &path, section)?;
    }
    Ok(())
}

fn header(path: &[String]) -> String {
    let keys: Vec<String> = path.iter().map(String::as_str).map(quoted).collect();
    format!("[{}]", keys.join("."))
}

fn quoted(key: &str) -> String {
    Key::new(key).display_repr().into_owned()
}

/// Tables that people write with a header of their own, when they are new.
fn is_section(path: &[String]) -> bool {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    matches!(
        path[..],
        [_] | ["products" | "orders", "fields" | "defaults" | "options"]
    )
}

/// Settings in the order in which the documentation shows them, and then the others.
fn in_order(object: &Map<String, Json>) -> Vec<(&String, &Json)> {
    const ORDER: [&str; 10] = [
        "name", "platform", "remote", "schedule", "products", "prices", "stock", "orders", "send", "guards",
    ];
    let mut entries: Vec<_> = object.iter().collect();
    entries.sort_by_key(|(key, _)| ORDER.iter().position(|name| name == key).unwrap_or(ORDER.len()));
    entries
}

fn has_header(table: &Table) -> bool {
    !table.is_implicit() && !table.is_dotted()
}

fn has_header_below(table: &Table) -> bool {
    has_header(table)
        || table
            .iter()
            .any(|(_, item)| item.as_table().is_some_and(has_header_below))
}

/// The value as TOML text.
fn toml_of(value: &Json, path: &[String]) -> Result<String, PatchError> {
    toml_value(value, path).map(bare)
}

fn bare(mut value: Value) -> String {
    value.decor_mut().clear();
    value.to_string()
}

fn toml_value(value: &Json, path: &[String]) -> Result<Value, PatchError> {
    let refuse = |reason| PatchError::Value {
        field: path.join("."),
        reason,
    };
    Ok(match value {
        Json::Null => return Err(refuse("null has no place in a list")),
        Json::Bool(flag) => (*flag).into(),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => whole.into(),
            (None, Some(number)) => number.into(),
            (None, None) => return Err(refuse("the number is too large")),
        },
        Json::String(text) => text.as_str().into(),
        Json::Array(values) => {
            let values = values.iter().map(|value| toml_value(value, path));
            Value::Array(values.collect::<Result<Array, _>>()?)
        }
        Json::Object(object) => {
            let mut table = InlineTable::new();
            for (key, value) in object.iter().filter(|(_, value)| !value.is_null()) {
                let below: Vec<String> = path.iter().cloned().chain([key.clone()]).collect();
                if is_mask(&below, value) {
                    return Err(no_secret(&below));
                }
                table.insert(key, toml_value(value, &below)?);
            }
            Value::InlineTable(table)
        }
    })
}

fn is_mask(path: &[String], value: &Json) -> bool {
    may_be_secret(path) && *value == mask()
}

/// `{"env": ...}` or `{"file": ...}` in the place of a secret.
fn is_reference(path: &[String], value: &Map<String, Json>) -> bool {
    may_be_secret(path)
        && ["env", "file"]
            .iter()
            .any(|key| value.get(*key).is_some_and(Json::is_string))
}

fn may_be_secret(path: &[String]) -> bool {
    path.len() > 1 && matches!(path[0].as_str(), "remote" | "auth")
}

fn no_secret(path: &[String]) -> PatchError {
    PatchError::Value {
        field: path.join("."),
        reason: "there is no secret here that could be kept: give one",
    }
}

#[cfg(test)]
mod tests {
    use super::{super::settings_json, *};
    use serde_json::json;

    const TEXT: &str = r#"# The shop in the old town.
name = "Old town"   # what people call it
platform = "nosuch"

[remote]
# Ask Ana for a new key.
key = "sk_live_1"
secret = { file = "shop.secret" }

# Twelve per cent since May.
[prices]
margin = "12%"	# agreed
round = 'x.99'

[guards]
price_change = { by = "50%", of = "20%" }
"#;

    /// Merging `patch` replaces `old` by `new` in the text, and nothing else.
    #[track_caller]
    fn check(patch: &Json, old: &str, new: &str) {
        assert!(TEXT.contains(old), "{old}");
        let merged = merge_patch(TEXT, patch).unwrap();
        assert_eq!(merged, TEXT.replacen(old, new, 1));
    }

    #[test]
    fn only_what_a_patch_names_changes() {
        check(&json!({}), "", "");
        check(&json!({"name": "Old town", "prices": {"round": "x.99"}}), "", "");
        check(
            &json!({"prices": {"margin": "15%"}}),
            "margin = \"12%\"\t# agreed",
            "margin = \"15%\"\t# agreed",
        );
        check(
            &json!({"name": "New town"}),
            "\"Old town\"   # what",
            "\"New town\"   # what",
        );
        check(
            &json!({"guards": {"price_change": {"of": "10%"}}}),
            "of = \"20%\" }",
            "of = \"10%\" }",
        );
        check(
            &json!({"guards": {"vanish": "50%"}}),
            "of = \"20%\" }\n",
            "of = \"20%\" }\nvanish = \"50%\"\n",
        );
        check(
            &json!({"prices": {"add": "1"}}),
            "round = 'x.99'\n",
            "round = 'x.99'\nadd = \"1\"\n",
        );
    }

    #[test]
    fn what_is_taken_away_leaves_the_comments_above_it() {
        check(&json!({"prices": {"round": null}}), "round = 'x.99'\n", "");
        check(&json!({"prices": {"nothing": null}}), "", "");
        check(
            &json!({"prices": null}),
            "[prices]\nmargin = \"12%\"\t# agreed\nround = 'x.99'\n",
            "",
        );
        check(
            &json!({"guards": null}),
            "\n[guards]\nprice_change = { by = \"50%\", of = \"20%\" }\n",
            "",
        );
        check(
            &json!({"guards": {"price_change": {"by": null}}}),
            "{ by = \"50%\", of = \"20%\" }",
            "{ of = \"20%\" }",
        );
    }

    #[test]
    fn what_is_new_finds_its_place() {
        check(
            &json!({"products": {"clone": "brand:x", "fetch": true, "fields": {"price": "read-only"}}}),
            "of = \"20%\" }\n",
            "of = \"20%\" }\n\n[products]\nclone = \"brand:x\"\nfetch = true\n\n[products.fields]\nprice = \"read-only\"\n",
        );
        check(
            &json!({"stock": {"buffer": 2, "locations": {"a b": ["main", "x"]}}}),
            "of = \"20%\" }\n",
            "of = \"20%\" }\n\n[stock]\nbuffer = 2\nlocations = { \"a b\" = [\"main\", \"x\"] }\n",
        );
        for (text, patch, wanted) in [
            (
                "",
                json!({"prices": {"add": "1"}, "name": "A"}),
                "name = \"A\"\n\n[prices]\nadd = \"1\"\n",
            ),
            ("a = 1", json!({"b": 2}), "a = 1\nb = 2\n"),
            ("a = 1", json!({"b": {"c": 2}}), "a = 1\n\n[b]\nc = 2\n"),
            (
                "# top\n\n# of x\n[x]\ny = 1\n",
                json!({"name": "A"}),
                "# top\n\nname = \"A\"\n\n# of x\n[x]\ny = 1\n",
            ),
            (
                "remote.url = \"u\"\nz = 1\n",
                json!({"remote": {"path": "p"}}),
                "remote.url = \"u\"\nremote.path = \"p\"\nz = 1\n",
            ),
            (
                "[products.fields]\nsku = \"sync\"\n",
                json!({"products": {"fetch": false}}),
                "[products]\nfetch = false\n\n[products.fields]\nsku = \"sync\"\n",
            ),
            (
                "[products]\nfetch = true\n\n[send]\n",
                json!({"products": {"fields": {"sku": "sync"}}}),
                "[products]\nfetch = true\n\n[products.fields]\nsku = \"sync\"\n\n[send]\n",
            ),
            (
                "[products]\n[products.fields]\nsku = 1\n[send]\n",
                json!({"products": null}),
                "[send]\n",
            ),
            (
                "a = 1\r\nb = 2\r\n",
                json!({"a": 3, "c": {"d": 4}}),
                "a = 3\r\nb = 2\r\n\r\n[c]\r\nd = 4\r\n",
            ),
            (
                "a = [1, # one\n 2]\n",
                json!({"a": [1, 2]}),
                "a = [1, # one\n 2]\n",
            ),
        ] {
            let merged = merge_patch(text, &patch).unwrap();
            assert_eq!(merged, wanted, "{patch} into {text:?}");
        }
    }

    #[test]
    fn a_secret_is_not_shown_and_is_kept_when_it_is_sent_back() {
        let shown = settings_json(TEXT).unwrap();
        assert_eq!(
            shown["remote"],
            json!({"key": {"secret": "set"}, "secret": {"file": "shop.secret"}})
        );
        assert!(!shown.to_string().contains("sk_live_1"));
        assert_eq!(merge_patch(TEXT, &shown).unwrap(), TEXT);
        check(
            &json!({"remote": {"secret": {"env": "SHOP"}, "key": {"file": "key"}}}),
            "\"sk_live_1\"\nsecret = { file = \"shop.secret\" }",
            "{ file = \"key\" }\nsecret = { env = \"SHOP\" }",
        );
        let error = merge_patch(TEXT, &json!({"remote": {"token": {"secret": "set"}}})).unwrap_err();
        assert_eq!(error.field(), Some("remote.token"));
    }
}
