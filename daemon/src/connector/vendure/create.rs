//! Creating products, in steps that can be gone through again.
//!
//! Vendure makes a product, its options and its variants by calls of their own. Until all of it is there the product is
//! hidden and has a slug that tells what it is to become; a create that finds such a product goes on with it. So nothing is
//! made twice, wherever the connection broke, and nobody buys half a product.

use super::{
    super::{Answer, ConnectorError, Create, content_hash, http::Failure},
    Vendure,
    asset::Uploaded,
    client::LARGEST_CALL,
    facet::Labels,
    input::{self, Known, put_assets, put_custom, put_number, put_text, rejected, whole},
    option::Groups,
    product::UNFINISHED,
    query,
    shapes::{Product, Variant},
    shop::Shop,
    update::{AT_ONCE, Done, size},
};
use futures_util::{StreamExt, stream};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use shared::{
    money::Decimal,
    product::{self, Image, Status},
};
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Created {
    create_product: Made,
}

#[derive(Deserialize)]
struct Made {
    id: String,
}

#[derive(Deserialize)]
struct BySlug {
    products: Found,
}

#[derive(Deserialize)]
struct Found {
    items: Vec<Slugged>,
}

#[derive(Deserialize)]
struct Slugged {
    id: String,
    slug: String,
}

impl Vendure {
    pub(super) async fn create_all(&self, batch: &[Create]) -> Vec<Answer> {
        match self.try_create_all(batch).await {
            Ok(answers) => answers,
            Err(error) => batch.iter().map(|_| Answer::Refused(error.clone())).collect(),
        }
    }

    /// Errors are of what comes before the first product.
    async fn try_create_all(&self, batch: &[Create]) -> Result<Vec<Answer>, ConnectorError> {
        let labels: Vec<Labels> = batch
            .iter()
            .map(|create| Labels::of_product(&create.record))
            .collect();
        let shop = self.with_facets(&labels).await?;
        let images: Vec<&Image> = batch.iter().flat_map(|create| &create.record.images).collect();
        let uploaded = self.bring(&images).await?;
        let slugs: Vec<String> = batch.iter().map(|create| slug_of(&create.record)).collect();
        let BySlug { products } = self
            .client
            .read(query::BY_SLUG, json!({ "slugs": slugs }))
            .await?;
        let begun: BTreeMap<String, String> = products.items.into_iter().map(|it| (it.slug, it.id)).collect();
        // Two of a batch may be alike; the first goes on with what is there.
        let mut taken = std::collections::BTreeSet::new();
        let creates: Vec<_> = batch
            .iter()
            .zip(&slugs)
            .map(|(create, slug)| {
                let begun = begun.get(slug).filter(|_| taken.insert(slug.as_str())).cloned();
                self.create_one(create, slug, begun, &shop, &uploaded)
            })
            .collect();
        let made: Vec<Result<String, Failure>> = stream::iter(creates).buffered(AT_ONCE).collect().await;
        let outcomes: Vec<(String, Done)> = made
            .into_iter()
            .map(|made| match made {
                Ok(id) => (id, Ok(())),
                Err(failure) => (String::new(), Err(failure)),
            })
            .collect();
        Ok(self.answers(&shop, outcomes).await)
    }

