//! The rows of a grid: a field, the hub's value, and each connection's.

use crate::{
    order::{Order, list, text},
    words,
};
use serde_json::Value;
use shared::{
    api::{Change, Equivalence, Product, Variant},
    mark::Mark,
    money::{Currency, Decimal, Money},
};
use std::collections::BTreeSet;

/// The path of the order of the pictures.
const ORDER: &str = "images";

/// A field of the product or order, or of a part of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    pub(super) path: String,
    pub(super) hub: Option<String>,
    /// One a column.
    pub(super) cells: Vec<Cell>,
}

/// What a connection shows at a path.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    /// Nothing, and nothing is to come.
    Nothing,
    /// The hub's value.
    Same,
    /// Another value, and that is as it should be: a rule made it of the hub's.
    Shown(String),
    /// A change that waits, or a difference that waits for a choice.
    Change {
        mark: Mark,
        old: Option<String>,
        new: Option<String>,
        why: String,
    },
}

/// The rows of one variant.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct VariantLines {
    pub(super) name: String,
    /// Its SKU, price and stock in the hub.
    pub(super) facts: String,
    /// What the variant itself is to each connection, and its price and stock there. `None`: it is not there and
    /// does not come.
    pub(super) places: Vec<Option<(Mark, String)>>,
    /// Only those in which something waits.
    pub(super) lines: Vec<Line>,
    quiet: bool,
}

/// The connections that stand side by side.
#[derive(Clone)]
pub(super) struct Column {
    pub(super) here: Equivalence,
    pub(super) name: String,
    /// What amounts are in there.
    pub(super) currency: Option<Currency>,
}

impl Line {
    /// Something waits to be sent, or to be chosen.
    fn waits(&self) -> bool {
        self.cells.iter().any(|cell| matches!(cell, Cell::Change { .. }))
    }

    /// Equal everywhere, as far as connections have it at all.
    pub(super) fn is_quiet(&self) -> bool {
        self.cells
            .iter()
            .all(|cell| matches!(cell, Cell::Same | Cell::Nothing))
    }
}

impl VariantLines {
    /// Equal everywhere, as far as connections have it at all.
    pub(super) fn is_quiet(&self) -> bool {
        self.quiet
    }
}

/// The rows about the product as a whole, without its pictures.
pub(super) fn of_product(product: &Product, columns: &[Column]) -> Vec<Line> {
    let text = |text: &String| Value::String(text.clone());
    let list = |list: &[String]| Value::Array(list.iter().cloned().map(Value::String).collect());
    let mut hub = vec![
        ("title".to_owned(), text(&product.title)),
        ("brand".to_owned(), text(&product.brand)),
        ("model".to_owned(), text(&product.model)),
        ("mpn".to_owned(), text(&product.mpn)),
        (
            "status".to_owned(),
            product.status.map_or(Value::Null, |status| status.name().into()),
        ),
        ("categories".to_owned(), list(&product.categories)),
        ("tags".to_owned(), list(&product.tags)),
        ("description".to_owned(), text(&product.description)),
    ];
    hub.extend(
        product
            .attributes
            .iter()
            .map(|(name, value)| (format!("attributes/{}", escape(name)), text(value))),
    );
    hub.extend(
        product
            .images
            .iter()
            .map(|image| (format!("images/{}/alt", image.id), text(&image.alt))),
    );
    let reordered = columns
        .iter()
        .any(|column| change_at(&column.here, ORDER).is_some_and(|change| change.mark != Mark::Create));
    // The pictures themselves are a strip of their own.
    let own = |path: &str| {
        let is_picture = path.strip_prefix("images/").is_some_and(|id| !id.contains('/'));
        !path.starts_with("variants/") && !is_picture && (path != ORDER || reordered)
    };
    lines(hub, base_of(product), columns, own)
}

/// The rows about an order, but for what was bought and paid: that stands once, above, unless it is about to change.
pub(super) fn of_order(order: &Order, columns: &[Column]) -> Vec<Line> {
    let Order { facts, .. } = order;
    let own = |path: &str, of: &Value| (path.to_owned(), of.clone());
    let mut hub = vec![
        own("status", &facts["status"]),
        own("payment", &facts["payment_status"]),
        own("fulfilment", &facts["fulfilment_status"]),
    ];
    for shipment in list(&facts["shipments"]) {
        for leaf in ["carrier", "tracking_number", "tracking_url", "shipped_at"] {
            let path = format!("shipments/{}/{leaf}", text(&shipment["id"]));
            hub.push((path, shipment[leaf].clone()));
        }
    }
    for leaf in ["name", "email", "phone"] {
        hub.push(own(leaf, &facts["buyer"][leaf]));
    }
    for leaf in ["shipping_address", "billing_address", "note"] {
        hub.push(own(leaf, &facts[leaf]));
    }
    let changes = |path: &str| {
        let mut updated = columns.iter().filter(|column| column.here.mark != Mark::Create);
        // That a shipment is there is said by what it says.
        path.matches('/').count() != 1 && updated.any(|column| change_at(&column.here, path).is_some())
    };
    lines(hub, order.currency(), columns, changes)
}

/// The rows of each variant; first those that the hub has, then those it is about to lose.
pub(super) fn of_variants(product: &Product, columns: &[Column]) -> Vec<VariantLines> {
    product
        .variants
        .iter()
        .map(|variant| of_variant(variant, base_of(product), columns))
        .collect()
}

