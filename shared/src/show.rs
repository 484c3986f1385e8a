//! What people are shown of an item: its content nested again, and what each connection has and is about to get.

pub mod edit;
pub mod label;
pub mod order;
pub mod past;

use crate::{
    api,
    content::{Change, Content, Field, Leaf, Part, Path, Picture, Value},
    ids::{ConnectionId, IssueId, ItemId, Key, Kind},
    issue::Issue,
    item::{Equivalence, Item, Presence},
    mark::Mark,
    money::{Currency, Decimal, Money},
    policy::{Policy, SendMode},
    product::Status,
    sync::{
        patterns::{Example, Pattern},
        pending::{Pending, Standing, pending, reason},
        review,
        terms::Around,
        urgency::{Urgency, urgency},
        why,
    },
    time::Time,
};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// An item with what its showing needs.
#[derive(Clone, Copy)]
pub struct Sight<'a> {
    pub item: &'a Item,
    pub standing: Standing,
    pub around: &'a Around<'a>,
    /// The currency of the hub's own prices.
    pub base: Currency,
    /// The hash of the bytes that were kept of a picture known by its address only.
    pub kept: &'a dyn Fn(&str) -> Option<String>,
}

/// One connection, as far as an item is concerned.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    pub policy: &'a Policy,
    /// What the platform can hold.
    pub fields: &'a [Field],
    pub equivalence: Option<&'a Equivalence>,
}

/// How much is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// A row of a list: without what platforms show, and without the changes of a create, which are all of the product.
    Row,
    Full,
}

impl std::fmt::Debug for Sight<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sight")
            .field("item", &self.item.id)
            .finish_non_exhaustive()
    }
}

