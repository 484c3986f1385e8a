//! The orders that a demo shop begins with: a pure function of its catalogue and a number, so that a long history takes
//! no room. Two shops that sell the same have different buyers.

use super::catalogue::{Catalogue, Chance, FIRST_NUMBER, product_id};
use serde::{Deserialize, Serialize};
use shared::{
    ids::RemoteId,
    money::{Currency, Decimal},
    order::{Address, Buyer, Line, Order, Payment, Shipment, ShippedLine, Totals},
    product::{Product, Status, Variant},
    time::Time,
};
use std::{ops::Range, time::Duration};

/// The number of the first order of every shop.
pub(super) const FIRST_ORDER: u64 = 1001;
/// A longer history is not needed to show anything, and would take long to invent.
pub(super) const MOST_ORDERS: u64 = 1_000_000;

/// 2026-11-15T00:00:00Z: the last order of every history was placed before.
const END: Time = Time(1_794_700_800_000);
/// An hour, in seconds.
const HOUR: u64 = 3600;
/// How far a history goes back.
const SPAN: Duration = Duration::from_secs(400 * 24 * HOUR);
/// After this an order of the history does not change any more.
const SETTLED: Duration = Duration::from_secs(4 * 24 * HOUR);

/// The orders that a shop begins with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// What was sold then.
    pub catalogue: Catalogue,
    /// How many.
    pub orders: u64,
    pub currency: Currency,
}

impl Default for History {
    fn default() -> Self {
        Self {
            catalogue: Catalogue::default(),
            orders: 0,
            currency: Currency::USD,
        }
    }
}

impl History {
    /// The numbers that its orders have.
    pub(super) fn numbers(&self) -> Range<u64> {
        // Without a product there was nothing to buy.
        let orders = if self.catalogue.products == 0 {
            0
        } else {
            self.orders
        };
        FIRST_ORDER..FIRST_ORDER + orders
    }

    /// The order of one of its [`numbers`](Self::numbers).
    pub(super) fn order(&self, number: u64) -> Order {
        let mut chance = self.chance(number);
        let wanted = 1 + chance.below(2) + chance.below(3);
        let mut lines: Vec<Line> = Vec::new();
        for _ in 0..wanted {
            let bought = self.bought(&mut chance);
            let again = |line: &Line| line.product == bought.product && line.variant == bought.variant;
            if !lines.iter().any(again) {
                lines.push(bought);
            }
        }
        for (nth, line) in (1..).zip(&mut lines) {
            line.remote_id = Some(line_id(number, nth));
        }
        let rates = Rates {
            // One order in six came with a voucher.
            discount: chance.pick(&[0, 0, 0, 0, 0, 10]),
            tax: chance.pick(&[0, 8, 16, 19]),
        };
        let shipping = chance.pick(&[0, 490, 690, 1290]);
        let totals = add_up(&mut lines, rates, Decimal::new(shipping, 2));
        let placed_at = self.placed_at(number);
        let person = Person::new(&mut chance);
        let standing = Standing::new(&mut chance);
        let mut order = Order {
            number: number.to_string(),
            status: standing.status.to_owned(),
            payment_status: standing.payment.to_owned(),
            fulfilment_status: standing.fulfilment.to_owned(),
            placed_at: Some(placed_at),
            currency: self.currency,
            totals,
            lines,
            buyer: person.buyer(),
            shipping_address: person.address(),
            billing_address: if chance.below(8) == 0 {
                Person::new(&mut chance).address()
            } else {
                person.address()
            },
            shipments: Vec::new(),
            payments: Vec::new(),
            note: chance.pick(&NOTES).to_owned(),
        };
        if matches!(standing.payment, "paid" | "partially-refunded" | "refunded") {
            order
                .payments
                .push(payment(number, &order, placed_at, &mut chance));
        }
        order.shipments = shipments(number, &mut order, placed_at, &mut chance);
        order
    }

    /// When an order of the history last changed; later numbers changed later.
    pub(super) fn changed_at(&self, number: u64) -> Time {
        self.placed_at(number).plus(SETTLED)
    }

