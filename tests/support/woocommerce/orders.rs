//! Sales orders: what is bought, taxed, taken from stock, and whom the shop writes to about it.

use super::{
    Answer, Fault, State,
    catalogue::date,
    fault, faulty,
    list::{Query, paged},
    save::escaped,
    wire::{created, ok},
};
use http::Method;
use serde_json::{Map, Value, json};

/// What the shop writes mail about.
const TOLD: [&str; 2] = ["processing", "completed"];
/// In these, what was bought is taken from stock.
const BOOKED: [&str; 3] = ["processing", "completed", "on-hold"];
const STATUSES: [&str; 7] = [
    "pending",
    "processing",
    "on-hold",
    "completed",
    "cancelled",
    "refunded",
    "failed",
];

impl State {
    pub(super) fn orders(
        &mut self,
        method: &Method,
        path: &[&str],
        query: &Query,
        given: &Value,
    ) -> Result<Answer, Fault> {
        let (get, post) = (method == Method::GET, method == Method::POST);
        let id = |text: &str| text.parse::<u64>().unwrap_or_default();
        match path {
            ["orders"] if get => self.list_orders(query),
            ["orders", "batch"] if post => Ok(self.batch_orders(given)),
            ["orders", order] if get => match self.orders.get(&id(order)) {
                Some(order) => Ok(ok(order.clone())),
                None => Err(no_order(404)),
            },
            ["orders", order, "notes"] if get => {
                Ok(ok(self.notes.get(&id(order)).cloned().unwrap_or_default()))
            }
            ["orders", order, "notes"] if post => {
                let mut note = given.clone();
                note["id"] = self.id().into();
                self.notes.entry(id(order)).or_default().push(note.clone());
                Ok(created(note))
            }
            _ => Err(fault(
                404,
                "rest_no_route",
                "No route was found matching the URL and request method.",
                json!({}),
            )),
        }
    }

    fn list_orders(&self, query: &Query) -> Result<Answer, Fault> {
        let mut orders: Vec<&Value> = self
            .orders
            .values()
            .filter(|order| order["status"] != "trash")
            .collect();
        if let Some(ids) = query.get("include") {
            let ids: Vec<&str> = ids.split(',').collect();
            orders.retain(|order| ids.contains(&order["id"].to_string().as_str()));
        }
        if let Some(after) = query.get("modified_after") {
            let after = Self::asked_time(query, after)?;
            orders.retain(|order| {
                let at = order["date_modified_gmt"].as_str().unwrap_or_default();
                let at: shared::time::Time = format!("{at}Z").parse().expect("a date");
                at.0 / 1000 > after
            });
        }
        if query.get("order") != Some("asc") {
            orders.reverse();
        }
        paged(&orders, query, |order| (*order).clone())
    }

    fn batch_orders(&mut self, given: &Value) -> Answer {
        let mut answer = Map::new();
        for name in ["create", "update"] {
            let items = given[name].as_array().cloned().unwrap_or_default();
            if items.is_empty() {
                continue;
            }
            let answered: Vec<Value> = items
                .iter()
                .map(|item| {
                    let id = (name == "update").then(|| item["id"].as_u64().unwrap_or_default());
                    match self.save_order(id, item) {
                        Ok(id) => self.orders[&id].clone(),
                        Err(refused) => json!({"id": id.unwrap_or_default(), "error": faulty(&refused)}),
                    }
                })
                .collect();
            answer.insert(name.to_owned(), answered.into());
        }
        if answer.is_empty() {
            ok(json!([]))
        } else {
            ok(answer)
        }
    }

