//! Sentences with something in them.

use super::{field, state_name};
use crate::{
    format,
    order::{self, Order, text},
    page::connections::Totals,
};
use serde_json::Value;
use shared::{
    api::{Connection, ConnectionState, Equivalence, Queued, Side, Variant},
    content::Field,
    ids::Kind,
    job::{Job, JobKind, JobStatus, Outcome, Phase},
    mark::Mark,
    money::{Currency, Decimal, Money},
    product::DEFAULT_LOCATION,
    set::Set,
    show::label::label_of,
    time::Time,
};

/// `1 product`, `2 products`.
fn counted(number: u64, one: &str, many: &str) -> String {
    format!(
        "{} {}",
        format::count(number),
        if number == 1 { one } else { many }
    )
}

/// "a", "a and b", "a, b and c".
fn listed(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

// Time.

pub(crate) fn ago(span: &str) -> String {
    format!("{span} ago")
}

pub(crate) fn within(span: &str) -> String {
    format!("in {span}")
}

pub(crate) fn seconds(number: u64) -> String {
    format!("{number} s")
}

pub(crate) fn minutes(number: u64) -> String {
    format!("{number} min")
}

pub(crate) fn hours(number: u64) -> String {
    format!("{number} h")
}

pub(crate) fn days(number: u64) -> String {
    counted(number, "day", "days")
}

// The frame.

pub(crate) fn title(page: &str) -> String {
    format!("{page} \u{b7} Click2Sync")
}

pub(crate) fn theme(name: &str) -> String {
    format!("Theme: {name}")
}

pub(crate) fn open_issues(number: u64) -> String {
    match number {
        0 => "No open issues".to_owned(),
        _ => counted(number, "open issue", "open issues"),
    }
}

/// For the bell, which has room for two digits.
pub(crate) fn at_most_99(number: u64) -> String {
    if number > 99 {
        "99+".to_owned()
    } else {
        number.to_string()
    }
}

/// For the send button's label.
pub(crate) fn at_most_9999(number: u64) -> String {
    if number > 9_999 {
        "9,999+".to_owned()
    } else {
        format::count(number)
    }
}

pub(crate) fn faults(number: usize) -> String {
    match number {
        1 => {
            "A config file has a mistake. The last good settings stay in force until it is mended.".to_owned()
        }
        _ => format!(
            "{number} mistakes in config files. The last good settings stay in force until they are mended."
        ),
    }
}

pub(crate) fn search_for(kind: Kind, text: &str) -> String {
    format!("{} that mention {}", super::of(kind).title, quoted(text))
}

pub(crate) fn quoted(text: &str) -> String {
    format!("\u{201c}{text}\u{201d}")
}

/// A set's label where it is plain what it is about.
pub(crate) fn chip(label: &str) -> &str {
    let rest = label
        .strip_prefix("products ")
        .or_else(|| label.strip_prefix("orders "));
    rest.unwrap_or(label)
}

pub(crate) fn remove_from_search(label: &str) -> String {
    format!("Remove from the search: {label}")
}

/// A set's wording, where the daemon has not told it yet.
pub(crate) fn set_label(kind: Kind, set: &str, name: impl Fn(&str) -> String) -> String {
    match set.parse::<Set>() {
        Ok(set) => label_of(kind, &set, name, None),
        Err(_) => set.to_owned(),
    }
}

// Connections.

/// Is everything in step, and if not, what and why?
pub(crate) fn verdict(totals: &Totals) -> String {
    let Totals {
        orders: _,
        waiting,
        held,
        issues,
        stuck,
        running,
    } = totals;
    if let [(name, state)] = stuck.as_slice() {
        return match state {
            ConnectionState::Halted => format!("{name} stopped and waits for you."),
            _ => format!("{name} could not finish its last job."),
        };
    }
    if !stuck.is_empty() {
        return format!("{} connections need you.", stuck.len());
    }
    if *running > 0 {
        return counted(*running, "connection is at work.", "connections are at work.");
    }
    let waits = match (waiting, held) {
        (0, 0) => None,
        (_, 0) => Some(counted(
            *waiting,
            "change waits to be sent",
            "changes wait to be sent",
        )),
        (0, _) => Some(counted(
            *held,
            "product waits for your choice",
            "products wait for your choice",
        )),
        _ => Some(format!(
            "{} and {}",
            counted(*waiting, "change waits to be sent", "changes wait to be sent"),
            counted(
                *held,
                "product waits for your choice",
                "products wait for your choice"
            )
        )),
    };
    match (waits, issues) {
        (Some(waits), _) => format!("{waits}."),
        (None, 0) => "Everything is in step.".to_owned(),
        (None, _) => format!(
            "Everything is in step, with {}.",
            counted(*issues, "open issue", "open issues")
        ),
    }
}

pub(crate) fn products(number: u64) -> &'static str {
    if number == 1 { "product" } else { "products" }
}

