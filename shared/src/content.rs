//! The content of a product or order as a flat map, and the difference of two of them.
//!
//! One diff, one merge and one colour rule serve products, variants, pictures and stock alike.

use crate::{
    ids::{ItemId, Key},
    mark::Mark,
    money::Decimal,
    order::Address,
    time::Time,
};
use serde::{Deserialize, Serialize};
use std::{cmp::Ordering, fmt};

/// A text as content holds it: short ones lie in place and long ones are shared, so that copies cost little.
pub use smol_str::SmolStr as Text;

/// An ordered map from path to value; what is blank is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Content(Vec<(Path, Value)>);

/// Where a value sits in an item.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Path {
    pub part: Part,
    pub leaf: Leaf,
}

/// The part of an item that a path is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Part {
    Whole,
    Variant(Key),
    Picture(Key),
    /// Something that was bought.
    Line(Key),
    Shipment(Key),
    Payment(Key),
}

/// What a path says about its part.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Leaf {
    /// The part is there at all. Only the whole does not have it.
    Exists,
    Field(Field),
    Attribute(Text),
    /// What tells a variant from its siblings: `color`, `size`, or the platform's own name.
    Option(Text),
    /// The quantity at a location.
    Stock(Text),
    /// The order of the pictures, or the pictures of a variant.
    Pictures,
    /// A picture's text for those who do not see it.
    Alt,
    /// What an order says about itself or one of its parts.
    Detail(Detail),
}

/// What an order says, besides the fields that have a name of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Detail {
    // Of the whole order.
    Number,
    /// The connection where it was placed.
    Origin,
    PlacedAt,
    Currency,
    Items,
    Shipping,
    Discount,
    /// Of the whole order, or of a line.
    Tax,
    /// Of the whole order, or of a line.
    Total,
    Name,
    Email,
    Phone,
    ShippingAddress,
    BillingAddress,
    // Of a line.
    Product,
    Sku,
    Title,
    Quantity,
    UnitPrice,
    // Of a shipment.
    Carrier,
    TrackingNumber,
    TrackingUrl,
    /// Which lines are in it.
    Lines,
    ShippedAt,
    // Of a payment.
    Method,
    Amount,
    Reference,
    PaidAt,
    /// What the connection where an order was placed calls the product of a line, and its variant.
    Listing,
    /// When the platform said that its record last changed. Only in what it showed, never in the hub.
    UpdatedAt,
}

/// The names that config files, sets and people use for what can be kept in step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Field {
    Title,
    Description,
    Brand,
    Model,
    Mpn,
    Categories,
    Tags,
    Status,
    Attributes,
    Images,
    Sku,
    Barcode,
    Options,
    Price,
    CompareAtPrice,
    Cost,
    Stock,
    Weight,
    Payment,
    Fulfilment,
    Shipments,
    Lines,
    Buyer,
    Addresses,
    Totals,
    Note,
}

/// A value at a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Value {
    Text(Text),
    /// An ordered list of texts: categories, tags.
    List(Vec<String>),
    Number(Decimal),
    /// A variant or picture that is there.
    Present,
    /// A picture that is there, and how to find its bytes.
    Picture(Picture),
    /// Pictures, by the item's own keys.
    Keys(Vec<Key>),
    Time(Time),
    Address(Box<Address>),
    /// A variant of a product of the hub.
    Product(ItemId, Key),
    /// Quantities of an order's lines, by their keys.
    Lines(Vec<(Key, Decimal)>),
}

/// A picture as a value: its content where it is known, its address where it is not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Picture {
    /// The hash of the bytes, in lower-case hex, once they were seen.
    pub hash: Option<String>,
    /// Where the platform that brought it shows it.
    pub address: String,
}

/// One path that differs. Its colour follows from which side is blank.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Change {
    pub path: Path,
    pub old: Option<Value>,
    pub new: Option<Value>,
}

impl Content {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn get(&self, path: &Path) -> Option<&Value> {
        self.0
            .binary_search_by(|(p, _)| p.cmp(path))
            .ok()
            .map(|at| &self.0[at].1)
    }

    /// Puts `value` at `path`; `None` takes away what was there.
    pub fn put(&mut self, path: Path, value: Option<Value>) {
        self.change(path, value);
    }

