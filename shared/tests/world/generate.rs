//! Random worlds, small enough that a failing one can be read.

use super::{
    Fault, Place, Read, World,
    platform::{HABITS, Habit, Platform, Telling, Tells},
};
use proptest::{collection::vec, prelude::*, sample::subsequence};
use shared::{
    content::Field,
    money::Decimal,
    policy::{
        CloneWhich, Defaults, Fields, Hub, Mutability, Prices, Products, Round, RoundMode, RoundTo, Stock,
    },
    product::{Image, Product, Status, Variant},
    sync::matching::sku_key,
};
use std::collections::BTreeMap;

/// What happens in a world, apart from the syncing that a law asks for.
#[derive(Clone, Debug)]
pub enum Event {
    Sync(usize),
    Fetch(usize),
    Send(usize),
    Edit { place: usize, record: usize, edit: Edit },
    Fault { place: usize, fault: Fault },
}

/// What a person or a buyer changes at a platform.
#[derive(Clone, Debug)]
pub enum Edit {
    Title(&'static str),
    Description(&'static str),
    Brand(&'static str),
    Tags(Vec<&'static str>),
    Status(Status),
    Material(&'static str),
    Price(Decimal),
    CompareAtPrice(Option<Decimal>),
    Sku(&'static str),
    /// Sells, or takes back, at the first location of a variant.
    Sell {
        variant: usize,
        quantity: i64,
    },
    AddVariant(&'static str),
    AddPicture(&'static str),
    DropPicture,
    TurnGallery,
    Alt(&'static str),
    ShowVariantBy(usize),
}

/// How far a world may go from plain connections that carry everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    /// Every platform keeps what it is given; everything is in step both ways, rules only where they invert.
    Plain,
    /// Platforms with habits; fields of any mutability; margins, currencies, rounding, buffers, locations.
    Any,
}

pub fn world(range: Range) -> impl Strategy<Value = World> {
    (vec(product(), 1..4), 2..4_usize).prop_flat_map(move |(pool, count)| {
        let pool: Vec<Product> = (1..)
            .zip(pool)
            .map(|(number, product)| numbered(product, number))
            .collect();
        let names: Vec<String> = (0..count).map(|at| format!("shop-{at}")).collect();
        let places: Vec<_> = names
            .iter()
            .map(|name| place(range, name.clone(), pool.clone()))
            .collect();
        let authority = authority(range, names);
        (places, authority).prop_map(|(places, authority)| {
            let hub = Hub {
                rates: BTreeMap::from([(
                    "EUR".parse().expect("a currency"),
                    "1.10".parse().expect("a rate"),
                )]),
                authority,
                ..Hub::default()
            };
            let mut world = World::new(places);
            for place in &mut world.places {
                place.policy.hub = hub.clone();
            }
            world
        })
    })
}

fn authority(
    range: Range,
    names: Vec<String>,
) -> impl Strategy<Value = BTreeMap<Field, shared::ids::ConnectionId>> {
    let fields = [Field::Title, Field::Price, Field::Tags, Field::Brand];
    let most = if range == Range::Plain { 0 } else { 2 };
    let id = proptest::sample::select(names)
        .prop_map(|name| shared::ids::ConnectionId::parse(&name).expect("names are proper"));
    (subsequence(fields.to_vec(), 0..=most), vec(id, 2))
        .prop_map(|(fields, ids)| fields.into_iter().zip(ids).collect())
}

fn place(range: Range, name: String, pool: Vec<Product>) -> impl Strategy<Value = Place> {
    let count = pool.len();
    (
        habits(range),
        (telling(), telling(), telling(), telling()),
        vec(presence(), count),
        (fields(range), prices(range), stock(range)),
        clone_which(),
        defaults(range),
        vec(variation(), count),
    )
        .prop_map(
            move |(
                habits,
                (tokens, times, picture_ids, bytes),
                there,
                (fields, prices, stock),
                clone,
                defaults,
                other,
            )| {
                let tells = Tells {
                    tokens,
                    times,
                    picture_ids,
                    bytes,
                };
                let platform = Platform::new(&name, habits, tells);
                let mut place = Place::new(&name, platform);
                place.policy.products = Products {
                    clone,
                    fields,
                    defaults,
                    ..Products::default()
                };
                place.policy.prices = prices;
                place.policy.stock = stock;
                for ((product, there), vary) in pool.iter().zip(there).zip(other) {
                    let mut product = product.clone();
                    match there {
                        There::No => continue,
                        There::Same => {}
                        There::Other => vary.make(&mut product),
                    }
                    place.platform.enter(product, shared::time::Time(0));
                }
                place
            },
        )
}

#[derive(Clone, Debug)]
enum There {
    No,
    Same,
    Other,
}

fn presence() -> impl Strategy<Value = There> {
    prop_oneof![Just(There::No), Just(There::Same), Just(There::Other)]
}

fn telling() -> impl Strategy<Value = Telling> {
    prop_oneof![Just(Telling::Yes), Just(Telling::No)]
}

fn clone_which() -> impl Strategy<Value = CloneWhich> {
    let sets = prop_oneof![
        Just("on:shop-0"),
        Just("status:published@shop-0 issues:without"),
        Just("category:none@test")
    ];
    let sets = sets.prop_map(|sets| CloneWhich::In(sets.parse().expect("sets")));
    prop_oneof![1 => Just(CloneWhich::None), 3 => Just(CloneWhich::All), 1 => sets]
}

fn defaults(range: Range) -> impl Strategy<Value = Defaults> {
    let most = usize::from(range == Range::Any);
    let status = subsequence(vec![Status::Draft], 0..=most);
    let category = subsequence(vec!["New".to_owned()], 0..=most);
    (status, category).prop_map(|(mut status, mut category)| Defaults {
        status: status.pop(),
        category: category.pop(),
    })
}

fn habits(range: Range) -> impl Strategy<Value = Vec<Habit>> {
    match range {
        Range::Plain => subsequence(vec![Habit::OwnAddresses], 0..=1).boxed(),
        Range::Any => subsequence(HABITS.to_vec(), 0..=HABITS.len()).boxed(),
    }
}

fn fields(range: Range) -> impl Strategy<Value = Fields> {
    let most = if range == Range::Plain { 0 } else { 4 };
    let mutability = prop_oneof![
        Just(Mutability::ReadOnly),
        Just(Mutability::WriteOnly),
        Just(Mutability::Ignore)
    ];
    (subsequence(Field::PRODUCT.to_vec(), 0..=most), vec(mutability, 4)).prop_map(|(fields, mutability)| {
        Fields {
            default: Mutability::Sync,
            by_field: fields.into_iter().zip(mutability).collect(),
        }
    })
}

fn prices(range: Range) -> impl Strategy<Value = Prices> {
    let add = prop_oneof![Just("0"), Just("5")];
    if range == Range::Plain {
        let plain = add.prop_map(|add| Prices {
            add: add.parse().expect("a number"),
            ..Prices::default()
        });
        return plain.boxed();
    }
    let currency = prop_oneof![Just(None), Just(Some("EUR".parse().expect("a currency")))];
    let margin = prop_oneof![Just("0"), Just("12"), Just("-10")];
    (currency, margin, add, round())
        .prop_map(|(currency, margin, add, round)| Prices {
            currency,
            margin: margin.parse().expect("a number"),
            add: add.parse().expect("a number"),
            round,
        })
        .boxed()
}

fn round() -> impl Strategy<Value = Option<Round>> {
    let to = prop_oneof![
        Just(RoundTo::Step(Decimal::new(5, 2))),
        Just(RoundTo::Step(Decimal::from(10))),
        Just(RoundTo::Ending {
            modulus: Decimal::ONE,
            ending: Decimal::new(99, 2),
            text: "x.99".to_owned(),
        }),
    ];
    let mode = prop_oneof![
        Just(RoundMode::Nearest),
        Just(RoundMode::Up),
        Just(RoundMode::Down)
    ];
    proptest::option::of((to, mode).prop_map(|(to, mode)| Round { to, mode }))
}

fn stock(range: Range) -> impl Strategy<Value = Stock> {
    if range == Range::Plain {
        return Just(Stock::default()).boxed();
    }
    let summed = BTreeMap::from([(
        "default".to_owned(),
        vec!["default".to_owned(), "east".to_owned()],
    )]);
    let locations = prop_oneof![Just(BTreeMap::new()), Just(summed)];
    (0..3_i64, proptest::option::of(4..9_i64), locations)
        .prop_map(|(buffer, max, locations)| Stock {
            buffer: Decimal::from(buffer),
            max: max.map(Decimal::from),
            locations,
        })
        .boxed()
}

pub fn title() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        Just("Tee"),
        Just("Salt & Pepper"),
        Just("A  wide   Hoodie"),
        Just("Mug")
    ]
}

fn description() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        Just(""),
        Just("Plain."),
        Just("<p>Rich</p>"),
        Just("Other & more")
    ]
}

fn brand() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just(""), Just("Acme"), Just("Bits & Bobs")]
}

fn tags() -> impl Strategy<Value = Vec<&'static str>> {
    subsequence(vec!["new", "b & w", "art"], 0..=3).prop_shuffle()
}

fn material() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just(""), Just("Wool"), Just("Cotton")]
}

