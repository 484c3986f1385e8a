//! `WooCommerce`'s product CSV: a row a product or variation, variations pointing at their parent's row.
//!
//! The format is the one of its own exporter and importer, including the escapes they use within cells.

mod write;

pub(super) use write::{create, update};

use super::{
    Found, Reading,
    cells::{self, Column},
    sheet::Sheet,
};
use crate::connector::{Unreadable, weight::WeightUnit};
use shared::{
    ids::RemoteId,
    money::Decimal,
    product::{DEFAULT_LOCATION, Image, Product, Record, Status, Variant},
};
use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
};

macro_rules! columns {
    ($($name:ident = $spelt:literal | $($names:literal)|+;)*) => {
        $(const $name: Column = Column { spelt: $spelt, names: &[$($names),+] };)*
    };
}

columns! {
    ID = "ID" | "id";
    TYPE = "Type" | "type";
    SKU = "SKU" | "sku";
    BARCODE = "GTIN, UPC, EAN, or ISBN" | "gtin, upc, ean, or isbn" | "gtin";
    NAME = "Name" | "name";
    PUBLISHED = "Published" | "published";
    DESCRIPTION = "Description" | "description";
    STOCK = "Stock" | "stock";
    SALE_PRICE = "Sale price" | "sale price";
    REGULAR_PRICE = "Regular price" | "regular price";
    COST = "Cost of goods" | "cost of goods";
    CATEGORIES = "Categories" | "categories";
    TAGS = "Tags" | "tags";
    BRANDS = "Brands" | "brands" | "brand";
    IMAGES = "Images" | "images";
    PARENT = "Parent" | "parent";
    MODEL = "Meta: model" | "meta: model";
    MPN = "Meta: mpn" | "meta: mpn";
    TOKEN = "Meta: _click2sync_token" | "meta: _click2sync_token";
    WEIGHT = "Weight (kg)" | "weight (kg)" | "weight (lbs)" | "weight (g)" | "weight (oz)";
}

/// The header of a new file.
pub(super) const HEADER: &str = "ID,Type,SKU,\"GTIN, UPC, EAN, or ISBN\",Name,Published,\"Is featured?\",\
    \"Visibility in catalog\",\"Short description\",Description,\"Tax status\",\"In stock?\",Stock,\
    \"Backorders allowed?\",\"Sold individually?\",\"Weight (kg)\",\"Allow customer reviews?\",\"Sale price\",\
    \"Regular price\",Categories,Tags,Images,Parent,Position,Brands,\"Meta: _click2sync_token\"\n";

/// The header is one of this format.
pub(super) fn is_format_of(sheet: &Sheet) -> bool {
    let told = [ID, TYPE, SKU, REGULAR_PRICE]
        .iter()
        .any(|column| column.find(sheet).is_some());
    NAME.find(sheet).is_some() && told
}

/// Every product in the sheet. A row that cannot be understood takes along only its own product.
pub(super) fn read(sheet: &Sheet) -> Reading {
    let reader = Reader::new(sheet);
    let mut unreadable = Vec::new();
    let (heads, variations) = reader.rows(&mut unreadable);
    let mut spoilt: HashMap<usize, String> = duplicates(sheet, &heads);
    let children = reader.adopt(&heads, variations, &mut spoilt, &mut unreadable);
    let mut products = Vec::with_capacity(heads.len());
    let mut children = children.as_slice();
    for (index, head) in heads.into_iter().enumerate() {
        let own = children.partition_point(|(parent, _)| *parent == index);
        let (own, others) = children.split_at(own);
        children = others;
        let found = match spoilt.remove(&index) {
            Some(message) => Err(message),
            None => reader.product(&head, own),
        };
        match found {
            Ok(found) => products.push(found),
            Err(message) => unreadable.push(Unreadable {
                remote_id: Some(head.id),
                message,
            }),
        }
    }
    Reading { products, unreadable }
}

/// A row that is a product of its own.
struct Head {
    row: usize,
    id: RemoteId,
}

