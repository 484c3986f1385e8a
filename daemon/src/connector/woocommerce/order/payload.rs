//! What is sent of an order. The shop checks nothing that comes in a batch, so that is done here.

use super::{ABILITY, FULFILMENT, Shown, shapes::Person, shipment};
use crate::connector::woocommerce::TOKEN;
use serde_json::{Map, Value, json};
use shared::{
    ids::RemoteId,
    money::Decimal,
    order::{Address, Buyer, Line, Order, Patch, Payment},
};

/// The changes of one order, and what people are told beside it.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    pub fields: Map<String, Value>,
    pub notes: Vec<String>,
    /// What cannot be written; the rest is.
    pub faults: Vec<String>,
}

/// A new order, without the buyer's address for mail: the shop would write to somebody who bought elsewhere, and was
/// written to there. The address comes with [`completion`].
pub(super) fn create(token: &str, order: &Order) -> Result<Map<String, Value>, String> {
    let Order {
        number,
        status,
        payment_status,
        fulfilment_status,
        placed_at: _,
        currency,
        totals,
        lines,
        buyer,
        shipping_address,
        billing_address,
        shipments,
        payments,
        note,
    } = order;
    let status = known(status)?;
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    put("status", status.into());
    put("currency", currency.as_str().into());
    put("customer_note", note.as_str().into());
    let mut billing = person(billing_address, Some(buyer), None);
    billing.remove("email");
    put("billing", billing.into());
    put("shipping", person(shipping_address, None, None).into());
    let (goods, fees): (Vec<&Line>, Vec<&Line>) = lines.iter().partition(|line| line.product.is_some());
    let goods: Result<Vec<Value>, String> = goods.into_iter().map(item).collect();
    put("line_items", goods?.into());
    let fees: Vec<Value> = fees
        .into_iter()
        .map(|line| json!({"name": titled(line), "total": plain(net(line)), "tax_status": "none"}))
        .collect();
    put("fee_lines", fees.into());
    if let Some(shipping) = totals.shipping.filter(|shipping| !shipping.is_zero()) {
        let line = json!({"method_id": "click2sync", "method_title": "Shipping", "total": plain(shipping)});
        put("shipping_lines", json!([line]));
    }
    if let Some(Payment {
        method, reference, ..
    }) = payments.first()
    {
        put("payment_method_title", method.as_str().into());
        put("transaction_id", reference.as_str().into());
    }
    if payment_status == "paid" && matches!(status, "processing" | "completed") {
        // Anything else it would make processing.
        put("set_paid", true.into());
    }
    let mut meta = vec![(TOKEN, token.to_owned())];
    if !number.is_empty() {
        meta.push(("_click2sync_number", number.clone()));
    }
    if !fulfilment_status.is_empty() && status != "completed" && fulfilment_status != "unfulfilled" {
        meta.push((FULFILMENT, fulfilment_status.clone()));
    }
    meta.extend(shipment::created(shipments).map(|text| (shipment::OURS, text)));
    let meta: Vec<Value> = meta
        .into_iter()
        .map(|(key, value)| json!({"key": key, "value": value}))
        .collect();
    put("meta_data", meta.into());
    Ok(fields)
}

/// What a new order still lacks: the buyer's address for mail, and what the shop's own taxes left out of what was paid.
/// `None`: nothing.
pub(super) fn completion(order: &Order, made: &Value) -> Option<Value> {
    let id = made["id"].as_u64()?;
    let mut fields = Map::from_iter([("id".to_owned(), Value::from(id))]);
    if is_mail(&order.buyer.email) {
        fields.insert("billing".to_owned(), json!({ "email": order.buyer.email.trim() }));
    }
    let total: Option<Decimal> = made["total"].as_str().and_then(|total| total.parse().ok());
    if let (Some(paid), Some(total)) = (order.totals.total, total)
        && paid != total
    {
        let rest = Decimal(paid.0 - total.0);
        let line = json!({"name": "Taxes and other differences", "total": plain(rest), "tax_status": "none"});
        fields.insert("fee_lines".to_owned(), json!([line]));
    }
    (fields.len() > 1).then(|| fields.into())
}

