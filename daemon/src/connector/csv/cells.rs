//! What both formats write into a cell: numbers, lists and handles.

use super::sheet::Sheet;
use crate::connector::{Class, ConnectorError};
use shared::{
    money::Decimal,
    product::{DEFAULT_LOCATION, StockWrite},
};
use std::collections::BTreeMap;

/// A column by its names in lower case, and how it is spelt where it has to be added.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    pub(super) spelt: &'static str,
    pub(super) names: &'static [&'static str],
}

impl Column {
    pub(super) fn find(&self, sheet: &Sheet) -> Option<usize> {
        sheet.column(self.names)
    }
}

/// Sets a cell, unless it already says the same: a value that did not change keeps its spelling. A missing column is
/// added, unless a blank says the same.
pub(super) fn put<T: PartialEq>(
    sheet: &mut Sheet,
    row: usize,
    column: Column,
    value: &T,
    read: impl Fn(&str) -> Option<T>,
    write: impl Fn(&T) -> String,
) -> Result<(), ConnectorError> {
    let found = column.find(sheet);
    let same = match found {
        Some(found) => read(&sheet.cell(row, found)).as_ref() == Some(value),
        None => read("").as_ref() == Some(value),
    };
    if same {
        return Ok(());
    }
    let at = found.unwrap_or_else(|| sheet.column_or_add(column.names, column.spelt));
    sheet.set(row, at, &write(value))
}

/// Puts a text whose spelling is its value.
pub(super) fn put_plain(
    sheet: &mut Sheet,
    row: usize,
    column: Column,
    text: &str,
) -> Result<(), ConnectorError> {
    let text = text.to_owned();
    put(
        sheet,
        row,
        column,
        &text,
        |cell| Some(cell.trim().to_owned()),
        Clone::clone,
    )
}

/// Puts a number, with a decimal comma where the column has such.
pub(super) fn put_number(
    sheet: &mut Sheet,
    row: usize,
    column: Column,
    value: Option<Decimal>,
) -> Result<(), ConnectorError> {
    match column.find(sheet) {
        None if value.is_none() => Ok(()),
        found => {
            let at = found.unwrap_or_else(|| sheet.column_or_add(column.names, column.spelt));
            put_number_at(sheet, row, at, value)
        }
    }
}

/// Likewise, where the column is known to be there.
pub(super) fn put_number_at(
    sheet: &mut Sheet,
    row: usize,
    column: usize,
    value: Option<Decimal>,
) -> Result<(), ConnectorError> {
    let may = sheet.may_have_decimal_commas();
    if number(&sheet.cell(row, column), may) == Ok(value) {
        return Ok(());
    }
    // The first rows tell how the file spells its numbers.
    let commas = may
        && sheet
            .rows()
            .take(1000)
            .any(|row| sheet.cell(row, column).contains(','));
    sheet.set(row, column, &spell(value, commas))
}

fn spell(value: Option<Decimal>, commas: bool) -> String {
    let text = value.map_or_else(String::new, |value| value.to_string());
    if commas { text.replace('.', ",") } else { text }
}

/// A number as people write it into a sheet; `None` when nothing is there. With `commas`, 19,99 and 1.234,56 are
/// numbers too, and 1,234 is refused because it could be two.
pub(super) fn number(text: &str, commas: bool) -> Result<Option<Decimal>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    if let Ok(number) = text.parse() {
        return Ok(Some(number));
    }
    let unsigned = text.trim_start_matches(['-', '+']);
    match unsigned.split_once(',') {
        Some((whole, fraction)) if is_digits(fraction) && is_whole(whole) => {
            let ambiguous =
                fraction.len() == 3 && is_digits(whole) && whole.len() <= 3 && !whole.starts_with('0');
            if !commas {
                Err(format!(
                    "“{text}” is written with a comma; write it with a point, as in 19.99"
                ))
            } else if ambiguous {
                Err(format!(
                    "“{text}” could be a thousand or a fraction; write it without a comma, as in 1234.00"
                ))
            } else {
                let plain = text.replace('.', "").replace(',', ".");
                plain.parse().map(Some).map_err(|_| not_a_number(text))
            }
        }
        _ => Err(not_a_number(text)),
    }
}

fn not_a_number(text: &str) -> String {
    format!("“{text}” is not a plain number such as 19.99")
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// Digits, or groups of three parted by points.
fn is_whole(text: &str) -> bool {
    let mut groups = text.split('.');
    let first = groups.next().is_some_and(is_digits);
    let mut grouped = false;
    first
        && groups.all(|group| {
            grouped = true;
            group.len() == 3 && is_digits(group)
        })
        && (!grouped || text.find('.').is_some_and(|at| at <= 3))
}

/// The parts of a list with commas; `\,` is a comma within a part.
pub(super) fn list(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\\' if rest.peek() == Some(&',') => parts.last_mut().expect("never empty").extend(rest.next()),
            ',' => parts.push(String::new()),
            c => parts.last_mut().expect("never empty").push(c),
        }
    }
    let parts = parts.into_iter().map(|part| part.trim().to_owned());
    parts.filter(|part| !part.is_empty()).collect()
}

/// Such a list as text.
pub(super) fn join(parts: &[String]) -> String {
    let parts: Vec<_> = parts.iter().map(|part| part.replace(',', "\\,")).collect();
    parts.join(", ")
}

/// The quantity of the only place that a sheet knows; `None`: not counted.
pub(super) fn quantity(stock: &BTreeMap<String, Decimal>) -> Result<Option<Decimal>, ConnectorError> {
    match stock.keys().find(|location| *location != DEFAULT_LOCATION) {
        Some(other) => Err(rejected(format!(
            "A product file keeps one quantity, of the location `{DEFAULT_LOCATION}`; it cannot keep one of `{other}`. Map the location in [stock]."
        ))),
        None => Ok(stock.get(DEFAULT_LOCATION).copied()),
    }
}

/// What a patch says of it.
pub(super) fn quantity_to(stock: &BTreeMap<String, StockWrite>) -> Result<Option<Decimal>, ConnectorError> {
    let wanted = stock
        .iter()
        .map(|(location, write)| (location.clone(), write.to))
        .collect();
    quantity(&wanted)
}

/// Lower-case letters, digits and hyphens, as in an address.
pub(super) fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() {
        "product".to_owned()
    } else {
        slug.to_owned()
    }
}

/// `wanted`, or with the first number behind it that is not taken.
pub(super) fn untaken(wanted: &str, taken: impl Fn(&str) -> bool) -> String {
    if !taken(wanted) {
        return wanted.to_owned();
    }
    let numbered = (2..=u64::MAX)
        .map(|n| format!("{wanted}-{n}"))
        .find(|name| !taken(name));
    numbered.expect("there is always a higher number")
}

pub(super) fn rejected(message: impl Into<String>) -> ConnectorError {
    ConnectorError::new(Class::Rejected, message)
}