/// Where things are in one sheet.
struct Reader<'a> {
    sheet: &'a Sheet,
    id: Option<usize>,
    kind: Option<usize>,
    sku: Option<usize>,
    barcode: Option<usize>,
    name: Option<usize>,
    published: Option<usize>,
    description: Option<usize>,
    stock: Option<usize>,
    sale_price: Option<usize>,
    regular_price: Option<usize>,
    cost: Option<usize>,
    weight: Option<(usize, WeightUnit)>,
    categories: Option<usize>,
    tags: Option<usize>,
    brands: Option<usize>,
    images: Option<usize>,
    parent: Option<usize>,
    model: Option<usize>,
    mpn: Option<usize>,
    token: Option<usize>,
    attributes: Vec<AttributeColumns>,
    commas: bool,
}

/// The columns of `Attribute N`, for one N.
#[derive(Clone, Copy)]
struct AttributeColumns {
    number: u32,
    name: usize,
    values: usize,
}

/// What a row is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum RowKind {
    Simple,
    Variable,
    Variation,
}

impl<'a> Reader<'a> {
    fn new(sheet: &'a Sheet) -> Self {
        Self {
            sheet,
            id: ID.find(sheet),
            kind: TYPE.find(sheet),
            sku: SKU.find(sheet),
            barcode: BARCODE.find(sheet),
            name: NAME.find(sheet),
            published: PUBLISHED.find(sheet),
            description: DESCRIPTION.find(sheet),
            stock: STOCK.find(sheet),
            sale_price: SALE_PRICE.find(sheet),
            regular_price: REGULAR_PRICE.find(sheet),
            cost: COST.find(sheet),
            weight: weight_column(sheet),
            categories: CATEGORIES.find(sheet),
            tags: TAGS.find(sheet),
            brands: BRANDS.find(sheet),
            images: IMAGES.find(sheet),
            parent: PARENT.find(sheet),
            model: MODEL.find(sheet),
            mpn: MPN.find(sheet),
            token: TOKEN.find(sheet),
            attributes: attribute_columns(sheet),
            commas: sheet.may_have_decimal_commas(),
        }
    }

    /// The rows that are products, and the rows that are variations, with why one is misshapen.
    fn rows(&self, unreadable: &mut Vec<Unreadable>) -> (Vec<Head>, Vec<(usize, Option<String>)>) {
        let (mut heads, mut variations) = (Vec::new(), Vec::new());
        for row in self.sheet.rows() {
            let misshapen = self.sheet.misshapen(row).map(|reason| self.fault(row, &reason));
            if self.kind(row) == RowKind::Variation {
                variations.push((row, misshapen));
                continue;
            }
            let id = self.product_id(row);
            match (id, misshapen) {
                (Some(id), None) => heads.push(Head { row, id }),
                (id, Some(message)) => unreadable.push(Unreadable {
                    remote_id: id,
                    message,
                }),
                (None, None) => unreadable.push(Unreadable {
                    remote_id: None,
                    message: self.fault(row, "it has neither an ID nor a SKU nor a name"),
                }),
            }
        }
        (heads, variations)
    }

    /// Each variation with the index of its product, in the order of products, then of rows.
    fn adopt(
        &self,
        heads: &[Head],
        variations: Vec<(usize, Option<String>)>,
        spoilt: &mut HashMap<usize, String>,
        unreadable: &mut Vec<Unreadable>,
    ) -> Vec<(usize, usize)> {
        if variations.is_empty() {
            return Vec::new();
        }
        let (mut by_id, mut by_sku) = (HashMap::new(), HashMap::new());
        for (index, head) in heads.iter().enumerate() {
            by_id.entry(self.text(head.row, self.id)).or_insert(index);
            let twice = by_sku
                .entry(self.text(head.row, self.sku))
                .or_insert((index, false));
            twice.1 = twice.0 != index;
        }
        let parent_of = |row: usize| {
            let parent = self.text(row, self.parent);
            let found = match parent.strip_prefix("id:") {
                _ if parent.is_empty() => None,
                Some(id) => by_id.get(id.trim()).map(|index| (*index, false)),
                None => by_sku.get(&parent).copied(),
            };
            match found {
                Some((index, false)) => Ok(index),
                Some((_, true)) => Err(format!(
                    "it is a variation of “{parent}”, and several products have that SKU"
                )),
                None if parent.is_empty() => Err("it is a variation but names no parent".to_owned()),
                None => Err(format!(
                    "it is a variation of “{parent}”, which is not in the file"
                )),
            }
        };
        let mut children = Vec::with_capacity(variations.len());
        for (row, misshapen) in variations {
            match (parent_of(row), misshapen) {
                (Ok(index), None) => children.push((index, row)),
                // The product cannot be told without this variation, or it would seem to have vanished.
                (Ok(index), Some(message)) => {
                    spoilt.entry(index).or_insert(message);
                }
                (Err(_), Some(message)) => unreadable.push(Unreadable {
                    remote_id: None,
                    message,
                }),
                (Err(reason), None) => unreadable.push(Unreadable {
                    remote_id: None,
                    message: self.fault(row, &reason),
                }),
            }
        }
        children.sort_by_key(|(index, _)| *index);
        children
    }

