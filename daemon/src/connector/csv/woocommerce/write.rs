//! Putting changes and new products into a sheet of `WooCommerce`'s format.

use super::{
    AttributeColumns, BARCODE, BRANDS, CATEGORIES, COST, DESCRIPTION, ID, IMAGES, MODEL, MPN, NAME, PARENT,
    PUBLISHED, REGULAR_PRICE, Reader, RowKind, SALE_PRICE, SKU, STOCK, TAGS, TOKEN, TYPE, WEIGHT, brand,
    categories, is_formula, same_name, status, unescape_breaks, unguard, weight_column,
};
use crate::connector::{
    ConnectorError, Create,
    csv::{
        Found,
        cells::{self, Column, rejected},
        sheet::Sheet,
        variant_row,
    },
    weight::WeightUnit,
};
use shared::{
    ids::RemoteId,
    money::Decimal,
    product::{Image, Patch, Product, Status, Variant, VariantPatch},
};
use std::collections::{BTreeMap, HashSet};

/// What a new row says where the file has such a column.
const NEW_ROW: &[(&str, &str)] = &[
    ("is featured?", "0"),
    ("visibility in catalog", "visible"),
    ("tax status", "taxable"),
    ("backorders allowed?", "0"),
    ("sold individually?", "0"),
    ("allow customer reviews?", "1"),
];

/// Changes what the patch names of one product; the answer is its id from now on.
pub(in crate::connector::csv) fn update(
    sheet: &mut Sheet,
    found: &Found,
    patch: &Patch,
) -> Result<RemoteId, ConnectorError> {
    let Patch {
        title,
        description,
        brand,
        model,
        mpn,
        categories,
        tags,
        status,
        attributes,
        images,
        variants,
        new_variants,
    } = patch;
    let head = found.head;
    let texts = [(NAME, title), (MODEL, model), (MPN, mpn)];
    for (column, text) in texts {
        if let Some(text) = text {
            put_text(sheet, head, column, text)?;
        }
    }
    if let Some(text) = description {
        put_description(sheet, head, text)?;
    }
    if let Some(text) = brand {
        put_brand(sheet, head, text)?;
    }
    if let Some(paths) = categories {
        put_categories(sheet, head, paths)?;
    }
    if let Some(tags) = tags {
        put_list(sheet, head, TAGS, tags)?;
    }
    if let Some(status) = status {
        put_status(sheet, head, Some(*status))?;
    }
    let is_variable = Reader::new(sheet).kind(head) == RowKind::Variable;
    for (name, value) in attributes {
        let variants = &found.record.product.variants;
        let is_option = variants
            .iter()
            .any(|variant| variant.options.keys().any(|option| same_name(option, name)));
        if is_option {
            return Err(rejected(format!(
                "“{name}” tells the variations of this product apart, so it cannot be an attribute as well."
            )));
        }
        put_attribute(sheet, head, name, value, Used::AsAttribute)?;
    }
    if let Some(images) = images {
        put_gallery(sheet, found, images)?;
    }
    for patch in variants {
        let row = variant_row(found, patch.remote_id.as_ref())?;
        if row == head && !patch.options.is_empty() {
            return Err(rejected(format!(
                "{}: a simple product has no options. Make it a variable product in the file first.",
                sheet.place(head)
            )));
        }
        update_variant(sheet, row, patch)?;
        offer_options(sheet, head, &patch.options)?;
    }
    if !new_variants.is_empty() && !is_variable {
        return Err(rejected(format!(
            "{}: a simple product cannot have variations. Make it a variable product in the file first.",
            sheet.place(head)
        )));
    }
    if !new_variants.is_empty() {
        let mut next_id = next_id(sheet);
        let after = found.rows.iter().copied().max().unwrap_or(head);
        let reader = Reader::new(sheet);
        let (title, parent) = (
            reader.text(head, reader.name).into_owned(),
            parent_reference(sheet, head)?,
        );
        for variant in new_variants {
            add_variation(sheet, after, &title, &parent, variant, &mut next_id)?;
            offer_options(sheet, head, &variant.options)?;
        }
    }
    id_of(sheet, head)
}

