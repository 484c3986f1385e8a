//! What a demo shop makes of the values it is given, as real platforms do: they round, trim, escape, wrap, sort and
//! recompress, and show the result ever after.

use super::picture::Picture;
use serde::Deserialize;
use shared::{
    money::Decimal,
    order::{self, Order},
    product::{Image, Patch, Product, Variant, VariantPatch},
};
use std::collections::BTreeMap;

/// One thing that a shop does to what is written there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Rewrite {
    /// Prices to whole units, halves up.
    RoundPrices,
    /// Titles to 60 characters, with single blanks; notes of orders without any around them.
    Trim,
    /// `&` to `&amp;` and so on in every short text.
    Escape,
    /// Descriptions into a paragraph, unless they begin with one.
    Paragraphs,
    /// Tags, pictures and variants into an order of its own.
    Reorder,
    /// Pictures are made anew, so that their bytes differ from those sent.
    RecompressImages,
    UpperSku,
    /// Costs are not kept.
    DropCost,
}

pub(super) const NAMES: &[&str] = &[
    "round-prices",
    "trim",
    "escape",
    "paragraphs",
    "reorder",
    "recompress-images",
    "upper-sku",
    "drop-cost",
];

const LONGEST_TITLE: usize = 60;

impl Rewrite {
    pub(super) fn product(self, product: &mut Product) {
        let Product {
            title,
            description,
            brand,
            model,
            mpn,
            categories,
            tags,
            status: _,
            attributes,
            images,
            variants,
        } = product;
        match self {
            Self::Trim => trim(title),
            Self::Escape => {
                for text in [title, brand, model, mpn]
                    .into_iter()
                    .chain(categories)
                    .chain(tags)
                {
                    escape(text);
                }
                escape_values(attributes);
            }
            Self::Paragraphs => wrap(description),
            Self::Reorder => {
                tags.sort();
                sort_images(images);
                variants.sort_by(|a, b| a.options.cmp(&b.options));
            }
            Self::RecompressImages => {
                let moved = recompress(images);
                for variant in &mut *variants {
                    follow(&mut variant.images, &moved);
                }
            }
            Self::RoundPrices | Self::UpperSku | Self::DropCost => {}
        }
        for variant in variants {
            self.variant(variant);
        }
    }

    fn variant(self, variant: &mut Variant) {
        match self {
            Self::RoundPrices => {
                for price in [&mut variant.price, &mut variant.compare_at_price]
                    .into_iter()
                    .flatten()
                {
                    *price = whole(*price);
                }
            }
            Self::Escape => escape_values(&mut variant.options),
            Self::UpperSku => variant.sku = variant.sku.to_uppercase(),
            Self::DropCost => variant.cost = None,
            Self::Trim | Self::Paragraphs | Self::Reorder | Self::RecompressImages => {}
        }
    }

    pub(super) fn patch(self, patch: &mut Patch) {
        let Patch {
            title,
            description,
            brand,
            model,
            mpn,
            categories,
            tags,
            status: _,
            attributes,
            images,
            variants,
            new_variants,
        } = patch;
        match self {
            Self::Trim => title.iter_mut().for_each(trim),
            Self::Escape => {
                let texts = [title, brand, model, mpn].into_iter().flatten();
                for text in texts
                    .chain(categories.iter_mut().flatten())
                    .chain(tags.iter_mut().flatten())
                {
                    escape(text);
                }
                escape_values(attributes);
            }
            Self::Paragraphs => description.iter_mut().for_each(wrap),
            Self::Reorder => {
                if let Some(tags) = tags {
                    tags.sort();
                }
                if let Some(images) = images {
                    sort_images(images);
                }
            }
            Self::RecompressImages => {
                let moved = images.as_deref_mut().map(recompress).unwrap_or_default();
                for named in variants.iter_mut().filter_map(|variant| variant.images.as_mut()) {
                    follow(named, &moved);
                }
                for variant in &mut *new_variants {
                    follow(&mut variant.images, &moved);
                }
            }
            Self::RoundPrices | Self::UpperSku | Self::DropCost => {}
        }
        for variant in variants {
            self.variant_patch(variant);
        }
        for variant in new_variants {
            self.variant(variant);
        }
    }

    pub(super) fn order(self, order: &mut Order) {
        self.note(&mut order.note);
        if self == Self::UpperSku {
            for line in &mut order.lines {
                line.sku = line.sku.to_uppercase();
            }
        }
    }

    pub(super) fn order_patch(self, patch: &mut order::Patch) {
        patch.note.iter_mut().for_each(|note| self.note(note));
    }

    fn note(self, note: &mut String) {
        match self {
            Self::Trim => *note = note.trim().to_owned(),
            Self::Escape => escape(note),
            Self::RoundPrices
            | Self::Paragraphs
            | Self::Reorder
            | Self::RecompressImages
            | Self::UpperSku
            | Self::DropCost => {}
        }
    }

    fn variant_patch(self, variant: &mut VariantPatch) {
        match self {
            Self::RoundPrices => {
                let prices = [&mut variant.price, &mut variant.compare_at_price];
                for price in prices.into_iter().flatten().flatten() {
                    *price = whole(*price);
                }
            }
            Self::Escape => escape_values(&mut variant.options),
            Self::UpperSku => variant.sku.iter_mut().for_each(|sku| *sku = sku.to_uppercase()),
            Self::DropCost => variant.cost = None,
            Self::Trim | Self::Paragraphs | Self::Reorder | Self::RecompressImages => {}
        }
    }
}

fn trim(title: &mut String) {
    let words: Vec<&str> = title.split_whitespace().collect();
    let short: String = words.join(" ").chars().take(LONGEST_TITLE).collect();
    short.trim_end().clone_into(title);
}

/// What is escaped already stays as it is.
fn escape(text: &mut String) {
    let plain = text
        .replace("&amp;", "&")
        .replace("&lt;", "<")
        .replace("&gt;", ">");
    *text = plain.replace('&', "&amp;").replace('<', "&lt;");
}

fn escape_values(texts: &mut BTreeMap<String, String>) {
    texts.values_mut().for_each(escape);
}

fn wrap(description: &mut String) {
    let text = description.trim();
    if !text.is_empty() && !text.starts_with("<p>") {
        *description = format!("<p>{text}</p>\n");
    }
}

fn sort_images(images: &mut [Image]) {
    images.sort_by(|a, b| (&a.alt, &a.hash, &a.address).cmp(&(&b.alt, &b.hash, &b.address)));
}

/// The new addresses by the ones that were sent.
fn recompress(images: &mut [Image]) -> BTreeMap<String, String> {
    let mut moved = BTreeMap::new();
    for Image {
        remote_id,
        hash,
        address,
        alt: _,
    } in images
    {
        if remote_id.is_none() {
            let own = Picture::parse(address, hash.as_deref())
                .recompressed()
                .address(None);
            moved.insert(std::mem::replace(address, own.clone()), own);
            *hash = None;
        }
    }
    moved
}

fn follow(named: &mut [String], moved: &BTreeMap<String, String>) {
    for address in named {
        if let Some(own) = moved.get(address) {
            address.clone_from(own);
        }
    }
}

fn whole(price: Decimal) -> Decimal {
    Decimal((price.0 + Decimal::new(5, 1).0).floor())
}
