//! What a record that was read does to the hub: a new item, a first meeting, or changes since the last time.

use super::{
    matching::{Pairing, pair, with_sent},
    pending::last_sent_of,
    price, read,
    view::{hub_locations, view, view_at},
};
use crate::{
    content::{Change, Content, Field, Leaf, Part, Path, Value, diff},
    ids::{ItemId, Key},
    issue::{Code, Issue, Severity},
    item::{Author, Equivalence, Item, Presence, Sending, Side, Stamp},
    money::Decimal,
    policy::{Mutability, Policy},
    product::{Record, StockWrites},
    time::Time,
};

/// The item and its equivalence after a record was taken in, and what there is to say about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    pub item: Item,
    pub equivalence: Equivalence,
    /// The hub's own content moved, so other connections may have something pending now.
    pub item_changed: bool,
}

/// Makes an item of a record that nothing in the hub is like.
pub fn absorb(id: ItemId, record: &Record, policy: &Policy, fields: &[Field], now: Time) -> Merged {
    let pairing = pair(&record.product, &Content::new(), &[], Key(1), policy);
    let shown = read::read(&record.product, &pairing, policy);
    let content: Content = shown
        .iter()
        .filter(|(path, value)| {
            // A variant is there even where what tells it from others is ignored.
            **value == Value::Present || policy.products.fields.of(path.governed_by()) != Mutability::Ignore
        })
        .filter_map(|(path, value)| Some((hub_path(path, policy), absorbed(path, value, policy)?)))
        .collect();
    let item = Item {
        id,
        content,
        next_key: pairing.next_key,
        stamps: Vec::new(),
        created_at: now,
        updated_at: now,
    };
    let mut equivalence = live(Equivalence::default(), record, pairing, shown, now);
    equivalence.option_names = read::option_names(&record.product, policy);
    equivalence.sent = as_sent(&item, &equivalence.acknowledged, policy, fields, now);
    equivalence.unsent = quantities(&equivalence.sent);
    Merged {
        item,
        equivalence,
        item_changed: true,
    }
}

/// What the rules make of values that came from a platform counts as what it shows already: a margin is not fed back
/// to it, and a buffer does not shrink what it counts itself, as long as it has no more than there is.
fn as_sent(
    item: &Item,
    shown: &Content,
    policy: &Policy,
    fields: &[Field],
    now: Time,
) -> Vec<(Path, Option<Value>)> {
    let (wanted, _) = view(&item.content, policy, fields, now);
    diff(&wanted, shown)
        .into_iter()
        .filter(|change| change.old.is_some())
        .map(|change| (change.path, change.old))
        .collect()
}

/// The paths of stock among what counts as sent.
fn quantities(sent: &[(Path, Option<Value>)]) -> Vec<Path> {
    let stock = sent.iter().filter(|(path, _)| path.governed_by() == Field::Stock);
    stock.map(|(path, _)| path.clone()).collect()
}

