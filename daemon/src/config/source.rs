//! A TOML file as its readers see it: every fault is noted with its place, and reading goes on.

use shared::api::ConfigFault;
use std::{
    cell::{Cell, RefCell},
    fmt::Write as _,
    ops::Range,
};
use toml_edit::{Item, TableLike, Value};

/// The text of a file, and what was found to be wrong with it so far.
#[derive(Debug)]
pub(super) struct Source<'a> {
    /// Relative to the config folder.
    file: &'a str,
    text: &'a str,
    faults: RefCell<Vec<ConfigFault>>,
}

/// A table of the file that is being read. What is not asked for by name is unknown in the end.
pub(super) struct Section<'a> {
    source: &'a Source<'a>,
    /// As `products.fields`; empty for the file itself.
    path: String,
    /// Where to point when something is missing.
    span: Range<usize>,
    table: &'a dyn TableLike,
    known: RefCell<Vec<&'static str>>,
    keys_are_names: Cell<bool>,
}

/// A value of the file, and where it is.
#[derive(Clone)]
pub(super) struct Setting<'a> {
    source: &'a Source<'a>,
    /// As `prices.margin`.
    path: String,
    key_span: Range<usize>,
    value_span: Range<usize>,
    node: Node<'a>,
}

#[derive(Clone, Copy)]
enum Node<'a> {
    Plain(&'a Value),
    Table(&'a dyn TableLike),
    Tables,
}

/// Why a value cannot be taken.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) message: String,
    pub(super) hint: String,
}

impl<'a> Source<'a> {
    pub(super) fn new(file: &'a str, text: &'a str) -> Self {
        Self {
            file,
            text,
            faults: RefCell::default(),
        }
    }

    /// Notes a fault at a byte offset.
    pub(super) fn note(&self, at: usize, field: &str, wrong: Wrong) {
        let fault = self.fault(at, field, wrong);
        self.faults.borrow_mut().push(fault);
    }

    /// A fault at a byte offset, without noting it.
    pub(super) fn fault(&self, at: usize, field: &str, wrong: Wrong) -> ConfigFault {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let column = before[line_start..]
            .trim_start_matches('\u{feff}')
            .chars()
            .count()
            + 1;
        let Wrong { message, hint } = wrong;
        ConfigFault {
            file: self.file.to_owned(),
            line: before.matches('\n').count() + 1,
            column,
            field: (!field.is_empty()).then(|| field.to_owned()),
            message,
            hint: (!hint.is_empty()).then_some(hint),
            excerpt: super::secret::excerpt(self.text, line_start),
        }
    }

    /// What was noted, in the order of the file.
    pub(super) fn into_faults(self) -> Vec<ConfigFault> {
        let mut faults = self.faults.into_inner();
        faults.sort_by_key(|fault| (fault.line, fault.column));
        faults
    }

    /// The whole file as a section. `table` is the parsed text.
    pub(super) fn root(&'a self, table: &'a dyn TableLike) -> Section<'a> {
        Section {
            source: self,
            path: String::new(),
            span: 0..0,
            table,
            known: RefCell::default(),
            keys_are_names: Cell::default(),
        }
    }
}

