//! `Shopify`'s product CSV: the rows of one Handle are one product, each row a variant, a picture, or both.
//!
//! Both headers that `Shopify` has used are understood: `Variant SKU` and `Image Src` as well as `SKU` and `Product image URL`.

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
    HANDLE = "Handle" | "handle" | "url handle";
    TITLE = "Title" | "title";
    DESCRIPTION = "Body (HTML)" | "body (html)" | "description";
    VENDOR = "Vendor" | "vendor";
    CATEGORY = "Product Category" | "product category";
    TYPE = "Type" | "type";
    TAGS = "Tags" | "tags";
    PUBLISHED = "Published" | "published" | "published on online store";
    STATUS = "Status" | "status";
    SKU = "Variant SKU" | "variant sku" | "sku";
    BARCODE = "Variant Barcode" | "variant barcode" | "barcode";
    PRICE = "Variant Price" | "variant price" | "price";
    COMPARE_AT = "Variant Compare At Price" | "variant compare at price" | "compare-at price";
    COST = "Cost per item" | "cost per item";
    TRACKER = "Variant Inventory Tracker" | "variant inventory tracker" | "inventory tracker";
    QUANTITY = "Variant Inventory Qty" | "variant inventory qty" | "inventory quantity";
    GRAMS = "Variant Grams" | "variant grams" | "weight value (grams)";
    IMAGE = "Image Src" | "image src" | "product image url";
    POSITION = "Image Position" | "image position";
    ALT = "Image Alt Text" | "image alt text";
    VARIANT_IMAGE = "Variant Image" | "variant image" | "variant image url";
    MPN = "Google Shopping / MPN" | "google shopping / mpn";
    TOKEN = "Click2Sync Token" | "click2sync token";
}

const OPTIONS: [(Column, Column); 3] = [
    (
        Column {
            spelt: "Option1 Name",
            names: &["option1 name"],
        },
        Column {
            spelt: "Option1 Value",
            names: &["option1 value"],
        },
    ),
    (
        Column {
            spelt: "Option2 Name",
            names: &["option2 name"],
        },
        Column {
            spelt: "Option2 Value",
            names: &["option2 value"],
        },
    ),
    (
        Column {
            spelt: "Option3 Name",
            names: &["option3 name"],
        },
        Column {
            spelt: "Option3 Value",
            names: &["option3 value"],
        },
    ),
];

/// Attributes are kept as metafields, in columns called `Material (product.metafields.custom.material)`.
const METAFIELD: &str = " (product.metafields.";

/// The metafield that keeps the model.
const MODEL: &str = "model";

/// The header of a new file.
pub(super) const HEADER: &str = "Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Published,Option1 Name,\
    Option1 Value,Option2 Name,Option2 Value,Option3 Name,Option3 Value,Variant SKU,Variant Grams,\
    Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Fulfillment Service,Variant Price,\
    Variant Compare At Price,Variant Requires Shipping,Variant Taxable,Variant Barcode,Image Src,Image Position,\
    Image Alt Text,Gift Card,Google Shopping / MPN,Variant Image,Variant Weight Unit,Cost per item,Status,\
    Click2Sync Token\n";

/// The header is one of this format.
pub(super) fn is_format_of(sheet: &Sheet) -> bool {
    let told = [TITLE, SKU, PRICE, IMAGE]
        .iter()
        .any(|column| column.find(sheet).is_some());
    HANDLE.find(sheet).is_some() && told
}

