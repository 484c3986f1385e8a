//! What is said of products and orders.

use super::{counted, language, language::word, listed, status_word};
use crate::{
    format,
    order::{self, Order, text},
};
use shared::{
    api::{Equivalence, Side, Variant},
    ids::Kind,
    language::Language,
    mark::Mark,
    money::Money,
    product::DEFAULT_LOCATION,
};

pub(crate) fn found(kind: Kind, number: u64, all: bool) -> String {
    let of = super::of(kind);
    let found = counted(number, &of.one, &of.many);
    match (language(), all) {
        (_, true) => found,
        (Language::English, false) => format!("{found} found"),
        (Language::Spanish, false) => format!("{found} en la búsqueda"),
    }
}

pub(crate) fn or_untitled(title: String) -> String {
    if title.trim().is_empty() {
        word("Without a title", "Sin título").to_owned()
    } else {
        title
    }
}

/// What identifies a product, in a line.
pub(crate) fn variants_line(variants: &[Variant]) -> String {
    let mut skus = variants.iter().map(|variant| variant.sku.as_str());
    let sku = skus.find(|sku| !sku.is_empty()).unwrap_or_default();
    match (sku, variants.len()) {
        ("", 0 | 1) => word("No SKU", "Sin SKU").to_owned(),
        (sku, 0 | 1) => sku.to_owned(),
        ("", variants) => variants_of(variants),
        (sku, variants) => joined([sku, &variants_of(variants)]),
    }
}

pub(crate) fn price_range((low, high): (Money, Money)) -> String {
    if low.amount == high.amount {
        format::money(low)
    } else {
        format!("{} \u{2013} {}", format::money(low), format::money(high))
    }
}

/// A glyph's name.
pub(crate) fn mark_at(mark: Mark, place: &str) -> String {
    let name = super::mark(mark);
    if place.is_empty() {
        name.to_owned()
    } else {
        format!("{place}: {}", name.to_lowercase())
    }
}

pub(crate) fn not_there(place: &str) -> String {
    format!("{place}: {}", super::VARIANT_NOT_THERE.to_lowercase())
}

pub(crate) fn open_at(connection: &str) -> String {
    match language() {
        Language::English => format!("Open at {connection}"),
        Language::Spanish => format!("Abrir en {connection}"),
    }
}

pub(crate) fn changed(ago: &str) -> String {
    match language() {
        Language::English => format!("changed {ago}"),
        Language::Spanish => format!("último cambio: {ago}"),
    }
}

/// How orders are called.
pub(crate) fn order_named(number: &str) -> String {
    match language() {
        Language::English => format!("Order {number}"),
        Language::Spanish => format!("Pedido {number}"),
    }
}

/// Who bought and when.
pub(crate) fn order_facts(order: &Order) -> String {
    let placed = order::time(&order.facts["placed_at"])
        .map(format::exact)
        .map(|at| match language() {
            Language::English => format!("placed {at}"),
            Language::Spanish => format!("hecho el {at}"),
        });
    joined([text(&order.facts["buyer"]["name"]), &placed.unwrap_or_default()])
}

pub(crate) fn paid_and_fulfilled(paid: &str, fulfilled: &str) -> String {
    joined([&status_word(paid), &status_word(fulfilled)])
}

/// What follows something else in a line.
pub(crate) fn also(text: &str) -> String {
    format!(" \u{b7} {text}")
}

/// Two facts in a line, or the one that there is.
pub(crate) fn joined(facts: [&str; 2]) -> String {
    match facts {
        [only, ""] | ["", only] => only.to_owned(),
        [first, second] => format!("{first} \u{b7} {second}"),
    }
}

/// Is this in step, and if not, where not?
pub(crate) fn item_verdict(kind: Kind, equivalences: &[Equivalence]) -> String {
    let waiting = equivalences
        .iter()
        .filter(|at| matches!(at.mark, Mark::Create | Mark::Update))
        .count();
    let held = equivalences
        .iter()
        .filter(|at| at.changes.iter().any(|change| change.mark == Mark::Held))
        .count();
    let stopped = equivalences.iter().filter(|at| at.mark == Mark::Held).count();
    let places = |number: usize| {
        let number = u64::try_from(number).unwrap_or(u64::MAX);
        match language() {
            Language::English => counted(number, "connection", "connections"),
            Language::Spanish => counted(number, "conexión", "conexiones"),
        }
    };
    let one = super::of(kind).one;
    let (waits, differ) = (places(waiting), places(held));
    match (language(), waiting, held) {
        (Language::English, ..) if equivalences.is_empty() => format!("No connection has this {one}."),
        (Language::Spanish, ..) if equivalences.is_empty() => format!("Ninguna conexión tiene este {one}."),
        (Language::English, 0, 0) if stopped > 0 => {
            format!("It cannot be sent to {} yet.", places(stopped))
        }
        (Language::Spanish, 0, 0) if stopped > 0 => {
            format!("Todavía no se puede enviar a {}.", places(stopped))
        }
        (Language::English, 0, 0) => format!("In step at {}.", places(equivalences.len())),
        (Language::Spanish, 0, 0) => format!("Al día en {}.", places(equivalences.len())),
        (Language::English, _, 0) => format!("Changes wait to be sent to {waits}."),
        (Language::Spanish, _, 0) => format!("Hay cambios por enviar a {waits}."),
        (Language::English, 0, _) => {
            format!("{differ} and the hub differ, and you decide which is right.")
        }
        (Language::Spanish, 0, _) => {
            format!("{differ} y la central difieren; hay que decidir qué es lo correcto.")
        }
        (Language::English, ..) => {
            format!("Changes wait to be sent to {waits}, and {differ} and the hub differ.")
        }
        (Language::Spanish, ..) => {
            format!("Hay cambios por enviar a {waits}, y {differ} y la central difieren.")
        }
    }
}