    /// Places or changes an order, and answers its id.
    pub(crate) fn save_order(&mut self, id: Option<u64>, given: &Value) -> Result<u64, Fault> {
        let now = self.now();
        let mut order = match id {
            Some(id) => self.orders.get(&id).cloned().ok_or_else(|| no_order(400))?,
            None => blank(now),
        };
        let id = id.unwrap_or_else(|| self.id());
        order["id"] = id.into();
        order["number"] = id.to_string().into();
        for name in [
            "currency",
            "customer_note",
            "payment_method",
            "payment_method_title",
            "transaction_id",
        ] {
            if let Some(text) = given[name].as_str() {
                order[name] = text.into();
            }
        }
        for name in ["billing", "shipping"] {
            if let Some(fields) = given[name].as_object() {
                if fields
                    .get("email")
                    .is_some_and(|email| !email.as_str().unwrap_or_default().contains('@'))
                {
                    return Err(fault(
                        400,
                        "order_invalid_billing_email",
                        "Invalid billing email address",
                        json!({}),
                    ));
                }
                for (key, value) in fields {
                    order[name][key] = value.clone();
                }
            }
        }
        for item in given["line_items"].as_array().into_iter().flatten() {
            let line = self.bought(item);
            push(&mut order["line_items"], line);
        }
        for item in given["fee_lines"].as_array().into_iter().flatten() {
            let untaxed = item["tax_status"] == "none";
            let tax = if untaxed {
                0.0
            } else {
                self.tax_of(amount(&item["total"]))
            };
            let id = self.id();
            push(
                &mut order["fee_lines"],
                json!({"id": id, "name": item["name"], "total": money(amount(&item["total"])),
                "total_tax": money(tax), "tax_status": item["tax_status"]}),
            );
        }
        for item in given["shipping_lines"].as_array().into_iter().flatten() {
            let (id, total) = (self.id(), amount(&item["total"]));
            push(
                &mut order["shipping_lines"],
                json!({"id": id, "method_title": item["method_title"],
                "method_id": item["method_id"], "total": money(total), "total_tax": money(self.tax_of(total))}),
            );
        }
        for meta in given["meta_data"].as_array().into_iter().flatten() {
            let list = order["meta_data"].as_array_mut().expect("a list");
            match list.iter_mut().find(|known| known["key"] == meta["key"]) {
                Some(known) => known["value"] = meta["value"].clone(),
                None => list.push(json!({"id": list.len(), "key": meta["key"], "value": meta["value"]})),
            }
        }
        add_up(&mut order);
        if let Some(status) = given["status"].as_str() {
            let status = if STATUSES.contains(&status) {
                status
            } else {
                "pending"
            };
            self.become_status(&mut order, status, now);
        }
        if given["set_paid"] == true {
            if order["status"] == "pending" || order["status"] == "on-hold" {
                self.become_status(&mut order, "processing", now);
            }
            pay(&mut order, now);
        }
        order["date_modified_gmt"] = date(now).into();
        self.orders.insert(id, order);
        Ok(id)
    }

    /// Somebody gives money back.
    pub(crate) fn refund(&mut self, order: u64, total: &str) {
        let (id, now) = (self.id(), self.now());
        let order = self.orders.get_mut(&order).expect("it is there");
        push(
            &mut order["refunds"],
            json!({"id": id, "reason": "", "total": format!("-{total}")}),
        );
        order["date_modified_gmt"] = date(now).into();
    }

    fn become_status(&mut self, order: &mut Value, status: &str, now: i64) {
        let before = order["status"].as_str().unwrap_or_default().to_owned();
        order["status"] = status.into();
        if before == status {
            return;
        }
        if TOLD.contains(&status) {
            pay(order, now);
            let email = order["billing"]["email"].as_str().unwrap_or_default();
            if !email.is_empty() {
                self.mails.push(format!("{email}: {status}"));
            }
        }
        if BOOKED.contains(&status) && order["stock_taken"] != true {
            order["stock_taken"] = true.into();
            let lines = order["line_items"].as_array().cloned().unwrap_or_default();
            for line in lines {
                let ids = [&line["variation_id"], &line["product_id"]];
                let id = ids.into_iter().filter_map(Value::as_u64).find(|id| *id != 0);
                if let Some(id) = id {
                    self.sell(id, line["quantity"].as_i64().unwrap_or_default());
                }
            }
        }
    }