pub(crate) fn orders(number: u64) -> &'static str {
    if number == 1 { "order" } else { "orders" }
}

pub(crate) fn waiting_changes(number: u64) -> &'static str {
    if number == 1 {
        "waiting change"
    } else {
        "waiting changes"
    }
}

pub(crate) fn issues(number: u64) -> &'static str {
    if number == 1 { "issue" } else { "issues" }
}

pub(crate) fn new_ones(_: u64) -> &'static str {
    "new"
}

pub(crate) fn updates(number: u64) -> &'static str {
    if number == 1 { "update" } else { "updates" }
}

pub(crate) fn held_ones(_: u64) -> &'static str {
    "held"
}

/// What kind of connection it is and what it does by itself.
pub(crate) fn about(connection: &Connection) -> String {
    let platform = match connection.platform.as_str() {
        "csv" => "CSV",
        "woocommerce" => "WooCommerce",
        "shopify" => "Shopify",
        "vendure" => "Vendure",
        "medusa" => "Medusa",
        "demo" => "Demo store",
        other => other,
    };
    match &connection.schedule {
        Some(schedule) => format!("{platform} \u{b7} {schedule}"),
        None => format!("{platform} \u{b7} by hand"),
    }
}

/// One sentence about a connection's state.
pub(crate) fn state(connection: &Connection, now: Time) -> String {
    if let Some(at) = connection.paused_at {
        return format!(
            "Paused {}. Nothing is read or written here until you press play.",
            format::ago(at, now)
        );
    }
    if let Some(job) = &connection.job {
        match job.status {
            JobStatus::Running => return progress(job),
            JobStatus::Queued => return waiting_to(job.kind).to_owned(),
            JobStatus::Halted => {
                return job
                    .error
                    .clone()
                    .unwrap_or_else(|| state_name(ConnectionState::Halted).to_owned());
            }
            JobStatus::Done | JobStatus::Failed | JobStatus::Cancelled => {}
        }
    }
    if !connection.detail.is_empty() {
        return connection.detail.clone();
    }
    match (connection.state, connection.next_run) {
        (ConnectionState::Idle, Some(next)) => format!("Idle. Next run {}.", format::until(next, now)),
        (ConnectionState::Idle, None) => "Idle. It runs when you press a button.".to_owned(),
        (state, _) => state_name(state).to_owned(),
    }
}

fn waiting_to(kind: JobKind) -> &'static str {
    match kind {
        JobKind::Fetch => "Waits to fetch updates.",
        JobKind::Send => "Waits to send updates.",
        JobKind::Sync => "Waits to sync.",
        JobKind::Maintenance => "Waits for maintenance.",
    }
}

