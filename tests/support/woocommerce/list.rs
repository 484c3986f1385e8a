//! Lists: pages whose order wavers unless it is asked for by id.

use super::{
    Answer, Fault, State,
    catalogue::{Context, Row},
    fault,
    wire::ok,
};
use serde_json::{Value, json};

/// The parameters of a call, in their order.
#[derive(Clone, Debug, Default)]
pub(super) struct Query(pub(super) Vec<(String, String)>);

impl Query {
    pub(super) fn parse(text: &str) -> Self {
        let pairs = text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name), decoded(value))
        });
        Self(pairs.collect())
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    pub(super) fn number(&self, name: &str) -> Option<usize> {
        self.get(name)?.parse().ok()
    }

    fn ids(&self, name: &str) -> Option<Vec<u64>> {
        let list = self.get(name)?;
        Some(list.split(',').filter_map(|id| id.parse().ok()).collect())
    }
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let hex: Vec<u8> = rest.by_ref().take(2).collect();
                let hex = std::str::from_utf8(&hex).expect("hex digits");
                u8::from_str_radix(hex, 16).expect("hex digits")
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).expect("UTF-8")
}

impl State {
    pub(super) fn list_products(&self, query: &Query) -> Result<Answer, Fault> {
        let mut rows: Vec<&Row> = self.products.values().collect();
        // Zero and blank are no filter at all.
        if let Some(sku) = query.get("sku").filter(|sku| !sku.is_empty() && *sku != "0") {
            let skus: Vec<String> = sku.split(',').map(|sku| sku.trim().to_lowercase()).collect();
            rows.extend(self.variations.values());
            rows.retain(|row| skus.contains(&row.sku.to_lowercase()));
        }
        if let Some(part) = query.get("search_sku") {
            let part = part.to_lowercase();
            rows.retain(|row| row.sku.to_lowercase().contains(&part));
        }
        self.page(rows, query, |row| {
            if row.parent_id == 0 {
                self.product_view(row, Context::View)
            } else {
                self.as_product(row)
            }
        })
    }

    /// Of one product, or of all.
    pub(super) fn list_variations(&self, product: Option<u64>, query: &Query) -> Result<Answer, Fault> {
        let rows = self.variations.values();
        let rows = rows.filter(|row| product.is_none_or(|product| row.parent_id == product));
        self.page(rows.collect(), query, |row| {
            self.variation_view(row, Context::View)
        })
    }

    fn page(&self, rows: Vec<&Row>, query: &Query, view: impl Fn(&Row) -> Value) -> Result<Answer, Fault> {
        let mut rows = rows;
        let status = query.get("status").unwrap_or("any");
        rows.retain(|row| {
            if status == "any" {
                row.status != "trash"
            } else {
                row.status == status
            }
        });
        if let Some(ids) = query.ids("include") {
            rows.retain(|row| ids.contains(&row.id));
        }
        if let Some(after) = query.get("modified_after") {
            let after = Self::asked_time(query, after)?;
            rows.retain(|row| row.modified > after);
        }
        match (query.get("orderby"), query.get("order")) {
            (Some("id"), Some("asc")) => rows.sort_by_key(|row| row.id),
            (Some("id"), _) => rows.sort_by_key(|row| std::cmp::Reverse(row.id)),
            // What was made in the same second comes in an order that differs from page to page.
            _ => {
                let page = query.number("page").unwrap_or(1) as u64 + self.calls.len() as u64;
                rows.sort_by_key(|row| {
                    (
                        std::cmp::Reverse(row.created),
                        row.id.wrapping_mul(2_654_435_761 + 2 * page) % 9973,
                    )
                });
            }
        }
        paged(&rows, query, |row| view(row))
    }

    /// When a query means, in seconds: the shop's zone is an hour ahead of Greenwich.
    pub(super) fn asked_time(query: &Query, text: &str) -> Result<i64, Fault> {
        const ZONE: i64 = 3600;
        let gmt = query.get("dates_are_gmt") == Some("true");
        let invalid = || {
            fault(
                400,
                "rest_invalid_param",
                "Invalid parameter(s): modified_after",
                json!({"params": {"modified_after": "Invalid date."}}),
            )
        };
        let zoned = text.ends_with('Z');
        let naive = text.trim_end_matches('Z');
        if naive.len() < 19 {
            return Err(invalid());
        }
        let at: shared::time::Time = format!("{naive}Z").parse().map_err(|_| invalid())?;
        let seconds = at.0 / 1000;
        Ok(match (zoned, gmt) {
            (false, true) | (true, false) => seconds,
            (false, false) => seconds - ZONE,
            (true, true) => seconds + ZONE,
        })
    }
}

/// The page that a query asks for, with how many there are in all.
pub(super) fn paged<T>(rows: &[T], query: &Query, view: impl Fn(&T) -> Value) -> Result<Answer, Fault> {
    let size = query.number("per_page").unwrap_or(10);
    let page = query.number("page").unwrap_or(1);
    if !(1..=100).contains(&size) || page == 0 {
        let which = if page == 0 { "page" } else { "per_page" };
        return Err(fault(
            400,
            "rest_invalid_param",
            &format!("Invalid parameter(s): {which}"),
            json!({"params": {which: format!("{which} must be between 1 and 100")}, "details": {}}),
        ));
    }
    let from = query.number("offset").unwrap_or((page - 1) * size);
    let shown: Vec<Value> = rows.iter().skip(from).take(size).map(view).collect();
    let mut answer = ok(Value::Array(shown));
    answer.headers = vec![
        ("x-wp-total", rows.len().to_string()),
        ("x-wp-totalpages", rows.len().div_ceil(size).to_string()),
    ];
    Ok(answer)
}
