//! The manual's sets in Spanish.

use crate::{
    content::Field,
    ids::Kind,
    set::{Pending, Placed, Set, When},
};

/// As [`super::label_of`].
pub(super) fn label(kind: Kind, set: &Set, name: impl Fn(&str) -> String, spelled: Option<&str>) -> String {
    let own = |value: &str| spelled.map_or_else(|| value.replace('-', " "), str::to_owned);
    let of = match kind {
        Kind::Products => "productos",
        Kind::Orders => "pedidos",
    };
    match set {
        Set::On(at) | Set::Platform(at) => format!("{of} en {}", name(at)),
        Set::With(field) => format!("{of} con {}", field_name(field)),
        Set::Without(field) => format!("{of} sin {}", field_name(field)),
        Set::Brand(brand) => format!("{of} de la marca {}", own(brand)),
        Set::Size(size) => format!("{of} de talla {}", own(size)),
        Set::Color(color) => format!("{of} de color {}", own(color)),
        Set::Barcode(barcode) => format!("{of} con código de barras {}", own(barcode)),
        Set::Status { value, at } => format!("{of} {} en {}", standing(value), name(at)),
        Set::Issues { present: true } => format!("{of} con incidencias"),
        Set::Issues { present: false } => format!("{of} sin incidencias"),
        Set::Stock(value) => match value.as_str() {
            "low" => format!("{of} con pocas existencias"),
            "out" => format!("{of} agotados"),
            _ => format!("{of} con existencias"),
        },
        Set::Price(value) => match value.as_str() {
            "low" => format!("{of} con precio bajo"),
            _ => format!("{of} con precio incorrecto"),
        },
        Set::Category { value, at } if value == "none" => format!("{of} sin categoría en {}", name(at)),
        Set::Category { value, at } => format!("{of} en {}, categoría {}", name(at), own(value)),
        Set::Pending { what, at } => match (what, kind) {
            (Pending::Updates, _) => format!("{of} con cambios por enviar a {}", name(at)),
            (Pending::Creates, _) => format!("{of} por crear en {}", name(at)),
            (Pending::Held, Kind::Products) => format!("{of} con diferencias por decidir en {}", name(at)),
            // What waits of an order is a product, not a choice.
            (Pending::Held, Kind::Orders) => format!("{of} que esperan productos en {}", name(at)),
        },
        Set::Placed(placed) => format!("pedidos {}", time(*placed)),
    }
}

fn standing(status: &str) -> &str {
    match status {
        "active" => "activos",
        "paused" => "en pausa",
        "published" => "publicados",
        "unpublished" => "no publicados",
        other => other,
    }
}

fn time(placed: Placed) -> String {
    const MONTHS: [&str; 12] = [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ];
    match placed {
        Placed::Year(year) => format!("de {year}"),
        Placed::Month { year, month } => {
            let name = MONTHS.get(usize::from(month) - 1).copied().unwrap_or_default();
            format!("de {name} de {year}")
        }
        Placed::Day(day) => format!("del {day}"),
        Placed::When(when) => String::from(match when {
            When::Today => "de hoy",
            When::Yesterday => "de ayer",
            When::LastWeek => "de la semana pasada",
            When::ThisMonth => "de este mes",
            When::ThisYear => "de este año",
        }),
    }
}

fn field_name(name: &str) -> String {
    Field::parse(name).map_or_else(|| name.replace('_', " "), |known| field(known).to_owned())
}

/// A field within a sentence.
fn field(field: Field) -> &'static str {
    match field {
        Field::Title => "título",
        Field::Description => "descripción",
        Field::Brand => "marca",
        Field::Model => "modelo",
        Field::Mpn => "MPN",
        Field::Categories => "categorías",
        Field::Tags => "etiquetas",
        Field::Status => "estado",
        Field::Attributes => "atributos",
        Field::Images => "imágenes",
        Field::Sku => "SKU",
        Field::Barcode => "código de barras",
        Field::Options => "opciones",
        Field::Price => "precio",
        Field::CompareAtPrice => "precio de comparación",
        Field::Cost => "costo",
        Field::Stock => "existencias",
        Field::Weight => "peso",
        Field::Payment => "pago",
        Field::Fulfilment => "estado de envío",
        Field::Shipments => "envíos",
        Field::Lines => "líneas",
        Field::Buyer => "comprador",
        Field::Addresses => "direcciones",
        Field::Totals => "totales",
        Field::Note => "nota",
    }
}