/// "Scanning: 1,204 of 5,310, 96/s, 43 s left"
fn progress(job: &Job) -> String {
    let what = match job.phase {
        None => return state_name(ConnectionState::Running).to_owned(),
        Some(Phase::Scan) => "Scanning",
        Some(Phase::Analysis) => "Comparing with what was known",
        Some(Phase::Propagation) => "Passing changes on",
        Some(Phase::Send) => "Sending updates",
    };
    if job.progress.done == 0 && job.progress.total.is_none() {
        return format!("{what}\u{2026}");
    }
    let mut sentence = format!("{what}: {}", format::count(job.progress.done));
    if let Some(total) = job.progress.total {
        sentence = format!("{sentence} of {}", format::count(total));
    }
    let rate = job.progress.per_second;
    if rate > 0 {
        sentence = format!("{sentence}, {}/s", format::count(rate));
        if let Some(left) = job
            .progress
            .total
            .and_then(|total| total.checked_sub(job.progress.done))
        {
            sentence = format!("{sentence}, {} left", format::span(left.div_ceil(rate)));
        }
    }
    sentence
}

pub(crate) fn with_changes(button: &str, waiting: u64) -> String {
    format!("{button}: {}", counted(waiting, "change waits", "changes wait"))
}

// Sending.

pub(crate) fn send_title(queued: &Queued, connection: &str) -> String {
    let Queued { products, orders } = queued;
    let parts: Vec<String> = [
        (products.update, "update", "updates"),
        (products.create, "new product", "new products"),
        (orders.update, "order update", "order updates"),
        (orders.create, "new order", "new orders"),
    ]
    .into_iter()
    .filter(|(number, ..)| *number > 0)
    .map(|(number, one, many)| counted(number, one, many))
    .collect();
    if parts.is_empty() {
        format!("Nothing to send to {connection}")
    } else {
        format!("Send {} to {connection}", listed(&parts))
    }
}

pub(crate) fn send_button(number: u64) -> String {
    match number {
        0 => "Send".to_owned(),
        _ => format!("Send {}", counted(number, "change", "changes")),
    }
}

/// The same change of so many variants.
pub(crate) fn times(number: usize) -> String {
    format!("\u{d7} {number}")
}

pub(crate) fn and_more(number: u64) -> String {
    format!("and {} more", format::count(number))
}

// Jobs.

/// What a job does, waits for, or did.
pub(crate) fn job_sentence(job: &Job) -> String {
    match job.status {
        JobStatus::Queued => waiting_to(job.kind).to_owned(),
        JobStatus::Running => progress(job),
        JobStatus::Halted | JobStatus::Failed => job
            .error
            .clone()
            .unwrap_or_else(|| super::status(job.status).to_owned()),
        JobStatus::Done | JobStatus::Cancelled => outcome(job.kind, &job.outcome),
    }
}

/// How a job ended, for a message.
pub(crate) fn job_ended(job: &Job, connection: &str) -> (crate::state::Tone, String) {
    use crate::state::Tone;
    match job.status {
        JobStatus::Failed => (Tone::Bad, format!("{connection}: {}", job_sentence(job))),
        JobStatus::Cancelled => (Tone::Good, format!("{connection}: the job was cancelled.")),
        _ if job.outcome.failed > 0 => (Tone::Bad, format!("{connection}: {}", job_sentence(job))),
        _ => (Tone::Good, format!("{connection}: {}", job_sentence(job))),
    }
}

fn outcome(kind: JobKind, outcome: &Outcome) -> String {
    let Outcome {
        scanned,
        new,
        changed,
        vanished,
        created,
        updated,
        failed,
        issues,
    } = outcome;
    let did: Vec<String> = [
        (*new, "new"),
        (*changed, "changed"),
        (*vanished, "vanished"),
        (*created, "created there"),
        (*updated, "updated there"),
        (*failed, "refused"),
    ]
    .into_iter()
    .filter(|(number, _)| *number > 0)
    .map(|(number, what)| format!("{} {what}", format::count(number)))
    .collect();
    let read = (*scanned > 0).then(|| format!("{} read", format::count(*scanned)));
    let issues = (*issues > 0).then(|| counted(*issues, "issue", "issues"));
    let parts: Vec<String> = match (read, did.is_empty()) {
        (Some(read), true) => vec![read, "nothing had changed".to_owned()],
        (None, true) => match kind {
            JobKind::Fetch | JobKind::Sync => vec!["Nothing had changed".to_owned()],
            JobKind::Send | JobKind::Maintenance => vec!["Nothing to do".to_owned()],
        },
        (read, false) => read.into_iter().chain(did).collect(),
    };
    parts.into_iter().chain(issues).collect::<Vec<_>>().join(", ")
}

