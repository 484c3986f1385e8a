//! A CSV file with its cells marked in its own text, so that a rewritten file differs in nothing but what was set.
//!
//! The splitter is our own because a rewrite has to copy each untouched cell as it was spelt, quotes and all.

use crate::connector::{Class, ConnectorError};
use encoding_rs::WINDOWS_1252;
use memchr::{memchr, memchr_iter, memchr3};
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
};

/// The most bytes that are read: positions are kept in 32 bits.
const LARGEST: usize = 1 << 30;

const BOM: &str = "\u{feff}";

/// The first record names the columns; data rows are counted from 1. Edits lie above the text until [`Sheet::render`].
#[derive(Debug)]
pub(super) struct Sheet {
    name: String,
    /// Everything, with its byte-order mark.
    text: String,
    encoding: Encoding,
    delimiter: u8,
    line_ending: &'static str,
    cells: Vec<Span>,
    /// Where each row begins in `cells`, and where the last one ends.
    rows: Vec<u32>,
    /// By name in lower case; the first of a name counts.
    columns: HashMap<String, usize>,
    width: usize,
    added_columns: Vec<String>,
    edits: BTreeMap<(usize, usize), String>,
    added_rows: Vec<AddedRow>,
    removed: BTreeSet<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Utf8,
    /// A superset of Latin-1. Every byte has a character, so that nothing is lost on the way in and out.
    Windows1252,
}

/// A cell as it is spelt in the text: byte offsets.
#[derive(Clone, Copy, Debug)]
struct Span {
    start: u32,
    end: u32,
}

#[derive(Debug)]
struct AddedRow {
    after: usize,
    cells: BTreeMap<usize, String>,
}

impl Sheet {
    /// `name` is how messages call the file. Fails with a sentence about where it cannot be understood.
    pub(super) fn parse(name: &str, bytes: Vec<u8>) -> Result<Self, ConnectorError> {
        if bytes.len() > LARGEST {
            return Err(rejected(format!(
                "{name} is larger than 1 GB. Split it into several files in a folder."
            )));
        }
        let (text, encoding) = decode(name, bytes)?;
        let delimiter = delimiter(&text);
        let begin = if text.starts_with(BOM) { BOM.len() } else { 0 };
        let (cells, rows) = split(&text, begin, delimiter).map_err(|open| {
            let line = line_of(&text, open);
            // Most often this is a file that somebody is still writing, so it is worth trying again.
            ConnectorError::new(
                Class::Unavailable,
                format!(
                    "{name}:{line}: a quotation mark opens here and none closes it. Is the file complete?"
                ),
            )
        })?;
        let mut sheet = Self {
            name: name.to_owned(),
            encoding,
            delimiter,
            line_ending: line_ending(&text, &cells, &rows),
            cells,
            rows,
            columns: HashMap::new(),
            width: 0,
            added_columns: Vec::new(),
            edits: BTreeMap::new(),
            added_rows: Vec::new(),
            removed: BTreeSet::new(),
            text,
        };
        sheet.name_columns();
        Ok(sheet)
    }

    fn name_columns(&mut self) {
        if self.rows.len() < 2 {
            return;
        }
        self.width = self.cells_of(0);
        for column in 0..self.width {
            let name = self.cell(0, column).trim().to_lowercase();
            self.columns.entry(name).or_insert(column);
        }
    }

