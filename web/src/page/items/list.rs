//! The pages of a list that are at hand.

use crate::{
    client::{self, Failure},
    format,
    order::{Order, id, money, text, time},
    query::{Query, address_of, encode, path},
    words,
};
use leptos::{prelude::*, task::spawn_local};
use shared::{
    api::{Equivalence, List, Product},
    ids::{ConnectionId, Kind},
    mark::Mark,
    money::{Decimal, Money},
    time::Time,
};
use std::{collections::BTreeMap, sync::Arc};

/// Rows a request brings.
const PAGE: usize = 100;
/// Pages kept; those farthest from what is in sight go first.
const KEPT: usize = 24;

/// Handles to the list's state, which outlives its page so that coming back is instant.
#[derive(Clone, Copy)]
pub(crate) struct ItemList {
    pub(crate) query: RwSignal<Query>,
    /// `None`: not known yet.
    pub(crate) total: RwSignal<Option<u64>>,
    pub(crate) failure: RwSignal<Option<Failure>>,
    /// How far it is scrolled, in CSS pixels.
    pub(crate) scroll: StoredValue<f64>,
    pages: RwSignal<BTreeMap<usize, Page>>,
    /// What to ask with for page 0, 1, ...: as far as the chain of pages has been followed.
    cursors: StoredValue<Vec<Option<String>>>,
    wanted: StoredValue<(usize, usize)>,
    /// Counts the lists shown; an answer to an earlier one is dropped.
    turn: StoredValue<u64>,
    loading: StoredValue<bool>,
}

#[derive(Clone)]
struct Page {
    rows: Arc<Vec<Row>>,
    /// Something changed since it was read.
    stale: bool,
}

/// What a row shows of a product or of an order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    pub(crate) address: String,
    pub(crate) title: String,
    pub(crate) subtitle: String,
    /// The brand; or an order's status, and how far it is paid and fulfilled.
    pub(crate) about: [String; 2],
    pub(crate) amount: Option<String>,
    pub(crate) face: Face,
    pub(crate) marks: Vec<(ConnectionId, Mark)>,
    pub(crate) issues: usize,
}

/// What a row begins and ends with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Face {
    Product {
        picture: Option<String>,
        /// `None`: not counted.
        stock: Option<Decimal>,
    },
    Order {
        origin: Option<ConnectionId>,
        placed_at: Option<Time>,
    },
}

impl ItemList {
    pub(crate) fn new(kind: Kind) -> Self {
        Self {
            query: RwSignal::new(Query::all(kind)),
            total: RwSignal::new(None),
            failure: RwSignal::new(None),
            scroll: StoredValue::new(0.0),
            pages: RwSignal::new(BTreeMap::new()),
            cursors: StoredValue::new(vec![None]),
            wanted: StoredValue::new((0, 0)),
            turn: StoredValue::new(0),
            loading: StoredValue::new(false),
        }
    }

    /// The address of what it shows, to go back to.
    pub(crate) fn address(self) -> String {
        self.query.read().address()
    }

    /// Shows another list, or the same one again with what changed since.
    pub(crate) fn show(self, query: Query) {
        if *self.query.read_untracked() == query && self.total.read_untracked().is_some() {
            return self.refresh();
        }
        self.turn.update_value(|turn| *turn += 1);
        self.cursors.set_value(vec![None]);
        self.wanted.set_value((0, 0));
        self.scroll.set_value(0.0);
        self.loading.set_value(false);
        self.query.set(query);
        self.pages.update(BTreeMap::clear);
        self.total.set(None);
        self.failure.set(None);
        self.load();
    }

    /// Reads what is in sight again; what is shown stays until the answer is there.
    pub(crate) fn refresh(self) {
        self.failure.set(None);
        self.pages
            .update(|pages| pages.values_mut().for_each(|page| page.stale = true));
        self.load();
    }

    /// Says which rows are in sight, the last one excluded.
    pub(crate) fn want(self, first: usize, last: usize) {
        self.wanted
            .set_value((first / PAGE, last.saturating_sub(1).max(first) / PAGE));
        self.load();
    }

    /// A row, once it is there.
    pub(crate) fn row(self, index: usize) -> Option<Row> {
        let pages = self.pages.read();
        pages.get(&(index / PAGE))?.rows.get(index % PAGE).cloned()
    }

    /// Follows the chain of pages until all that is wanted is there; one request at a time.
    fn load(self) {
        if self.loading.get_value() {
            return;
        }
        let Some(page) = self.next_to_read() else { return };
        let turn = self.turn.get_value();
        self.loading.set_value(true);
        spawn_local(async move {
            let cursor = self
                .cursors
                .with_value(|cursors| cursors.get(page).cloned().flatten());
            let (kind, parameters) = self
                .query
                .with_untracked(|query| (query.kind, query.parameters()));
            let sort = match kind {
                Kind::Products => "created",
                Kind::Orders => "-placed",
            };
            let mut address = format!("/api/v1{}?limit={PAGE}&sort={sort}&{parameters}", path(kind));
            if let Some(cursor) = cursor {
                address = format!("{address}&cursor={}", encode(&cursor));
            }
            let answer = match kind {
                Kind::Products => client::get(&address).await.map(rows::<Product>),
                Kind::Orders => client::get(&address).await.map(rows::<Order>),
            };
            if self.turn.get_value() != turn {
                return;
            }
            self.loading.set_value(false);
            match answer {
                Ok(list) => {
                    self.take(page, list);
                    self.load();
                }
                Err(failure) => self.failure.set(Some(failure)),
            }
        });
    }