// Products.

pub(crate) fn found(kind: Kind, number: u64, all: bool) -> String {
    let of = super::of(kind);
    let found = counted(number, &of.one, &of.many);
    if all { found } else { format!("{found} found") }
}

pub(crate) fn or_untitled(title: String) -> String {
    if title.trim().is_empty() {
        "Without a title".to_owned()
    } else {
        title
    }
}

/// What identifies a product, in a line.
pub(crate) fn variants_line(variants: &[Variant]) -> String {
    let mut skus = variants.iter().map(|variant| variant.sku.as_str());
    let sku = skus.find(|sku| !sku.is_empty()).unwrap_or_default();
    match (sku, variants.len()) {
        ("", 0 | 1) => "No SKU".to_owned(),
        (sku, 0 | 1) => sku.to_owned(),
        ("", variants) => format!("{variants} variants"),
        (sku, variants) => format!("{sku} \u{b7} {variants} variants"),
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
    format!("{place}: not there")
}

pub(crate) fn open_at(connection: &str) -> String {
    format!("Open at {connection}")
}

pub(crate) fn changed(ago: &str) -> String {
    format!("changed {ago}")
}

/// How orders are called.
pub(crate) fn order_named(number: &str) -> String {
    format!("Order {number}")
}

/// Who bought and when.
pub(crate) fn order_facts(order: &Order) -> String {
    let placed = order::time(&order.facts["placed_at"]).map(|at| format!("placed {}", format::exact(at)));
    joined([text(&order.facts["buyer"]["name"]), &placed.unwrap_or_default()])
}

/// A platform's word for a status: `partially-refunded` is "Partially refunded".
pub(crate) fn status_word(word: &str) -> String {
    capitalised(&word.replace(['-', '_'], " "))
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
        counted(
            u64::try_from(number).unwrap_or(u64::MAX),
            "connection",
            "connections",
        )
    };
    match (waiting, held) {
        _ if equivalences.is_empty() => format!("No connection has this {}.", super::of(kind).one),
        (0, 0) if stopped > 0 => format!("It cannot be sent to {} yet.", places(stopped)),
        (0, 0) => format!("In step at {}.", places(equivalences.len())),
        (_, 0) => format!("Changes wait to be sent to {}.", places(waiting)),
        (0, _) => format!(
            "{} and the hub differ, and you decide which is right.",
            places(held)
        ),
        (_, _) => format!(
            "Changes wait to be sent to {}, and {} and the hub differ.",
            places(waiting),
            places(held)
        ),
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
        fields.push(format!("{more} more"));
    }
    format!(
        "{connection} and the hub differed when they first met: {}. Which is right?",
        listed(&fields)
    )
}

pub(crate) fn held_question_of_all(connection: &str, number: u64) -> String {
    match number {
        1 => format!("{connection} and the hub differed when they first met. Which is right?"),
        _ => format!(
            "{connection} and the hub differed in {} products when they first met. Which is right, for all of them?",
            format::count(number)
        ),
    }
}

/// Before a side is chosen for many products at once: what that does.
pub(crate) fn held_confirmation(side: Side, connection: &str, number: u64) -> String {
    let products = counted(number, "product", "products");
    match side {
        Side::Hub => format!(
            "Keep the hub\u{2019}s values for {products}? They then wait as updates to {connection}; nothing is written before you send."
        ),
        Side::Remote => format!(
            "Take {connection}\u{2019}s values into the hub for {products}? Other connections then wait to get them; nothing is written before you send."
        ),
    }
}