    /// As [`put`](Self::put), and says whether something else was there.
    pub fn change(&mut self, path: Path, value: Option<Value>) -> bool {
        match (self.0.binary_search_by(|(p, _)| p.cmp(&path)), value) {
            (Ok(at), Some(value)) => {
                let differs = self.0[at].1 != value;
                self.0[at].1 = value;
                differs
            }
            (Ok(at), None) => {
                self.0.remove(at);
                true
            }
            (Err(at), Some(value)) => {
                self.0.insert(at, (path, value));
                true
            }
            (Err(_), None) => false,
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = (&Path, &Value)> {
        self.0.iter().map(|(path, value)| (path, value))
    }

    /// The entries of one part, without searching past it.
    pub fn part(&self, part: Part) -> impl Iterator<Item = (&Leaf, &Value)> {
        let from = self.0.partition_point(|(path, _)| path.part < part);
        self.0[from..]
            .iter()
            .take_while(move |(path, _)| path.part == part)
            .map(|(p, v)| (&p.leaf, v))
    }

    /// Keeps the entries that `keep` says.
    pub fn retain(&mut self, mut keep: impl FnMut(&Path) -> bool) {
        self.0.retain(|(path, _)| keep(path));
    }

    /// The keys of the variants, in order.
    pub fn variants(&self) -> impl Iterator<Item = Key> {
        self.0.iter().filter_map(|(path, _)| match path {
            Path {
                part: Part::Variant(key),
                leaf: Leaf::Exists,
            } => Some(*key),
            _ => None,
        })
    }

    /// The pictures, by key.
    pub fn pictures(&self) -> impl Iterator<Item = (Key, &Picture)> {
        self.0.iter().filter_map(|(path, value)| match (path, value) {
            (
                Path {
                    part: Part::Picture(key),
                    leaf: Leaf::Exists,
                },
                Value::Picture(picture),
            ) => Some((*key, picture)),
            _ => None,
        })
    }

    /// The parts that are there, in order: variants, pictures, an order's lines, shipments and payments.
    pub fn parts(&self) -> impl Iterator<Item = Part> {
        self.0
            .iter()
            .filter(|(path, _)| path.leaf == Leaf::Exists)
            .map(|(path, _)| path.part)
    }

    /// Whether a part is there at all.
    pub fn has(&self, part: Part) -> bool {
        self.get(&Path::of(part, Leaf::Exists)).is_some()
    }

    pub fn text(&self, path: &Path) -> &str {
        match self.get(path) {
            Some(Value::Text(text)) => text,
            _ => "",
        }
    }

    pub fn number(&self, path: &Path) -> Option<Decimal> {
        match self.get(path) {
            Some(Value::Number(number)) => Some(*number),
            _ => None,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Changes this content as told. `apply(base, diff(base, x)) = x`.
    pub fn apply(&mut self, changes: &[Change]) {
        for Change { path, old: _, new } in changes {
            self.put(path.clone(), new.clone());
        }
    }
}

impl FromIterator<(Path, Value)> for Content {
    /// Later entries win over earlier ones at the same path.
    fn from_iter<I: IntoIterator<Item = (Path, Value)>>(entries: I) -> Self {
        let mut entries: Vec<_> = entries.into_iter().collect();
        let sorted = entries.windows(2).all(|pair| pair[0].0 < pair[1].0);
        if !sorted {
            entries.reverse();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            entries.dedup_by(|later, kept| later.0 == kept.0);
        }
        Self(entries)
    }
}

/// Every path at which `new` differs from `old`, in the order of paths.
pub fn diff(old: &Content, new: &Content) -> Vec<Change> {
    let mut changes = Vec::new();
    let (mut olds, mut news) = (old.0.iter().peekable(), new.0.iter().peekable());
    loop {
        let order = match (olds.peek(), news.peek()) {
            (None, None) => return changes,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(old), Some(new)) => old.0.cmp(&new.0),
        };
        let old = if order.is_le() { olds.next() } else { None };
        let new = if order.is_ge() { news.next() } else { None };
        let (old_value, new_value) = (old.map(|(_, v)| v), new.map(|(_, v)| v));
        if old_value != new_value
            && let Some((path, _)) = old.or(new)
        {
            changes.push(Change {
                path: path.clone(),
                old: old_value.cloned(),
                new: new_value.cloned(),
            });
        }
    }
}

impl Change {
    /// The manual's colour: nothing there yet is an insert, another value an update. What goes is a removal where
    /// it stood in a list of its own; a field that becomes blank is an update.
    pub fn mark(&self) -> Mark {
        match (&self.old, &self.new, &self.path.leaf) {
            (None, _, _) => Mark::Create,
            (Some(_), None, Leaf::Exists) => Mark::Remove,
            (Some(_), _, _) => Mark::Update,
        }
    }
}

impl Part {
    /// The item's own number of the part; no two parts of an item share one.
    pub fn key(self) -> Option<Key> {
        match self {
            Self::Whole => None,
            Self::Variant(key)
            | Self::Picture(key)
            | Self::Line(key)
            | Self::Shipment(key)
            | Self::Payment(key) => Some(key),
        }
    }
}

impl Path {
    pub fn field(field: Field) -> Self {
        Self {
            part: Part::Whole,
            leaf: Leaf::Field(field),
        }
    }

    pub fn attribute(name: impl Into<Text>) -> Self {
        Self {
            part: Part::Whole,
            leaf: Leaf::Attribute(name.into()),
        }
    }

    pub fn variant(key: Key, leaf: Leaf) -> Self {
        Self {
            part: Part::Variant(key),
            leaf,
        }
    }

    pub fn variant_field(key: Key, field: Field) -> Self {
        Self::variant(key, Leaf::Field(field))
    }

    pub fn stock(key: Key, location: impl Into<Text>) -> Self {
        Self::variant(key, Leaf::Stock(location.into()))
    }

    pub fn picture(key: Key, leaf: Leaf) -> Self {
        Self {
            part: Part::Picture(key),
            leaf,
        }
    }

    pub fn pictures() -> Self {
        Self {
            part: Part::Whole,
            leaf: Leaf::Pictures,
        }
    }

    /// What the whole of an order says.
    pub fn detail(detail: Detail) -> Self {
        Self::of(Part::Whole, Leaf::Detail(detail))
    }

    pub fn of(part: Part, leaf: Leaf) -> Self {
        Self { part, leaf }
    }

    /// The field whose mutability and authority govern this path. A variant's being there is a matter of its options.
    pub fn governed_by(&self) -> Field {
        match (&self.part, &self.leaf) {
            (Part::Picture(_), _) | (_, Leaf::Pictures | Leaf::Alt) => Field::Images,
            (Part::Line(_), _) => Field::Lines,
            (Part::Shipment(_), _) => Field::Shipments,
            (Part::Payment(_), _) => Field::Payment,
            (_, Leaf::Detail(detail)) => detail.field(),
            (_, Leaf::Exists | Leaf::Option(_)) => Field::Options,
            (_, Leaf::Field(field)) => *field,
            (_, Leaf::Attribute(_)) => Field::Attributes,
            (_, Leaf::Stock(_)) => Field::Stock,
        }
    }
}

impl fmt::Display for Path {
    /// As a JSON pointer without its first slash: `title`, `variants/1/stock/main`, `attributes/Material`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.part {
            Part::Whole => {}
            Part::Variant(key) => write!(f, "variants/{key}")?,
            Part::Picture(key) => write!(f, "images/{key}")?,
            Part::Line(key) => write!(f, "lines/{key}")?,
            Part::Shipment(key) => write!(f, "shipments/{key}")?,
            Part::Payment(key) => write!(f, "payments/{key}")?,
        }
        let slash = if self.part == Part::Whole { "" } else { "/" };
        match &self.leaf {
            Leaf::Exists => Ok(()),
            Leaf::Field(field) => write!(f, "{slash}{}", field.name()),
            Leaf::Attribute(name) => write!(f, "{slash}attributes/{}", Escaped(name)),
            Leaf::Option(name) => write!(f, "{slash}options/{}", Escaped(name)),
            Leaf::Stock(location) => write!(f, "{slash}stock/{}", Escaped(location)),
            Leaf::Pictures => write!(f, "{slash}images"),
            Leaf::Alt => write!(f, "{slash}alt"),
            Leaf::Detail(detail) => write!(f, "{slash}{}", detail.name()),
        }
    }
}

/// A name within a JSON pointer (RFC 6901).
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.replace('~', "~0").replace('/', "~1"))
    }
}

