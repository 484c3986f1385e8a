//! What was bought, for how much, by whom, and where it is sent.

use crate::{
    format,
    order::{id, list, money, text, time},
    query::address_of,
    words::{self, Word},
};
use leptos::prelude::*;
use serde_json::Value;
use shared::ids::Kind;

/// Of an order's facts.
pub(super) fn bill(order: &Value) -> AnyView {
    let sums = ["items", "shipping", "discount", "tax", "total"].into_iter();
    let sums = sums.filter(|name| !order["totals"][*name].is_null()).map(|name| {
        view! {
            <tr>
                <th scope="row" colspan="3">
                    {words::path(name)}
                </th>
                {amount(&order["totals"][name])}
            </tr>
        }
        .into_any()
    });
    let buyer = ["name", "email", "phone"].map(|name| text(&order["buyer"][name]).to_owned());
    let sent_to = words::address(&order["shipping_address"]);
    let billed_to = words::address(&order["billing_address"]);
    let mut facts = vec![
        fact(words::BUYER, buyer.to_vec(), ""),
        fact(words::SENT_TO, vec![sent_to.clone()], ""),
    ];
    if billed_to != sent_to {
        facts.push(fact(words::BILLED_TO, vec![billed_to], ""));
    }
    for shipment in list(&order["shipments"]) {
        let told = words::joined([text(&shipment["carrier"]), text(&shipment["tracking_number"])]);
        let url = text(&shipment["tracking_url"]);
        facts.push(fact(
            words::SHIPMENT,
            vec![told, at(&shipment["shipped_at"])],
            url,
        ));
    }
    for payment in list(&order["payments"]) {
        let paid = money(&payment["amount"]).map(format::money).unwrap_or_default();
        let told = words::joined([&paid, &words::status_word(text(&payment["method"]))]);
        facts.push(fact(words::PAYMENT, vec![told, at(&payment["paid_at"])], ""));
    }
    facts.push(fact(words::NOTE, vec![text(&order["note"]).to_owned()], ""));
    view! {
        <section class="bill">
            <table>
                <thead>
                    <tr>
                        <th scope="col">{words::PRODUCT}</th>
                        <th scope="col" class="number">{words::QUANTITY}</th>
                        <th scope="col" class="number">{words::PRICE}</th>
                        <th scope="col" class="number">{words::TOTAL}</th>
                    </tr>
                </thead>
                <tbody>{list(&order["lines"]).iter().map(line).collect_view()}</tbody>
                <tfoot>{sums.collect_view()}</tfoot>
            </table>
            <dl>{facts}</dl>
        </section>
    }
    .into_any()
}

fn line(line: &Value) -> AnyView {
    let title = words::or_untitled(text(&line["title"]).to_owned());
    // Without an address it leads nowhere, and is no link.
    let product = id(&line["product"]).map(|product| address_of(Kind::Products, product));
    let quantity = text(&line["quantity"]).parse().ok().map(format::decimal);
    view! {
        <tr>
            <td>
                <a href=product>{title}</a>
                <small>{text(&line["sku"]).to_owned()}</small>
            </td>
            <td class="number">{quantity}</td>
            {amount(&line["unit_price"])}
            {amount(&line["total"])}
        </tr>
    }
    .into_any()
}

fn amount(value: &Value) -> AnyView {
    view! { <td class="number">{money(value).map(format::money)}</td> }.into_any()
}

/// An instant, to the second.
fn at(value: &Value) -> String {
    time(value).map(format::exact).unwrap_or_default()
}

/// A name, what is said under it line by line, and where that leads.
fn fact(name: Word, told: Vec<String>, url: &str) -> AnyView {
    let told: Vec<_> = told
        .into_iter()
        .filter(|line| !line.is_empty())
        .map(|line| view! { <span>{line}</span> }.into_any())
        .collect();
    if told.is_empty() {
        return ().into_any();
    }
    let url = url.starts_with("http").then(|| url.to_owned());
    view! {
        <div>
            <dt>{name}</dt>
            <dd>
                <a href=url target="_blank" rel="noreferrer">
                    {told}
                </a>
            </dd>
        </div>
    }
    .into_any()
}
