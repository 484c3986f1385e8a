//! A shop, as a plain value: it keeps what it is given in its own way and counts what is written to it.

use shared::{
    content::Field,
    ids::RemoteId,
    money::Decimal,
    product::{DEFAULT_LOCATION, Image, Patch, Product, Record, StockWrites, Variant, VariantPatch},
    sync::matching::sku_key,
    time::Time,
};
use std::collections::{BTreeMap, BTreeSet};

/// Something that a platform does to the values it is given, and to those that people enter there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Habit {
    RoundPrices,
    Trim,
    Escape,
    Paragraphs,
    Reorder,
    /// Every upload becomes other bytes at an address of the platform's own.
    Recompress,
    UpperSku,
    DropCost,
    /// Uploads keep their bytes and get an address of the platform's own.
    OwnAddresses,
    /// Quantities at one place only.
    OneLocation,
    /// What is written to stock is the difference from what was seen.
    AdjustStock,
}

pub const HABITS: [Habit; 11] = [
    Habit::RoundPrices,
    Habit::Trim,
    Habit::Escape,
    Habit::Paragraphs,
    Habit::Reorder,
    Habit::Recompress,
    Habit::UpperSku,
    Habit::DropCost,
    Habit::OwnAddresses,
    Habit::OneLocation,
    Habit::AdjustStock,
];

/// What a platform tells about its records beside their content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tells {
    pub tokens: Telling,
    pub times: Telling,
    pub picture_ids: Telling,
    /// Whether the bytes of its pictures can be fetched.
    pub bytes: Telling,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Telling {
    #[default]
    Yes,
    No,
}

#[derive(Clone, Debug, Default)]
pub struct Platform {
    /// What its own addresses of pictures begin with.
    pub name: String,
    pub habits: BTreeSet<Habit>,
    pub tells: Tells,
    /// What it can hold; the rest of what it is given is dropped.
    pub fields: Vec<Field>,
    pub records: Vec<Record>,
    /// How many creates and updates it has done.
    pub writes: usize,
    /// The items that it was told to create, by the tokens' words.
    pub created: Vec<String>,
    /// Writes that name something that is not here: faults of the hub's.
    pub complaints: Vec<String>,
    /// By kind, so that a variant and a picture may be called the same, as in a database's tables.
    next_ids: BTreeMap<&'static str, u32>,
}

impl Platform {
    /// An empty shop that can hold everything.
    pub fn new(name: &str, habits: impl IntoIterator<Item = Habit>, tells: Tells) -> Self {
        Self {
            name: name.to_owned(),
            habits: habits.into_iter().collect(),
            tells,
            fields: Field::PRODUCT.to_vec(),
            ..Self::default()
        }
    }

    /// What it does with a quantity that is written; without tokens it could not adjust.
    pub fn stock(&self) -> StockWrites {
        if self.habits.contains(&Habit::AdjustStock) && self.tells.tokens == Telling::Yes {
            StockWrites::Adjusts
        } else {
            StockWrites::Absolute
        }
    }

    /// What a reader of all pages sees: pictures by their addresses, their bytes unseen.
    pub fn page(&self) -> Vec<Record> {
        self.records.iter().map(show).collect()
    }

    /// The content of the bytes at an address.
    pub fn bytes(&self, address: &str) -> Option<String> {
        if self.tells.bytes == Telling::No {
            return None;
        }
        let images = self.records.iter().flat_map(|record| &record.product.images);
        images
            .filter(|image| image.address == address)
            .find_map(|image| image.hash.clone())
    }

    /// A person enters a product at the platform.
    pub fn enter(&mut self, product: Product, now: Time) {
        let record = self.keep(product, None, now);
        self.records.push(record);
    }

    /// A person, a buyer or the platform itself changes a record.
    pub fn edit(&mut self, at: usize, now: Time, edit: impl FnOnce(&mut Product)) {
        let mut record = self.records[at].clone();
        edit(&mut record.product);
        self.settle(&mut record.product);
        if record.product != self.records[at].product {
            record.updated_at = (self.tells.times == Telling::Yes).then_some(now);
            self.records[at] = record;
        }
    }