    /// The rows below the header that hold anything.
    pub(super) fn rows(&self) -> impl Iterator<Item = usize> + '_ {
        (1..self.base_rows()).filter(|row| !self.is_blank(*row))
    }

    /// Nothing at all in it, not even a header.
    pub(super) fn is_empty(&self) -> bool {
        self.base_rows() == 0 || self.is_blank(0) && self.rows().next().is_none()
    }

    /// The names of the columns, in order.
    pub(super) fn headers(&self) -> impl Iterator<Item = Cow<'_, str>> {
        let base = (0..self.width).map(|column| self.cell(0, column));
        base.chain(self.added_columns.iter().map(|name| Cow::Borrowed(name.as_str())))
    }

    /// The column that has one of these names, in lower case; earlier names go first.
    pub(super) fn column(&self, names: &[&str]) -> Option<usize> {
        names.iter().find_map(|name| self.columns.get(*name).copied())
    }

    /// What a cell says; blank where the row or the header does not reach.
    pub(super) fn cell(&self, row: usize, column: usize) -> Cow<'_, str> {
        if let Some(edit) = self.edits.get(&(row, column)) {
            return Cow::Borrowed(edit);
        }
        match row.checked_sub(self.base_rows()) {
            Some(added) => Cow::Borrowed(
                self.added_rows[added]
                    .cells
                    .get(&column)
                    .map_or("", String::as_str),
            ),
            None => self.raw(row, column).map_or(Cow::Borrowed(""), unquote),
        }
    }

    /// Where a row is, for messages: `products.csv:12`.
    pub(super) fn place(&self, row: usize) -> String {
        format!("{}:{}", self.name, self.line(row))
    }

    /// The line that a row of the file begins on, counted from 1.
    pub(super) fn line(&self, row: usize) -> usize {
        line_of(&self.text, self.start(row))
    }

    /// Why a row cannot be trusted to have its cells under the right names.
    pub(super) fn misshapen(&self, row: usize) -> Option<String> {
        let (has, width) = (self.cells_of(row), self.width);
        if has > width {
            return Some(format!(
                "it has {has} cells but the header has {width}. Put quotation marks around a text that holds the delimiter"
            ));
        }
        let last = row + 2 == self.rows.len() && self.end(row) == self.text.len();
        (last && has < width).then(|| format!("the file ends in the middle of it: {has} cells of {width}"))
    }

    /// The delimiter leaves commas free, so that people may have written decimals with one.
    pub(super) fn may_have_decimal_commas(&self) -> bool {
        self.delimiter != b','
    }

    /// Puts a text into a cell. Fails when the file's encoding has no such character.
    pub(super) fn set(&mut self, row: usize, column: usize, text: &str) -> Result<(), ConnectorError> {
        if let Some(missing) = self.unholdable(text) {
            return Err(rejected(format!(
                "{} is saved as Latin-1 (Windows-1252), which has no “{missing}”. Save it as UTF-8 once, then it can hold this.",
                self.name
            )));
        }
        match row.checked_sub(self.base_rows()) {
            Some(added) => {
                self.added_rows[added].cells.insert(column, text.to_owned());
            }
            None => {
                self.edits.insert((row, column), text.to_owned());
            }
        }
        Ok(())
    }

    /// The column of one of these names in lower case, or a new last one of the name `spelt`.
    pub(super) fn column_or_add(&mut self, names: &[&str], spelt: &str) -> usize {
        self.column(names).unwrap_or_else(|| {
            let column = self.width + self.added_columns.len();
            self.added_columns.push(spelt.to_owned());
            self.columns.insert(spelt.to_lowercase(), column);
            column
        })
    }

    /// A new row below `after`, which is a row of the file; several go in their order.
    pub(super) fn add_row(&mut self, after: usize) -> usize {
        self.added_rows.push(AddedRow {
            after,
            cells: BTreeMap::new(),
        });
        self.base_rows() + self.added_rows.len() - 1
    }

    /// Leaves a row of the file out. Only for rows that hold nothing but a picture that was taken away.
    pub(super) fn remove_row(&mut self, row: usize) {
        self.removed.insert(row);
    }

    /// The last row of the file that holds anything; the header when no other does.
    pub(super) fn last_row(&self) -> usize {
        (1..self.base_rows())
            .rev()
            .find(|row| !self.is_blank(*row))
            .unwrap_or(0)
    }

    /// Back to what the file says.
    pub(super) fn discard_edits(&mut self) {
        self.edits.clear();
        self.added_rows.clear();
        self.removed.clear();
        let width = self.width;
        self.added_columns.clear();
        self.columns.retain(|_, column| *column < width);
    }

    pub(super) fn is_edited(&self) -> bool {
        !(self.edits.is_empty() && self.added_rows.is_empty() && self.removed.is_empty())
    }

    /// The file's bytes with the edits in them: everything else as it was, byte by byte. A new column also lengthens
    /// each row, so that all stay equally long.
    pub(super) fn render(&self) -> Vec<u8> {
        let mut out = String::with_capacity(self.text.len() + 4096);
        out.push_str(&self.text[..self.start(0)]);
        let mut added: BTreeMap<usize, Vec<&AddedRow>> = BTreeMap::new();
        for row in &self.added_rows {
            added.entry(row.after).or_default().push(row);
        }
        for row in 0..self.base_rows() {
            if !self.removed.contains(&row) {
                self.render_row(row, &mut out);
            }
            for row in added.get(&row).into_iter().flatten() {
                if !out.ends_with(['\n', '\r']) {
                    out.push_str(self.line_ending);
                }
                let width = self.width + self.added_columns.len();
                let cells = (0..width).map(|column| row.cells.get(&column).map_or("", String::as_str));
                self.render_cells(cells.map(|text| self.spell(text, false)), &mut out);
                out.push_str(self.line_ending);
            }
        }
        match self.encoding {
            Encoding::Utf8 => out.into_bytes(),
            Encoding::Windows1252 => WINDOWS_1252.encode(&out).0.into_owned(),
        }
    }

    fn render_row(&self, row: usize, out: &mut String) {
        let next = if row + 1 < self.base_rows() {
            self.start(row + 1)
        } else {
            self.text.len()
        };
        let edited = self.edits.range((row, 0)..(row + 1, 0)).next_back();
        let longer = !self.added_columns.is_empty() && !self.is_blank(row);
        if edited.is_none() && !longer {
            out.push_str(&self.text[self.start(row)..next]);
            return;
        }
        let reach = edited.map_or(0, |((_, column), _)| column + 1);
        let whole = if longer {
            self.width + self.added_columns.len()
        } else {
            0
        };
        let width = self.cells_of(row).max(reach).max(whole);
        let cells = (0..width).map(|column| {
            let raw = self.raw(row, column).unwrap_or_default();
            match self.edits.get(&(row, column)) {
                Some(edit) => self.spell(edit, raw.starts_with('"')),
                None if row == 0 && column >= self.width => {
                    self.spell(&self.added_columns[column - self.width], false)
                }
                None => Cow::Borrowed(raw),
            }
        });
        self.render_cells(cells, out);
        out.push_str(&self.text[self.end(row)..next]);
    }

    fn render_cells<'a>(&self, cells: impl Iterator<Item = Cow<'a, str>>, out: &mut String) {
        let begin = out.len();
        for (column, cell) in cells.enumerate() {
            if column > 0 {
                out.push(char::from(self.delimiter));
            }
            out.push_str(&cell);
        }
        // One blank cell alone would read as a blank line.
        if out.len() == begin {
            out.push_str("\"\"");
        }
    }

    /// A text as it stands in the file.
    fn spell<'a>(&self, text: &'a str, quoted: bool) -> Cow<'a, str> {
        let special = |b: u8| b == self.delimiter || matches!(b, b'"' | b'\n' | b'\r');
        let quoted = quoted || text.bytes().any(special) || text.trim() != text;
        if quoted {
            Cow::Owned(format!("\"{}\"", text.replace('"', "\"\"")))
        } else {
            Cow::Borrowed(text)
        }
    }

    fn unholdable(&self, text: &str) -> Option<char> {
        let holds = |c: char| !WINDOWS_1252.encode(c.encode_utf8(&mut [0; 4])).2;
        match self.encoding {
            Encoding::Utf8 => None,
            Encoding::Windows1252 => text.chars().find(|c| !holds(*c)),
        }
    }

    fn base_rows(&self) -> usize {
        self.rows.len() - 1
    }

    fn cells_of(&self, row: usize) -> usize {
        (self.rows[row + 1] - self.rows[row]) as usize
    }

    fn raw(&self, row: usize, column: usize) -> Option<&str> {
        let at = self.rows[row] as usize + column;
        if at >= self.rows[row + 1] as usize {
            return None;
        }
        let Span { start, end } = self.cells[at];
        Some(&self.text[start as usize..end as usize])
    }

    fn start(&self, row: usize) -> usize {
        let first = self.rows[row] as usize;
        self.cells
            .get(first)
            .map_or(self.text.len(), |cell| cell.start as usize)
    }

    fn end(&self, row: usize) -> usize {
        self.cells[self.rows[row + 1] as usize - 1].end as usize
    }

    fn is_blank(&self, row: usize) -> bool {
        let text = &self.text.as_bytes()[self.start(row)..self.end(row)];
        text.iter()
            .all(|b| *b == self.delimiter || b.is_ascii_whitespace())
    }
}