/// Appends products; the answers are their ids.
pub(in crate::connector::csv) fn create(
    sheet: &mut Sheet,
    batch: &[&Create],
) -> Vec<Result<RemoteId, ConnectorError>> {
    let mut next_id = next_id(sheet);
    let mut skus: HashSet<String> = {
        let reader = Reader::new(sheet);
        sheet
            .rows()
            .map(|row| reader.text(row, reader.sku).into_owned())
            .collect()
    };
    let created = batch
        .iter()
        .map(|create| append(sheet, create, &mut next_id, &mut skus));
    created.collect()
}

fn append(
    sheet: &mut Sheet,
    Create {
        token,
        record: product,
    }: &Create,
    next_id: &mut Option<u64>,
    skus: &mut HashSet<String>,
) -> Result<RemoteId, ConnectorError> {
    let Product {
        title,
        description,
        brand,
        model,
        mpn,
        categories,
        tags,
        status,
        attributes,
        images,
        variants,
    } = product;
    let end = sheet.last_row();
    let row = sheet.add_row(end);
    put_new_id(sheet, row, next_id)?;
    put_defaults(sheet, row)?;
    put_text(sheet, row, NAME, title)?;
    put_description(sheet, row, description)?;
    put_brand(sheet, row, brand)?;
    put_text(sheet, row, MODEL, model)?;
    put_text(sheet, row, MPN, mpn)?;
    put_categories(sheet, row, categories)?;
    put_list(sheet, row, TAGS, tags)?;
    put_status(sheet, row, *status)?;
    put_text(sheet, row, TOKEN, token)?;
    skus.extend(variants.iter().map(|variant| variant.sku.clone()));
    for (name, value) in attributes {
        put_attribute(sheet, row, name, value, Used::AsAttribute)?;
    }
    let addresses: Vec<_> = images.iter().map(|image| image.address.clone()).collect();
    put_list(sheet, row, IMAGES, &addresses)?;
    match variants.as_slice() {
        [variant] if variant.options.is_empty() => {
            cells::put_plain(sheet, row, TYPE, "simple")?;
            put_variant(sheet, row, variant)?;
        }
        variants => {
            cells::put_plain(sheet, row, TYPE, "variable")?;
            put_in_stock(sheet, row, Some(Decimal::ONE))?;
            if ID.find(sheet).is_none() {
                let sku = cells::untaken(&cells::slug(title), |sku| skus.contains(sku));
                put_text(sheet, row, SKU, &sku)?;
                skus.insert(sku);
            }
            let parent = parent_reference(sheet, row)?;
            for variant in variants {
                add_variation(sheet, end, title, &parent, variant, next_id)?;
                offer_options(sheet, row, &variant.options)?;
            }
        }
    }
    id_of(sheet, row)
}

fn add_variation(
    sheet: &mut Sheet,
    after: usize,
    title: &str,
    parent: &str,
    variant: &Variant,
    next_id: &mut Option<u64>,
) -> Result<(), ConnectorError> {
    let row = sheet.add_row(after);
    put_new_id(sheet, row, next_id)?;
    put_defaults(sheet, row)?;
    cells::put_plain(sheet, row, TYPE, "variation")?;
    cells::put_plain(sheet, row, PARENT, parent)?;
    put_status(sheet, row, Some(Status::Active))?;
    let values: Vec<_> = variant.options.values().map(String::as_str).collect();
    put_text(sheet, row, NAME, &format!("{title} - {}", values.join(", ")))?;
    put_list(sheet, row, IMAGES, &variant.images)?;
    for (name, value) in &variant.options {
        put_attribute(sheet, row, name, &value.replace(',', "\\,"), Used::ByVariation)?;
    }
    put_variant(sheet, row, variant)
}

/// How a variation's row names its parent.
fn parent_reference(sheet: &Sheet, row: usize) -> Result<String, ConnectorError> {
    let reader = Reader::new(sheet);
    let (id, sku) = (reader.text(row, reader.id), reader.text(row, reader.sku));
    if !id.is_empty() {
        Ok(format!("id:{id}"))
    } else if sku.is_empty() {
        Err(rejected(format!(
            "{}: this product needs an ID or a SKU before it can have more variations.",
            sheet.place(row)
        )))
    } else {
        Ok(sku.into_owned())
    }
}