impl Sight<'_> {
    /// The product as the API shows it. Connections where it is not and is not to be are left out.
    pub fn product(&self, places: &[Place<'_>], detail: Detail) -> api::Product {
        let content = &self.item.content;
        let text = |field| content.text(&Path::field(field)).to_owned();
        let list = |field| match content.get(&Path::field(field)) {
            Some(Value::List(list)) => list.clone(),
            _ => Vec::new(),
        };
        let attributes = content
            .part(Part::Whole)
            .filter_map(|(leaf, value)| match (leaf, value) {
                (Leaf::Attribute(name), Value::Text(text)) => Some((name.to_string(), text.to_string())),
                _ => None,
            });
        api::Product {
            id: self.item.id,
            title: text(Field::Title),
            brand: text(Field::Brand),
            model: text(Field::Model),
            mpn: text(Field::Mpn),
            description: text(Field::Description),
            categories: list(Field::Categories),
            tags: list(Field::Tags),
            status: Status::parse(content.text(&Path::field(Field::Status))),
            attributes: attributes.collect(),
            images: self.images(),
            variants: content.variants().map(|key| self.variant(key)).collect(),
            equivalences: places
                .iter()
                .filter_map(|place| self.equivalence(place, detail))
                .collect(),
            updated_at: self.item.updated_at,
        }
    }

    /// A line of what a send would do. `None`: nothing.
    pub fn pending(&self, place: &Place<'_>) -> Option<api::PendingItem> {
        let pending = self.pending_at(place);
        let mark = pending
            .mark
            .filter(|mark| matches!(mark, Mark::Create | Mark::Update))?;
        let why = match mark {
            Mark::Create => String::from(why::NOT_THERE),
            _ => differing(&pending.changes),
        };
        let change = |change: &Change| {
            let why = if pending.back.contains(&change.path) {
                String::from(why::UNDONE)
            } else {
                reason(change, self.item, place.policy)
            };
            self.change(change, change.mark(), why)
        };
        Some(api::PendingItem {
            kind: Kind::Products,
            item: self.item.id,
            title: self.item.content.text(&Path::field(Field::Title)).to_owned(),
            mark,
            changes: pending.changes.iter().map(change).collect(),
            why,
            digest: format!("{:016x}", review::digest(&pending.changes)),
            review: reviewed(pending, self.item, place.equivalence, place.policy),
        })
    }

    /// What an undo of a send would put back, and how many of the values that were `written` would stay.
    pub fn put_back(&self, place: &Place<'_>, written: &[Change]) -> (Option<api::PendingItem>, usize) {
        let wanted = self.pending_at(place).wanted;
        let here = place.equivalence.cloned().unwrap_or_default();
        // An instant that no decision has: those that are put back are known by it.
        let now = Time(i64::MAX);
        let (here, values) = review::put_back(here, written, &wanted, now);
        let is_back = |change: &&Change| {
            let mut decisions = here.decisions.iter();
            decisions.any(|decision| decision.at == now && decision.path == change.path)
        };
        let changes: Vec<Change> = written
            .iter()
            .filter(is_back)
            .map(|Change { path, old, new }| Change {
                path: path.clone(),
                old: new.clone(),
                new: old.clone(),
            })
            .collect();
        let back = (values > 0).then(|| api::PendingItem {
            kind: Kind::Products,
            item: self.item.id,
            title: self.item.content.text(&Path::field(Field::Title)).to_owned(),
            mark: Mark::Update,
            why: differing(&changes),
            review: None,
            digest: format!("{:016x}", review::digest(&changes)),
            changes: changes
                .iter()
                .map(|change| self.change(change, change.mark(), String::new()))
                .collect(),
        });
        (back, written.len().saturating_sub(values))
    }

    /// What differs since a first meeting and waits for a choice, by field: what the connection has, and what the hub has.
    pub fn held(&self, place: &Place<'_>) -> Vec<(Field, api::Change)> {
        let held = self.pending_at(place).held;
        let told = |change: &Change| {
            (
                change.path.governed_by(),
                self.change(change, Mark::Held, String::new()),
            )
        };
        held.iter().map(told).collect()
    }

    /// How soon it is sent there.
    pub fn urgency(&self, place: &Place<'_>) -> Option<Urgency> {
        urgency(&self.pending_at(place).changes)
    }

    /// What keeps something from being sent to one connection, for as long as its cause is there. Beside it there are
    /// the counterpart's own issues.
    pub fn obstacles(&self, place: &Place<'_>) -> Vec<Issue> {
        self.pending_at(place).issues
    }

    /// What is pending counts from when the item last changed, so that what is shown does not differ by the hour.
    fn pending_at(&self, place: &Place<'_>) -> Pending {
        let Place {
            policy,
            fields,
            equivalence,
        } = place;
        pending(
            self.item,
            *equivalence,
            self.standing,
            self.around,
            policy,
            fields,
            self.item.updated_at,
        )
    }

    fn equivalence(&self, place: &Place<'_>, detail: Detail) -> Option<api::Equivalence> {
        let why = |change: &Change| reason(change, self.item, place.policy);
        self.counterpart(
            Kind::Products,
            place.policy,
            place.equivalence,
            self.pending_at(place),
            detail,
            &why,
        )
    }

    /// What a connection has of an item, and what it is about to get.
    fn counterpart(
        &self,
        kind: Kind,
        policy: &Policy,
        equivalence: Option<&Equivalence>,
        pending: Pending,
        detail: Detail,
        why: &dyn Fn(&Change) -> String,
    ) -> Option<api::Equivalence> {
        let something =
            !pending.changes.is_empty() && matches!(pending.mark, Some(Mark::Create | Mark::Update));
        let review = (something && detail == Detail::Full)
            .then(|| reviewed(pending.clone(), self.item, equivalence, policy))
            .flatten();
        let Pending {
            mark,
            changes,
            held,
            rejected,
            back: _,
            issues: obstacles,
            wanted: _,
        } = pending;
        let mark = mark?;
        let own = equivalence.map_or(&[][..], |equivalence| &equivalence.issues);
        let issues = own
            .iter()
            .chain(&obstacles)
            .map(|found| issue(&policy.connection, Some((kind, self.item.id)), found))
            .collect();
        let listed = detail == Detail::Full || mark != Mark::Create;
        let waiting = changes
            .iter()
            .filter(|_| listed)
            .map(|change| self.change(change, change.mark(), why(change)));
        let held = held.iter().map(|change| {
            let why = String::from(why::FIRST_MEETING);
            self.change(change, Mark::Held, why)
        });
        let presence = equivalence.map(|equivalence| &equivalence.presence);
        let (url, live) = match presence {
            Some(Presence::Live { remote_id: _, url }) => (url.clone(), true),
            Some(Presence::Vanished { .. } | Presence::Absent) | None => (None, false),
        };
        let shown = equivalence.filter(|_| live && detail == Detail::Full);
        Some(api::Equivalence {
            connection: policy.connection.clone(),
            remote_id: equivalence
                .and_then(Equivalence::remote_id)
                .map(|id| id.0.to_string()),
            url,
            mark,
            changes: waiting.chain(held).collect(),
            rejected: rejected
                .iter()
                .map(|change| self.change(change, change.mark(), String::from("A person decided against it")))
                .collect(),
            review,
            shown: shown.map_or_else(BTreeMap::new, |here| self.by_path(&here.acknowledged)),
            issues,
            acknowledged_at: equivalence.and_then(|here| here.acknowledged_at),
        })
    }

    fn by_path(&self, content: &Content) -> BTreeMap<String, serde_json::Value> {
        content
            .iter()
            .map(|(path, value)| (path.to_string(), self.value(value)))
            .collect()
    }

    fn change(&self, change: &Change, mark: Mark, why: String) -> api::Change {
        let Change { path, old, new } = change;
        let value = |value: &Option<Value>| match value {
            Some(value) => self.value(value),
            None => serde_json::Value::Null,
        };
        api::Change {
            path: path.to_string(),
            old: value(old),
            new: value(new),
            mark,
            why,
        }
    }

    fn value(&self, value: &Value) -> serde_json::Value {
        match value {
            Value::Text(text) => text.as_str().into(),
            Value::List(list) => list.clone().into(),
            Value::Number(number) => number.to_string().into(),
            Value::Present => true.into(),
            Value::Picture(picture) => self
                .hash(picture)
                .unwrap_or_else(|| picture.address.clone())
                .into(),
            Value::Keys(keys) => keys.iter().map(Key::to_string).collect::<Vec<_>>().into(),
            Value::Time(time) => json!(time),
            Value::Address(address) => json!(address),
            Value::Product(item, variant) => json!({ "product": item, "variant": variant.to_string() }),
            Value::Lines(lines) => lines
                .iter()
                .map(|(line, quantity)| (line.to_string(), json!(quantity)))
                .collect(),
        }
    }

    fn hash(&self, picture: &Picture) -> Option<String> {
        picture.hash.clone().or_else(|| (self.kept)(&picture.address))
    }

    fn images(&self) -> Vec<api::Image> {
        let content = &self.item.content;
        let order: &[Key] = match content.get(&Path::pictures()) {
            Some(Value::Keys(order)) => order,
            _ => &[],
        };
        let mut pictures: Vec<(Key, &Picture)> = content.pictures().collect();
        pictures.sort_by_key(|(key, _)| order.iter().position(|at| at == key).unwrap_or(usize::MAX));
        let image = |(key, picture): (Key, &Picture)| {
            let hash = self.hash(picture);
            // What only its connector understands is of no use as an address.
            let web = picture.address.starts_with("https://") || picture.address.starts_with("http://");
            let url = match &hash {
                _ if web => picture.address.clone(),
                Some(hash) => format!("/api/v1/images/{hash}"),
                None => String::new(),
            };
            api::Image {
                id: key.to_string(),
                hash,
                url,
                alt: content.text(&Path::picture(key, Leaf::Alt)).to_owned(),
            }
        };
        pictures.into_iter().map(image).collect()
    }

    fn variant(&self, key: Key) -> api::Variant {
        let content = &self.item.content;
        let text = |field| content.text(&Path::variant_field(key, field)).to_owned();
        let number = |field| content.number(&Path::variant_field(key, field));
        let money = |field| {
            number(field).map(|amount| Money {
                amount,
                currency: self.base,
            })
        };
        let mut options = BTreeMap::new();
        let mut stock: BTreeMap<String, Decimal> = BTreeMap::new();
        let mut images = Vec::new();
        for (leaf, value) in content.part(Part::Variant(key)) {
            match (leaf, value) {
                (Leaf::Option(name), Value::Text(text)) => {
                    options.insert(name.to_string(), text.to_string());
                }
                (Leaf::Stock(location), Value::Number(quantity)) => {
                    stock.insert(location.to_string(), *quantity);
                }
                (Leaf::Pictures, Value::Keys(keys)) => images = keys.iter().map(Key::to_string).collect(),
                _ => {}
            }
        }
        api::Variant {
            id: key.to_string(),
            sku: text(Field::Sku),
            barcode: text(Field::Barcode),
            options,
            price: money(Field::Price),
            compare_at_price: money(Field::CompareAtPrice),
            cost: money(Field::Cost),
            stock,
            weight: number(Field::Weight),
            images,
        }
    }
}

