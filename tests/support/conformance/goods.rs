//! What the laws create and change.

use shared::{
    content::Field,
    product::{DEFAULT_LOCATION, Patch, Product, Status, StockWrite, Variant, VariantPatch},
};
use std::collections::{BTreeMap, BTreeSet};

/// So many products with nothing but what tells them apart.
pub(super) fn plain(count: usize) -> Vec<Product> {
    (0..count)
        .map(|number| Product {
            title: format!("Product {number}"),
            variants: vec![Variant {
                sku: format!("P-{number}"),
                price: "1.00".parse().ok(),
                ..Variant::default()
            }],
            ..Product::default()
        })
        .collect()
}

/// Something of everything; texts that are hard to keep.
pub(super) fn simple(sku: &str) -> Product {
    Product {
        title: format!("Mug & Cup <{sku}> “größe”"),
        description: "<p>Holds a <b>pint</b> &amp; more.</p>".to_owned(),
        brand: "Tallow & Reed".to_owned(),
        categories: vec!["Kitchen > Mugs & Cups".to_owned()],
        tags: vec!["gift".to_owned(), "new in".to_owned()],
        status: Some(Status::Active),
        variants: vec![Variant {
            sku: sku.to_owned(),
            price: "19.90".parse().ok(),
            stock: BTreeMap::from([(DEFAULT_LOCATION.to_owned(), 12.into())]),
            ..Variant::default()
        }],
        ..Product::default()
    }
}

/// A product in four variants.
pub(super) fn variable() -> Product {
    let variant = |color: &str, size: &str| Variant {
        sku: format!("V-{}-{size}", color.to_uppercase()),
        options: BTreeMap::from([
            ("Color".to_owned(), color.to_owned()),
            ("Size".to_owned(), size.to_owned()),
        ]),
        price: "29.00".parse().ok(),
        stock: BTreeMap::from([(DEFAULT_LOCATION.to_owned(), 3.into())]),
        ..Variant::default()
    };
    Product {
        title: "Shirt".to_owned(),
        status: Some(Status::Active),
        variants: vec![
            variant("Red", "M"),
            variant("Red", "L"),
            variant("Blue", "M"),
            variant("Blue", "L"),
        ],
        ..Product::default()
    }
}

/// A change that a product may be asked for: its name, its field, and the patch with what comes of it.
pub(super) type Change = (&'static str, Field, fn(&Product) -> (Patch, Product));

#[allow(clippy::too_many_lines, reason = "a table")]
pub(super) fn changes() -> Vec<Change> {
    /// A patch of the product itself, and the same done to it.
    fn whole(product: &Product, patch: Patch, change: impl FnOnce(&mut Product)) -> (Patch, Product) {
        let mut changed = product.clone();
        change(&mut changed);
        (patch, changed)
    }
    /// Likewise of its last variant.
    fn last(product: &Product, patch: VariantPatch, change: impl FnOnce(&mut Variant)) -> (Patch, Product) {
        let mut changed = product.clone();
        let variant = changed.variants.last_mut().expect("at least one");
        let patch = VariantPatch {
            remote_id: variant.remote_id.clone(),
            ..patch
        };
        change(variant);
        let patch = Patch {
            variants: vec![patch],
            ..Patch::default()
        };
        (patch, changed)
    }
    vec![
        ("another title", Field::Title, |product| {
            let title = "Plain & <new>".to_owned();
            let patch = Patch {
                title: Some(title.clone()),
                ..Patch::default()
            };
            whole(product, patch, |product| product.title = title)
        }),
        ("another description", Field::Description, |product| {
            let description = "<p>Told anew.</p>".to_owned();
            let patch = Patch {
                description: Some(description.clone()),
                ..Patch::default()
            };
            whole(product, patch, |product| product.description = description)
        }),
        ("other categories", Field::Categories, |product| {
            let categories = vec!["Sale".to_owned()];
            let patch = Patch {
                categories: Some(categories.clone()),
                ..Patch::default()
            };
            whole(product, patch, |product| product.categories = categories)
        }),
        ("other tags", Field::Tags, |product| {
            let tags = vec!["last one".to_owned()];
            let patch = Patch {
                tags: Some(tags.clone()),
                ..Patch::default()
            };
            whole(product, patch, |product| product.tags = tags)
        }),
        ("another status", Field::Status, |product| {
            let patch = Patch {
                status: Some(Status::Draft),
                ..Patch::default()
            };
            whole(product, patch, |product| product.status = Some(Status::Draft))
        }),
        ("another price", Field::Price, |product| {
            let price = "24.50".parse().ok();
            let patch = VariantPatch {
                price: Some(price),
                ..VariantPatch::default()
            };
            last(product, patch, |variant| variant.price = price)
        }),
        ("another number", Field::Sku, |product| {
            let sku = format!("{}-NEW", product.variants.last().expect("at least one").sku);
            let patch = VariantPatch {
                sku: Some(sku.clone()),
                ..VariantPatch::default()
            };
            last(product, patch, |variant| variant.sku = sku)
        }),
        ("another quantity", Field::Stock, |product| {
            let stock = &product.variants.last().expect("at least one").stock;
            let (place, from) = stock.first_key_value().expect("it is counted");
            let (place, write) = (
                place.clone(),
                StockWrite {
                    from: Some(*from),
                    to: 7.into(),
                },
            );
            let patch = VariantPatch {
                stock: BTreeMap::from([(place.clone(), write)]),
                ..VariantPatch::default()
            };
            last(product, patch, |variant| {
                variant.stock.insert(place, write.to);
            })
        }),
        ("another quantity, and a price with it", Field::Stock, |product| {
            let stock = &product.variants.last().expect("at least one").stock;
            let (place, from) = stock.first_key_value().expect("it is counted");
            let (place, price) = (place.clone(), "24.75".parse().ok());
            let write = StockWrite {
                from: Some(*from),
                to: 0.into(),
            };
            let patch = VariantPatch {
                price: Some(price),
                stock: BTreeMap::from([(place.clone(), write)]),
                ..VariantPatch::default()
            };
            last(product, patch, |variant| {
                variant.price = price;
                variant.stock.insert(place, write.to);
            })
        }),
    ]
}

/// A platform shows what it was given, as far as it holds such fields at all.
pub(super) fn assert_alike(shown: &Product, given: &Product, fields: &[Field]) {
    let alike = |field: Field, alike: bool| {
        assert!(
            alike || !fields.contains(&field),
            "{field:?} of {shown:#?}, given {given:#?}"
        );
    };
    alike(Field::Title, shown.title == given.title);
    alike(Field::Description, shown.description == given.description);
    alike(Field::Brand, shown.brand == given.brand);
    alike(Field::Categories, shown.categories == given.categories);
    let sorted = |tags: &[String]| tags.iter().cloned().collect::<BTreeSet<_>>();
    alike(Field::Tags, sorted(&shown.tags) == sorted(&given.tags));
    alike(Field::Status, shown.status == given.status);
    assert_eq!(shown.variants.len(), given.variants.len(), "{shown:#?}");
    for variant in &given.variants {
        let same = shown
            .variants
            .iter()
            .find(|same| same.sku == variant.sku && same.options == variant.options);
        let same = same.unwrap_or_else(|| panic!("{variant:?} is not among {:#?}", shown.variants));
        alike(Field::Price, same.price == variant.price);
        let counts = |variant: &Variant| variant.stock.values().copied().collect::<Vec<_>>();
        alike(Field::Stock, counts(same) == counts(variant));
    }
}