fn status() -> impl Strategy<Value = Status> {
    prop_oneof![Just(Status::Active), Just(Status::Draft)]
}

fn amount() -> impl Strategy<Value = Decimal> {
    prop_oneof![
        Just(Decimal::new(1000, 2)),
        Just(Decimal::new(1999, 2)),
        Just(Decimal::new(745, 2))
    ]
}

/// A product of the pool whose SKUs no other has.
fn numbered(product: Product, number: u32) -> Product {
    let mut product = product;
    for variant in &mut product.variants {
        if sku_key(&variant.sku).is_some() {
            variant.sku = format!("{}-{number}", variant.sku);
        }
    }
    product
}

/// A product of the pool. Its SKUs are its own unless they say nothing.
fn product() -> impl Strategy<Value = Product> {
    let words = (title(), description(), brand(), tags(), material());
    (
        words,
        proptest::option::of(status()),
        subsequence(vec!["one", "two", "three"], 0..=3),
        vec(variant(), 1..4),
    )
        .prop_map(
            |((title, description, brand, tags, material), status, pictures, variants)| {
                let colors = ["Red", "Blue", "Green"];
                let single = variants.len() == 1;
                let images = pictures.into_iter().map(image).collect();
                let variants = variants.into_iter().zip(colors).map(|(variant, color)| {
                    let sku = if variant.sku == "own" {
                        color.to_owned()
                    } else {
                        variant.sku
                    };
                    let options = if single {
                        BTreeMap::new()
                    } else {
                        BTreeMap::from([("Color".to_owned(), color.to_owned())])
                    };
                    Variant {
                        sku,
                        options,
                        ..variant
                    }
                });
                Product {
                    title: title.to_owned(),
                    description: description.to_owned(),
                    brand: brand.to_owned(),
                    tags: tags.into_iter().map(str::to_owned).collect(),
                    status,
                    attributes: attributes(material),
                    images,
                    variants: variants.collect(),
                    ..Product::default()
                }
            },
        )
}