/// What a new row says of what is sold, apart from its options and pictures.
fn put_variant(sheet: &mut Sheet, row: usize, variant: &Variant) -> Result<(), ConnectorError> {
    let Variant {
        remote_id: _,
        sku,
        barcode,
        options: _,
        price,
        compare_at_price,
        cost,
        stock,
        weight,
        images: _,
    } = variant;
    let quantity = cells::quantity(stock)?;
    put_text(sheet, row, SKU, sku)?;
    put_text(sheet, row, BARCODE, barcode)?;
    put_prices(sheet, row, *price, *compare_at_price)?;
    cells::put_number(sheet, row, COST, *cost)?;
    cells::put_number(sheet, row, STOCK, quantity)?;
    put_in_stock(sheet, row, quantity)?;
    put_weight(sheet, row, *weight)
}

fn update_variant(sheet: &mut Sheet, row: usize, patch: &VariantPatch) -> Result<(), ConnectorError> {
    let VariantPatch {
        remote_id: _,
        sku,
        barcode,
        options,
        price,
        compare_at_price,
        cost,
        stock,
        weight,
        images,
    } = patch;
    if let Some(sku) = sku {
        put_text(sheet, row, SKU, sku)?;
    }
    if let Some(barcode) = barcode {
        put_text(sheet, row, BARCODE, barcode)?;
    }
    for (name, value) in options {
        put_attribute(sheet, row, name, &value.replace(',', "\\,"), Used::ByVariation)?;
    }
    if price.is_some() || compare_at_price.is_some() {
        let now = Reader::new(sheet).variant(row).map_err(rejected)?;
        let price = price.unwrap_or(now.price);
        put_prices(
            sheet,
            row,
            price,
            compare_at_price.unwrap_or(now.compare_at_price),
        )?;
    }
    if let Some(cost) = cost {
        cells::put_number(sheet, row, COST, *cost)?;
    }
    if let Some(quantity) = cells::quantity_to(stock)? {
        cells::put_number(sheet, row, STOCK, Some(quantity))?;
    }
    if let Some(weight) = weight {
        put_weight(sheet, row, *weight)?;
    }
    // A simple product's pictures are its gallery: the same cell.
    if let Some(images) = images
        && Reader::new(sheet).kind(row) == RowKind::Variation
    {
        put_list(sheet, row, IMAGES, images)?;
    }
    Ok(())
}

/// The whole gallery at the parent; a variation's picture that is no longer in it goes from the variation too.
fn put_gallery(sheet: &mut Sheet, found: &Found, images: &[Image]) -> Result<(), ConnectorError> {
    let wanted: Vec<_> = images.iter().map(|image| image.address.clone()).collect();
    let shown = found.record.product.images.iter().map(|image| &image.address);
    if shown.eq(wanted.iter()) {
        return Ok(());
    }
    for row in found.rows.iter().filter(|row| **row != found.head) {
        let mut own = Reader::new(sheet).images(*row);
        own.retain(|address| wanted.contains(address));
        put_list(sheet, *row, IMAGES, &own)?;
    }
    put_list(sheet, found.head, IMAGES, &wanted)
}

/// The regular price is the higher one where something is on sale, and the price itself where not.
fn put_prices(
    sheet: &mut Sheet,
    row: usize,
    price: Option<Decimal>,
    compare_at: Option<Decimal>,
) -> Result<(), ConnectorError> {
    let (regular, sale) = match compare_at {
        Some(compare_at) => (Some(compare_at), price),
        None => (price, None),
    };
    cells::put_number(sheet, row, REGULAR_PRICE, regular)?;
    cells::put_number(sheet, row, SALE_PRICE, sale)
}

