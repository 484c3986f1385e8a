//! Sparse updates.

use super::state::ShopError;
use shared::product::{Image, Patch, Product, StockWrites, Variant, VariantPatch};
use std::collections::BTreeMap;

/// Changes only what the patch names.
pub(super) fn apply(product: &mut Product, patch: Patch, stock: StockWrites) -> Result<(), ShopError> {
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
    replace(&mut product.title, title);
    replace(&mut product.description, description);
    replace(&mut product.brand, brand);
    replace(&mut product.model, model);
    replace(&mut product.mpn, mpn);
    replace(&mut product.categories, categories);
    replace(&mut product.tags, tags);
    product.status = status.or(product.status);
    set(&mut product.attributes, attributes);
    if let Some(wanted) = images {
        product.images = gallery(&product.images, wanted)?;
    }
    for patch in variants {
        let simple = product.variants.len() == 1 && patch.remote_id.is_none();
        let variant = product
            .variants
            .iter_mut()
            .find(|variant| simple || (variant.remote_id.is_some() && variant.remote_id == patch.remote_id))
            .ok_or_else(|| {
                let id = patch.remote_id.as_ref().map_or("without an id", |id| &id.0);
                ShopError::Rejected(format!("The product has no variant {id}."))
            })?;
        apply_to_variant(variant, patch, stock);
    }
    product
        .variants
        .extend(new_variants.into_iter().map(|variant| Variant {
            remote_id: None,
            ..variant
        }));
    Ok(())
}

fn apply_to_variant(variant: &mut Variant, patch: VariantPatch, writes: StockWrites) {
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
    replace(&mut variant.sku, sku);
    replace(&mut variant.barcode, barcode);
    set(&mut variant.options, options);
    replace(&mut variant.price, price);
    replace(&mut variant.compare_at_price, compare_at_price);
    replace(&mut variant.cost, cost);
    for (location, write) in stock {
        let quantity = match writes {
            StockWrites::Absolute => write.to,
            StockWrites::Adjusts => write.adjusted(variant.stock.get(&location).copied()),
        };
        variant.stock.insert(location, quantity);
    }
    replace(&mut variant.weight, weight);
    replace(&mut variant.images, images);
}

fn replace<T>(value: &mut T, wanted: Option<T>) {
    if let Some(wanted) = wanted {
        *value = wanted;
    }
}

/// A blank value takes the name away.
fn set(values: &mut BTreeMap<String, String>, wanted: BTreeMap<String, String>) {
    for (name, value) in wanted {
        if value.trim().is_empty() {
            values.remove(&name);
        } else {
            values.insert(name, value);
        }
    }
}

/// The wanted pictures: those with an id are here already and keep their address, the others are uploads.
fn gallery(here: &[Image], wanted: Vec<Image>) -> Result<Vec<Image>, ShopError> {
    let each = wanted.into_iter().map(|image| match &image.remote_id {
        None => Ok(image),
        Some(id) => {
            let known = here.iter().find(|known| known.remote_id.as_ref() == Some(id));
            let known =
                known.ok_or_else(|| ShopError::Rejected(format!("The product has no picture {id}.")))?;
            Ok(Image {
                alt: image.alt,
                ..known.clone()
            })
        }
    });
    each.collect()
}