impl<'a> Section<'a> {
    /// The value of a key, as `parse` takes it. `None` when it is missing or wrong; what is wrong is noted.
    pub(super) fn read<T>(
        &self,
        key: &'static str,
        parse: impl FnOnce(&Setting<'a>) -> Result<T, Wrong>,
    ) -> Option<T> {
        self.get(key)?.parse(parse)
    }

    /// Like [`Self::read`], for a key that has to be there; `example` is a value for it.
    pub(super) fn require<T>(
        &self,
        key: &'static str,
        example: &str,
        parse: impl FnOnce(&Setting<'a>) -> Result<T, Wrong>,
    ) -> Option<T> {
        let value = self.read(key, parse);
        if !self.table.contains_key(key) {
            self.missing(key, format!("`{key}` is missing{}", self.place()), example);
        }
        value
    }

    /// Notes that `key` is not there.
    pub(super) fn missing(&self, key: &str, message: String, example: &str) {
        let field = self.path_of(key);
        let hint = format!("Add {key} = {example}.");
        self.source.note(self.span.start, &field, Wrong { message, hint });
    }

    /// A table of this section, read by `read`. What `read` did not ask for is noted as unknown.
    pub(super) fn section<T>(&self, key: &'static str, read: impl FnOnce(&Section<'a>) -> T) -> Option<T> {
        let setting = self.get(key)?;
        let section = setting.parse(|setting| setting.table("{ ... }"))?;
        let value = read(&section);
        section.finish();
        Some(value)
    }

    pub(super) fn get(&self, key: &'static str) -> Option<Setting<'a>> {
        let mut known = self.known.borrow_mut();
        if !known.contains(&key) {
            known.push(key);
        }
        self.setting(key)
    }

    /// Every entry of a table whose keys are names, not settings: none of them is unknown.
    pub(super) fn all_entries(&self) -> Vec<(String, Setting<'a>)> {
        self.keys_are_names.set(true);
        self.entries()
    }

    fn entries(&self) -> Vec<(String, Setting<'a>)> {
        self.table
            .iter()
            .filter_map(|(key, _)| Some((key.to_owned(), self.setting(key)?)))
            .collect()
    }

    /// Notes every key that was not asked for.
    pub(super) fn finish(&self) {
        if self.keys_are_names.get() {
            return;
        }
        let known = self.known.borrow();
        for (key, setting) in self.entries() {
            if !known.contains(&key.as_str()) {
                let message = format!("there is no setting `{key}`{}", self.place());
                setting.note_key(Wrong {
                    message,
                    hint: nearest_hint(&key, &known),
                });
            }
        }
    }

    /// A fault where the section begins, without noting it.
    pub(super) fn fault(&self, wrong: Wrong) -> ConfigFault {
        self.source.fault(self.span.start, &self.path, wrong)
    }

    /// Notes a fault where the section begins.
    pub(super) fn note(&self, wrong: Wrong) {
        self.source.note(self.span.start, &self.path, wrong);
    }

    /// " in [prices]", or nothing for the file itself.
    fn place(&self) -> String {
        if self.path.is_empty() {
            String::new()
        } else {
            format!(" in [{}]", self.path)
        }
    }

    fn setting(&self, key: &str) -> Option<Setting<'a>> {
        let (key, item) = self.table.get_key_value(key)?;
        let key_span = key.span().unwrap_or_else(|| self.span.clone());
        let node = match item {
            Item::None => return None,
            Item::Value(Value::InlineTable(table)) => Node::Table(table),
            Item::Value(value) => Node::Plain(value),
            Item::Table(table) => Node::Table(table),
            Item::ArrayOfTables(_) => Node::Tables,
        };
        Some(Setting {
            source: self.source,
            path: self.path_of(key.get()),
            value_span: item.span().unwrap_or_else(|| key_span.clone()),
            key_span,
            node,
        })
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }
}

impl<'a> Setting<'a> {
    /// The value as `parse` takes it; what is wrong with it is noted.
    pub(super) fn parse<T>(&self, parse: impl FnOnce(&Self) -> Result<T, Wrong>) -> Option<T> {
        match parse(self) {
            Ok(value) => Some(value),
            Err(wrong) => {
                self.note(wrong);
                None
            }
        }
    }

    /// Notes a fault of the value.
    pub(super) fn note(&self, wrong: Wrong) {
        self.source.note(self.value_span.start, &self.path, wrong);
    }

    /// Notes a fault of the key.
    pub(super) fn note_key(&self, wrong: Wrong) {
        self.source.note(self.key_span.start, &self.path, wrong);
    }

    /// A fault at the value, without noting it.
    pub(super) fn fault(&self, wrong: Wrong) -> ConfigFault {
        self.source.fault(self.value_span.start, &self.path, wrong)
    }