/// Joins a record, of which no write is begun, to an item that both existed before. Nothing is overwritten on either side: blanks are filled, and
/// what differs is held until the field has an authority or a person has chosen.
pub fn join(
    item: Item,
    equivalence: Equivalence,
    record: &Record,
    policy: &Policy,
    fields: &[Field],
    now: Time,
) -> Merged {
    let mut item = item;
    let pairing = pair(&record.product, &item.content, &[], item.next_key, policy);
    item.next_key = pairing.next_key;
    let shown = read::read(&record.product, &pairing, policy);
    let (wanted, _) = view(&item.content, policy, fields, now);
    let takes_pictures = policy.products.fields.of(Field::Images).detects();
    let galleries_differ = pairing
        .pictures
        .iter()
        .any(|key| wanted.get(&Path::picture(*key, Leaf::Exists)).is_none())
        && (!takes_pictures || wanted.pictures().any(|(key, _)| !pairing.pictures.contains(&key)));
    let mut held = Vec::new();
    let mut taken = Vec::new();
    let mut item_changed = false;
    for Change {
        path,
        old: hub,
        new: platform,
    } in diff(&wanted, &shown)
    {
        let Some(platform) = platform else { continue };
        let field = path.governed_by();
        let mutability = policy.products.fields.of(field);
        let authority = policy.hub.authority.get(&field);
        if mutability == Mutability::Ignore
            || is_picture(&path) && hub.is_some()
            || is_about_nothing(&path, &item.content)
        {
            continue;
        }
        let hub_path = hub_path(&path, policy);
        let blank = hub.is_none() && item.content.get(&hub_path).is_none();
        let ours = authority == Some(&policy.connection);
        if field == Field::Images && galleries_differ && !ours {
            if authority.is_none() && !held.contains(&Path::pictures()) {
                held.push(Path::pictures());
            }
        } else if blank || ours {
            let value = if blank {
                absorbed(&path, &platform, policy)
            } else {
                hub_value(&path, &platform, policy)
            };
            let value = value.filter(|_| mutability.detects());
            item_changed |= value.is_some();
            if value.is_some() {
                item.content.put(hub_path, value);
                taken.push(path);
            } else if authority.is_none() {
                // The hub may learn a value elsewhere, which then differs from what is here.
                held.push(path);
            }
        } else if authority.is_none() && hub.is_some() {
            held.push(path);
        }
    }
    if takes_pictures
        && !pairing.pictures.is_empty()
        && policy.hub.authority.get(&Field::Images) == Some(&policy.connection)
    {
        let theirs = |part| matches!(part, Part::Picture(key) if pairing.pictures.contains(&key));
        item.content
            .retain(|path| !matches!(path.part, Part::Picture(_)) || theirs(path.part));
        drop_orphans(&mut item.content);
    }
    // Pictures that came along stand after those that the hub has.
    let gallery = [gallery(&item.content), pairing.pictures.clone()].concat();
    order_gallery(&mut item.content, &gallery);
    if item.content.get(&Path::pictures()) == shown.get(&Path::pictures()) {
        held.retain(|path| *path != Path::pictures());
    }
    item.updated_at = if item_changed { now } else { item.updated_at };
    let mut equivalence = live(equivalence, record, pairing, shown, now);
    equivalence.option_names = read::option_names(&record.product, policy);
    equivalence.held = held;
    equivalence.sent = as_sent(&item, &equivalence.acknowledged, policy, fields, now);
    equivalence.sent.retain(|(path, _)| taken.contains(path));
    equivalence.unsent = quantities(&equivalence.sent);
    Merged {
        item,
        equivalence,
        item_changed,
    }
}

/// Takes in what a platform shows of a record that is known: what changed since it was last acknowledged changes
/// the hub, path by path.
pub fn take_in(
    item: Item,
    equivalence: Equivalence,
    record: &Record,
    policy: &Policy,
    fields: &[Field],
    stock: StockWrites,
    now: Time,
) -> Merged {
    let sent = equivalence
        .sending
        .as_ref()
        .map_or(&[][..], |sending| &sending.values);
    let known = with_sent(&record.product, &item.content, &equivalence, sent, policy);
    let pairing = pair(&record.product, &item.content, &known, item.next_key, policy);
    let shown = read::read(&record.product, &pairing, policy);
    let done = done(equivalence.sending.as_ref(), record, stock);
    let equivalence = settle(equivalence, &shown, done);
    let at = record.updated_at.unwrap_or(now);
    let mut taking = Taking {
        item,
        issues: Vec::new(),
        held: Vec::new(),
        equivalence: &equivalence,
        shown: &shown,
        fields,
        policy,
        at,
        now,
    };
    taking.item.next_key = pairing.next_key;
    let mut changed_paths = Vec::new();
    // The order last, when the pictures are there that it is about.
    let (orders, values): (Vec<_>, Vec<_>) = diff(&equivalence.acknowledged, &shown)
        .into_iter()
        .partition(|change| change.path == Path::pictures());
    for change in values.into_iter().chain(orders) {
        let news = policy.products.fields.of(change.path.governed_by()).detects() && taking.take(&change);
        if news {
            let path = hub_path(&change.path, policy);
            let by = Author::Connection(policy.connection.clone());
            stamp(&mut taking.item.stamps, path, Stamp { at, by });
        }
        changed_paths.push((change.path, news));
    }
    let Taking {
        mut item,
        issues: news,
        held,
        ..
    } = taking;
    let item_changed = changed_paths.iter().any(|(_, news)| *news);
    if item_changed {
        drop_orphans(&mut item.content);
        item.updated_at = now;
    }
    let mut equivalence = live(equivalence, record, pairing, shown, now);
    equivalence
        .sent
        .retain(|(sent, _)| changed_paths.iter().all(|(path, _)| path != sent));
    equivalence.held.extend(held);
    equivalence
        .issues
        .retain(|issue| !matches!(issue.code, Code::UnreadableRecord | Code::Missing));
    equivalence.issues.extend(news);
    for (hub, there) in read::option_names(&record.product, policy) {
        if equivalence.option_names.iter().all(|(known, _)| *known != hub) {
            equivalence.option_names.push((hub, there));
        }
    }
    Merged {
        item,
        equivalence,
        item_changed,
    }
}

