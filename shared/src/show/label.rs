//! Sets in the manual's wording.

mod spanish;

use crate::{
    ids::Kind,
    language::Language,
    set::{Pending, Placed, Set, When},
};

/// What a set of products or of orders is called: "products with pending updates to Main shop".
///
/// `name` is what people call a connection or a platform, `spelled` how the set's value stands on products, where
/// that is known; ids hold it simplified.
pub fn label_of(
    language: Language,
    kind: Kind,
    set: &Set,
    name: impl Fn(&str) -> String,
    spelled: Option<&str>,
) -> String {
    match language {
        Language::English => english(kind, set, name, spelled),
        Language::Spanish => spanish::label(kind, set, name, spelled),
    }
}

fn label(set: &Set, name: impl Fn(&str) -> String, spelled: Option<&str>) -> String {
    let own = |value: &str| spelled.map_or_else(|| value.replace('-', " "), str::to_owned);
    match set {
        Set::On(at) | Set::Platform(at) => format!("products on {}", name(at)),
        Set::With(field) => format!("products with {}", field_name(field)),
        Set::Without(field) => format!("products without {}", field_name(field)),
        Set::Brand(brand) => format!("products of brand {}", own(brand)),
        Set::Size(size) => format!("products of size {}", own(size)),
        Set::Color(color) => format!("products of color {}", own(color)),
        Set::Barcode(barcode) => format!("products with barcode {}", own(barcode)),
        Set::Status { value, at } => format!("products {value} on {}", name(at)),
        Set::Issues { present: true } => String::from("products with issues"),
        Set::Issues { present: false } => String::from("products without issues"),
        Set::Stock(value) => match value.as_str() {
            "low" => String::from("products with low-stock"),
            "out" => String::from("products out-of-stock"),
            _ => String::from("products with stock"),
        },
        Set::Price(value) => match value.as_str() {
            "low" => String::from("products with low-price"),
            _ => String::from("products with bad price"),
        },
        Set::Category { value, at } if value == "none" => format!("products without {} category", name(at)),
        Set::Category { value, at } => format!("products on {} category {}", name(at), own(value)),
        Set::Pending { what, at } => match what {
            Pending::Updates => format!("products with pending updates to {}", name(at)),
            Pending::Creates => format!("products with pending creates to {}", name(at)),
            Pending::Held => format!("products with differences to decide at {}", name(at)),
        },
        Set::Placed(placed) => placed_label(*placed),
    }
}

fn english(kind: Kind, set: &Set, name: impl Fn(&str) -> String, spelled: Option<&str>) -> String {
    if let (
        Kind::Orders,
        Set::Pending {
            what: Pending::Held,
            at,
        },
    ) = (kind, set)
    {
        // What waits of an order is a product, not a choice.
        return format!("orders that wait for products on {}", name(at));
    }
    let label = label(set, name, spelled);
    match (kind, label.strip_prefix("products")) {
        (Kind::Orders, Some(rest)) => format!("orders{rest}"),
        (Kind::Orders, None) | (Kind::Products, _) => label,
    }
}

fn placed_label(placed: Placed) -> String {
    match placed {
        Placed::Year(year) => format!("orders of {year}"),
        Placed::Month { year, month } => {
            const NAMES: [&str; 12] = [
                "January",
                "February",
                "March",
                "April",
                "May",
                "June",
                "July",
                "August",
                "September",
                "October",
                "November",
                "December",
            ];
            let name = NAMES.get(usize::from(month) - 1).copied().unwrap_or_default();
            format!("orders of {year} {name}")
        }
        Placed::Day(day) => format!("orders of {day}"),
        Placed::When(when) => match when {
            When::Today => String::from("orders of today"),
            When::Yesterday => String::from("orders of yesterday"),
            When::LastWeek => String::from("orders of last week"),
            When::ThisMonth => String::from("orders of this month"),
            When::ThisYear => String::from("orders of this year"),
        },
    }
}