    fn product(&self, head: &Head, children: &[(usize, usize)]) -> Result<Found, String> {
        let row = head.row;
        let in_place = |reason: String| self.fault(row, &reason);
        let option_names = self.option_names(row, children);
        let mut product = Product {
            title: self.text(row, self.name).into_owned(),
            description: unescape_breaks(&self.raw(row, self.description)),
            brand: brand(&self.raw(row, self.brands)),
            model: self.text(row, self.model).into_owned(),
            mpn: self.text(row, self.mpn).into_owned(),
            categories: categories(&self.raw(row, self.categories)),
            tags: cells::list(&self.text(row, self.tags)),
            status: status(&self.text(row, self.published)).map_err(in_place)?,
            attributes: BTreeMap::new(),
            images: Vec::new(),
            variants: Vec::with_capacity(children.len().max(1)),
        };
        for (name, values) in self.attributes_of(row) {
            if !values.is_empty() && !option_names.iter().any(|option| same_name(option, &name)) {
                product
                    .attributes
                    .insert(name.into_owned(), values.replace("\\,", ","));
            }
        }
        let mut addresses = self.images(row);
        let mut rows = vec![row];
        if children.is_empty() {
            product.variants.push(self.variant(row).map_err(in_place)?);
        }
        for (_, child) in children {
            let in_place = |reason: String| self.fault(*child, &reason);
            let mut variant = self.variant(*child).map_err(in_place)?;
            variant.images = self.images(*child);
            for image in &variant.images {
                if !addresses.contains(image) {
                    addresses.push(image.clone());
                }
            }
            for (name, value) in self.attributes_of(*child) {
                if !value.is_empty() {
                    let spelt = option_names.iter().find(|option| same_name(option, &name));
                    let name = spelt.map_or_else(|| name.to_string(), ToString::to_string);
                    variant.options.insert(name, value.replace("\\,", ","));
                }
            }
            variant.remote_id = Some(self.variation_id(*child, &variant));
            if product
                .variants
                .iter()
                .any(|other| other.remote_id == variant.remote_id)
            {
                return Err(self.fault(
                    *child,
                    "the product has another variation with the same ID, or with the same SKU and options. Give each its own",
                ));
            }
            product.variants.push(variant);
            rows.push(*child);
        }
        let picture = |address| Image {
            address,
            ..Image::default()
        };
        product.images = addresses.into_iter().map(picture).collect();
        let token = self.text(row, self.token);
        Ok(Found {
            record: Record {
                remote_id: head.id.clone(),
                url: None,
                updated_at: None,
                token: (!token.is_empty()).then(|| token.into_owned()),
                product,
            },
            head: row,
            variants: if children.is_empty() {
                rows.clone()
            } else {
                rows[1..].to_vec()
            },
            rows,
        })
    }