/// Every product in the sheet. A row that cannot be understood takes along only its own product.
pub(super) fn read(sheet: &Sheet) -> Reading {
    let reader = Reader::new(sheet);
    let mut reading = Reading::default();
    let mut groups: Vec<Group> = Vec::new();
    let mut by_handle: HashMap<Cow<'_, str>, usize> = HashMap::new();
    for row in sheet.rows() {
        let misshapen = sheet.misshapen(row).map(|reason| reader.fault(row, &reason));
        let handle = reader.text(row, reader.handle);
        if handle.is_empty() {
            let message = misshapen.unwrap_or_else(|| reader.fault(row, "it has no Handle"));
            reading.unreadable.push(Unreadable {
                remote_id: None,
                message,
            });
            continue;
        }
        let index = *by_handle.entry(handle).or_insert(groups.len());
        if index == groups.len() {
            groups.push(Group {
                rows: Vec::new(),
                spoilt: None,
            });
        }
        let group = &mut groups[index];
        group.rows.push(row);
        if group.spoilt.is_none() {
            group.spoilt = misshapen;
        }
    }
    for Group { rows, spoilt } in groups {
        let id = RemoteId::from(reader.text(rows[0], reader.handle).into_owned());
        match spoilt.map_or_else(|| reader.product(&id, rows), Err) {
            Ok(found) => reading.products.push(found),
            Err(message) => reading.unreadable.push(Unreadable {
                remote_id: Some(id),
                message,
            }),
        }
    }
    reading
}

/// The rows of one handle, and why they cannot be read.
struct Group {
    rows: Vec<usize>,
    spoilt: Option<String>,
}

/// Where things are in one sheet.
struct Reader<'a> {
    sheet: &'a Sheet,
    handle: Option<usize>,
    title: Option<usize>,
    description: Option<usize>,
    vendor: Option<usize>,
    category: Option<usize>,
    kind: Option<usize>,
    tags: Option<usize>,
    published: Option<usize>,
    status: Option<usize>,
    options: [(Option<usize>, Option<usize>); 3],
    sku: Option<usize>,
    barcode: Option<usize>,
    price: Option<usize>,
    compare_at: Option<usize>,
    cost: Option<usize>,
    tracker: Option<usize>,
    quantity: Option<usize>,
    grams: Option<usize>,
    image: Option<usize>,
    position: Option<usize>,
    alt: Option<usize>,
    variant_image: Option<usize>,
    mpn: Option<usize>,
    token: Option<usize>,
    metafields: Vec<(usize, String)>,
    commas: bool,
}

impl<'a> Reader<'a> {
    fn new(sheet: &'a Sheet) -> Self {
        Self {
            sheet,
            handle: HANDLE.find(sheet),
            title: TITLE.find(sheet),
            description: DESCRIPTION.find(sheet),
            vendor: VENDOR.find(sheet),
            category: CATEGORY.find(sheet),
            kind: TYPE.find(sheet),
            tags: TAGS.find(sheet),
            published: PUBLISHED.find(sheet),
            status: STATUS.find(sheet),
            options: OPTIONS.map(|(name, value)| (name.find(sheet), value.find(sheet))),
            sku: SKU.find(sheet),
            barcode: BARCODE.find(sheet),
            price: PRICE.find(sheet),
            compare_at: COMPARE_AT.find(sheet),
            cost: COST.find(sheet),
            tracker: TRACKER.find(sheet),
            quantity: QUANTITY.find(sheet),
            grams: GRAMS.find(sheet),
            image: IMAGE.find(sheet),
            position: POSITION.find(sheet),
            alt: ALT.find(sheet),
            variant_image: VARIANT_IMAGE.find(sheet),
            mpn: MPN.find(sheet),
            token: TOKEN.find(sheet),
            metafields: metafields(sheet),
            commas: sheet.may_have_decimal_commas(),
        }
    }