fn live(
    equivalence: Equivalence,
    record: &Record,
    pairing: Pairing,
    shown: Content,
    now: Time,
) -> Equivalence {
    Equivalence {
        presence: Presence::Live {
            remote_id: record.remote_id.clone(),
            url: record.url.clone(),
        },
        children: pairing.children,
        acknowledged: shown,
        acknowledged_at: Some(now),
        ..equivalence
    }
}

/// Whether a write whose answer never came was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Done {
    Yes,
    No,
    /// The platform does not say: it is judged by what is there now.
    Unsaid,
}

/// What a record says of the write that was begun. Adjusted stock cannot say it: a sale may have made of it what it was
/// before, or what was to be.
fn done(sending: Option<&Sending>, record: &Record, stock: StockWrites) -> Done {
    match (stock, sending) {
        (StockWrites::Adjusts, Some(sending)) if record.token.as_ref() == Some(&sending.token) => Done::Yes,
        (StockWrites::Adjusts, _) => Done::No,
        (StockWrites::Absolute, _) => Done::Unsaid,
    }
}

/// Ends a write whose answer never came: if it was done, what differs from it is what the platform made of it; stock
/// that differs has moved since.
pub(super) fn settle(equivalence: Equivalence, shown: &Content, done: Done) -> Equivalence {
    let mut equivalence = equivalence;
    let Some(Sending {
        token: _,
        values,
        at: _,
    }) = equivalence.sending.take()
    else {
        return equivalence;
    };
    let done = match done {
        Done::Yes => true,
        Done::No => false,
        Done::Unsaid => seems_done(&values, &equivalence.acknowledged, shown),
    };
    if !done {
        return equivalence;
    }
    for (path, value) in values {
        if path.governed_by() == Field::Stock {
            equivalence.acknowledged.put(path, value);
            continue;
        }
        let there = shown.get(&path).cloned();
        equivalence.sent.retain(|(sent, _)| *sent != path);
        equivalence.acknowledged.put(path.clone(), there.clone());
        if there != value {
            equivalence.sent.push((path, value));
        }
    }
    equivalence
}

/// Whether a write was done of which nobody heard, judged by what is there now. Any of its values that is there says
/// so. A quantity alone says it only unless more of the values are as they were before: buyers may have brought one
/// quantity to what we wrote, as when the same was sold on two channels.
fn seems_done(values: &[(Path, Option<Value>)], before: &Content, shown: &Content) -> bool {
    let (mut quantities, mut others, mut as_before) = (0, 0, 0);
    for (path, value) in values {
        let (was, is) = (before.get(path), shown.get(path));
        if was == value.as_ref() {
            continue;
        }
        if is == was {
            as_before += 1;
        } else if is == value.as_ref() && path.governed_by() == Field::Stock {
            quantities += 1;
        } else if is == value.as_ref() {
            others += 1;
        }
    }
    others > 0 || quantities > 0 && quantities >= as_before
}

