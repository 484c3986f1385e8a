//! Prices: what is asked now, and the higher price that a sale is compared with.

use super::shapes::Sold;
use serde_json::{Map, Value, json};
use shared::money::Decimal;

/// What is asked, and what it is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Prices {
    pub price: Option<Decimal>,
    pub compare_at: Option<Decimal>,
}

impl Prices {
    /// A sale that is yet to begin, or has ended, does not count.
    pub(super) fn read(sold: &Sold) -> Result<Self, String> {
        let regular = amount(&sold.regular_price, "regular price")?;
        let sale = amount(&sold.sale_price, "sale price")?.filter(|_| sold.on_sale);
        Ok(Self {
            price: sale.or(regular),
            compare_at: sale.and(regular),
        })
    }

    /// Says these prices in plain notation: with any other the shop would take 19,99 for 1999. `before` is what is there.
    pub(super) fn write(self, before: Option<&Sold>, to: &mut Map<String, Value>) {
        let Self { price, compare_at } = self;
        let on_sale = matches!((price, compare_at), (Some(price), Some(regular)) if regular > price);
        let (regular, sale) = if on_sale {
            (compare_at, price)
        } else {
            (price, None)
        };
        let plain = |amount: Option<Decimal>| amount.map(Decimal::plain).unwrap_or_default();
        to.insert("regular_price".to_owned(), plain(regular).into());
        let planned = before.is_some_and(|sold| !sold.sale_price.is_empty() && !sold.on_sale);
        match (on_sale, planned) {
            // A sale that the shop has planned stays as it is.
            (false, true) => {}
            (false, false) => {
                to.insert("sale_price".to_owned(), json!(""));
            }
            (true, _) => {
                to.insert("sale_price".to_owned(), plain(sale).into());
            }
        }
        let dated = before.is_some_and(|sold| {
            !sold.date_on_sale_from_gmt.is_empty() || !sold.date_on_sale_to_gmt.is_empty()
        });
        if on_sale && dated && before.is_some_and(|sold| !sold.on_sale) {
            // Otherwise it would wait for dates of another sale. Only a blank takes them away.
            to.insert("date_on_sale_from".to_owned(), json!(""));
            to.insert("date_on_sale_to".to_owned(), json!(""));
        }
    }
}

/// A price or another amount, as it is written; blank is none.
pub(super) fn amount(text: &str, what: &str) -> Result<Option<Decimal>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let amount = text.parse::<Decimal>();
    amount
        .map(|amount| Some(Decimal(amount.0.normalize())))
        .map_err(|_| format!("its {what} “{text}” is not a plain number such as 19.99"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sold(regular: &str, sale: &str, on_sale: bool) -> Sold {
        Sold {
            regular_price: regular.to_owned(),
            sale_price: sale.to_owned(),
            on_sale,
            ..Sold::default()
        }
    }

    #[test]
    fn prices_are_read_as_they_are_asked() {
        let check = |sold: &Sold, price: Option<&str>, compare_at: Option<&str>| {
            let number = |text: Option<&str>| text.map(|text| text.parse().unwrap());
            let wanted = Prices {
                price: number(price),
                compare_at: number(compare_at),
            };
            assert_eq!(Prices::read(sold), Ok(wanted), "{sold:?}");
        };
        check(&sold("19.990", "", false), Some("19.99"), None);
        check(&sold("0.123456789", "", false), Some("0.123456789"), None);
        check(&sold("", "", false), None, None);
        check(&sold("20", "15.5", true), Some("15.5"), Some("20"));
        check(&sold("20", "15.5", false), Some("20"), None);
        check(&sold("-5", "", false), Some("-5"), None);
        assert!(
            Prices::read(&sold("19,99", "", false))
                .unwrap_err()
                .contains("19,99")
        );
    }

    #[test]
    fn prices_are_written_plainly_and_a_planned_sale_stays() {
        let check = |price: &str, compare_at: &str, before: Option<&Sold>, wanted: Value| {
            let mut to = Map::new();
            Prices {
                price: price.parse().ok(),
                compare_at: compare_at.parse().ok(),
            }
            .write(before, &mut to);
            assert_eq!(Value::Object(to), wanted, "{price} {compare_at} {before:?}");
        };
        check(
            "1234.560",
            "",
            None,
            json!({"regular_price": "1234.56", "sale_price": ""}),
        );
        check(
            "15",
            "20.00",
            None,
            json!({"regular_price": "20", "sale_price": "15"}),
        );
        // No sale: the shop would silently drop it.
        check("20", "20", None, json!({"regular_price": "20", "sale_price": ""}));
        check("", "", None, json!({"regular_price": "", "sale_price": ""}));
        check(
            "9",
            "",
            Some(&sold("10", "8", false)),
            json!({"regular_price": "9"}),
        );
        let ended = Sold {
            date_on_sale_to_gmt: "2026-01-01T00:00:00".to_owned(),
            ..sold("10", "", false)
        };
        check(
            "8",
            "10",
            Some(&ended),
            json!({"regular_price": "10", "sale_price": "8", "date_on_sale_from": "", "date_on_sale_to": ""}),
        );
    }
}