    fn product(&self, id: &RemoteId, rows: Vec<usize>) -> Result<Found, String> {
        let head = rows[0];
        let in_place = |reason: String| self.fault(head, &reason);
        let title = self.text(head, self.title);
        for row in &rows[1..] {
            let other = self.text(*row, self.title);
            if !other.is_empty() && other != title {
                return Err(format!(
                    "{} and {} are different products with the Handle “{id}”. Give each its own, or take one away.",
                    self.sheet.place(head),
                    self.sheet.place(*row)
                ));
            }
        }
        let names = self.options.map(|(name, _)| self.text(head, name));
        let mut product = Product {
            title: title.into_owned(),
            description: self.text(head, self.description).into_owned(),
            brand: self.text(head, self.vendor).into_owned(),
            model: String::new(),
            mpn: self.text(head, self.mpn).into_owned(),
            categories: self.categories(head),
            tags: tags(&self.text(head, self.tags)),
            status: self.status(head).map_err(in_place)?,
            attributes: BTreeMap::new(),
            images: Vec::new(),
            variants: Vec::with_capacity(1),
        };
        for (column, name) in &self.metafields {
            let value = self.text(head, Some(*column));
            if name.eq_ignore_ascii_case(MODEL) {
                product.model = value.into_owned();
            } else if !value.is_empty() {
                product.attributes.insert(name.clone(), value.into_owned());
            }
        }
        product.images = self.gallery(&rows).map_err(in_place)?;
        let mut variants = Vec::with_capacity(1);
        for row in &rows {
            if *row == head || self.is_variant(*row) {
                let variant = self
                    .variant(*row, &names)
                    .map_err(|reason| self.fault(*row, &reason))?;
                product.variants.push(variant);
                variants.push(*row);
            }
        }
        self.name_variants(&variants, &mut product.variants)?;
        for variant in &product.variants {
            for address in &variant.images {
                if !product.images.iter().any(|image| image.address == *address) {
                    let address = address.clone();
                    product.images.push(Image {
                        address,
                        ..Image::default()
                    });
                }
            }
        }
        let token = self.text(head, self.token);
        Ok(Found {
            record: Record {
                remote_id: id.clone(),
                url: None,
                updated_at: None,
                token: (!token.is_empty()).then(|| token.into_owned()),
                product,
            },
            head,
            variants,
            rows,
        })
    }

    /// Variants have no id of their own: the SKU where it is the only one of its kind in the product, else the options.
    /// The only variant of a product without options needs none.
    fn name_variants(&self, rows: &[usize], variants: &mut [Variant]) -> Result<(), String> {
        if let [variant] = variants
            && variant.options.is_empty()
        {
            return Ok(());
        }
        let unique =
            |sku: &str| !sku.is_empty() && variants.iter().filter(|other| other.sku == sku).count() == 1;
        let ids: Vec<_> = variants
            .iter()
            .map(|variant| match variant.sku.as_str() {
                sku if unique(sku) => RemoteId::from(format!("sku:{sku}")),
                _ => super::options_id(&variant.options),
            })
            .collect();
        let mut lines: HashMap<&RemoteId, usize> = HashMap::with_capacity(ids.len());
        for (id, row) in ids.iter().zip(rows) {
            if let Some(before) = lines.insert(id, *row) {
                let before = self.sheet.place(before);
                return Err(self.fault(*row, &format!("{before} is a variant with the same options")));
            }
        }
        for (variant, id) in variants.iter_mut().zip(ids) {
            variant.remote_id = Some(id);
        }
        Ok(())
    }

    /// The row says something of a variant; otherwise it only brings a picture.
    fn is_variant(&self, row: usize) -> bool {
        let [(_, first), (_, second), (_, third)] = self.options;
        let told = [first, second, third, self.sku, self.price, self.barcode];
        told.iter().any(|column| !self.text(row, *column).is_empty())
    }