/// A record being taken in.
struct Taking<'a> {
    item: Item,
    issues: Vec<Issue>,
    /// Paths that meet the hub's for the first time and differ.
    held: Vec<Path>,
    equivalence: &'a Equivalence,
    shown: &'a Content,
    fields: &'a [Field],
    policy: &'a Policy,
    /// When the platform says the record changed.
    at: Time,
    now: Time,
}

impl Taking<'_> {
    /// Takes one change into the item. Says whether the item moved.
    fn take(&mut self, change: &Change) -> bool {
        if let Part::Variant(key) = change.path.part
            && self.shown.get(&Path::variant(key, Leaf::Exists)).is_none()
        {
            // A variant that is gone there stays in the hub and elsewhere: nothing is deleted on a platform.
            return false;
        }
        if is_about_nothing(&change.path, &self.item.content) {
            return false;
        }
        match change.path.governed_by() {
            Field::Stock => self.take_stock(change),
            Field::Images => self.take_gallery(change),
            _ => self.take_value(change),
        }
    }

    /// Stock is a sum of movements: what the platform sold or received is added to the hub's quantity.
    fn take_stock(&mut self, change: &Change) -> bool {
        let Change { path, old, new } = change;
        let Leaf::Stock(location) = &path.leaf else {
            return false;
        };
        let Some(Value::Number(new)) = new else {
            return false;
        };
        let at = |hub: &str| Path {
            part: path.part,
            leaf: Leaf::Stock(hub.into()),
        };
        let hubs = hub_locations(location, &self.policy.stock);
        let Some(first) = hubs.first().map(|hub| at(hub)) else {
            return false;
        };
        let authority = self.policy.hub.authority.get(&Field::Stock);
        if authority == Some(&self.policy.connection) {
            return self.item.content.change(first, Some(Value::Number(*new)));
        }
        let Some(Value::Number(old)) = old else {
            if self.item.content.get(&first).is_none() {
                return self.item.content.change(first, Some(Value::Number(*new)));
            }
            if self.wanted(path) != Some(Value::Number(*new)) {
                self.held.push(path.clone());
            }
            return false;
        };
        let movement = new.0 - old.0;
        let bears = |hub: &&str| {
            self.item
                .content
                .number(&at(hub))
                .is_some_and(|held| held.0 + movement >= Decimal::ZERO.0)
        };
        let path = hubs.iter().copied().find(|hub| bears(hub)).map_or(first, at);
        let held = self.item.content.number(&path).unwrap_or_default();
        self.item
            .content
            .change(path, Some(Value::Number(Decimal(held.0 + movement))))
    }

    /// What the connection was to show at a path before this record came; asked before the path is taken.
    fn wanted(&self, path: &Path) -> Option<Value> {
        view_at(&self.item.content, path, self.policy, self.fields)
    }

    fn take_gallery(&mut self, change: &Change) -> bool {
        let Change { path, old, new } = change;
        if self.equivalence.held.contains(&Path::pictures())
            || is_picture(path) && old.is_some() && new.is_some()
        {
            // The same picture, recompressed or moved to another address.
            return false;
        }
        if *path == Path::pictures() {
            let before = gallery(&self.item.content);
            order_gallery(&mut self.item.content, &gallery(self.shown));
            return gallery(&self.item.content) != before;
        }
        self.item.content.change(path.clone(), new.clone())
    }

    fn take_value(&mut self, change: &Change) -> bool {
        let Change { path, old: _, new } = change;
        let value = match new {
            Some(new) => match hub_value(path, new, self.policy) {
                Some(value) => Some(value),
                None => return false,
            },
            None if may_become_blank(path.governed_by()) => None,
            None => return false,
        };
        if self.equivalence.held.contains(path) {
            return false;
        }
        let waiting = self.wanted(path);
        let waiting = waiting.as_ref();
        let conflict =
            waiting != last_sent_of(self.equivalence, change) && waiting != new.as_ref() && waiting.is_some();
        if conflict && !self.platform_wins(path) {
            return false;
        }
        self.item.content.change(path.clone(), value)
    }

    fn platform_wins(&mut self, path: &Path) -> bool {
        let Verdict { winner, notice } = decide(&self.item, path, self.policy, self.at, self.now);
        self.issues.push(notice);
        winner == Side::Remote
    }
}

