//! Paths and values as people read them.

use super::{field, language, language::word};
use crate::{format, order::text};
use serde_json::Value;
use shared::{
    content::Field,
    language::Language,
    money::{Currency, Decimal, Money},
    product::DEFAULT_LOCATION,
};

/// What a path is about, as people say it.
pub(crate) fn path(path: &str) -> String {
    let unescape = |name: &str| name.replace("~1", "/").replace("~0", "~");
    let known =
        |name: &str| Field::parse(name).map_or_else(|| status_word(name), |known| field(known).to_owned());
    let parts = [
        ("variants/", word("Variant", "Variante")),
        ("lines/", word("Line", "Línea")),
        ("shipments/", super::SHIPMENT),
        ("payments/", super::PAYMENT),
    ];
    let part = parts
        .into_iter()
        .find_map(|(start, name)| path.strip_prefix(start).map(|inside| (name, inside)));
    let own = match part {
        None => path,
        Some((name, inside)) => match inside.split_once('/') {
            Some((_, leaf)) => leaf,
            None => return name.to_owned(),
        },
    };
    match own.split_once('/') {
        None if own == "name" => super::BUYER.to_owned(),
        None => known(own),
        Some(("attributes", name)) => unescape(name),
        Some(("options", name)) => option(&unescape(name)),
        Some(("stock", DEFAULT_LOCATION)) => field(Field::Stock).to_owned(),
        Some(("stock", place)) => format!("{} ({})", field(Field::Stock), unescape(place)),
        Some(("images", inside)) if inside.ends_with("/alt") => {
            word("Picture text", "Texto de la imagen").to_owned()
        }
        Some(("images", _)) => picture(),
        Some((name, _)) => known(name),
    }
}

fn picture() -> String {
    word("Picture", "Imagen").to_owned()
}

/// The hub's own options have a name in every language; others are called as their shop calls them.
fn option(name: &str) -> String {
    match name {
        "color" => word("Color", "Color").to_owned(),
        "size" => word("Size", "Talla").to_owned(),
        _ => capitalised(name),
    }
}

/// A value as people read it. `None`: there is nothing.
pub(crate) fn value(path: &str, value: &Value, currency: Option<Currency>) -> Option<String> {
    let leaf = path.rsplit('/').next().unwrap_or_default();
    let text = match value {
        Value::Null => return None,
        // Only an address has a text to show; which lines are in a parcel is told by the lines.
        Value::Object(_) => address(value),
        Value::Bool(there) => return there.then(|| word("Yes", "Sí").to_owned()),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(list) => list
            .iter()
            .filter_map(Value::as_str)
            .collect::<Vec<_>>()
            .join(", "),
    };
    if text.is_empty() {
        return None;
    }
    let number = || text.parse::<Decimal>().ok();
    let shown = match leaf {
        "price" | "compare_at_price" | "cost" | "unit_price" | "items" | "shipping" | "discount" | "tax"
        | "total" | "amount" => number().map(|amount| match currency {
            Some(currency) => format::money(Money { amount, currency }),
            None => format::decimal(amount),
        }),
        "placed_at" | "shipped_at" | "paid_at" => text.parse().ok().map(format::exact),
        "status" | "payment" | "fulfilment" => Some(status_word(&text)),
        "weight" => number().map(|weight| format!("{} kg", format::decimal(weight))),
        _ if path.contains("/stock/") => number().map(format::decimal),
        "images" => Some(word("The order of the pictures", "El orden de las imágenes").to_owned()),
        _ if path.starts_with("images/") && leaf != "alt" => Some(picture()),
        _ => None,
    };
    Some(shown.unwrap_or(text))
}

/// A platform's word for a status, or a field of an order: `partially-refunded` is "Partially refunded".
pub(crate) fn status_word(name: &str) -> String {
    common_word(name).map_or_else(|| capitalised(&name.replace(['-', '_'], " ")), str::to_owned)
}

/// What platforms have in common, where it is said otherwise than they write it.
fn common_word(name: &str) -> Option<&'static str> {
    match language() {
        Language::English => None,
        Language::Spanish => Some(match name.replace('_', "-").as_str() {
            "draft" => "Borrador",
            "active" => "Activo",
            "paused" => "En pausa",
            "on-hold" => "Retenido",
            "archived" => "Archivado",
            "published" => "Publicado",
            "unpublished" => "No publicado",
            "open" => "Abierto",
            "pending" => "Pendiente",
            "processing" => "En proceso",
            "completed" => "Completado",
            "cancelled" | "canceled" => "Cancelado",
            "failed" => "Fallido",
            "paid" => "Pagado",
            "unpaid" => "Sin pagar",
            "partially-paid" => "Pagado en parte",
            "authorized" => "Autorizado",
            "voided" => "Anulado",
            "refunded" => "Reembolsado",
            "partially-refunded" => "Reembolsado en parte",
            "fulfilled" | "shipped" => "Enviado",
            "unfulfilled" => "Sin enviar",
            "partial" | "partially-fulfilled" => "Enviado en parte",
            "delivered" => "Entregado",
            "returned" => "Devuelto",
            "number" => "Número",
            "origin" => "Origen",
            "placed-at" => "Fecha",
            "currency" => "Moneda",
            "items" => "Artículos",
            "shipping" => "Envío",
            "discount" => "Descuento",
            "tax" => "Impuestos",
            "total" => "Total",
            "email" => "Correo",
            "phone" => "Teléfono",
            "shipping-address" => "Dirección de envío",
            "billing-address" => "Dirección de facturación",
            "product" => "Producto",
            "quantity" => "Cantidad",
            "unit-price" => "Precio por unidad",
            "carrier" => "Transportista",
            "tracking-number" => "Número de guía",
            "tracking-url" => "Página de seguimiento",
            "shipped-at" => "Enviado el",
            "method" => "Método",
            "amount" => "Importe",
            "reference" => "Referencia",
            "paid-at" => "Pagado el",
            "updated-at" => "Último cambio",
            "card" => "Tarjeta",
            "cash" => "Efectivo",
            "bank-transfer" => "Transferencia",
            _ => return None,
        }),
    }
}

/// An address in one line, or nothing of what is none.
pub(crate) fn address(address: &Value) -> String {
    let names = [
        "name", "company", "line1", "line2", "postcode", "city", "region", "country", "phone",
    ];
    let parts = names.map(|name| text(&address[name]));
    let parts = parts.iter().filter(|part| !part.is_empty());
    parts.copied().collect::<Vec<_>>().join(", ")
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

/// A text without its markup, for reading; the exact text is in the tooltip.
pub(crate) fn without_tags(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, tag)) = rest.split_once('<') {
        plain.push_str(before);
        let is_tag = tag.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
        match tag.split_once('>') {
            Some((_, after)) if is_tag => {
                plain.push(' ');
                rest = after;
            }
            _ => {
                plain.push('<');
                rest = tag;
            }
        }
    }
    plain.push_str(rest);
    plain.trim().to_owned()
}