/// Whether what is pending waits for an approval. `None`: it needs none.
fn reviewed(
    pending: Pending,
    item: &Item,
    equivalence: Option<&Equivalence>,
    policy: &Policy,
) -> Option<api::Review> {
    if policy.send == SendMode::Auto && pending.back.is_empty() {
        return None;
    }
    let waiting = review::ready(pending, item, equivalence, policy.send).waiting;
    Some(if waiting > 0 {
        api::Review::Waiting
    } else {
        api::Review::Approved
    })
}

/// A pattern as the API shows it.
pub fn pattern(pattern: Pattern) -> api::IssuePattern {
    let Pattern {
        code,
        severity,
        shape,
        count,
        connections,
        examples,
    } = pattern;
    let example = |example| {
        let Example {
            connection,
            item,
            message,
        } = example;
        api::IssueExample {
            connection,
            item,
            message,
        }
    };
    api::IssuePattern {
        code,
        severity,
        message: shape,
        count,
        connections,
        examples: examples.into_iter().map(example).collect(),
        action: code.action().to_owned(),
    }
}

/// An issue as the API shows it. Its id stays the same for as long as it says the same.
pub fn issue(connection: &ConnectionId, about: Option<(Kind, ItemId)>, issue: &Issue) -> api::Issue {
    issue_of(Some(connection), about, issue)
}