    /// The first number whose order changed at or after `since`.
    pub(super) fn first_since(&self, since: Time) -> u64 {
        let Range { mut start, mut end } = self.numbers();
        while start < end {
            let middle = start + (end - start) / 2;
            if self.changed_at(middle) < since {
                start = middle + 1;
            } else {
                end = middle;
            }
        }
        start
    }

    /// An order that a buyer places here now: one line, paid at once.
    pub(super) fn sale(&self, number: u64, line: Line, at: Time) -> Order {
        let mut chance = self.chance(number);
        let mut lines = vec![line];
        let totals = add_up(&mut lines, Rates { discount: 0, tax: 16 }, Decimal::ZERO);
        let person = Person::new(&mut chance);
        let mut order = Order {
            number: number.to_string(),
            status: "processing".to_owned(),
            payment_status: "paid".to_owned(),
            fulfilment_status: "unfulfilled".to_owned(),
            placed_at: Some(at),
            currency: self.currency,
            totals,
            lines,
            buyer: person.buyer(),
            shipping_address: person.address(),
            billing_address: person.address(),
            shipments: Vec::new(),
            payments: Vec::new(),
            note: String::new(),
        };
        order.payments.push(payment(number, &order, at, &mut chance));
        order
    }

    fn chance(&self, number: u64) -> Chance {
        let Catalogue { seed, salt, .. } = self.catalogue;
        Chance::new(seed ^ salt.rotate_left(17), number)
    }

    fn placed_at(&self, number: u64) -> Time {
        let span = u64::try_from(SPAN.as_millis()).expect("400 days");
        let step = span / self.orders.max(1);
        let waited =
            step * (number - FIRST_ORDER) + Chance::new(!self.catalogue.seed, number).below(step.max(1));
        END.minus(SPAN).plus(Duration::from_millis(waited))
    }

    fn bought(&self, chance: &mut Chance) -> Line {
        let mut number = FIRST_NUMBER;
        let mut product = Product::default();
        // Mostly what is on sale today; a product may have been taken out since.
        for _ in 0..3 {
            number = FIRST_NUMBER + chance.below(self.catalogue.products);
            product = self.catalogue.product(number);
            if product.status == Some(Status::Active) {
                break;
            }
        }
        let variant = chance.pick_ref(&product.variants);
        let quantity = chance.pick(&[1, 1, 1, 1, 1, 2, 2, 3]);
        line(product_id(number), &product, variant, Decimal::from(quantity))
    }
}

/// A line as it comes out of the catalogue: what a buyer pays today, before tax.
pub(super) fn line(id: RemoteId, product: &Product, variant: &Variant, quantity: Decimal) -> Line {
    let mut title = product.title.clone();
    let options: Vec<&str> = variant.options.values().map(String::as_str).collect();
    if !options.is_empty() {
        title.extend([" - ", &options.join(", ")]);
    }
    Line {
        remote_id: None,
        product: Some(id),
        variant: variant.remote_id.clone(),
        sku: variant.sku.clone(),
        title,
        quantity,
        unit_price: variant.price,
        tax: None,
        total: None,
    }
}

/// In per cent.
#[derive(Clone, Copy)]
struct Rates {
    discount: i64,
    tax: i64,
}

/// Works out each line's tax and total, and their sums: items + shipping - discount + tax = total.
fn add_up(lines: &mut [Line], rates: Rates, shipping: Decimal) -> Totals {
    let per_cent = |amount: Decimal, rate: i64| (amount.0 * Decimal::new(rate, 2).0).round_dp(2);
    let (mut items, mut discount, mut tax) = (Decimal::ZERO.0, Decimal::ZERO.0, Decimal::ZERO.0);
    for line in lines {
        let full = Decimal(line.unit_price.unwrap_or_default().0 * line.quantity.0);
        let off = per_cent(full, rates.discount);
        let net = Decimal(full.0 - off);
        let taxed = per_cent(net, rates.tax);
        line.tax = Some(Decimal(taxed));
        line.total = Some(Decimal(net.0 + taxed));
        items += full.0;
        discount += off;
        tax += taxed;
    }
    Totals {
        items: Some(Decimal(items)),
        shipping: Some(shipping),
        discount: Some(Decimal(discount)),
        tax: Some(Decimal(tax)),
        total: Some(Decimal(items + shipping.0 - discount + tax)),
    }
}

