//! Which of an order's lines, shipments and payments are which, and whether a record is an order of ours.

use super::{Resolve, at, lines};
use crate::{
    content::{Content, Detail, Part, Path, Value},
    ids::{ItemId, Key, RemoteId},
    item::{Equivalence, Item, Sending},
    money::Decimal,
    order::{Line, Order, Payment, Shipment},
};

/// The item's keys of a record's lines, shipments and payments, in the record's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pairing {
    pub lines: Vec<Key>,
    pub shipments: Vec<Key>,
    pub payments: Vec<Key>,
    /// The first key that is still free.
    pub next_key: Key,
    /// What the platform calls its parts, for the equivalence; those it no longer shows stay in it. A part without a
    /// name there has a blank one.
    pub children: Vec<(Part, RemoteId)>,
    /// Shipments and payments that the hub has too, and that were told by what they are.
    pub met: Vec<Part>,
}

/// Says which of the item's parts the record's are; what is new gets new keys.
///
/// Parts pair by the platform's id. Else lines pair by product, then SKU and title, then title; shipments by tracking
/// number and carrier; payments by reference, then method and amount. Of what a write brought there (`sent`) and is like
/// nothing, as many as were sent are those, in their order.
pub fn pair(
    order: &Order,
    item: &Item,
    here: &Equivalence,
    sent: &[(Path, Option<Value>)],
    resolve: &Resolve<'_>,
) -> Pairing {
    let known = Known {
        hub: &item.content,
        there: &here.acknowledged,
        children: &here.children,
        sent,
    };
    let mut next_key = item.next_key;
    let mut fresh = || {
        let key = next_key;
        next_key = Key(key.0 + 1);
        key
    };
    let paired = known.lines(&order.lines, resolve);
    let lines: Vec<Key> = paired
        .into_iter()
        .map(|key| key.unwrap_or_else(&mut fresh))
        .collect();
    let paired = known.shipments(&order.shipments);
    let shipments: Vec<Key> = paired
        .into_iter()
        .map(|key| key.unwrap_or_else(&mut fresh))
        .collect();
    let paired = known.payments(&order.payments);
    let payments: Vec<Key> = paired
        .into_iter()
        .map(|key| key.unwrap_or_else(&mut fresh))
        .collect();

    let mut children = here.children.clone();
    for (line, key) in order.lines.iter().zip(&lines) {
        remember(&mut children, Part::Line(*key), line.remote_id.as_ref());
    }
    for (shipment, key) in order.shipments.iter().zip(&shipments) {
        remember(&mut children, Part::Shipment(*key), shipment.remote_id.as_ref());
    }
    for (payment, key) in order.payments.iter().zip(&payments) {
        remember(&mut children, Part::Payment(*key), payment.remote_id.as_ref());
    }
    let shown = shipments
        .iter()
        .map(|key| Part::Shipment(*key))
        .chain(payments.iter().map(|key| Part::Payment(*key)));
    let met = shown
        .filter(|part| known.hub.has(*part) && !known.there.has(*part))
        .collect();
    Pairing {
        lines,
        shipments,
        payments,
        next_key,
        children,
        met,
    }
}

/// Whether a record that a platform shows for the first time is what a create of ours made there, whose answer was
/// lost and whose token the platform does not keep: the same things, as many of each, for the same total, to the same
/// buyer. What one side does not say does not count.
///
/// Ask this only while the create is begun; of several records nobody can tell.
pub fn is_like(order: &Order, create: &Sending, resolve: &Resolve<'_>) -> bool {
    let said = create
        .values
        .iter()
        .filter_map(|(path, value)| Some((path.clone(), value.clone()?)));
    let sent: Content = said.collect();
    let mut ours: Vec<Key> = lines(&sent).collect();
    for theirs in &order.lines {
        let Some(same) = ours
            .iter()
            .position(|ours| is_same_line(&sent, *ours, theirs, resolve))
        else {
            return false;
        };
        ours.swap_remove(same);
    }
    let total = sent.number(&Path::detail(Detail::Total));
    let postcode = match sent.get(&Path::detail(Detail::ShippingAddress)) {
        Some(Value::Address(address)) => address.postcode.as_str(),
        _ => "",
    };
    ours.is_empty()
        && agrees(
            sent.text(&Path::detail(Detail::Currency)),
            order.currency.as_str(),
        )
        && (total.is_none() || order.totals.total.is_none() || total == order.totals.total)
        && agrees(sent.text(&Path::detail(Detail::Email)), &order.buyer.email)
        && agrees(
            &without_blanks(postcode),
            &without_blanks(&order.shipping_address.postcode),
        )
}