/// UTF-8 where it is that, else Windows-1252.
fn decode(name: &str, bytes: Vec<u8>) -> Result<(String, Encoding), ConnectorError> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(rejected(format!(
            "{name} is saved as UTF-16 (“Unicode text”). Save it as “CSV UTF-8”."
        )));
    }
    if memchr(0, &bytes).is_some() {
        return Err(rejected(format!(
            "{name} is no text file: it holds zero bytes. Is it a spreadsheet that was only renamed?"
        )));
    }
    let bytes = match String::from_utf8(bytes) {
        Ok(text) => return Ok((text, Encoding::Utf8)),
        Err(error) => error.into_bytes(),
    };
    // Latin-1 texts hardly ever hold valid sequences of UTF-8: where those prevail, the file is damaged or cut off.
    let (mut valid, mut invalid) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        valid += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        invalid += usize::from(!chunk.invalid().is_empty());
    }
    if valid > invalid {
        let at = std::str::from_utf8(&bytes).map_or_else(|error| error.valid_up_to(), str::len);
        let line = 1 + memchr_iter(b'\n', &bytes[..at]).count();
        return Err(ConnectorError::new(
            Class::Unavailable,
            format!("{name}:{line}: this is neither UTF-8 nor Latin-1. Save the file as UTF-8 again."),
        ));
    }
    Ok((
        WINDOWS_1252.decode_without_bom_handling(&bytes).0.into_owned(),
        Encoding::Windows1252,
    ))
}