fn payment(number: u64, order: &Order, at: Time, chance: &mut Chance) -> Payment {
    let method = chance.pick(&["card", "card", "paypal", "bank-transfer"]);
    Payment {
        remote_id: Some(payment_id(number, 1)),
        method: method.to_owned(),
        amount: order.totals.total,
        reference: format!("{}-{:08}", method[..2].to_uppercase(), chance.below(100_000_000)),
        paid_at: Some(at.plus(Duration::from_secs(20 + chance.below(1200)))),
    }
}

/// The parcels that went out; where only some of it did and there is only one thing, nothing has yet.
fn shipments(number: u64, order: &mut Order, placed_at: Time, chance: &mut Chance) -> Vec<Shipment> {
    if order.fulfilment_status == "partial" && order.lines.len() < 2 {
        "unfulfilled".clone_into(&mut order.fulfilment_status);
    }
    let shipped = match order.fulfilment_status.as_str() {
        "fulfilled" => &order.lines[..],
        "partial" => &order.lines[..1],
        _ => return Vec::new(),
    };
    let lines = shipped.iter().filter_map(|line| {
        Some(ShippedLine {
            line: line.remote_id.clone()?,
            quantity: line.quantity,
        })
    });
    let carrier = chance.pick(&["DHL", "UPS", "FedEx", "Estafeta"]);
    let tracking_number = format!(
        "{}{:010}",
        &carrier[..2].to_uppercase(),
        chance.below(10_000_000_000)
    );
    vec![Shipment {
        remote_id: Some(shipment_id(number, 1)),
        carrier: carrier.to_owned(),
        tracking_url: format!("https://tracking.example.com/{tracking_number}"),
        tracking_number,
        lines: lines.collect(),
        shipped_at: Some(placed_at.plus(Duration::from_secs((6 + chance.below(72)) * HOUR))),
    }]
}

/// How far an order came.
struct Standing {
    status: &'static str,
    payment: &'static str,
    fulfilment: &'static str,
}

impl Standing {
    fn new(chance: &mut Chance) -> Self {
        let (status, payment, fulfilment) = match chance.below(100) {
            0..64 => ("completed", "paid", "fulfilled"),
            64..74 => ("processing", "paid", "unfulfilled"),
            74..82 => ("processing", "paid", "partial"),
            82..86 => ("on-hold", "authorized", "unfulfilled"),
            86..89 => ("pending", "unpaid", "unfulfilled"),
            89..94 => ("cancelled", "unpaid", "unfulfilled"),
            94..96 => ("refunded", "refunded", "fulfilled"),
            96..98 => ("completed", "partially-refunded", "fulfilled"),
            _ => ("failed", "unpaid", "unfulfilled"),
        };
        Self {
            status,
            payment,
            fulfilment,
        }
    }
}

/// Somebody who does not exist: the mail addresses are of a domain, and the telephone numbers of an exchange, that are
/// kept for examples.
struct Person {
    first: &'static str,
    last: &'static str,
    street: &'static str,
    house: u64,
    place: &'static Place,
    phone: u64,
}

struct Place {
    city: &'static str,
    region: &'static str,
    postcode: &'static str,
    country: &'static str,
}

impl Person {
    fn new(chance: &mut Chance) -> Self {
        Self {
            first: chance.pick(&FIRST_NAMES),
            last: chance.pick(&LAST_NAMES),
            street: chance.pick(&STREETS),
            house: 1 + chance.below(180),
            place: chance.pick_ref(&PLACES),
            phone: chance.below(100),
        }
    }