/// As much of the same product; of the same title where one of them is of no product, as a custom line is.
fn is_same_line(sent: &Content, key: Key, theirs: &Line, resolve: &Resolve<'_>) -> bool {
    let ours = at(Part::Line(key), Detail::Quantity);
    let is_as_much = sent.number(&ours).unwrap_or_default() == theirs.quantity;
    is_as_much
        && match (product_of(sent, key), resolve(theirs)) {
            (Some(ours), Some(theirs)) => ours == theirs,
            _ => same_text(sent.text(&at(Part::Line(key), Detail::Title)), &theirs.title),
        }
}

fn without_blanks(text: &str) -> String {
    text.split_whitespace().collect()
}

/// Finds the product of each line again that is of none: what was not in the hub when the order was read may be by
/// now. `None`: nothing new is known.
///
/// The lines are as the connection where the order was placed has them, so `resolve` is that connection's.
pub fn resolve_lines(item: &Item, resolve: &Resolve<'_>) -> Option<Item> {
    let mut found = item.clone();
    for key in lines(&item.content) {
        let product = at(Part::Line(key), Detail::Product);
        if item.content.get(&product).is_some() {
            continue;
        }
        if let Some((of, variant)) = resolve(&line(&item.content, key)) {
            found.content.put(product, Some(Value::Product(of, variant)));
        }
    }
    (found.content != item.content).then_some(found)
}

/// A line as the connection where the order was placed has it.
pub(super) fn line(content: &Content, key: Key) -> Line {
    let part = Part::Line(key);
    let text = |detail| content.text(&at(part, detail)).to_owned();
    let number = |detail| content.number(&at(part, detail));
    let (product, variant) = match content.get(&at(part, Detail::Listing)) {
        Some(Value::List(listing)) => {
            let named = |at: usize| listing.get(at).map(|name| RemoteId::from(name.clone()));
            (named(0), named(1))
        }
        _ => (None, None),
    };
    Line {
        remote_id: None,
        product,
        variant,
        sku: text(Detail::Sku),
        title: text(Detail::Title),
        quantity: number(Detail::Quantity).unwrap_or_default(),
        unit_price: number(Detail::UnitPrice),
        tax: number(Detail::Tax),
        total: number(Detail::Total),
    }
}

/// What is known of an order before a record of it is read.
struct Known<'a> {
    hub: &'a Content,
    /// What the platform showed last.
    there: &'a Content,
    children: &'a [(Part, RemoteId)],
    sent: &'a [(Path, Option<Value>)],
}

/// Whether something shown is like a part that is known.
type Alike<'a, T> = dyn Fn(&T, Part) -> bool + 'a;