impl Field {
    /// Those of products.
    pub const PRODUCT: [Self; 18] = [
        Self::Title,
        Self::Description,
        Self::Brand,
        Self::Model,
        Self::Mpn,
        Self::Categories,
        Self::Tags,
        Self::Status,
        Self::Attributes,
        Self::Images,
        Self::Sku,
        Self::Barcode,
        Self::Options,
        Self::Price,
        Self::CompareAtPrice,
        Self::Cost,
        Self::Stock,
        Self::Weight,
    ];

    /// Those of orders.
    pub const ORDER: [Self; 9] = [
        Self::Status,
        Self::Payment,
        Self::Fulfilment,
        Self::Shipments,
        Self::Lines,
        Self::Buyer,
        Self::Addresses,
        Self::Totals,
        Self::Note,
    ];

    /// Its name in config files and in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Description => "description",
            Self::Brand => "brand",
            Self::Model => "model",
            Self::Mpn => "mpn",
            Self::Categories => "categories",
            Self::Tags => "tags",
            Self::Status => "status",
            Self::Attributes => "attributes",
            Self::Images => "images",
            Self::Sku => "sku",
            Self::Barcode => "barcode",
            Self::Options => "options",
            Self::Price => "price",
            Self::CompareAtPrice => "compare_at_price",
            Self::Cost => "cost",
            Self::Stock => "stock",
            Self::Weight => "weight",
            Self::Payment => "payment",
            Self::Fulfilment => "fulfilment",
            Self::Shipments => "shipments",
            Self::Lines => "lines",
            Self::Buyer => "buyer",
            Self::Addresses => "addresses",
            Self::Totals => "totals",
            Self::Note => "note",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        let mut all = Self::PRODUCT.into_iter().chain(Self::ORDER);
        all.find(|field| field.name() == name)
    }
}