    /// A line. What is no product here becomes a line of nothing, without a word.
    fn bought(&mut self, item: &Value) -> Value {
        let number = |name: &str| item[name].as_u64().unwrap_or_default();
        let variation = self.variations.get(&number("variation_id"));
        let product = self.products.get(&number("product_id"));
        let sku = variation
            .or(product)
            .map_or(Value::Null, |row| row.sku.as_str().into());
        let name = item["name"].as_str().map_or_else(
            || product.map(|product| product.name.clone()).unwrap_or_default(),
            escaped,
        );
        let quantity = number("quantity").max(1);
        let (full, net) = (amount(&item["subtotal"]), amount(&item["total"]));
        let ids = (product.map_or(0, |row| row.id), variation.map_or(0, |row| row.id));
        let parent = product
            .filter(|_| variation.is_some())
            .map(|row| row.name.clone());
        json!({"id": self.id(), "name": name, "product_id": ids.0, "variation_id": ids.1, "quantity": quantity,
            "tax_class": "", "subtotal": money(full), "subtotal_tax": money(self.tax_of(full)), "total": money(net),
            "total_tax": money(self.tax_of(net)), "taxes": [], "meta_data": [], "sku": sku,
            "price": net * 0.333_333_333_333_4, "image": {"id": "", "src": ""}, "parent_name": parent})
    }

    fn tax_of(&self, net: f64) -> f64 {
        (net * self.knobs.tax).round() / 100.0
    }
}

fn no_order(status: u16) -> Fault {
    fault(
        status,
        "woocommerce_rest_shop_order_invalid_id",
        "Invalid ID.",
        json!({}),
    )
}

fn blank(now: i64) -> Value {
    let person = json!({"first_name": "", "last_name": "", "company": "", "address_1": "", "address_2": "", "city": "",
        "state": "", "postcode": "", "country": "", "phone": ""});
    json!({"parent_id": 0, "status": "pending", "currency": "EUR", "date_created_gmt": date(now), "date_paid_gmt": null,
        "discount_total": "0.00", "shipping_total": "0.00", "total": "0.00", "total_tax": "0.00", "customer_id": 0,
        "customer_note": "", "billing": person, "shipping": person, "payment_method": "", "payment_method_title": "",
        "transaction_id": "", "line_items": [], "fee_lines": [], "shipping_lines": [], "coupon_lines": [], "refunds": [],
        "meta_data": []})
}

fn pay(order: &mut Value, now: i64) {
    if order["date_paid_gmt"].is_null() {
        order["date_paid_gmt"] = date(now).into();
    }
}

fn add_up(order: &mut Value) {
    let sum = |order: &Value, list: &str, name: &str| -> f64 {
        order[list]
            .as_array()
            .into_iter()
            .flatten()
            .map(|item| amount(&item[name]))
            .sum()
    };
    let goods = sum(order, "line_items", "total");
    let discount = sum(order, "line_items", "subtotal") - goods;
    let shipping = sum(order, "shipping_lines", "total");
    let taxes: f64 = ["line_items", "fee_lines", "shipping_lines"]
        .iter()
        .map(|list| sum(order, list, "total_tax"))
        .sum();
    let total = goods + sum(order, "fee_lines", "total") + shipping + taxes;
    order["discount_total"] = money(discount).into();
    order["shipping_total"] = money(shipping).into();
    order["total_tax"] = money(taxes).into();
    order["total"] = money(total).into();
}

fn push(list: &mut Value, item: Value) {
    list.as_array_mut().expect("a list").push(item);
}

fn amount(text: &Value) -> f64 {
    text.as_str()
        .and_then(|text| text.parse().ok())
        .unwrap_or_default()
}

/// At the currency's decimals.
fn money(amount: f64) -> String {
    format!("{:.2}", (amount * 100.0).round() / 100.0 + 0.0)
}