    /// Creates a product, or goes on with one that was `begun`. Answers its id.
    async fn create_one(
        &self,
        create: &Create,
        slug: &str,
        begun: Option<String>,
        shop: &Shop,
        uploaded: &Uploaded,
    ) -> Result<String, Failure> {
        let Create { token, record } = create;
        check(record, shop).map_err(Failure::Refused)?;
        let id = if let Some(id) = begun {
            id
        } else {
            let texts = json!([{
                "languageCode": shop.language, "name": record.title, "slug": slug, "description": record.description,
            }]);
            let input = json!({ "enabled": false, "translations": texts });
            let Created { create_product } = self
                .client
                .write(query::CREATE_PRODUCT, json!({ "input": input }))
                .await?;
            create_product.id
        };
        let found = self
            .reader(shop)
            .by_id(std::slice::from_ref(&id))
            .await
            .map_err(Failure::Refused)?;
        let gone = || Failure::Refused(rejected(format!("Product {id} went while it was created.")));
        let (product, variants) = found.whole.into_iter().next().ok_or_else(gone)?;
        let known = Known {
            shop,
            uploaded,
            product: &product,
            variants: &variants,
        };
        let mut groups = Groups::of(&self.client, shop, &id)
            .await
            .map_err(Failure::Refused)?;
        let missing = missing_variants(&record.variants, &product, &variants);
        self.create_variants(&known, &mut groups, &record.title, &missing)
            .await?;
        let mut input = whole_product(record, &known);
        let mut custom = input.remove("customFields").and_then(|custom| match custom {
            Value::Object(custom) => Some(custom),
            _ => None,
        });
        if let Some(field) = &shop.fields.token {
            custom
                .get_or_insert_default()
                .insert(field.name.clone(), token.as_str().into());
        }
        put_custom(&mut input, custom.unwrap_or_default());
        input.insert("id".to_owned(), id.as_str().into());
        let _: Value = self
            .client
            .write(query::UPDATE_PRODUCT, json!({ "input": input }))
            .await?;
        Ok(id)
    }

    /// Adds variants to a product.
    pub(super) async fn create_variants(
        &self,
        known: &Known<'_>,
        groups: &mut Groups<'_>,
        title: &str,
        variants: &[product::Variant],
    ) -> Done {
        let mut inputs = Vec::with_capacity(variants.len());
        for variant in variants {
            let options = groups.ids(&variant.options).await?;
            let input = new_variant(variant, title, options, known).map_err(Failure::Refused)?;
            inputs.push(input);
        }
        let mut rest = inputs.as_slice();
        while !rest.is_empty() {
            let mut bytes = 0;
            let fits = rest.iter().take_while(|input| {
                bytes += size(input);
                bytes <= LARGEST_CALL
            });
            let (now, later) = rest.split_at(fits.count().max(1));
            let _: Value = self
                .client
                .write(query::CREATE_VARIANTS, json!({ "input": now }))
                .await?;
            rest = later;
        }
        Ok(())
    }
}

/// What Vendure would take and make something worse of.
fn check(record: &product::Product, shop: &Shop) -> Result<(), ConnectorError> {
    if record.title.trim().is_empty() {
        return Err(rejected(
            "A product without a title has no address in Vendure: give it one.",
        ));
    }
    if record.variants.is_empty() {
        return Err(rejected(
            "A product without variants has nothing to sell: give it one.",
        ));
    }
    for variant in &record.variants {
        check_variant(variant, shop)?;
    }
    Ok(())
}

fn check_variant(variant: &product::Variant, shop: &Shop) -> Result<(), ConnectorError> {
    if variant.price.is_none() {
        return Err(rejected(format!(
            "Vendure sells a variant without a price for nothing: give `{}` a price.",
            variant.sku
        )));
    }
    if shop.currency != shop.channel_currency {
        return Err(rejected(format!(
            "A new variant needs a price in {}, the currency of its channel, and `currency` in [remote] says {}: create \
             products by a connection in {0}.",
            shop.channel_currency, shop.currency
        )));
    }
    Ok(())
}

/// What a product that is being created is known by: the same as long as it has the same SKUs, or, without any, the same
/// title.
fn slug_of(record: &product::Product) -> String {
    let mut skus: Vec<&str> = record.variants.iter().map(|variant| variant.sku.trim()).collect();
    skus.retain(|sku| !sku.is_empty());
    skus.sort_unstable();
    let what = if skus.is_empty() {
        format!("title\n{}", record.title)
    } else {
        skus.join("\n")
    };
    format!("{UNFINISHED}{}", content_hash(what.as_bytes()))
}

/// The variants that a product which was begun has not yet.
fn missing_variants(
    wanted: &[product::Variant],
    product: &Product,
    there: &[Variant],
) -> Vec<product::Variant> {
    let options = |variant: &Variant| -> BTreeMap<String, String> {
        let named = variant.options.iter().filter_map(|option| {
            let group = product
                .option_groups
                .iter()
                .find(|group| group.id == option.group_id)?;
            Some((group.name.clone(), option.name.clone()))
        });
        named.collect()
    };
    let is_there = |wanted: &product::Variant| {
        there
            .iter()
            .any(|variant| variant.sku == wanted.sku && options(variant) == wanted.options)
    };
    wanted
        .iter()
        .filter(|wanted| !is_there(wanted))
        .cloned()
        .collect()
}