/// Whichever parts the header into the most columns.
fn delimiter(text: &str) -> u8 {
    let mut counts = [(b',', 0_usize), (b';', 0), (b'\t', 0)];
    let mut quoted = false;
    for b in text.bytes() {
        match b {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            b if !quoted => {
                for (delimiter, count) in &mut counts {
                    *count += usize::from(b == *delimiter);
                }
            }
            _ => {}
        }
    }
    // The last of equals wins, and the comma is the usual one.
    let usual = counts.iter().rev().max_by_key(|(_, count)| *count);
    usual.map_or(b',', |(delimiter, _)| *delimiter)
}

/// The ending of the header's line, or the usual one.
fn line_ending(text: &str, cells: &[Span], rows: &[u32]) -> &'static str {
    let end = rows
        .get(1)
        .map_or(text.len(), |next| cells[*next as usize - 1].end as usize);
    let rest = &text[end..];
    if rest.starts_with("\r\n") {
        "\r\n"
    } else if rest.starts_with('\r') {
        "\r"
    } else {
        "\n"
    }
}

/// The cells, and where each row begins in them; a last entry marks the end. Fails with the offset of a quotation mark
/// that nothing closes.
fn split(text: &str, begin: usize, delimiter: u8) -> Result<(Vec<Span>, Vec<u32>), usize> {
    let bytes = text.as_bytes();
    let mut cells = Vec::with_capacity(bytes.len() / 12);
    let mut rows = Vec::with_capacity(bytes.len() / 300 + 2);
    let position = |at: usize| u32::try_from(at).expect("files of more than 1 GB are refused");
    let mut at = begin;
    while at < bytes.len() {
        rows.push(position(cells.len()));
        loop {
            let start = at;
            if bytes.get(at) == Some(&b'"') {
                at = closing(bytes, at)?;
            }
            at = memchr3(delimiter, b'\n', b'\r', &bytes[at..]).map_or(bytes.len(), |further| at + further);
            cells.push(Span {
                start: position(start),
                end: position(at),
            });
            let Some(stop) = bytes.get(at) else { break };
            at += if bytes[at..].starts_with(b"\r\n") { 2 } else { 1 };
            if *stop != delimiter {
                break;
            }
        }
    }
    rows.push(position(cells.len()));
    Ok((cells, rows))
}

/// Just behind the quotation mark that closes the one at `open`.
fn closing(bytes: &[u8], open: usize) -> Result<usize, usize> {
    let mut at = open + 1;
    while let Some(further) = memchr(b'"', &bytes[at..]) {
        at += further + 1;
        if bytes.get(at) != Some(&b'"') {
            return Ok(at);
        }
        at += 1;
    }
    Err(open)
}

fn unquote(raw: &str) -> Cow<'_, str> {
    let Some(inner) = raw.strip_prefix('"') else {
        return Cow::Borrowed(raw);
    };
    if memchr(b'"', inner.as_bytes()) == Some(inner.len() - 1) {
        return Cow::Borrowed(&inner[..inner.len() - 1]);
    }
    let close = closing(raw.as_bytes(), 0).expect("split() found the closing quotation mark");
    let mut text = raw[1..close - 1].replace("\"\"", "\"");
    text.push_str(&raw[close..]);
    Cow::Owned(text)
}

fn line_of(text: &str, offset: usize) -> usize {
    let before = &text.as_bytes()[..offset];
    let feeds = memchr_iter(b'\n', before).count();
    let returns = || memchr_iter(b'\r', before).count();
    1 + if feeds == 0 { returns() } else { feeds }
}

fn rejected(message: String) -> ConnectorError {
    ConnectorError::new(Class::Rejected, message)
}