impl Detail {
    /// The field that governs it in the whole of an order.
    pub fn field(self) -> Field {
        match self {
            Self::Items | Self::Shipping | Self::Discount | Self::Tax | Self::Total => Field::Totals,
            Self::Name | Self::Email | Self::Phone => Field::Buyer,
            Self::ShippingAddress | Self::BillingAddress => Field::Addresses,
            Self::Carrier | Self::TrackingNumber | Self::TrackingUrl | Self::ShippedAt => Field::Shipments,
            Self::Method | Self::Amount | Self::Reference | Self::PaidAt => Field::Payment,
            // What identifies an order goes with what was bought.
            Self::Number
            | Self::Origin
            | Self::PlacedAt
            | Self::Currency
            | Self::Product
            | Self::Sku
            | Self::Title
            | Self::Quantity
            | Self::UnitPrice
            | Self::Lines
            | Self::Listing
            | Self::UpdatedAt => Field::Lines,
        }
    }

    /// Its name in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Origin => "origin",
            Self::PlacedAt => "placed_at",
            Self::Currency => "currency",
            Self::Items => "items",
            Self::Shipping => "shipping",
            Self::Discount => "discount",
            Self::Tax => "tax",
            Self::Total => "total",
            Self::Name => "name",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::ShippingAddress => "shipping_address",
            Self::BillingAddress => "billing_address",
            Self::Product => "product",
            Self::Sku => "sku",
            Self::Title => "title",
            Self::Quantity => "quantity",
            Self::UnitPrice => "unit_price",
            Self::Carrier => "carrier",
            Self::TrackingNumber => "tracking_number",
            Self::TrackingUrl => "tracking_url",
            Self::Lines => "lines",
            Self::ShippedAt => "shipped_at",
            Self::Method => "method",
            Self::Amount => "amount",
            Self::Reference => "reference",
            Self::PaidAt => "paid_at",
            Self::Listing => "listing",
            Self::UpdatedAt => "updated_at",
        }
    }
}
