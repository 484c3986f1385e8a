//! Word that something changed, from whoever changes it to whoever tells the world.

use shared::ids::{ItemId, Kind};
use std::{
    collections::BTreeSet,
    sync::{Arc, Weak},
};
use tokio::sync::watch;

/// More changed items than these are told as "many".
const NAMED: usize = 100;

/// Says that something changed; cheap, and never waits.
#[derive(Clone, Debug)]
pub struct Changed(Arc<watch::Sender<News>>);

/// Hears what changed, until nobody can change anything any more.
#[derive(Debug)]
pub struct Listener {
    sender: Weak<watch::Sender<News>>,
    news: watch::Receiver<News>,
}

/// What changed since it was last asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct News {
    pub products: Items,
    pub orders: Items,
}

/// Which items changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Items {
    These(BTreeSet<ItemId>),
    /// Too many to name.
    Many,
}

impl Default for Items {
    fn default() -> Self {
        Self::These(BTreeSet::new())
    }
}

impl Items {
    fn add(&mut self, changed: &[ItemId]) {
        if let Self::These(items) = self {
            items.extend(changed);
            if items.len() > NAMED {
                *self = Self::Many;
            }
        }
    }
}

/// Both ends.
pub fn channel() -> (Changed, Listener) {
    let (sender, news) = watch::channel(News::default());
    let changed = Changed(Arc::new(sender));
    let sender = Arc::downgrade(&changed.0);
    (changed, Listener { sender, news })
}

impl Changed {
    /// Items changed, and with them perhaps what is pending anywhere.
    pub fn items(&self, kind: Kind, changed: &[ItemId]) {
        self.0.send_modify(|news| match kind {
            Kind::Products => news.products.add(changed),
            Kind::Orders => news.orders.add(changed),
        });
    }

    /// What is shown of any item may have changed, as when the settings did.
    pub fn everything(&self) {
        self.0.send_modify(|news| {
            *news = News {
                products: Items::Many,
                orders: Items::Many,
            };
        });
    }

    /// Something about a connection changed.
    pub fn connections(&self) {
        self.0.send_modify(|_| {});
    }
}

impl Listener {
    /// Waits until something changed. `None`: nobody is left to change anything.
    pub async fn wait(&mut self) -> Option<()> {
        self.news.changed().await.ok()
    }

    /// What changed since the last call.
    pub fn take(&mut self) -> Option<News> {
        let sender = self.sender.upgrade()?;
        let news = sender.send_replace(News::default());
        self.news.mark_unchanged();
        Some(news)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn changes_are_gathered_named_while_they_are_few_and_over_with_their_last_teller() {
        let (changed, mut listener) = channel();
        let these = |ids: &[u64]| Items::These(ids.iter().copied().map(ItemId).collect());
        let many: Vec<ItemId> = (0..=NAMED as u64).map(ItemId).collect();
        changed.items(Kind::Products, &[ItemId(2), ItemId(1)]);
        changed.clone().items(Kind::Products, &[ItemId(2)]);
        changed.items(Kind::Orders, &[ItemId(3)]);
        for (tell, products, orders) in [
            (&(|| {}) as &dyn Fn(), these(&[1, 2]), these(&[3])),
            (&|| changed.connections(), these(&[]), these(&[])),
            (&|| changed.items(Kind::Products, &many), Items::Many, these(&[])),
            (&|| changed.everything(), Items::Many, Items::Many),
        ] {
            tell();
            listener.wait().await.unwrap();
            assert_eq!(listener.take().unwrap(), News { products, orders });
        }
        drop(changed);
        assert_eq!(listener.wait().await, None);
    }
}