    fn variant(&self, row: usize, names: &[Cow<'_, str>; 3]) -> Result<Variant, String> {
        let mut options = BTreeMap::new();
        for ((_, column), name) in self.options.iter().zip(names) {
            let value = self.text(row, *column);
            if value.is_empty() || is_placeholder(name, &value) {
                continue;
            }
            if name.is_empty() {
                return Err(format!(
                    "it has the option value “{value}”, but the first row of the product does not name that option"
                ));
            }
            options.insert(name.to_string(), value.into_owned());
        }
        let tracked = self.tracker.is_none() || !self.text(row, self.tracker).is_empty();
        let stock = self.number(row, self.quantity, QUANTITY)?.filter(|_| tracked);
        let weight = match self.number(row, self.grams, GRAMS)? {
            // The exporter writes 0 for no weight.
            Some(grams) if !grams.is_zero() => Some(
                WeightUnit::Gram
                    .to_kilograms(grams)
                    .ok_or("its weight is out of range")?,
            ),
            _ => None,
        };
        let image = self.text(row, self.variant_image);
        Ok(Variant {
            remote_id: None,
            sku: self.text(row, self.sku).into_owned(),
            barcode: barcode(&self.text(row, self.barcode)).to_owned(),
            options,
            price: self.number(row, self.price, PRICE)?,
            compare_at_price: self.number(row, self.compare_at, COMPARE_AT)?,
            cost: self.number(row, self.cost, COST)?,
            stock: stock
                .map(|stock| (DEFAULT_LOCATION.to_owned(), stock))
                .into_iter()
                .collect(),
            weight,
            images: if image.is_empty() {
                Vec::new()
            } else {
                vec![image.into_owned()]
            },
        })
    }

    /// The pictures by their positions, where all have one, else by their rows.
    fn gallery(&self, rows: &[usize]) -> Result<Vec<Image>, String> {
        let mut images: Vec<(Option<Decimal>, Image)> = Vec::new();
        for row in rows {
            let address = self.text(*row, self.image);
            if address.is_empty() || images.iter().any(|(_, image)| image.address == address) {
                continue;
            }
            let image = Image {
                remote_id: None,
                hash: None,
                address: address.into_owned(),
                alt: self.text(*row, self.alt).into_owned(),
            };
            images.push((self.number(*row, self.position, POSITION)?, image));
        }
        if images.iter().all(|(position, _)| position.is_some()) {
            images.sort_by_key(|(position, _)| *position);
        }
        Ok(images.into_iter().map(|(_, image)| image).collect())
    }

    /// The product's own type, and where it stands in the standard taxonomy.
    fn categories(&self, row: usize) -> Vec<String> {
        let (kind, category) = (self.text(row, self.kind), self.text(row, self.category));
        let mut categories = Vec::new();
        for name in [kind, category] {
            if !name.is_empty() && !categories.iter().any(|known: &String| *known == name) {
                categories.push(name.into_owned());
            }
        }
        categories
    }

    /// `Published` says whether the online store shows an active product; old files have nothing else.
    fn status(&self, row: usize) -> Result<Option<Status>, String> {
        let published = match self.text(row, self.published).to_lowercase().as_str() {
            "" => None,
            "true" | "yes" | "1" => Some(true),
            "false" | "no" | "0" => Some(false),
            other => return Err(format!("Published is “{other}”; it is to be true or false")),
        };
        let status = self.text(row, self.status).to_lowercase();
        Ok(match (status.as_str(), published) {
            ("", None) => None,
            ("", Some(true)) | ("active" | "unlisted", None | Some(true)) => Some(Status::Active),
            ("", Some(false)) | ("draft", _) => Some(Status::Draft),
            ("active" | "unlisted", Some(false)) => Some(Status::Paused),
            ("archived", _) => Some(Status::Archived),
            (other, _) => {
                return Err(format!(
                    "Status is “{other}”; it is to be active, draft or archived"
                ));
            }
        })
    }

    fn number(&self, row: usize, column: Option<usize>, named: Column) -> Result<Option<Decimal>, String> {
        cells::number(&self.text(row, column), self.commas).map_err(|reason| {
            let name = named.spelt;
            format!("in the column {name}, {reason}")
        })
    }

    fn text(&self, row: usize, column: Option<usize>) -> Cow<'a, str> {
        match column.map_or(Cow::Borrowed(""), |column| self.sheet.cell(row, column)) {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        }
    }

    fn fault(&self, row: usize, reason: &str) -> String {
        format!("{}: this row cannot be read: {reason}.", self.sheet.place(row))
    }
}

/// What `Shopify` writes for a product without options.
fn is_placeholder(name: &str, value: &str) -> bool {
    (name.is_empty() || name.eq_ignore_ascii_case("title")) && value.eq_ignore_ascii_case("default title")
}

/// The exporter writes an apostrophe before digits, so that a spreadsheet keeps leading zeros.
fn barcode(cell: &str) -> &str {
    cell.trim().trim_start_matches('\'')
}

fn tags(cell: &str) -> Vec<String> {
    let tags = cell.split(',').map(str::trim).filter(|tag| !tag.is_empty());
    tags.map(str::to_owned).collect()
}

fn metafields(sheet: &Sheet) -> Vec<(usize, String)> {
    let columns = sheet.headers().enumerate().filter_map(|(column, header)| {
        let (name, _) = header.split_once(METAFIELD)?;
        Some((column, name.trim().to_owned()))
    });
    columns.collect()
}