impl Known<'_> {
    fn lines(&self, shown: &[Line], resolve: &Resolve<'_>) -> Vec<Option<Key>> {
        let product = |line: &Line, part| {
            let product = resolve(line).map(|(item, key)| Value::Product(item, key));
            product.is_some() && self.get(part, Detail::Product) == product.as_ref()
        };
        let titled = |line: &Line, part| {
            !line.title.is_empty() && same_text(self.text(part, Detail::Title), &line.title)
        };
        let stocked = |line: &Line, part| same_text(self.text(part, Detail::Sku), &line.sku);
        let priced = |line: &Line, part| {
            self.number(part, Detail::Quantity) == Some(line.quantity)
                && self.number(part, Detail::UnitPrice) == line.unit_price
        };
        // The same thing may be there twice, at different prices.
        let alike: [&Alike<'_, Line>; 5] = [
            &|line, part| product(line, part) && priced(line, part),
            &|line, part| titled(line, part) && stocked(line, part) && priced(line, part),
            &product,
            &|line, part| titled(line, part) && stocked(line, part),
            &titled,
        ];
        let is_line = |part: Part| matches!(part, Part::Line(_));
        self.pair(shown, |line| line.remote_id.as_ref(), is_line, &alike)
    }

    fn shipments(&self, shown: &[Shipment]) -> Vec<Option<Key>> {
        let tracked = |shipment: &Shipment, part| {
            let (number, carrier) = (&shipment.tracking_number, &shipment.carrier);
            !number.is_empty()
                && same_text(self.text(part, Detail::TrackingNumber), number)
                && agrees(self.text(part, Detail::Carrier), carrier)
        };
        // Without a name and without a number: one that was there before.
        let anonymous = |shipment: &Shipment, part| {
            shipment.remote_id.is_none()
                && shipment.tracking_number.is_empty()
                && self.there.has(part)
                && self.text(part, Detail::TrackingNumber).is_empty()
                && agrees(self.text(part, Detail::Carrier), &shipment.carrier)
        };
        let is_shipment = |part: Part| matches!(part, Part::Shipment(_));
        self.pair(
            shown,
            |shipment| shipment.remote_id.as_ref(),
            is_shipment,
            &[&tracked, &anonymous],
        )
    }

    fn payments(&self, shown: &[Payment]) -> Vec<Option<Key>> {
        let referred = |payment: &Payment, part| {
            !payment.reference.is_empty() && same_text(self.text(part, Detail::Reference), &payment.reference)
        };
        let paid = |payment: &Payment, part| {
            self.number(part, Detail::Amount) == payment.amount
                && same_text(self.text(part, Detail::Method), &payment.method)
                && agrees(self.text(part, Detail::Reference), &payment.reference)
        };
        let is_payment = |part: Part| matches!(part, Part::Payment(_));
        self.pair(
            shown,
            |payment| payment.remote_id.as_ref(),
            is_payment,
            &[&referred, &paid],
        )
    }

    fn pair<T>(
        &self,
        shown: &[T],
        id: impl Fn(&T) -> Option<&RemoteId>,
        is_kind: impl Fn(Part) -> bool,
        alike: &[&Alike<'_, T>],
    ) -> Vec<Option<Key>> {
        let mut named: Vec<&(Part, RemoteId)> = self
            .children
            .iter()
            .filter(|(part, name)| is_kind(*part) && !name.0.is_empty())
            .collect();
        let mut find = |shown: &T| {
            let id = id(shown)?;
            let at = named.iter().position(|(_, name)| name == id)?;
            Some(named.remove(at).0)
        };
        let mut paired: Vec<Option<Part>> = shown.iter().map(&mut find).collect();
        let mut free: Vec<Part> = self.hub.parts().filter(|part| is_kind(*part)).collect();
        free.extend(
            self.there
                .parts()
                .filter(|part| is_kind(*part) && !self.hub.has(*part)),
        );
        free.retain(|part| !paired.contains(&Some(*part)));
        // What was there before is looked for first.
        free.sort_by_key(|part| !self.there.has(*part));
        for alike in alike {
            for (shown, part) in shown.iter().zip(&mut paired).filter(|(_, part)| part.is_none()) {
                *part = free
                    .iter()
                    .position(|held| alike(shown, *held))
                    .map(|at| free.remove(at));
            }
        }
        let mut brought: Vec<Part> = free
            .into_iter()
            .filter(|part| self.was_sent(*part) && !self.there.has(*part))
            .collect();
        brought.sort();
        if brought.len() == paired.iter().filter(|part| part.is_none()).count() {
            let mut brought = brought.into_iter();
            for part in paired.iter_mut().filter(|part| part.is_none()) {
                *part = brought.next();
            }
        }
        paired.into_iter().map(|part| part.and_then(Part::key)).collect()
    }

    fn was_sent(&self, part: Part) -> bool {
        let exists = |(path, value): &(Path, Option<Value>)| {
            path.part == part && path.leaf == crate::content::Leaf::Exists && value.is_some()
        };
        self.sent.iter().any(exists)
    }

    /// What a part says there, or else in the hub.
    fn get(&self, part: Part, detail: Detail) -> Option<&Value> {
        let path = at(part, detail);
        let there = self.there.get(&path);
        there.or_else(|| self.hub.get(&path))
    }

    fn text(&self, part: Part, detail: Detail) -> &str {
        match self.get(part, detail) {
            Some(Value::Text(text)) => text,
            _ => "",
        }
    }

    fn number(&self, part: Part, detail: Detail) -> Option<Decimal> {
        match self.get(part, detail) {
            Some(Value::Number(number)) => Some(*number),
            _ => None,
        }
    }
}

fn remember(children: &mut Vec<(Part, RemoteId)>, part: Part, id: Option<&RemoteId>) {
    let name = id.cloned().unwrap_or_else(|| RemoteId::from(String::new()));
    match children.iter_mut().find(|(known, _)| *known == part) {
        Some(child) => child.1 = name,
        None => children.push((part, name)),
    }
}

fn same_text(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

/// They do not say different things.
fn agrees(one: &str, other: &str) -> bool {
    one.trim().is_empty() || other.trim().is_empty() || same_text(one, other)
}

/// The variant that a line of an order is of.
pub(super) fn product_of(content: &Content, key: Key) -> Option<(ItemId, Key)> {
    match content.get(&at(Part::Line(key), Detail::Product)) {
        Some(Value::Product(item, variant)) => Some((*item, *variant)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
