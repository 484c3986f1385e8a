//! What is sold and counted: a simple product, or a variation of a variable one.

use super::{
    price::{Prices, amount},
    product::{Words, weight},
    shapes::{Managed, Sold, Variation},
    text::unescape,
};
use shared::{
    ids::RemoteId,
    money::Decimal,
    product::{DEFAULT_LOCATION, Variant},
};
use std::collections::BTreeMap;

/// The only variant of a simple product.
pub(super) fn simple(sold: &Sold, words: &Words) -> Result<Variant, String> {
    let Prices { price, compare_at } = Prices::read(sold)?;
    let stock = counted(sold)?.map(|counted| (DEFAULT_LOCATION.to_owned(), counted));
    Ok(Variant {
        remote_id: None,
        sku: sold.sku.trim().to_owned(),
        barcode: sold.global_unique_id.trim().to_owned(),
        options: BTreeMap::new(),
        price,
        compare_at_price: compare_at,
        cost: None,
        stock: stock.into_iter().collect(),
        weight: weight(&sold.weight, words)?,
        images: Vec::new(),
    })
}

/// A variation that shows these of the product's pictures.
pub(super) fn variant(variation: &Variation, images: Vec<String>, words: &Words) -> Result<Variant, String> {
    let in_place = |reason: String| format!("of its variation {}, {reason}", variation.id);
    // An option that is left open is any: it tells nothing apart.
    let options = variation
        .attributes
        .iter()
        .filter(|chosen| !chosen.option.is_empty());
    Ok(Variant {
        remote_id: Some(RemoteId::from(variation.id.to_string())),
        options: options
            .map(|chosen| (unescape(chosen.name.trim()), unescape(chosen.option.trim())))
            .collect(),
        images,
        ..simple(&variation.sold, words).map_err(in_place)?
    })
}

/// How many are counted. `None`: nobody counts, or its product counts for all variations together.
pub(super) fn counted(sold: &Sold) -> Result<Option<Decimal>, String> {
    match sold.manage_stock {
        Managed::Itself => Ok(Some(
            amount(&sold.stock_quantity, "stock")?.unwrap_or(Decimal::ZERO),
        )),
        Managed::Parent | Managed::Nobody => Ok(None),
    }
}