    /// The attributes that tell the variations apart: those that a variation names, a blank value meaning any. They are
    /// spelt as at the parent.
    fn option_names(&self, row: usize, children: &[(usize, usize)]) -> Vec<Cow<'a, str>> {
        let mut names: Vec<Cow<'a, str>> = Vec::new();
        for (_, child) in children {
            for (name, _) in self.attributes_of(*child) {
                if !names.iter().any(|known| same_name(known, &name)) {
                    let mut parents = self.attributes_of(row);
                    let parent = parents.find(|(parent, _)| same_name(parent, &name));
                    names.push(parent.map_or(name, |(parent, _)| parent));
                }
            }
        }
        names
    }

    fn attributes_of(&self, row: usize) -> impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)> {
        self.attributes.iter().filter_map(move |columns| {
            let name = self.text(row, Some(columns.name));
            (!name.is_empty()).then(|| (name, self.text(row, Some(columns.values))))
        })
    }

    /// What a row says of what is sold; its options and pictures are left to the caller.
    fn variant(&self, row: usize) -> Result<Variant, String> {
        let regular = self.number(row, self.regular_price, REGULAR_PRICE)?;
        let sale = self.number(row, self.sale_price, SALE_PRICE)?;
        let stock = match self.text(row, self.stock) {
            // The variation draws on what its parent has; it has no count of its own.
            parent if parent == "parent" => None,
            _ => self.number(row, self.stock, STOCK)?,
        };
        let weight = match self.weight {
            Some((column, unit)) => match self.number(row, Some(column), WEIGHT)? {
                Some(amount) => Some(unit.to_kilograms(amount).ok_or("its weight is out of range")?),
                None => None,
            },
            None => None,
        };
        Ok(Variant {
            remote_id: None,
            sku: self.text(row, self.sku).into_owned(),
            barcode: self.text(row, self.barcode).into_owned(),
            options: BTreeMap::new(),
            price: sale.or(regular),
            compare_at_price: sale.and(regular),
            cost: self.number(row, self.cost, COST)?,
            stock: stock
                .map(|stock| (DEFAULT_LOCATION.to_owned(), stock))
                .into_iter()
                .collect(),
            weight,
            images: Vec::new(),
        })
    }

    fn images(&self, row: usize) -> Vec<String> {
        let mut images: Vec<String> = Vec::new();
        for image in cells::list(&self.text(row, self.images)) {
            if !images.contains(&image) {
                images.push(image);
            }
        }
        images
    }

    fn kind(&self, row: usize) -> RowKind {
        let kind = self.text(row, self.kind).to_lowercase();
        for word in kind.split(',').map(str::trim) {
            if word.ends_with("variation") {
                return RowKind::Variation;
            } else if word.starts_with("variable") {
                return RowKind::Variable;
            }
        }
        if kind.is_empty() && !self.text(row, self.parent).is_empty() {
            RowKind::Variation
        } else {
            RowKind::Simple
        }
    }

    /// The ID, else the SKU, else the name. A prefix keeps the three apart.
    fn product_id(&self, row: usize) -> Option<RemoteId> {
        let own = self.own_id(row);
        own.or_else(|| prefixed("name:", &self.text(row, self.name)))
    }

    /// The ID, else the SKU, else the options.
    fn variation_id(&self, row: usize, variant: &Variant) -> RemoteId {
        self.own_id(row)
            .unwrap_or_else(|| super::options_id(&variant.options))
    }

    fn own_id(&self, row: usize) -> Option<RemoteId> {
        let id = prefixed("", &self.text(row, self.id));
        id.or_else(|| prefixed("sku:", &self.text(row, self.sku)))
    }

    fn number(&self, row: usize, column: Option<usize>, named: Column) -> Result<Option<Decimal>, String> {
        cells::number(&self.text(row, column), self.commas).map_err(|reason| {
            let name = named.spelt;
            format!("in the column {name}, {reason}")
        })
    }

    /// A cell without the blanks around it and without the exporter's guard against formulas.
    fn text(&self, row: usize, column: Option<usize>) -> Cow<'a, str> {
        match self.raw(row, column) {
            Cow::Borrowed(text) => Cow::Borrowed(unguard(text.trim())),
            Cow::Owned(text) => Cow::Owned(unguard(text.trim()).to_owned()),
        }
    }

    fn raw(&self, row: usize, column: Option<usize>) -> Cow<'a, str> {
        column.map_or(Cow::Borrowed(""), |column| self.sheet.cell(row, column))
    }

    fn fault(&self, row: usize, reason: &str) -> String {
        format!("{}: this row cannot be read: {reason}.", self.sheet.place(row))
    }
}