    /// The first page to ask for: one that is in sight, or the end of the chain on the way there.
    fn next_to_read(self) -> Option<usize> {
        let (first, last) = self.wanted.get_value();
        let pages = self.pages.read_untracked();
        let known = self.cursors.with_value(Vec::len);
        let missing = (first..=last).find(|page| pages.get(page).is_none_or(|page| page.stale))?;
        let ended = usize::try_from(self.total.get_untracked().unwrap_or(1))
            .is_ok_and(|total| missing * PAGE >= total.max(1));
        (!ended).then_some(missing.min(known - 1))
    }

    fn take(self, page: usize, list: List<Row>) {
        let List { items, total, next } = list;
        self.cursors
            .update_value(|cursors| match (next, cursors.len() > page + 1) {
                (Some(next), true) => cursors[page + 1] = Some(next),
                (Some(next), false) => cursors.push(Some(next)),
                (None, _) => cursors.truncate(page + 1),
            });
        let rows = Arc::new(items);
        let (from, until) = self.wanted.get_value();
        self.pages.update(|pages| {
            pages.insert(page, Page { rows, stale: false });
            while pages.len() > KEPT {
                let far = |page: &usize| from.abs_diff(*page).max(until.abs_diff(*page));
                let Some(farthest) = pages.keys().copied().max_by_key(far) else {
                    break;
                };
                pages.remove(&farthest);
            }
        });
        if self.total.get_untracked() != Some(total) {
            self.total.set(Some(total));
        }
        // A chain that ended early would be asked for its missing end for ever.
        let shown = page * PAGE + PAGE;
        if self.cursors.with_value(Vec::len) == page + 1
            && u64::try_from(shown).is_ok_and(|shown| shown < total)
        {
            let there = self
                .pages
                .with_untracked(|pages| pages.get(&page).map_or(0, |page| page.rows.len()));
            self.total.set(u64::try_from(page * PAGE + there).ok());
        }
    }
}

fn rows<T: Into<Row>>(list: List<T>) -> List<Row> {
    let List { items, total, next } = list;
    List {
        items: items.into_iter().map(Into::into).collect(),
        total,
        next,
    }
}

fn marks(equivalences: Vec<Equivalence>) -> (Vec<(ConnectionId, Mark)>, usize) {
    let issues = equivalences.iter().map(|here| here.issues.len()).sum();
    let marks = equivalences.into_iter().map(|here| (here.connection, here.mark));
    (marks.collect(), issues)
}

impl From<Product> for Row {
    fn from(product: Product) -> Self {
        let prices = product.variants.iter().filter_map(|variant| variant.price);
        // The lowest and the highest of its variants.
        let prices = prices.fold(None, |range: Option<(Money, Money)>, price| match range {
            None => Some((price, price)),
            Some((low, high)) => Some((
                if price.amount < low.amount { price } else { low },
                if price.amount > high.amount { price } else { high },
            )),
        });
        let mut quantities = product
            .variants
            .iter()
            .flat_map(|variant| variant.stock.values())
            .peekable();
        let counted = quantities.peek().is_some();
        let stock = quantities.fold(Decimal::ZERO, |sum, quantity| Decimal(sum.0 + quantity.0));
        let (marks, issues) = marks(product.equivalences);
        Self {
            address: address_of(Kind::Products, product.id),
            subtitle: words::variants_line(&product.variants),
            amount: prices.map(words::price_range),
            face: Face::Product {
                picture: product.images.into_iter().find_map(|image| image.hash),
                stock: counted.then_some(stock),
            },
            issues,
            marks,
            title: words::or_untitled(product.title),
            about: [product.brand, String::new()],
        }
    }
}

impl From<Order> for Row {
    fn from(order: Order) -> Self {
        let Order { facts, equivalences } = order;
        let (marks, issues) = marks(equivalences);
        let fact = |name: &str| text(&facts[name]);
        Self {
            address: id(&facts["id"]).map_or_else(String::new, |id| address_of(Kind::Orders, id)),
            title: fact("number").to_owned(),
            subtitle: text(&facts["buyer"]["name"]).to_owned(),
            about: [
                words::status_word(fact("status")),
                words::paid_and_fulfilled(fact("payment_status"), fact("fulfilment_status")),
            ],
            amount: money(&facts["totals"]["total"]).map(format::money),
            face: Face::Order {
                origin: ConnectionId::parse(fact("origin")).ok(),
                placed_at: time(&facts["placed_at"]),
            },
            marks,
            issues,
        }
    }
}