    /// The last part of its path.
    pub(super) fn key(&self) -> &str {
        self.path.rsplit('.').next().unwrap_or(&self.path)
    }

    /// That `message` is so, with an example of how to write it.
    pub(super) fn wrong(&self, message: impl Into<String>, example: &str) -> Wrong {
        Wrong {
            message: message.into(),
            hint: format!("Write {} = {example}.", self.key()),
        }
    }

    /// That this value is not of the `wanted` type.
    pub(super) fn wrong_type(&self, wanted: &str, example: &str) -> Wrong {
        let found = match self.node {
            Node::Tables => "a list of tables",
            Node::Table(_) | Node::Plain(Value::InlineTable(_)) => "a table",
            Node::Plain(Value::String(_)) => "a text",
            Node::Plain(Value::Integer(_)) => "a whole number",
            Node::Plain(Value::Float(_)) => "a number with a point",
            Node::Plain(Value::Boolean(_)) => "true or false",
            Node::Plain(Value::Datetime(_)) => "a date or time",
            Node::Plain(Value::Array(_)) => "a list",
        };
        self.wrong(format!("`{}` takes {wanted}, not {found}", self.key()), example)
    }

    /// The value as the file writes it.
    pub(super) fn written(&self) -> &'a str {
        self.source.text.get(self.value_span.clone()).unwrap_or_default()
    }

    /// The value, where it is neither a table nor a list of tables.
    pub(super) fn plain(&self) -> Option<&'a Value> {
        match self.node {
            Node::Plain(value) => Some(value),
            Node::Table(_) | Node::Tables => None,
        }
    }

    /// As a table; its reader calls [`Section::finish`].
    pub(super) fn table(&self, example: &str) -> Result<Section<'a>, Wrong> {
        let Node::Table(table) = self.node else {
            return Err(self.wrong_type("a table", example));
        };
        Ok(Section {
            source: self.source,
            path: self.path.clone(),
            span: self.value_span.clone(),
            table,
            known: RefCell::default(),
            keys_are_names: Cell::default(),
        })
    }

    /// As a list; `None` when it is none.
    pub(super) fn elements(&self) -> Option<Vec<Setting<'a>>> {
        let Node::Plain(Value::Array(array)) = self.node else {
            return None;
        };
        let element = |value: &'a Value| {
            let span = value.span().unwrap_or_else(|| self.value_span.clone());
            Setting {
                source: self.source,
                path: self.path.clone(),
                key_span: span.clone(),
                value_span: span,
                node: match value {
                    Value::InlineTable(table) => Node::Table(table),
                    value => Node::Plain(value),
                },
            }
        };
        Some(array.iter().map(element).collect())
    }
}

impl Wrong {
    pub(super) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: hint.into(),
        }
    }
}

/// "Did you mean `margin`?", or all there is to choose from when nothing is near.
pub(super) fn nearest_hint<S: AsRef<str>>(text: &str, choices: &[S]) -> String {
    if let Some(choice) = nearest(text, choices) {
        return format!("Did you mean `{choice}`?");
    }
    let mut hint = String::new();
    for choice in choices {
        let lead = if hint.is_empty() { "It is one of" } else { "," };
        write!(hint, "{lead} `{}`", choice.as_ref()).expect("writing to a String never fails");
    }
    if hint.is_empty() {
        "Remove it.".to_owned()
    } else {
        hint + "."
    }
}

/// The choice that `text` was probably meant to be.
pub(super) fn nearest<'c, S: AsRef<str>>(text: &str, choices: &'c [S]) -> Option<&'c str> {
    // Below this a name shares hardly more than a few letters with what was written.
    const SIMILAR: f64 = 0.5;
    let text = text.to_lowercase().replace('-', "_");
    choices
        .iter()
        .map(AsRef::as_ref)
        .map(|choice| {
            let plain = choice.replace('-', "_");
            (strsim::normalized_damerau_levenshtein(&text, &plain), choice)
        })
        .filter(|(similarity, _)| *similarity >= SIMILAR)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, choice)| choice)
}