/// By index, what is wrong with products that share an id.
fn duplicates(sheet: &Sheet, heads: &[Head]) -> HashMap<usize, String> {
    let mut first: HashMap<&RemoteId, usize> = HashMap::with_capacity(heads.len());
    let mut doubles = HashMap::new();
    for (index, head) in heads.iter().enumerate() {
        let before = *first.entry(&head.id).or_insert(index);
        if before != index {
            let message = format!(
                "{} and {} are both products with {}. Give each its own, or take one away.",
                sheet.place(heads[before].row),
                sheet.place(head.row),
                described(&head.id)
            );
            doubles.insert(before, message.clone());
            doubles.insert(index, message);
        }
    }
    doubles
}

fn described(id: &RemoteId) -> String {
    match id.0.split_once(':') {
        Some(("sku", sku)) => format!("the SKU “{sku}” and no ID"),
        Some(("name", name)) => format!("the name “{name}” and neither ID nor SKU"),
        _ => format!("the ID {id}"),
    }
}

fn prefixed(prefix: &str, text: &str) -> Option<RemoteId> {
    (!text.is_empty()).then(|| RemoteId::from(format!("{prefix}{text}")))
}

fn same_name(one: &str, other: &str) -> bool {
    one == other || one.to_lowercase() == other.to_lowercase()
}

fn weight_column(sheet: &Sheet) -> Option<(usize, WeightUnit)> {
    sheet.headers().enumerate().find_map(|(column, name)| {
        let name = name.trim().to_lowercase();
        let unit = name.strip_prefix("weight (")?.strip_suffix(')')?;
        Some((column, WeightUnit::parse(unit)?))
    })
}

fn attribute_columns(sheet: &Sheet) -> Vec<AttributeColumns> {
    let numbered = sheet.headers().enumerate().filter_map(|(name, header)| {
        let header = header.trim().to_lowercase();
        let number = header
            .strip_prefix("attribute ")?
            .strip_suffix(" name")?
            .parse()
            .ok()?;
        let values = sheet.column(&[&format!("attribute {number} value(s)")])?;
        Some(AttributeColumns { number, name, values })
    });
    let mut columns: Vec<_> = numbered.collect();
    columns.sort_by_key(|columns| columns.number);
    columns
}

/// 1 is published, -1 a draft, 0 private: shown to nobody who buys.
fn status(cell: &str) -> Result<Option<Status>, String> {
    Ok(Some(match cell.to_lowercase().as_str() {
        "" => return Ok(None),
        "1" | "true" | "yes" => Status::Active,
        "0" | "-1" | "false" | "no" => Status::Draft,
        _ => return Err(format!("Published is “{cell}”; it is to be 1, 0 or -1")),
    }))
}

/// Several brands stay one text, as they are spelt.
fn brand(cell: &str) -> String {
    match cells::list(unguard(cell)).as_slice() {
        [one] => one.clone(),
        _ => unguard(cell.trim()).to_owned(),
    }
}

/// Paths, each name within one trimmed.
fn categories(cell: &str) -> Vec<String> {
    let paths = cells::list(unguard(cell.trim()));
    let tidy = |path: &String| path.split('>').map(str::trim).collect::<Vec<_>>().join(" > ");
    paths.iter().map(tidy).collect()
}

/// The exporter writes an apostrophe before what a spreadsheet would take for a formula.
fn unguard(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if is_formula(rest) => rest,
        _ => text,
    }
}

fn is_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(['=', '+', '-', '@'])
}

/// The exporter writes a line break as `\n`, and what was `\n` before as `\\n`.
fn unescape_breaks(cell: &str) -> String {
    let text = unguard(cell.trim());
    let parts: Vec<_> = text
        .split("\\\\n")
        .map(|part| part.replace("\\n", "\n"))
        .collect();
    parts.join("\\n")
}