/// Which side's change counts, and the notice of the other.
pub(super) struct Verdict {
    pub winner: Side,
    pub notice: Issue,
}

/// Both sides changed a path, the platform `at` a time: the authority wins, else the later change.
pub(super) fn decide(item: &Item, path: &Path, policy: &Policy, at: Time, now: Time) -> Verdict {
    let hub_at = item
        .stamps
        .iter()
        .find(|(stamped, _)| stamped == path)
        .map_or(item.created_at, |(_, stamp)| stamp.at);
    let winner = match policy.hub.authority.get(&path.governed_by()) {
        Some(authority) if *authority == policy.connection => Side::Remote,
        None if at >= hub_at => Side::Remote,
        Some(_) | None => Side::Hub,
    };
    let field = path.governed_by().name();
    let name = &policy.name;
    let message = match winner {
        Side::Remote => {
            format!("{name} and another side both changed the {field}; the change at {name} counted.")
        }
        Side::Hub => {
            format!("{name} and another side both changed the {field}; the other side's change counted.")
        }
    };
    let notice = Issue {
        code: Code::Conflict,
        severity: Severity::Notice,
        path: Some(path.clone()),
        message,
        at: now,
    };
    Verdict { winner, notice }
}

/// A person's choice for what was held: which side's values count from now on.
pub fn choose(
    item: Item,
    equivalence: Equivalence,
    side: Side,
    paths: &[Path],
    policy: &Policy,
    fields: &[Field],
    now: Time,
) -> Merged {
    let (mut item, mut equivalence) = (item, equivalence);
    equivalence.held.retain(|path| !paths.contains(path));
    if side == Side::Hub {
        return Merged {
            item,
            equivalence,
            item_changed: false,
        };
    }
    for path in paths {
        if *path == Path::pictures() {
            take_whole_gallery(&mut item.content, &equivalence.acknowledged);
        } else if let Some(shown) = equivalence.acknowledged.get(path)
            && let Some(value) = absorbed(path, shown, policy)
        {
            item.content.put(hub_path(path, policy), Some(value));
        }
        stamp(
            &mut item.stamps,
            hub_path(path, policy),
            Stamp {
                at: now,
                by: Author::Person,
            },
        );
    }
    item.updated_at = now;
    // What a rule makes of the chosen value counts as what the platform shows already.
    let (wanted, _) = view(&item.content, policy, fields, now);
    let mut assumed = Vec::new();
    for path in paths {
        equivalence.sent.retain(|(sent, _)| sent != path);
        if let Some(value) = wanted.get(path)
            && equivalence.acknowledged.get(path) != Some(value)
        {
            assumed.push((path.clone(), Some(value.clone())));
        }
    }
    equivalence.unsent.extend(quantities(&assumed));
    equivalence.sent.extend(assumed);
    Merged {
        item,
        equivalence,
        item_changed: true,
    }
}

fn take_whole_gallery(content: &mut Content, shown: &Content) {
    content.retain(|path| !matches!(path.part, Part::Picture(_)));
    for (path, value) in shown
        .iter()
        .filter(|(path, _)| matches!(path.part, Part::Picture(_)))
    {
        content.put(path.clone(), Some(value.clone()));
    }
    content.put(Path::pictures(), shown.get(&Path::pictures()).cloned());
    drop_orphans(content);
}

/// Where the hub keeps what a platform shows at a path: its stock locations may have other names.
fn hub_path(path: &Path, policy: &Policy) -> Path {
    match &path.leaf {
        Leaf::Stock(location) => {
            let hubs = hub_locations(location, &policy.stock);
            let hub = hubs.first().map_or(location.as_str(), |hub| hub);
            Path {
                part: path.part,
                leaf: Leaf::Stock(hub.into()),
            }
        }
        _ => path.clone(),
    }
}