fn of_variant(variant: &Variant, base: Option<Currency>, columns: &[Column]) -> VariantLines {
    let root = format!("variants/{}", variant.id);
    let at = |leaf: &str| format!("{root}/{leaf}");
    let text = |text: &String| Value::String(text.clone());
    let number =
        |number: Option<Decimal>| number.map_or(Value::Null, |number| Value::String(number.to_string()));
    let price = |price: Option<Money>| number(price.map(|price| price.amount));
    let mut hub = vec![
        (at("sku"), text(&variant.sku)),
        (at("barcode"), text(&variant.barcode)),
        (at("price"), price(variant.price)),
        (at("compare_at_price"), price(variant.compare_at_price)),
        (at("cost"), price(variant.cost)),
        (at("weight"), number(variant.weight)),
    ];
    hub.extend(
        variant
            .options
            .iter()
            .map(|(name, value)| (at(&format!("options/{}", escape(name))), text(value))),
    );
    hub.extend(
        variant
            .stock
            .iter()
            .map(|(place, quantity)| (at(&format!("stock/{}", escape(place))), number(Some(*quantity)))),
    );
    let inside = format!("{root}/");
    let of_root = |Column {
                       here: equivalence, ..
                   }: &Column| {
        let change = change_at(equivalence, &root);
        let there = equivalence.shown.contains_key(&root)
            || equivalence
                .shown
                .range(inside.clone()..)
                .next()
                .is_some_and(|(path, _)| path.starts_with(&inside));
        match change {
            Some(change) => Some(change.mark),
            None => there.then_some(Mark::Live),
        }
    };
    let own = |path: &str| path.starts_with(&inside) && !path.ends_with("/images");
    let lines = lines(hub, base, columns, own);
    let marks: Vec<Option<Mark>> = columns.iter().map(of_root).collect();
    let quiet =
        lines.iter().all(Line::is_quiet) && marks.iter().all(|mark| matches!(mark, None | Some(Mark::Live)));
    // The rule's price and the stock stand in the variant's own row, unless they have one of theirs.
    let (waiting, still): (Vec<Line>, Vec<Line>) = lines.into_iter().partition(Line::waits);
    let told = |line: &&Line| line.path == at("price") || line.path.starts_with(&at("stock/"));
    let figures = |of: &dyn Fn(&Line) -> Option<String>| {
        let values = still.iter().filter(told).filter_map(|line| {
            let value = of(line)?;
            Some(match line.path.split_once("/stock/") {
                Some((_, place)) => words::in_stock(&value, place),
                None => value,
            })
        });
        values.collect::<Vec<_>>().join(" \u{b7} ")
    };
    let places = marks.into_iter().enumerate().map(|(column, mark)| {
        let shown = |line: &Line| match line.cells.get(column)? {
            Cell::Same => line.hub.clone(),
            Cell::Shown(value) => Some(value.clone()),
            Cell::Nothing | Cell::Change { .. } => None,
        };
        mark.map(|mark| (mark, figures(&shown)))
    });
    let places = places.collect();
    let hub = figures(&|line| line.hub.clone());
    VariantLines {
        name: words::variant_name(variant),
        facts: [variant.sku.as_str(), &hub]
            .into_iter()
            .filter(|fact| !fact.is_empty())
            .collect::<Vec<_>>()
            .join(" \u{b7} "),
        places,
        lines: waiting,
        quiet,
    }
}

/// A row for every path that the hub or a connection has something at.
fn lines(
    hub: Vec<(String, Value)>,
    base: Option<Currency>,
    columns: &[Column],
    own: impl Fn(&str) -> bool,
) -> Vec<Line> {
    let known: Vec<String> = hub.iter().map(|(path, _)| path.clone()).collect();
    let elsewhere: BTreeSet<&str> = columns
        .iter()
        .flat_map(|column| {
            let shown = column.here.shown.keys().map(String::as_str);
            shown.chain(column.here.changes.iter().map(|change| change.path.as_str()))
        })
        .filter(|path| own(path) && !known.iter().any(|known| known == path))
        .collect();
    let more = elsewhere.into_iter().map(|path| (path.to_owned(), Value::Null));
    let rows = hub.into_iter().chain(more).map(|(path, value)| {
        let hub = words::value(&path, &value, base);
        let cells = columns
            .iter()
            .map(|column| cell(column, &path, hub.as_deref()))
            .collect();
        Line { path, hub, cells }
    });
    rows.filter(|line| line.hub.is_some() || line.cells.iter().any(|cell| *cell != Cell::Nothing))
        .collect()
}

/// What the hub's own amounts are in.
fn base_of(product: &Product) -> Option<Currency> {
    let mut prices = product.variants.iter().filter_map(|variant| variant.price);
    prices.next().map(|price| price.currency)
}

fn cell(column: &Column, path: &str, hub: Option<&str>) -> Cell {
    let Column {
        here: equivalence,
        currency,
        name: _,
    } = column;
    let currency = *currency;
    if let Some(Change {
        path,
        old,
        new,
        mark,
        why,
    }) = change_at(equivalence, path)
    {
        return Cell::Change {
            mark: *mark,
            old: words::value(path, old, currency),
            new: words::value(path, new, currency),
            why: words::why(why),
        };
    }
    if path == ORDER {
        return Cell::Same;
    }
    match equivalence
        .shown
        .get(path)
        .and_then(|value| words::value(path, value, currency))
    {
        None => Cell::Nothing,
        Some(value) if Some(value.as_str()) == hub => Cell::Same,
        Some(value) => Cell::Shown(value),
    }
}

pub(super) fn change_at<'a>(equivalence: &'a Equivalence, path: &str) -> Option<&'a Change> {
    equivalence.changes.iter().find(|change| change.path == path)
}

/// A name within a JSON pointer (RFC 6901).
fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