fn put_weight(sheet: &mut Sheet, row: usize, kilograms: Option<Decimal>) -> Result<(), ConnectorError> {
    let (column, unit) = match weight_column(sheet) {
        Some((column, unit)) => (column, unit),
        None if kilograms.is_none() => return Ok(()),
        None => (
            sheet.column_or_add(WEIGHT.names, WEIGHT.spelt),
            WeightUnit::Kilogram,
        ),
    };
    let shown = cells::number(&sheet.cell(row, column), sheet.may_have_decimal_commas());
    let shown = shown
        .map_err(rejected)?
        .and_then(|amount| unit.to_kilograms(amount));
    if shown == kilograms {
        return Ok(());
    }
    let amount = kilograms.map(|kilograms| {
        unit.of_kilograms(kilograms)
            .ok_or_else(|| rejected("The weight is out of range."))
    });
    cells::put_number_at(sheet, row, column, amount.transpose()?)
}

/// Only for new rows: for others the shop works it out from the quantity.
fn put_in_stock(sheet: &mut Sheet, row: usize, quantity: Option<Decimal>) -> Result<(), ConnectorError> {
    match sheet.column(&["in stock?"]) {
        Some(column) => {
            let none_left = quantity.is_some_and(|quantity| quantity.is_zero() || quantity.is_negative());
            sheet.set(row, column, if none_left { "0" } else { "1" })
        }
        None => Ok(()),
    }
}

/// What an attribute of a row is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Used {
    AsAttribute,
    /// A variation has one value of it, or its parent offers several.
    ByVariation,
}

/// Sets an attribute of a row, in the columns that name it, else in the first that are free, else in new ones. `value` is
/// as the cell spells it; a blank one takes an attribute's name away too.
fn put_attribute(
    sheet: &mut Sheet,
    row: usize,
    name: &str,
    value: &str,
    used: Used,
) -> Result<(), ConnectorError> {
    let reader = Reader::new(sheet);
    let mut columns = reader.attributes.iter();
    let named = columns
        .find(|columns| same_name(&reader.text(row, Some(columns.name)), name))
        .copied();
    if let Some(columns) = named {
        if reader.text(row, Some(columns.values)) == value.trim() {
            return Ok(());
        }
        if value.is_empty() && used == Used::AsAttribute {
            sheet.set(row, columns.name, "")?;
        }
        return sheet.set(row, columns.values, &guard(value));
    }
    if value.is_empty() {
        return Ok(());
    }
    let mut columns = reader.attributes.iter();
    let free = columns
        .find(|columns| reader.text(row, Some(columns.name)).is_empty())
        .copied();
    let columns = free.unwrap_or_else(|| {
        let number = reader.attributes.last().map_or(1, |last| last.number + 1);
        add_attribute_columns(sheet, number)
    });
    sheet.set(row, columns.name, &guard(name))?;
    sheet.set(row, columns.values, &guard(value))?;
    let global = if used == Used::ByVariation { "1" } else { "0" };
    for (what, text) in [("visible", "1"), ("global", global)] {
        if let Some(column) = sheet.column(&[&format!("attribute {} {what}", columns.number)]) {
            sheet.set(row, column, text)?;
        }
    }
    Ok(())
}

fn add_attribute_columns(sheet: &mut Sheet, number: u32) -> AttributeColumns {
    let mut add = |what: &str| {
        let spelt = format!("Attribute {number} {what}");
        sheet.column_or_add(&[&spelt.to_lowercase()], &spelt)
    };
    let columns = AttributeColumns {
        number,
        name: add("name"),
        values: add("value(s)"),
    };
    add("visible");
    add("global");
    columns
}

/// Adds option values of a variation to those that its parent offers.
fn offer_options(
    sheet: &mut Sheet,
    head: usize,
    options: &BTreeMap<String, String>,
) -> Result<(), ConnectorError> {
    for (name, value) in options {
        let reader = Reader::new(sheet);
        let offered = reader
            .attributes_of(head)
            .find(|(known, _)| same_name(known, name));
        let mut values = offered.map_or_else(Vec::new, |(_, values)| cells::list(&values));
        if !value.is_empty() && !values.contains(value) {
            values.push(value.clone());
            put_attribute(sheet, head, name, &cells::join(&values), Used::ByVariation)?;
        }
    }
    Ok(())
}