    pub fn create(&mut self, product: Product, token: &str, now: Time) -> Record {
        self.writes += 1;
        let item = token.split('-').nth(2).unwrap_or_default();
        self.created.push(item.to_owned());
        let token = (self.tells.tokens == Telling::Yes).then(|| token.to_owned());
        let record = self.keep(product, token, now);
        self.records.push(record.clone());
        show(&record)
    }

    pub fn update(&mut self, remote_id: &RemoteId, patch: Patch, token: &str, now: Time) -> Record {
        self.writes += 1;
        let at = self
            .records
            .iter()
            .position(|record| record.remote_id == *remote_id)
            .expect("the hub updates only records that it has seen");
        let mut complaints = Vec::new();
        let stock = self.stock();
        self.edit(at, now, |product| complaints = apply(product, patch, stock));
        self.complaints.extend(complaints);
        if stock == StockWrites::Adjusts {
            self.records[at].token = Some(token.to_owned());
        }
        show(&self.records[at])
    }

    /// Records with a token, an id, or one of these SKUs.
    pub fn find(&self, token: &str, remote_id: Option<&RemoteId>, skus: &[String]) -> Vec<Record> {
        let alike = |record: &&Record| match remote_id {
            Some(id) => record.remote_id == *id,
            None if self.tells.tokens == Telling::Yes => record.token.as_deref() == Some(token),
            None => record
                .product
                .variants
                .iter()
                .any(|variant| skus.iter().any(|sku| sku_key(sku) == sku_key(&variant.sku))),
        };
        self.records.iter().filter(alike).map(show).collect()
    }

    fn keep(&mut self, product: Product, token: Option<String>, now: Time) -> Record {
        let mut product = product;
        self.settle(&mut product);
        Record {
            remote_id: self.id("record"),
            url: None,
            updated_at: (self.tells.times == Telling::Yes).then_some(now),
            token,
            product,
        }
    }

    fn id(&mut self, kind: &'static str) -> RemoteId {
        let next = self.next_ids.entry(kind).or_default();
        *next += 1;
        RemoteId::from(next.to_string())
    }

    /// Makes of a product what this platform keeps of it.
    fn settle(&mut self, product: &mut Product) {
        let uploaded = self.upload(&mut product.images);
        for variant in &mut product.variants {
            for address in &mut variant.images {
                if let Some(own) = uploaded.get(address) {
                    address.clone_from(own);
                }
            }
            variant
                .images
                .retain(|address| product.images.iter().any(|image| image.address == *address));
        }
        let single = product.variants.len() == 1;
        for at in 0..product.variants.len() {
            if product.variants[at].remote_id.is_none() && !single {
                product.variants[at].remote_id = Some(self.id("variant"));
            }
        }
        self.forget_what_it_cannot_hold(product);
        for habit in &self.habits {
            habit.settle(product);
        }
    }

    fn upload(&mut self, images: &mut [Image]) -> BTreeMap<String, String> {
        let mut uploaded = BTreeMap::new();
        let here = format!("{}/", self.name);
        for image in images.iter_mut() {
            let has_id = self.tells.picture_ids == Telling::Yes && image.remote_id.is_some();
            if has_id || image.address.starts_with(&here) {
                continue;
            }
            let id = self.id("picture");
            let own = format!("{here}{id}-of-{}", image.address);
            let sent = format!("bytes-of-{}", image.address);
            image.hash.get_or_insert(sent);
            if let (true, Some(hash)) = (self.habits.contains(&Habit::Recompress), &mut image.hash) {
                *hash = format!("recompressed-{id} {hash}");
            }
            if self.habits.contains(&Habit::Recompress) || self.habits.contains(&Habit::OwnAddresses) {
                uploaded.insert(std::mem::replace(&mut image.address, own.clone()), own);
            }
            image.remote_id = (self.tells.picture_ids == Telling::Yes).then_some(id);
        }
        uploaded
    }

    fn forget_what_it_cannot_hold(&self, product: &mut Product) {
        let holds = |field| self.fields.contains(&field);
        if !holds(Field::Brand) {
            product.brand.clear();
        }
        if !holds(Field::Tags) {
            product.tags.clear();
        }
        if !holds(Field::Attributes) {
            product.attributes.clear();
        }
        for variant in &mut product.variants {
            if !holds(Field::Cost) {
                variant.cost = None;
            }
            if !holds(Field::CompareAtPrice) {
                variant.compare_at_price = None;
            }
        }
    }
}