/// An issue of the daemon as a whole.
pub fn issue_of_all(issue: &Issue) -> api::Issue {
    issue_of(None, None, issue)
}

fn issue_of(connection: Option<&ConnectionId>, about: Option<(Kind, ItemId)>, issue: &Issue) -> api::Issue {
    let Issue {
        code,
        severity,
        path,
        message,
        at,
    } = issue;
    let path = path.as_ref().map(Path::to_string);
    let (kind, item) = about.unzip();
    let of = item.map(|item| item.to_string());
    let told = [
        connection.map_or("", ConnectionId::as_str),
        of.as_deref().unwrap_or_default(),
        &format!("{code:?}"),
        path.as_deref().unwrap_or_default(),
        message,
    ];
    api::Issue {
        id: IssueId(digest(&told)),
        code: *code,
        severity: *severity,
        connection: connection.cloned(),
        kind,
        item,
        path,
        message: message.clone(),
        action: code.action().to_owned(),
        at: *at,
    }
}

/// FNV-1a: the same on every machine and in every version.
fn digest(texts: &[&str]) -> u64 {
    let bytes = texts.iter().flat_map(|text| text.bytes().chain([0xff]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Which fields differ, in a sentence: "Price and stock differ".
fn differing(changes: &[Change]) -> String {
    let fields: BTreeSet<Field> = changes.iter().map(|change| change.path.governed_by()).collect();
    let names: Vec<String> = fields
        .iter()
        .map(|field| field.name().replace('_', " "))
        .collect();
    let (list, verb) = match names.as_slice() {
        [] => return String::from("Nothing differs"),
        [one] => (
            one.clone(),
            if one.ends_with('s') && one != "status" {
                "differ"
            } else {
                "differs"
            },
        ),
        [first, second] => (format!("{first} and {second}"), "differ"),
        [first, second, third] => (format!("{first}, {second} and {third}"), "differ"),
        [first, second, more @ ..] => (format!("{first}, {second} and {} more", more.len()), "differ"),
    };
    let list = match list.strip_prefix("sku") {
        Some(rest) => format!("SKU{rest}"),
        None => list[..1].to_uppercase() + &list[1..],
    };
    format!("{list} {verb}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_said_in_a_sentence() {
        let check = |fields: &[Field], wanted: &str| {
            let changes: Vec<Change> = fields
                .iter()
                .map(|field| Change {
                    path: Path::field(*field),
                    old: None,
                    new: None,
                })
                .collect();
            assert_eq!(differing(&changes), wanted);
        };
        check(&[Field::Price], "Price differs");
        check(&[Field::Status], "Status differs");
        check(&[Field::Tags, Field::Tags], "Tags differ");
        check(&[Field::Stock, Field::Price], "Price and stock differ");
        check(
            &[Field::Sku, Field::CompareAtPrice, Field::Price],
            "SKU, price and compare at price differ",
        );
        check(
            &[Field::Title, Field::Brand, Field::Model, Field::Mpn],
            "Title, brand and 2 more differ",
        );
    }
}