/// Everything of a product that is not its variants'. Its title is its slug: Vendure makes an address of that, which no
/// other product has.
fn whole_product(record: &product::Product, known: &Known<'_>) -> Map<String, Value> {
    let product::Product {
        title,
        description,
        brand,
        model,
        mpn,
        categories: _,
        tags: _,
        status,
        attributes: _,
        images,
        variants: _,
    } = record;
    let shop = known.shop;
    let mut input = Map::new();
    let enabled = status.is_none_or(|status| status == Status::Active);
    input.insert("enabled".to_owned(), enabled.into());
    let slug = if title.chars().any(|letter| letter.is_ascii_alphanumeric()) {
        title.clone()
    } else {
        format!("product-{}", known.product.id)
    };
    let texts =
        json!([{ "languageCode": shop.language, "name": title, "slug": slug, "description": description }]);
    input.insert("translations".to_owned(), texts);
    known.put_facets(&mut input, &Labels::of_product(record));
    if !images.is_empty() {
        put_assets(&mut input, known.gallery(images));
    }
    let mut custom = Map::new();
    for (field, text) in [
        (&shop.fields.brand, brand),
        (&shop.fields.model, model),
        (&shop.fields.mpn, mpn),
    ] {
        if !text.is_empty() {
            put_text(&mut custom, field.as_ref(), text);
        }
    }
    put_custom(&mut input, custom);
    input
}

/// A variant that is to come.
///
/// Its price goes as `price`: `prices` would be taken without a word, and the variant sold for nothing.
fn new_variant(
    variant: &product::Variant,
    title: &str,
    options: Vec<String>,
    known: &Known<'_>,
) -> Result<Map<String, Value>, ConnectorError> {
    let product::Variant {
        remote_id: _,
        sku,
        barcode,
        options: named,
        price,
        compare_at_price,
        cost,
        stock,
        weight,
        images,
    } = variant;
    let shop = known.shop;
    check_variant(variant, shop)?;
    let name = std::iter::once(title).chain(named.values().map(String::as_str));
    let name: Vec<&str> = name.filter(|word| !word.is_empty()).collect();
    let texts = json!([{ "languageCode": shop.language, "name": name.join(" ") }]);
    let price = shop.minor(price.unwrap_or(Decimal::ZERO))?;
    let mut input = Map::from_iter([
        ("productId".to_owned(), Value::from(known.product.id.as_str())),
        ("sku".to_owned(), sku.as_str().into()),
        ("translations".to_owned(), texts),
        ("price".to_owned(), price.into()),
        ("optionIds".to_owned(), options.into()),
    ]);
    let tracked = match (stock.is_empty(), shop.counts_stock) {
        (true, _) => "FALSE",
        (false, true) => "INHERIT",
        (false, false) => "TRUE",
    };
    input.insert("trackInventory".to_owned(), tracked.into());
    if !stock.is_empty() {
        let levels = stock.iter().map(|(location, quantity)| {
            let id = shop.known_location(location)?;
            Ok(json!({ "stockLocationId": id, "stockOnHand": whole(*quantity)? }))
        });
        let levels: Result<Vec<Value>, ConnectorError> = levels.collect();
        input.insert("stockLevels".to_owned(), levels?.into());
    }
    let fields = &shop.fields;
    let mut custom = Map::new();
    if !barcode.is_empty() {
        put_text(&mut custom, fields.barcode.as_ref(), barcode);
    }
    if weight.is_some() {
        put_number(&mut custom, fields.weight.as_ref(), shop.weight(*weight));
    }
    for (field, amount) in [(&fields.compare_at_price, compare_at_price), (&fields.cost, cost)] {
        if let Some(amount) = amount {
            put_number(&mut custom, field.as_ref(), Some(shop.minor(*amount)?.into()));
        }
    }
    put_custom(&mut input, custom);
    let assets = known.assets(images);
    if !assets.is_empty() {
        input::put_assets(&mut input, assets);
    }
    Ok(input)
}