fn field_name(field: &str) -> String {
    match field {
        "sku" | "mpn" => field.to_uppercase(),
        _ => field.replace('_', " "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(set: &str, spelled: Option<&str>, wanted: &str) {
        let name = |at: &str| format!("<{at}>");
        assert_eq!(label(&set.parse().unwrap(), name, spelled), wanted);
    }

    #[test]
    fn sets_of_orders_are_called_as_in_the_manual() {
        let check = |set: &str, wanted: &str| {
            let name = |at: &str| format!("<{at}>");
            let set = set.parse().unwrap();
            assert_eq!(
                label_of(Language::English, Kind::Orders, &set, name, None),
                wanted
            );
        };
        check("on:main", "orders on <main>");
        check("pending:creates@main", "orders with pending creates to <main>");
        check("year:2026", "orders of 2026");
        check("month:2026-11", "orders of 2026 November");
        check("when:last-week", "orders of last week");
    }

    #[test]
    fn every_set_has_a_name_in_spanish() {
        let check = |kind: Kind, set: &str, spelled: Option<&str>, wanted: &str| {
            let name = |at: &str| format!("<{at}>");
            let set = set.parse().unwrap();
            assert_eq!(label_of(Language::Spanish, kind, &set, name, spelled), wanted);
        };
        let of_products = [
            ("on:main", "productos en <main>"),
            ("platform:demo", "productos en <demo>"),
            ("with:sku", "productos con SKU"),
            ("without:barcode", "productos sin código de barras"),
            ("brand:nordic-sons", "productos de la marca nordic sons"),
            ("size:m", "productos de talla m"),
            ("color:azul-mar", "productos de color azul mar"),
            ("barcode:7501", "productos con código de barras 7501"),
            ("status:unpublished@main", "productos no publicados en <main>"),
            ("issues:without", "productos sin incidencias"),
            ("stock:low", "productos con pocas existencias"),
            ("stock:out", "productos agotados"),
            ("stock:in", "productos con existencias"),
            ("price:low", "productos con precio bajo"),
            ("price:bad", "productos con precio incorrecto"),
            ("category:none@main", "productos sin categoría en <main>"),
            ("category:ropa@main", "productos en <main>, categoría ropa"),
            (
                "pending:updates@main",
                "productos con cambios por enviar a <main>",
            ),
            ("pending:creates@main", "productos por crear en <main>"),
            (
                "pending:held@main",
                "productos con diferencias por decidir en <main>",
            ),
        ];
        for (set, wanted) in of_products {
            check(Kind::Products, set, None, wanted);
        }
        check(
            Kind::Products,
            "brand:nordic-sons",
            Some("Nordic & Sons"),
            "productos de la marca Nordic & Sons",
        );
        let of_orders = [
            ("on:main", "pedidos en <main>"),
            ("pending:held@main", "pedidos que esperan productos en <main>"),
            ("without:note", "pedidos sin nota"),
            ("year:2026", "pedidos de 2026"),
            ("month:2026-11", "pedidos de noviembre de 2026"),
            ("day:2026-11-03", "pedidos del 2026-11-03"),
            ("when:last-week", "pedidos de la semana pasada"),
            ("when:this-year", "pedidos de este año"),
        ];
        for (set, wanted) in of_orders {
            check(Kind::Orders, set, None, wanted);
        }
    }

    #[test]
    fn sets_are_called_as_in_the_manual() {
        check("on:main", None, "products on <main>");
        check(
            "without:compare_at_price",
            None,
            "products without compare at price",
        );
        check("with:sku", None, "products with SKU");
        check(
            "brand:nordic-sons",
            Some("Nordic & Sons"),
            "products of brand Nordic & Sons",
        );
        check("brand:nordic-sons", None, "products of brand nordic sons");
        check("stock:out", None, "products out-of-stock");
        check("category:none@main", None, "products without <main> category");
        check(
            "pending:updates@main",
            None,
            "products with pending updates to <main>",
        );
    }
}