/// The hub's value for one that a platform shows, where that is exact.
fn hub_value(path: &Path, shown: &Value, policy: &Policy) -> Option<Value> {
    match (path.governed_by(), shown) {
        (Field::Price | Field::CompareAtPrice, Value::Number(amount)) => {
            price::hub_price(*amount, policy).map(Value::Number)
        }
        _ => Some(shown.clone()),
    }
}

/// The hub's value for one that a platform shows, where the hub has none of its own.
fn absorbed(path: &Path, shown: &Value, policy: &Policy) -> Option<Value> {
    match (path.governed_by(), shown) {
        (Field::Price | Field::CompareAtPrice, Value::Number(amount)) => {
            price::nearest_hub_price(*amount, policy).map(Value::Number)
        }
        _ => Some(shown.clone()),
    }
}

/// Whether a blank at one platform may blank the hub. What identifies or sells a product never does.
pub fn may_become_blank(field: Field) -> bool {
    match field {
        Field::Description
        | Field::Brand
        | Field::Model
        | Field::Mpn
        | Field::Tags
        | Field::Attributes
        | Field::Images
        | Field::Barcode
        | Field::CompareAtPrice
        | Field::Cost
        | Field::Weight
        | Field::Note => true,
        Field::Title
        | Field::Categories
        | Field::Status
        | Field::Sku
        | Field::Options
        | Field::Price
        | Field::Stock
        | Field::Payment
        | Field::Fulfilment
        | Field::Shipments
        | Field::Lines
        | Field::Buyer
        | Field::Addresses
        | Field::Totals => false,
    }
}

fn is_picture(path: &Path) -> bool {
    matches!(
        path,
        Path {
            part: Part::Picture(_),
            leaf: Leaf::Exists
        }
    )
}

/// A value of a variant or picture that the hub does not have and did not take over.
fn is_about_nothing(path: &Path, content: &Content) -> bool {
    let exists = Path {
        part: path.part,
        leaf: Leaf::Exists,
    };
    path.part != Part::Whole && path.leaf != Leaf::Exists && content.get(&exists).is_none()
}

/// The pictures in their order.
fn gallery(content: &Content) -> Vec<Key> {
    match content.get(&Path::pictures()) {
        Some(Value::Keys(keys)) => keys.clone(),
        _ => Vec::new(),
    }
}

/// Puts the hub's pictures into an order; those that are not in it keep their own and come last.
fn order_gallery(content: &mut Content, order: &[Key]) {
    let order = [order, &gallery(content)].concat();
    let mut keys: Vec<Key> = content.pictures().map(|(key, _)| key).collect();
    keys.sort_by_key(|key| order.iter().position(|k| k == key).unwrap_or(usize::MAX));
    content.put(Path::pictures(), (!keys.is_empty()).then_some(Value::Keys(keys)));
}

/// Takes away what speaks of pictures that are gone.
pub fn drop_orphans(content: &mut Content) {
    let there: Vec<Key> = content.pictures().map(|(key, _)| key).collect();
    content.retain(|path| !matches!(path.part, Part::Picture(key) if !there.contains(&key)));
    let list = |(path, value): (&Path, &Value)| match value {
        Value::Keys(keys) => Some((path.clone(), keys.clone())),
        _ => None,
    };
    let lists: Vec<(Path, Vec<Key>)> = content.iter().filter_map(list).collect();
    for (path, mut keys) in lists {
        keys.retain(|key| there.contains(key));
        content.put(path, (!keys.is_empty()).then_some(Value::Keys(keys)));
    }
}

/// Notes who changed a path last.
pub fn stamp(stamps: &mut Vec<(Path, Stamp)>, path: Path, new: Stamp) {
    match stamps.binary_search_by(|(stamped, _)| stamped.cmp(&path)) {
        Ok(at) => stamps[at].1 = new,
        Err(at) => stamps.insert(at, (path, new)),
    }
}

#[cfg(test)]
mod tests;
