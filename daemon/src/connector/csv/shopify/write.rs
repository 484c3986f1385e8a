//! Putting changes and new products into a sheet of `Shopify`'s format.

use super::{
    ALT, BARCODE, CATEGORY, COMPARE_AT, COST, DESCRIPTION, GRAMS, HANDLE, IMAGE, METAFIELD, MODEL, MPN,
    OPTIONS, POSITION, PRICE, PUBLISHED, QUANTITY, Reader, SKU, STATUS, TAGS, TITLE, TOKEN, TRACKER, TYPE,
    VARIANT_IMAGE, VENDOR, barcode, metafields, tags,
};
use crate::connector::{
    ConnectorError, Create,
    csv::{
        Found,
        cells::{self, rejected},
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
use std::{borrow::Cow, collections::HashSet};

/// What a new row of a variant says where the file has such a column.
const NEW_VARIANT: &[(&str, &str)] = &[
    ("variant inventory policy", "deny"),
    ("continue selling when out of stock", "DENY"),
    ("variant fulfillment service", "manual"),
    ("fulfillment service", "manual"),
    ("variant requires shipping", "true"),
    ("requires shipping", "TRUE"),
    ("variant taxable", "true"),
    ("charge tax", "TRUE"),
    ("variant weight unit", "kg"),
    ("weight unit for display", "kg"),
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
    let texts = [
        (TITLE, title),
        (DESCRIPTION, description),
        (VENDOR, brand),
        (MPN, mpn),
    ];
    for (column, text) in texts {
        if let Some(text) = text {
            cells::put_plain(sheet, head, column, text)?;
        }
    }
    if let Some(model) = model {
        put_metafield(sheet, head, MODEL, model)?;
    }
    if let Some(categories) = categories {
        put_categories(sheet, head, categories)?;
    }
    if let Some(tags) = tags {
        put_tags(sheet, head, tags)?;
    }
    if let Some(status) = status {
        put_status(sheet, head, Some(*status))?;
    }
    for (name, value) in attributes {
        put_metafield(sheet, head, name, value)?;
    }
    for patch in variants {
        let row = variant_row(found, patch.remote_id.as_ref())?;
        update_variant(sheet, head, row, patch)?;
    }
    let after = found.rows.iter().copied().max().unwrap_or(head);
    for variant in new_variants {
        let names = Reader::new(sheet).options.map(|(name, _)| {
            let name = name.map_or(Cow::Borrowed(""), |column| sheet.cell(head, column));
            name.trim().to_owned()
        });
        let named: Vec<_> = names.into_iter().filter(|name| !name.is_empty()).collect();
        if found
            .record
            .product
            .variants
            .iter()
            .any(|variant| variant.options.is_empty())
        {
            return Err(rejected(format!(
                "{}: a product without options cannot have more variants. Give it options in the file first.",
                sheet.place(head)
            )));
        }
        let row = sheet.add_row(after);
        cells::put_plain(sheet, row, HANDLE, &found.record.remote_id.0)?;
        put_new_variant(sheet, row, variant, &named)?;
    }
    if let Some(images) = images {
        put_gallery(sheet, found, images)?;
    }
    Ok(found.record.remote_id.clone())
}

/// Appends products; the answers are their ids.
pub(in crate::connector::csv) fn create(
    sheet: &mut Sheet,
    batch: &[&Create],
) -> Vec<Result<RemoteId, ConnectorError>> {
    let mut handles: HashSet<String> = {
        let reader = Reader::new(sheet);
        sheet
            .rows()
            .map(|row| reader.text(row, reader.handle).into_owned())
            .collect()
    };
    let created = batch.iter().map(|create| append(sheet, create, &mut handles));
    created.collect()
}

fn append(
    sheet: &mut Sheet,
    Create {
        token,
        record: product,
    }: &Create,
    handles: &mut HashSet<String>,
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
    let names = option_names(variants)?;
    let handle = cells::untaken(&cells::slug(title), |handle| handles.contains(handle));
    let end = sheet.last_row();
    let mut rows = Vec::with_capacity(variants.len());
    for variant in variants {
        let row = sheet.add_row(end);
        cells::put_plain(sheet, row, HANDLE, &handle)?;
        if rows.is_empty() {
            for ((column, _), name) in OPTIONS.iter().zip(&names) {
                cells::put_plain(sheet, row, *column, name)?;
            }
            if names.is_empty() {
                cells::put_plain(sheet, row, OPTIONS[0].0, "Title")?;
            }
        }
        put_new_variant(sheet, row, variant, &names)?;
        rows.push(row);
    }
    let Some(head) = rows.first().copied() else {
        return Err(rejected("A product needs at least one variant."));
    };
    cells::put_plain(sheet, head, TITLE, title)?;
    cells::put_plain(sheet, head, DESCRIPTION, description)?;
    cells::put_plain(sheet, head, VENDOR, brand)?;
    cells::put_plain(sheet, head, MPN, mpn)?;
    put_metafield(sheet, head, MODEL, model)?;
    put_categories(sheet, head, categories)?;
    put_tags(sheet, head, tags)?;
    put_status(sheet, head, *status)?;
    cells::put_plain(sheet, head, TOKEN, token)?;
    if let Some(column) = sheet.column(&["gift card"]) {
        sheet.set(head, column, "false")?;
    }
    for (name, value) in attributes {
        put_metafield(sheet, head, name, value)?;
    }
    let pictures: Vec<_> = images.iter().filter(|image| !image.address.is_empty()).collect();
    spread(sheet, &handle, &rows, end, &pictures)?;
    handles.insert(handle.clone());
    Ok(RemoteId::from(handle))
}

/// Three options at most, and each variant has a value of each.
fn option_names(variants: &[Variant]) -> Result<Vec<String>, ConnectorError> {
    let mut names: Vec<String> = Vec::new();
    for name in variants.iter().flat_map(|variant| variant.options.keys()) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    if names.len() > OPTIONS.len() {
        let names = names.join(", ");
        return Err(rejected(format!(
            "Shopify's format has three options at most; this product has {names}."
        )));
    }
    Ok(names)
}

fn put_new_variant(
    sheet: &mut Sheet,
    row: usize,
    variant: &Variant,
    names: &[String],
) -> Result<(), ConnectorError> {
    let Variant {
        remote_id: _,
        sku,
        barcode: code,
        options,
        price,
        compare_at_price,
        cost,
        stock,
        weight,
        images,
    } = variant;
    if let Some(unknown) = options.keys().find(|name| !names.contains(name)) {
        return Err(rejected(format!(
            "This product has no option “{unknown}”; it has {}.",
            names.join(", ")
        )));
    }
    for ((_, column), name) in OPTIONS.iter().zip(names) {
        let value = options.get(name).filter(|value| !value.trim().is_empty());
        let value = value.ok_or_else(|| {
            rejected(format!("Shopify's format needs a value of “{name}” for each variant; the one with the SKU “{sku}” has none."))
        })?;
        cells::put_plain(sheet, row, *column, value)?;
    }
    if names.is_empty() {
        cells::put_plain(sheet, row, OPTIONS[0].1, "Default Title")?;
    }
    for (name, text) in NEW_VARIANT {
        if let Some(column) = sheet.column(&[name]) {
            sheet.set(row, column, text)?;
        }
    }
    cells::put_plain(sheet, row, SKU, sku)?;
    cells::put_plain(sheet, row, BARCODE, code)?;
    cells::put_number(sheet, row, PRICE, *price)?;
    cells::put_number(sheet, row, COMPARE_AT, *compare_at_price)?;
    cells::put_number(sheet, row, COST, *cost)?;
    put_quantity(sheet, row, cells::quantity(stock)?)?;
    put_weight(sheet, row, *weight)?;
    put_variant_image(sheet, row, images)
}

fn update_variant(
    sheet: &mut Sheet,
    head: usize,
    row: usize,
    patch: &VariantPatch,
) -> Result<(), ConnectorError> {
    let VariantPatch {
        remote_id: _,
        sku,
        barcode: code,
        options,
        price,
        compare_at_price,
        cost,
        stock,
        weight,
        images,
    } = patch;
    if let Some(sku) = sku {
        cells::put_plain(sheet, row, SKU, sku)?;
    }
    if let Some(code) = code {
        let read = |cell: &str| Some(barcode(cell).to_owned());
        cells::put(sheet, row, BARCODE, code, read, Clone::clone)?;
    }
    for (name, value) in options {
        let known = OPTIONS.iter().find(|(column, _)| {
            column
                .find(sheet)
                .is_some_and(|column| sheet.cell(head, column).trim() == name)
        });
        let (_, column) = known.ok_or_else(|| {
            rejected(format!(
                "{}: this product has no option “{name}”. Add it to the file first.",
                sheet.place(head)
            ))
        })?;
        cells::put_plain(sheet, row, *column, value)?;
    }
    for (column, amount) in [(PRICE, price), (COMPARE_AT, compare_at_price), (COST, cost)] {
        if let Some(amount) = amount {
            cells::put_number(sheet, row, column, *amount)?;
        }
    }
    if let Some(quantity) = cells::quantity_to(stock)? {
        put_quantity(sheet, row, Some(quantity))?;
    }
    if let Some(weight) = weight {
        put_weight(sheet, row, *weight)?;
    }
    if let Some(images) = images {
        put_variant_image(sheet, row, images)?;
    }
    Ok(())
}

/// A quantity counts only where something tracks it.
fn put_quantity(sheet: &mut Sheet, row: usize, quantity: Option<Decimal>) -> Result<(), ConnectorError> {
    if quantity.is_some()
        && let Some(tracker) = TRACKER.find(sheet)
        && sheet.cell(row, tracker).trim().is_empty()
    {
        sheet.set(row, tracker, "shopify")?;
    }
    cells::put_number(sheet, row, QUANTITY, quantity)
}

fn put_weight(sheet: &mut Sheet, row: usize, kilograms: Option<Decimal>) -> Result<(), ConnectorError> {
    let grams = kilograms.map(|kilograms| {
        let grams = WeightUnit::Gram.of_kilograms(kilograms);
        grams.ok_or_else(|| rejected("The weight is out of range."))
    });
    let grams = grams.transpose()?;
    let none = |sheet: &Sheet, column| {
        let shown = cells::number(&sheet.cell(row, column), sheet.may_have_decimal_commas());
        shown.is_ok_and(|shown| shown.is_none_or(Decimal::is_zero))
    };
    match (grams, GRAMS.find(sheet)) {
        // 0 is how the exporter writes none.
        (None, Some(column)) if none(sheet, column) => Ok(()),
        (None, Some(column)) => sheet.set(row, column, "0"),
        (grams, _) => cells::put_number(sheet, row, GRAMS, grams),
    }
}

/// One picture shows a variant in this format: the first.
fn put_variant_image(sheet: &mut Sheet, row: usize, images: &[String]) -> Result<(), ConnectorError> {
    cells::put_plain(
        sheet,
        row,
        VARIANT_IMAGE,
        images.first().map_or("", String::as_str),
    )
}

/// The first that is not a place in the taxonomy becomes the type; the taxonomy itself is never invented.
fn put_categories(sheet: &mut Sheet, row: usize, wanted: &[String]) -> Result<(), ConnectorError> {
    let reader = Reader::new(sheet);
    if reader.categories(row) == wanted {
        return Ok(());
    }
    let category = reader.text(row, reader.category).into_owned();
    let kind = wanted.iter().find(|name| **name != category);
    let keeps = wanted.contains(&category);
    cells::put_plain(sheet, row, TYPE, kind.map_or("", String::as_str))?;
    if keeps {
        Ok(())
    } else {
        cells::put_plain(sheet, row, CATEGORY, "")
    }
}

fn put_tags(sheet: &mut Sheet, row: usize, wanted: &[String]) -> Result<(), ConnectorError> {
    if let Some(tag) = wanted.iter().find(|tag| tag.contains(',')) {
        return Err(rejected(format!(
            "The tag “{tag}” has a comma, which parts tags in Shopify's format."
        )));
    }
    cells::put(
        sheet,
        row,
        TAGS,
        &wanted.to_vec(),
        |cell| Some(tags(cell)),
        |tags| tags.join(", "),
    )
}

fn put_status(sheet: &mut Sheet, row: usize, wanted: Option<Status>) -> Result<(), ConnectorError> {
    let shown = Reader::new(sheet).status(row).map_err(rejected)?;
    let Some(wanted) = wanted.filter(|wanted| shown != Some(*wanted)) else {
        return Ok(());
    };
    let has_status = STATUS.find(sheet).is_some();
    let (status, published) = match wanted {
        Status::Active if has_status => (Some("active"), Some("true")),
        Status::Draft if has_status => (Some("draft"), None),
        Status::Active => (None, Some("true")),
        Status::Draft => (None, Some("false")),
        Status::Paused => (Some("active"), Some("false")),
        Status::Archived => (Some("archived"), None),
    };
    if let Some(status) = status {
        cells::put_plain(sheet, row, STATUS, status)?;
    }
    match published {
        Some(published) => cells::put_plain(sheet, row, PUBLISHED, published),
        None => Ok(()),
    }
}

fn put_metafield(sheet: &mut Sheet, row: usize, name: &str, value: &str) -> Result<(), ConnectorError> {
    let mut known = metafields(sheet).into_iter();
    let column = match known.find(|(_, known)| known.eq_ignore_ascii_case(name)) {
        Some((column, _)) => column,
        None if value.trim().is_empty() => return Ok(()),
        None => {
            let key = cells::slug(name).replace('-', "_");
            let spelt = format!("{name}{METAFIELD}custom.{key})");
            sheet.column_or_add(&[&spelt.to_lowercase()], &spelt)
        }
    };
    if sheet.cell(row, column).trim() == value.trim() {
        return Ok(());
    }
    sheet.set(row, column, value)
}

/// The whole gallery over the product's rows, with rows of their own for those left over. A row that held nothing but a
/// picture goes with it.
fn put_gallery(sheet: &mut Sheet, found: &Found, images: &[Image]) -> Result<(), ConnectorError> {
    let shown = found
        .record
        .product
        .images
        .iter()
        .map(|image| (&image.address, &image.alt));
    let wanted: Vec<_> = images.iter().filter(|image| !image.address.is_empty()).collect();
    if shown.eq(wanted.iter().map(|image| (&image.address, &image.alt))) {
        return Ok(());
    }
    for row in &found.variants {
        if let Some(column) = VARIANT_IMAGE.find(sheet)
            && !wanted
                .iter()
                .any(|image| image.address == sheet.cell(*row, column).trim())
        {
            cells::put_plain(sheet, *row, VARIANT_IMAGE, "")?;
        }
    }
    let after = found.rows.iter().copied().max().unwrap_or(found.head);
    spread(sheet, &found.record.remote_id.0, &found.rows, after, &wanted)?;
    for row in found
        .rows
        .iter()
        .skip(wanted.len())
        .filter(|row| !found.variants.contains(row))
    {
        for column in [IMAGE, POSITION, ALT] {
            cells::put_plain(sheet, *row, column, "")?;
        }
        let handle = HANDLE.find(sheet);
        let columns = sheet.headers().count();
        let says_nothing = |column| Some(column) == handle || sheet.cell(*row, column).trim().is_empty();
        if (0..columns).all(says_nothing) {
            sheet.remove_row(*row);
        }
    }
    Ok(())
}

/// A picture a row, from the first on; what is left over gets new rows.
fn spread(
    sheet: &mut Sheet,
    handle: &str,
    rows: &[usize],
    after: usize,
    images: &[&Image],
) -> Result<(), ConnectorError> {
    for index in 0..rows.len().max(images.len()) {
        let row = if let Some(row) = rows.get(index) {
            *row
        } else {
            let row = sheet.add_row(after);
            cells::put_plain(sheet, row, HANDLE, handle)?;
            row
        };
        let image = images.get(index);
        let position = image.map_or_else(String::new, |_| (index + 1).to_string());
        cells::put_plain(sheet, row, IMAGE, image.map_or("", |image| &image.address))?;
        cells::put_plain(sheet, row, POSITION, &position)?;
        cells::put_plain(sheet, row, ALT, image.map_or("", |image| &image.alt))?;
    }
    Ok(())
}