impl Habit {
    fn settle(self, product: &mut Product) {
        match self {
            Self::Trim => {
                let words: Vec<&str> = product.title.split_whitespace().collect();
                // Not within an escaped letter: what is kept once is to stay as it is.
                let longest = if product.title.contains('&') { 60 } else { 12 };
                let short: String = words.join(" ").chars().take(longest).collect();
                short.trim_end().clone_into(&mut product.title);
            }
            Self::Escape => {
                let Product {
                    title, brand, tags, ..
                } = product;
                for text in [title, brand].into_iter().chain(tags) {
                    *text = text.replace("&amp;", "&").replace('&', "&amp;");
                }
            }
            Self::Paragraphs => {
                let text = product.description.trim();
                if !text.is_empty() && !text.starts_with("<p>") {
                    product.description = format!("<p>{text}</p>\n");
                }
            }
            Self::Reorder => {
                product.tags.sort();
                product
                    .images
                    .sort_by(|a, b| (&a.alt, &a.hash, &a.address).cmp(&(&b.alt, &b.hash, &b.address)));
                product.variants.sort_by(|a, b| a.options.cmp(&b.options));
            }
            Self::RoundPrices | Self::UpperSku | Self::DropCost | Self::OneLocation => {
                for variant in &mut product.variants {
                    self.settle_variant(variant);
                }
            }
            Self::Recompress | Self::OwnAddresses | Self::AdjustStock => {}
        }
    }

    fn settle_variant(self, variant: &mut Variant) {
        match self {
            Self::RoundPrices => {
                for price in [&mut variant.price, &mut variant.compare_at_price]
                    .into_iter()
                    .flatten()
                {
                    *price = Decimal((price.0 + Decimal::new(5, 1).0).floor());
                }
            }
            Self::UpperSku => variant.sku = variant.sku.to_uppercase(),
            Self::DropCost => variant.cost = None,
            Self::OneLocation => variant.stock.retain(|location, _| location == DEFAULT_LOCATION),
            _ => {}
        }
    }
}

/// A record as a reader sees it: the bytes of its pictures are not part of it.
fn show(record: &Record) -> Record {
    let mut shown = record.clone();
    for image in &mut shown.product.images {
        image.hash = None;
    }
    shown
}

/// Changes only what the patch names. Answers with what it names in vain.
fn apply(product: &mut Product, patch: Patch, stock: StockWrites) -> Vec<String> {
    let mut complaints = Vec::new();
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
        let known = |image: Image| {
            keep_known(&product.images, image).unwrap_or_else(|image| {
                complaints.push(format!("There is no picture {:?}.", image.remote_id));
                image
            })
        };
        product.images = wanted.into_iter().map(known).collect();
    }
    let changed = variants.iter().filter_map(|variant| variant.images.as_ref());
    let added = new_variants.iter().map(|variant| &variant.images);
    let named: Vec<String> = changed.chain(added).flatten().cloned().collect();
    for patch in variants {
        let simple = product.variants.len() == 1 && patch.remote_id.is_none();
        let variant = product
            .variants
            .iter_mut()
            .find(|variant| simple || variant.remote_id.is_some() && variant.remote_id == patch.remote_id);
        match variant {
            Some(variant) => apply_to_variant(variant, patch, stock),
            None => complaints.push(format!("There is no variant {:?}.", patch.remote_id)),
        }
    }
    product.variants.extend(new_variants);
    let lost = named
        .iter()
        .filter(|address| product.images.iter().all(|image| image.address != **address));
    complaints.extend(lost.map(|address| format!("There is no picture at {address}.")));
    complaints
}

/// What is here already goes by its id, or by its address where pictures have no ids.
fn keep_known(here: &[Image], wanted: Image) -> Result<Image, Image> {
    let Some(id) = &wanted.remote_id else {
        return Ok(wanted);
    };
    let known = here
        .iter()
        .find(|known| known.remote_id.as_ref() == Some(id) || known.address == id.0);
    match known {
        None => Err(wanted),
        Some(known) => Ok(Image {
            alt: wanted.alt,
            ..known.clone()
        }),
    }
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
        if value.is_empty() {
            values.remove(&name);
        } else {
            values.insert(name, value);
        }
    }
}