fn put_defaults(sheet: &mut Sheet, row: usize) -> Result<(), ConnectorError> {
    for (name, text) in NEW_ROW {
        if let Some(column) = sheet.column(&[name]) {
            sheet.set(row, column, text)?;
        }
    }
    Ok(())
}

/// One more than the highest ID; `None` when the file has no IDs.
fn next_id(sheet: &Sheet) -> Option<u64> {
    let column = ID.find(sheet)?;
    let ids = sheet
        .rows()
        .filter_map(|row| sheet.cell(row, column).trim().parse::<u64>().ok());
    Some(ids.max().unwrap_or(0) + 1)
}

fn put_new_id(sheet: &mut Sheet, row: usize, next_id: &mut Option<u64>) -> Result<(), ConnectorError> {
    let Some(id) = next_id else { return Ok(()) };
    cells::put_plain(sheet, row, ID, &id.to_string())?;
    *id += 1;
    Ok(())
}

fn id_of(sheet: &Sheet, row: usize) -> Result<RemoteId, ConnectorError> {
    let id = Reader::new(sheet).product_id(row);
    id.ok_or_else(|| rejected("A product needs a SKU or a title to be kept in this file."))
}

fn put_text(sheet: &mut Sheet, row: usize, column: Column, text: &str) -> Result<(), ConnectorError> {
    let read = |cell: &str| Some(unguard(cell.trim()).to_owned());
    cells::put(sheet, row, column, &text.trim().to_owned(), read, |text| {
        guard(text)
    })
}

fn put_description(sheet: &mut Sheet, row: usize, text: &str) -> Result<(), ConnectorError> {
    let read = |cell: &str| Some(unescape_breaks(cell));
    cells::put(sheet, row, DESCRIPTION, &text.trim().to_owned(), read, |text| {
        escape_breaks(text)
    })
}

fn put_brand(sheet: &mut Sheet, row: usize, text: &str) -> Result<(), ConnectorError> {
    let write = |text: &String| guard(&cells::join(std::slice::from_ref(text)));
    cells::put(
        sheet,
        row,
        BRANDS,
        &text.trim().to_owned(),
        |cell| Some(brand(cell)),
        write,
    )
}

fn put_categories(sheet: &mut Sheet, row: usize, paths: &[String]) -> Result<(), ConnectorError> {
    let write = |paths: &Vec<String>| guard(&cells::join(paths));
    cells::put(
        sheet,
        row,
        CATEGORIES,
        &paths.to_vec(),
        |cell| Some(categories(cell)),
        write,
    )
}

fn put_list(sheet: &mut Sheet, row: usize, column: Column, parts: &[String]) -> Result<(), ConnectorError> {
    let parts: Vec<_> = parts.iter().filter(|part| !part.is_empty()).cloned().collect();
    let read = |cell: &str| Some(cells::list(unguard(cell.trim())));
    cells::put(sheet, row, column, &parts, read, |parts| {
        guard(&cells::join(parts))
    })
}

fn put_status(sheet: &mut Sheet, row: usize, wanted: Option<Status>) -> Result<(), ConnectorError> {
    let read = |cell: &str| status(cell.trim()).ok();
    cells::put(sheet, row, PUBLISHED, &wanted, read, |wanted| {
        status_cell(*wanted)
    })
}

fn status_cell(status: Option<Status>) -> String {
    let cell = match status {
        None => "",
        Some(Status::Active) => "1",
        Some(Status::Draft) => "-1",
        Some(Status::Paused | Status::Archived) => "0",
    };
    cell.to_owned()
}

fn guard(text: &str) -> String {
    if is_formula(text) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

fn escape_breaks(text: &str) -> String {
    let text = guard(text).replace("\\n", "\\\\n");
    // A backslash before an escaped break would read as an escaped backslash: such a break stays a real one.
    let lines: Vec<_> = text.split('\n').collect();
    let mut escaped = String::with_capacity(text.len());
    for (index, line) in lines.iter().enumerate() {
        escaped.push_str(line);
        if index + 1 < lines.len() {
            escaped.push_str(if line.ends_with('\\') { "\n" } else { "\\n" });
        }
    }
    escaped
}