pub(crate) fn held_question(connection: &str, fields: &[String]) -> String {
    // Within a sentence; what is written in capitals stays so.
    let mut fields: Vec<String> = fields
        .iter()
        .map(|name| {
            if name.chars().all(char::is_uppercase) {
                name.clone()
            } else {
                name.to_lowercase()
            }
        })
        .collect();
    fields.sort();
    fields.dedup();
    if fields.len() > 4 {
        let more = fields.len() - 3;
        fields.truncate(3);
        fields.push(more_of(more));
    }
    let fields = listed(&fields);
    match language() {
        Language::English => {
            format!("{connection} and the hub differed when they first met: {fields}. Which is right?")
        }
        Language::Spanish => format!(
            "{connection} y la central diferían cuando se encontraron por primera vez: {fields}. ¿Qué es lo correcto?"
        ),
    }
}

fn more_of(number: usize) -> String {
    match language() {
        Language::English => format!("{number} more"),
        Language::Spanish => format!("{number} más"),
    }
}

pub(crate) fn held_question_of_all(connection: &str, number: u64) -> String {
    let count = format::count(number);
    match (language(), number) {
        (Language::English, 1) => {
            format!("{connection} and the hub differed when they first met. Which is right?")
        }
        (Language::English, _) => format!(
            "{connection} and the hub differed in {count} products when they first met. Which is right, for all of them?"
        ),
        (Language::Spanish, 1) => format!(
            "{connection} y la central diferían cuando se encontraron por primera vez. ¿Qué es lo correcto?"
        ),
        (Language::Spanish, _) => format!(
            "{connection} y la central diferían en {count} productos cuando se encontraron por primera vez. ¿Qué es lo correcto para todos?"
        ),
    }
}

/// Before a side is chosen for many products at once: what that does.
pub(crate) fn held_confirmation(side: Side, connection: &str, number: u64) -> String {
    let of = super::of(Kind::Products);
    let products = counted(number, &of.one, &of.many);
    match (language(), side) {
        (Language::English, Side::Hub) => format!(
            "Keep the hub\u{2019}s values for {products}? They then wait as updates to {connection}; nothing is written before you send."
        ),
        (Language::English, Side::Remote) => format!(
            "Take {connection}\u{2019}s values into the hub for {products}? Other connections then wait to get them; nothing is written before you send."
        ),
        (Language::Spanish, Side::Hub) => format!(
            "¿Conservar los valores de la central en {products}? Después esperan como cambios para {connection}; nada se escribe antes de enviar."
        ),
        (Language::Spanish, Side::Remote) => format!(
            "¿Llevar los valores de {connection} a la central en {products}? Después esperan para las demás conexiones; nada se escribe antes de enviar."
        ),
    }
}

pub(crate) fn chosen(number: u64) -> String {
    let count = format::count(number);
    match (language(), number) {
        (Language::English, 1) => {
            "Chosen. The difference is settled; what has to be written waits to be sent.".to_owned()
        }
        (Language::English, _) => {
            format!("Chosen for {count} products. What has to be written waits to be sent.")
        }
        (Language::Spanish, 1) => {
            "Decidido. La diferencia está resuelta; lo que haya que escribir espera su envío.".to_owned()
        }
        (Language::Spanish, _) => {
            format!("Decidido para {count} productos. Lo que haya que escribir espera su envío.")
        }
    }
}

pub(crate) fn take_from(connection: &str) -> String {
    match language() {
        Language::English => format!("Take {connection}\u{2019}s"),
        Language::Spanish => format!("Tomar lo de {connection}"),
    }
}

pub(crate) fn equal_fields(names: &[String]) -> String {
    let shown = names.len().min(5);
    let mut parts: Vec<String> = names[..shown].to_vec();
    if names.len() > shown {
        parts.push(more_of(names.len() - shown));
    }
    let parts = listed(&parts);
    match language() {
        Language::English => format!("Equal everywhere: {parts}"),
        Language::Spanish => format!("Igual en todas partes: {parts}"),
    }
}

pub(crate) fn equal_variants(number: usize) -> String {
    let number = u64::try_from(number).unwrap_or(u64::MAX);
    match language() {
        Language::English => counted(
            number,
            "variant is equal everywhere",
            "variants are equal everywhere",
        ),
        Language::Spanish => counted(
            number,
            "variante es igual en todas partes",
            "variantes son iguales en todas partes",
        ),
    }
}

pub(crate) fn variants_of(number: usize) -> String {
    let number = u64::try_from(number).unwrap_or(u64::MAX);
    match language() {
        Language::English => counted(number, "variant", "variants"),
        Language::Spanish => counted(number, "variante", "variantes"),
    }
}

/// A quantity at a stock location.
pub(crate) fn in_stock(quantity: &str, place: &str) -> String {
    match (language(), place) {
        (Language::English, DEFAULT_LOCATION) => format!("{quantity} in stock"),
        (Language::English, _) => format!("{quantity} in {place}"),
        (Language::Spanish, DEFAULT_LOCATION) => format!("{quantity} en existencia"),
        (Language::Spanish, _) => format!("{quantity} en {place}"),
    }
}

pub(crate) fn variant_name(variant: &Variant) -> String {
    let options: Vec<&str> = variant.options.values().map(String::as_str).collect();
    if options.is_empty() {
        word("Variant", "Variante").to_owned()
    } else {
        options.join(" / ")
    }
}