/// Changes of an order that is there.
pub(super) fn update(patch: &Patch, shown: &Shown) -> Plan {
    let Patch {
        status,
        payment_status,
        fulfilment_status,
        buyer,
        shipping_address,
        billing_address,
        note,
        shipments: _,
        new_shipments: _,
        new_payments,
    } = patch;
    let mut plan = Plan::default();
    let mut meta = Vec::new();
    plan.put("id", shown.id);
    match status.as_deref().map(known) {
        Some(Ok(word)) => plan.put("status", word),
        Some(Err(fault)) => plan.faults.push(fault),
        None => {}
    }
    match fulfilment_status.as_deref() {
        // What is paid and shipped is complete.
        Some("fulfilled") if status.is_none() && shown.status == "processing" => {
            plan.put("status", "completed");
        }
        Some(word) => meta.push((FULFILMENT, word.to_owned())),
        None => {}
    }
    let is_paid = !shown.date_paid_gmt.is_empty();
    match payment_status.as_deref() {
        Some("paid") if !is_paid => plan.put("set_paid", true),
        Some("unpaid") if is_paid => {
            plan.faults
                .push("a payment is taken back in the shop only".to_owned());
        }
        _ => {}
    }
    if let Some(Payment {
        method, reference, ..
    }) = new_payments.first()
        && !is_paid
    {
        plan.put("set_paid", true);
        if !method.is_empty() {
            plan.put("payment_method_title", method.as_str());
        }
        plan.put("transaction_id", reference.as_str());
    }
    if buyer.is_some() || billing_address.is_some() {
        let address = billing_address
            .clone()
            .unwrap_or_else(|| super::address(&shown.billing));
        plan.put("billing", person(&address, buyer.as_ref(), Some(&shown.billing)));
    }
    if let Some(address) = shipping_address {
        plan.put("shipping", person(address, None, Some(&shown.shipping)));
    }
    if let Some(note) = note {
        plan.put("customer_note", note.as_str());
    }
    match shipment::changed(&shown.meta_data, patch) {
        Ok(Some((text, notes))) => {
            meta.push((shipment::OURS, text));
            plan.notes = notes;
        }
        Ok(None) => {}
        Err(fault) => plan.faults.push(fault),
    }
    if !meta.is_empty() {
        let meta: Vec<Value> = meta
            .into_iter()
            .map(|(key, value)| json!({"key": key, "value": value}))
            .collect();
        plan.put("meta_data", meta);
    }
    plan
}

impl Plan {
    fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.fields.insert(name.to_owned(), value.into());
    }
}

/// A status that every shop knows: of any other it would silently make pending.
fn known(status: &str) -> Result<&'static str, String> {
    if status.is_empty() {
        return Ok("pending");
    }
    let word = ABILITY.statuses.iter().copied().find(|word| *word == status);
    word.ok_or_else(|| format!("the shop has no status “{status}”"))
}

/// A line of a product there. A product that is not would silently become a line of nothing.
fn item(line: &Line) -> Result<Value, String> {
    let number = |id: &RemoteId| {
        let number: Option<u64> = id.0.parse().ok();
        number.ok_or_else(|| format!("“{}” is of {id}, which is no product of this shop", line.title))
    };
    let quantity: Option<u64> = line.quantity.plain().parse().ok();
    let quantity = quantity.filter(|quantity| *quantity > 0).ok_or_else(|| {
        format!(
            "of “{}” there are {}, and the shop sells whole pieces",
            line.title, line.quantity
        )
    })?;
    let net = net(line);
    let full = line
        .unit_price
        .map_or(net, |each| Decimal(each.0 * line.quantity.0));
    let mut item = json!({"quantity": quantity, "subtotal": plain(full), "total": plain(net)});
    if let Some(product) = &line.product {
        item["product_id"] = number(product)?.into();
    }
    if let Some(variant) = &line.variant {
        item["variation_id"] = number(variant)?.into();
    }
    if !line.title.is_empty() {
        item["name"] = line.title.as_str().into();
    }
    Ok(item)
}

/// What was paid for a line before tax.
fn net(line: &Line) -> Decimal {
    match (line.total, line.unit_price) {
        (Some(total), _) => Decimal(total.0 - line.tax.unwrap_or_default().0),
        (None, Some(each)) => Decimal(each.0 * line.quantity.0),
        (None, None) => Decimal::ZERO,
    }
}

fn titled(line: &Line) -> String {
    let title = if line.title.is_empty() {
        &line.sku
    } else {
        &line.title
    };
    let title = if title.is_empty() { "Item" } else { title };
    if line.quantity == Decimal::ONE {
        title.to_owned()
    } else {
        format!("{} × {title}", line.quantity.plain())
    }
}

fn plain(amount: Decimal) -> String {
    amount.plain()
}

/// Whom an address is of, as the shop has it. A name that did not change stays parted as it is.
fn person(address: &Address, buyer: Option<&Buyer>, before: Option<&Person>) -> Map<String, Value> {
    let Address {
        name,
        company,
        line1,
        line2,
        city,
        region,
        postcode,
        country,
        phone,
    } = address;
    let named = buyer.map(|buyer| &buyer.name).filter(|name| !name.is_empty());
    let name = if name.is_empty() || buyer.is_some() && before.is_some() {
        named.unwrap_or(name)
    } else {
        name
    };
    let (first, last) = match before.filter(|before| before.name() == name.trim()) {
        Some(before) => (before.first_name.as_str(), before.last_name.as_str()),
        None => name.trim().rsplit_once(' ').unwrap_or((name.trim(), "")),
    };
    let called = buyer.map(|buyer| &buyer.phone).filter(|phone| !phone.is_empty());
    let mut person = Map::new();
    for (key, text) in [
        ("first_name", first.trim()),
        ("last_name", last),
        ("company", company),
        ("address_1", line1),
        ("address_2", line2),
        ("city", city),
        ("state", region),
        ("postcode", postcode),
        ("country", country),
        ("phone", called.unwrap_or(phone)),
    ] {
        person.insert(key.to_owned(), text.into());
    }
    if let Some(email) = buyer
        .map(|buyer| buyer.email.trim())
        .filter(|email| is_mail(email))
    {
        person.insert("email".to_owned(), email.into());
    }
    person
}

/// The shop refuses a whole order for what is no address.
fn is_mail(text: &str) -> bool {
    text.trim()
        .split_once('@')
        .is_some_and(|(user, host)| !user.is_empty() && host.contains('.') && !text.contains(' '))
}