fn variant() -> impl Strategy<Value = Variant> {
    let sku = prop_oneof![8 => Just("own"), 1 => Just(""), 1 => Just("n/a")];
    (
        sku,
        proptest::option::of(amount()),
        proptest::option::of(amount()),
        proptest::option::of(amount()),
        proptest::option::of(0..12_i64),
        proptest::option::of(0..12_i64),
    )
        .prop_map(|(sku, price, compare_at_price, cost, main, east)| Variant {
            sku: sku.to_owned(),
            price,
            compare_at_price,
            cost,
            stock: [("default", main), ("east", east)]
                .into_iter()
                .filter_map(|(location, quantity)| Some((location.to_owned(), Decimal::from(quantity?))))
                .collect(),
            ..Variant::default()
        })
}

fn image(name: &str) -> Image {
    Image {
        hash: Some(format!("bytes-of-{name}")),
        address: name.to_owned(),
        ..Image::default()
    }
}

fn attributes(material: &str) -> BTreeMap<String, String> {
    let pairs = [("Material".to_owned(), material.to_owned())];
    pairs.into_iter().filter(|(_, text)| !text.is_empty()).collect()
}

/// How another shop describes the same product.
#[derive(Clone, Debug)]
struct Variation(Vec<Edit>);

fn variation() -> impl Strategy<Value = Variation> {
    vec(edit(), 1..4).prop_map(Variation)
}

impl Variation {
    fn make(self, product: &mut Product) {
        for edit in self.0 {
            edit.make(product);
        }
    }
}

pub fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        title().prop_map(Edit::Title),
        description().prop_map(Edit::Description),
        brand().prop_map(Edit::Brand),
        tags().prop_map(Edit::Tags),
        status().prop_map(Edit::Status),
        material().prop_map(Edit::Material),
        amount().prop_map(Edit::Price),
        proptest::option::of(amount()).prop_map(Edit::CompareAtPrice),
        prop_oneof![Just("new-sku"), Just(""), Just("0")].prop_map(Edit::Sku),
        (0..3_usize, -3..4_i64).prop_map(|(variant, quantity)| Edit::Sell { variant, quantity }),
        prop_oneof![Just("Black"), Just("White")].prop_map(Edit::AddVariant),
        prop_oneof![Just("four"), Just("five")].prop_map(Edit::AddPicture),
        Just(Edit::DropPicture),
        Just(Edit::TurnGallery),
        prop_oneof![Just(""), Just("Front")].prop_map(Edit::Alt),
        (0..3_usize).prop_map(Edit::ShowVariantBy),
    ]
}