pub(crate) fn chosen(number: u64) -> String {
    match number {
        1 => "Chosen. The difference is settled; what has to be written waits to be sent.".to_owned(),
        _ => format!(
            "Chosen for {} products. What has to be written waits to be sent.",
            format::count(number)
        ),
    }
}

pub(crate) fn take_from(connection: &str) -> String {
    format!("Take {connection}\u{2019}s")
}

pub(crate) fn equal_fields(names: &[String]) -> String {
    let shown = names.len().min(5);
    let mut parts: Vec<String> = names[..shown].to_vec();
    if names.len() > shown {
        parts.push(format!("{} more", names.len() - shown));
    }
    format!("Equal everywhere: {}", listed(&parts))
}

pub(crate) fn equal_variants(number: usize) -> String {
    let number = u64::try_from(number).unwrap_or(u64::MAX);
    counted(
        number,
        "variant is equal everywhere",
        "variants are equal everywhere",
    )
}

pub(crate) fn variants_of(number: usize) -> String {
    counted(u64::try_from(number).unwrap_or(u64::MAX), "variant", "variants")
}

/// A quantity at a stock location.
pub(crate) fn in_stock(quantity: &str, place: &str) -> String {
    match place {
        DEFAULT_LOCATION => format!("{quantity} in stock"),
        _ => format!("{quantity} in {place}"),
    }
}

pub(crate) fn variant_name(variant: &Variant) -> String {
    let options: Vec<&str> = variant.options.values().map(String::as_str).collect();
    if options.is_empty() {
        "Variant".to_owned()
    } else {
        options.join(" / ")
    }
}

/// What a path is about, as people say it.
pub(crate) fn path(path: &str) -> String {
    let unescape = |name: &str| name.replace("~1", "/").replace("~0", "~");
    let known =
        |name: &str| Field::parse(name).map_or_else(|| status_word(name), |known| field(known).to_owned());
    let part = |name: &'static str| path.strip_prefix(name).map(|inside| (name, inside));
    let part = ["variants/", "lines/", "shipments/", "payments/"]
        .into_iter()
        .find_map(part);
    let own = match part {
        None => path,
        Some((name, inside)) => match inside.split_once('/') {
            Some((_, leaf)) => leaf,
            None => return capitalised(&name[..name.len() - 2]),
        },
    };
    match own.split_once('/') {
        None if own == "name" => super::BUYER.to_owned(),
        None => known(own),
        Some(("attributes", name)) => unescape(name),
        Some(("options", name)) => capitalised(&unescape(name)),
        Some(("stock", DEFAULT_LOCATION)) => field(Field::Stock).to_owned(),
        Some(("stock", place)) => format!("{} ({})", field(Field::Stock), unescape(place)),
        Some(("images", inside)) if inside.ends_with("/alt") => "Picture text".to_owned(),
        Some(("images", _)) => "Picture".to_owned(),
        Some((name, _)) => known(name),
    }
}

/// A value as people read it. `None`: there is nothing.
pub(crate) fn value(path: &str, value: &Value, currency: Option<Currency>) -> Option<String> {
    let leaf = path.rsplit('/').next().unwrap_or_default();
    let text = match value {
        Value::Null => return None,
        // Only an address has a text to show; which lines are in a parcel is told by the lines.
        Value::Object(_) => address(value),
        Value::Bool(there) => return there.then(|| "Yes".to_owned()),
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
        "images" => Some("The order of the pictures".to_owned()),
        _ if path.starts_with("images/") && leaf != "alt" => Some("Picture".to_owned()),
        _ => None,
    };
    Some(shown.unwrap_or(text))
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

// Stats.

pub(crate) fn stats_of(connection: &str) -> String {
    format!("Stats of {connection}")
}

pub(crate) fn covered(number: u64, per_cent: u64) -> String {
    format!("{} \u{b7} {per_cent}%", format::count(number))
}