    fn name(&self) -> String {
        format!("{} {}", self.first, self.last)
    }

    fn phone(&self) -> String {
        format!("+1 202 555 01{:02}", self.phone)
    }

    fn buyer(&self) -> Buyer {
        Buyer {
            name: self.name(),
            email: format!("{}.{}@example.com", self.first, self.last).to_lowercase(),
            phone: self.phone(),
        }
    }

    fn address(&self) -> Address {
        let Place {
            city,
            region,
            postcode,
            country,
        } = *self.place;
        Address {
            name: self.name(),
            company: String::new(),
            line1: format!("{} {}", self.house, self.street),
            line2: String::new(),
            city: city.to_owned(),
            region: region.to_owned(),
            postcode: postcode.to_owned(),
            country: country.to_owned(),
            phone: self.phone(),
        }
    }
}

pub(super) fn order_id(number: u64) -> RemoteId {
    RemoteId::from(format!("o{number}"))
}

pub(super) fn line_id(number: u64, part: u64) -> RemoteId {
    RemoteId::from(format!("l{number}-{part}"))
}

pub(super) fn shipment_id(number: u64, part: u64) -> RemoteId {
    RemoteId::from(format!("s{number}-{part}"))
}

pub(super) fn payment_id(number: u64, part: u64) -> RemoteId {
    RemoteId::from(format!("m{number}-{part}"))
}

/// The number in an order's id, `o1001`.
pub(super) fn number_of(id: &str) -> Option<u64> {
    let number: u64 = id.strip_prefix('o')?.parse().ok()?;
    // `o+7` and `o007` are no ids, though they could be read as numbers.
    (order_id(number).0 == id).then_some(number)
}

static FIRST_NAMES: [&str; 24] = [
    "Ada", "Bruno", "Carla", "Diego", "Elena", "Felix", "Greta", "Hugo", "Ines", "Jonas", "Karla", "Luis",
    "Marta", "Nils", "Olga", "Pablo", "Quinn", "Rosa", "Samir", "Tessa", "Uma", "Viktor", "Wanda", "Yara",
];

static LAST_NAMES: [&str; 24] = [
    "Alder",
    "Birch",
    "Castillo",
    "Duarte",
    "Ember",
    "Fontaine",
    "Grove",
    "Holm",
    "Ibarra",
    "Juniper",
    "Keller",
    "Linden",
    "Moreno",
    "Nordby",
    "Ortega",
    "Prado",
    "Quill",
    "Rivers",
    "Sandoval",
    "Thorn",
    "Underhill",
    "Vega",
    "Wells",
    "Zamora",
];

static STREETS: [&str; 10] = [
    "Harbour Street",
    "Orchard Lane",
    "Mill Road",
    "Station Avenue",
    "Lighthouse Row",
    "Chestnut Square",
    "Canal Walk",
    "Market Place",
    "Hillside Drive",
    "Garden Court",
];

static PLACES: [Place; 8] = [
    Place {
        city: "Guadalajara",
        region: "Jalisco",
        postcode: "44100",
        country: "MX",
    },
    Place {
        city: "Monterrey",
        region: "Nuevo Leon",
        postcode: "64000",
        country: "MX",
    },
    Place {
        city: "Austin",
        region: "TX",
        postcode: "78701",
        country: "US",
    },
    Place {
        city: "Portland",
        region: "OR",
        postcode: "97201",
        country: "US",
    },
    Place {
        city: "Leeds",
        region: "West Yorkshire",
        postcode: "LS1 1UR",
        country: "GB",
    },
    Place {
        city: "Freiburg",
        region: "",
        postcode: "79098",
        country: "DE",
    },
    Place {
        city: "Valencia",
        region: "",
        postcode: "46001",
        country: "ES",
    },
    Place {
        city: "Lyon",
        region: "",
        postcode: "69001",
        country: "FR",
    },
];

static NOTES: [&str; 12] = [
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "Please leave it with a neighbour.",
    "It is a gift & the price should not be on it.",
    "Ring twice.",
];