impl Edit {
    pub fn make(self, product: &mut Product) {
        match self {
            Self::Title(title) => title.clone_into(&mut product.title),
            Self::Description(text) => text.clone_into(&mut product.description),
            Self::Brand(brand) => brand.clone_into(&mut product.brand),
            Self::Tags(tags) => product.tags = tags.into_iter().map(str::to_owned).collect(),
            Self::Status(status) => product.status = Some(status),
            Self::Material(material) => product.attributes = attributes(material),
            Self::Price(price) => product.variants[0].price = Some(price),
            Self::CompareAtPrice(price) => product.variants[0].compare_at_price = price,
            Self::Sku(sku) => sku.clone_into(&mut product.variants[0].sku),
            Self::Sell { variant, quantity } => sell(product, variant, quantity),
            Self::AddVariant(color) => add_variant(product, color),
            Self::AddPicture(name) => product.images.push(image(name)),
            Self::DropPicture => {
                product.images.pop();
            }
            Self::TurnGallery => product.images.reverse(),
            Self::Alt(text) => {
                if let Some(first) = product.images.first_mut() {
                    text.clone_into(&mut first.alt);
                }
            }
            Self::ShowVariantBy(at) => {
                let shown = product.images.get(at).map(|image| image.address.clone());
                product.variants[0].images = shown.into_iter().collect();
            }
        }
    }
}

fn sell(product: &mut Product, variant: usize, quantity: i64) {
    let at = variant % product.variants.len();
    if let Some(held) = product.variants[at].stock.values_mut().next() {
        held.0 -= Decimal::from(quantity).0;
    }
}

fn add_variant(product: &mut Product, color: &str) {
    let options = BTreeMap::from([("Color".to_owned(), color.to_owned())]);
    if product.variants.iter().all(|variant| variant.options != options) {
        product.variants.push(Variant {
            sku: format!("{color}-{}", product.title),
            options,
            price: Some(Decimal::from(30)),
            ..Variant::default()
        });
    }
}

/// Up to twelve things that happen, edits and syncs of any kind.
pub fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        2 => (0..3_usize).prop_map(Event::Sync),
        1 => (0..3_usize).prop_map(Event::Fetch),
        1 => (0..3_usize).prop_map(Event::Send),
        5 => (0..3_usize, 0..6_usize, edit()).prop_map(|(place, record, edit)| Event::Edit { place, record, edit }),
    ];
    vec(event, 0..12)
}

/// How a write may go without anybody knowing.
pub fn unclear() -> impl Strategy<Value = Fault> {
    prop_oneof![
        Just(Fault::None),
        Just(Fault::AnswerLost),
        Just(Fault::CrashBefore),
        Just(Fault::CrashAfter)
    ]
}

pub fn faults() -> impl Strategy<Value = Vec<Event>> {
    let fault = prop_oneof![
        Just(Fault::AnswerLost),
        Just(Fault::CallLost),
        Just(Fault::CrashBefore),
        Just(Fault::CrashAfter),
        Just(Fault::Refused),
        Just(Fault::None),
    ];
    vec(
        (0..3_usize, fault).prop_map(|(place, fault)| Event::Fault { place, fault }),
        0..6,
    )
}

impl World {
    /// Lets something happen; what is about a place or record that is not there happens to another.
    pub fn happen(&mut self, event: Event) {
        let now = self.tick();
        let places = self.places.len();
        match event {
            Event::Sync(place) => self.sync(place % places),
            Event::Fetch(place) => {
                self.fetch(place % places);
            }
            // A connection is read before it is written to: a create would be made beside what it has already.
            Event::Send(place) if self.places[place % places].read == Read::Completely => {
                self.send(place % places);
            }
            Event::Send(_) => {}
            Event::Edit { place, record, edit } => {
                let platform = &mut self.places[place % places].platform;
                if !platform.records.is_empty() {
                    let at = record % platform.records.len();
                    platform.edit(at, now, |product| edit.make(product));
                }
            }
            Event::Fault { place, fault } => self.places[place % places].faults.push_back(fault),
        }
    }
}
