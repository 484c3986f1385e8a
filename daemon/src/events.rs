//! What just happened, for everybody who listens: the last events in memory, and nothing per listener.

use crate::figures::Figures;
use shared::api::Event;
use std::{
    collections::VecDeque,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};
use tokio::sync::watch;

/// How many events are kept for listeners that come back or fall behind.
const KEPT: usize = 1024;

/// Where events are published and listened to. Clones share their events.
#[derive(Clone, Debug)]
pub struct Events {
    /// Names this start of the daemon: numbers begin anew with each.
    start: Arc<str>,
    kept: watch::Sender<Kept>,
}

/// The newest events; the last one's number is `newest`, and numbers have no gaps.
#[derive(Debug, Default)]
struct Kept {
    events: VecDeque<Arc<Told>>,
    newest: u64,
    figures: Figures,
}

/// An event as it goes over the wire.
#[derive(Debug, PartialEq, Eq)]
pub struct Told {
    /// What a listener hands back in order to go on after this event.
    pub id: String,
    pub name: &'static str,
    /// JSON on one line.
    pub data: String,
}

/// One listener, and how far it has heard.
#[derive(Debug)]
pub struct Subscription {
    start: Arc<str>,
    kept: watch::Receiver<Kept>,
    /// `None`: it asked for events that are no longer kept, or that another start of the daemon published.
    heard: Option<u64>,
}

/// What a listener is told next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Batch {
    Events(Vec<Arc<Told>>),
    /// Something was missed: what the listener shows has to be loaded again. Goes on after the event `id`.
    Reset {
        id: String,
    },
}

impl Events {
    #[expect(clippy::new_without_default, reason = "each is different: it names its start")]
    pub fn new() -> Self {
        let since_1970 = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_micros();
        Self {
            start: format!("{since_1970:x}").into(),
            kept: watch::Sender::new(Kept::default()),
        }
    }

    /// Tells every listener. Never waits, and forgets the oldest event when too many are kept.
    pub fn publish(&self, event: &Event) {
        let data = serde_json::to_string(event).expect("events are plain data with string keys");
        self.kept.send_modify(|kept| {
            kept.newest += 1;
            kept.figures.count(event);
            if kept.events.len() == KEPT {
                kept.events.pop_front();
            }
            kept.events.push_back(Arc::new(Told {
                id: id(&self.start, kept.newest),
                name: name(event),
                data,
            }));
        });
    }

    /// What the events so far add up to.
    pub fn figures(&self) -> Figures {
        self.kept.borrow().figures.clone()
    }

    /// Listens from now on, or from after the event with the id `last`.
    pub fn subscribe(&self, last: Option<&str>) -> Subscription {
        let kept = self.kept.subscribe();
        let newest = kept.borrow().newest;
        let heard = match last {
            None => Some(newest),
            Some(last) => number(&self.start, last).filter(|heard| *heard <= newest),
        };
        Subscription {
            start: self.start.clone(),
            kept,
            heard,
        }
    }
}

impl Subscription {
    /// What to hand back in order to go on from here.
    pub fn id(&self) -> String {
        let heard = self.heard.unwrap_or_else(|| self.kept.borrow().newest);
        id(&self.start, heard)
    }

    /// Waits for what comes next. `None`: nothing will come any more. Loses nothing when dropped while waiting.
    pub async fn next(&mut self) -> Option<Batch> {
        loop {
            if let Some(batch) = self.missed() {
                return Some(batch);
            }
            self.kept.changed().await.ok()?;
        }
    }

    fn missed(&mut self) -> Option<Batch> {
        let kept = self.kept.borrow_and_update();
        let forgotten = kept.newest - kept.events.len() as u64;
        match self.heard.replace(kept.newest) {
            Some(heard) if heard == kept.newest => None,
            Some(heard) if heard >= forgotten => {
                let known = usize::try_from(heard - forgotten).expect("fewer than are kept");
                Some(Batch::Events(kept.events.iter().skip(known).cloned().collect()))
            }
            Some(_) | None => Some(Batch::Reset {
                id: id(&self.start, kept.newest),
            }),
        }
    }
}

fn id(start: &str, number: u64) -> String {
    format!("{start}-{number}")
}

fn number(start: &str, id: &str) -> Option<u64> {
    id.strip_prefix(start)?.strip_prefix('-')?.parse().ok()
}

/// The variant's name, as it is also in the event's JSON.
fn name(event: &Event) -> &'static str {
    match event {
        Event::Connection { .. } => "connection",
        Event::Gone { .. } => "gone",
        Event::Job { .. } => "job",
        Event::Product { .. } => "product",
        Event::Order { .. } => "order",
        Event::Issue { .. } => "issue",
        Event::Config { .. } => "config",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::ids::ItemId;

    fn product(id: u64) -> Event {
        Event::Product {
            ids: vec![ItemId(id)],
        }
    }

    async fn heard(subscription: &mut Subscription) -> Vec<String> {
        match subscription.next().await {
            Some(Batch::Events(events)) => events.iter().map(|told| told.data.clone()).collect(),
            other => panic!("expected events, got {other:?}"),
        }
    }

    fn json(ids: impl IntoIterator<Item = u64>) -> Vec<String> {
        ids.into_iter()
            .map(|id| format!(r#"{{"event":"product","ids":["{id}"]}}"#))
            .collect()
    }

    #[tokio::test]
    async fn a_listener_hears_what_is_published_after_it_came() {
        let events = Events::new();
        events.publish(&product(1));
        let mut listener = events.subscribe(None);
        events.publish(&product(2));
        events.publish(&product(3));
        assert_eq!(heard(&mut listener).await, json([2, 3]));
        events.publish(&product(4));
        assert_eq!(heard(&mut listener).await, json([4]));
    }

    #[tokio::test]
    async fn a_listener_that_comes_back_hears_what_it_missed() {
        let events = Events::new();
        let first = events.subscribe(None).id();
        for id in 1..=KEPT as u64 {
            events.publish(&product(id));
        }
        let mut listener = events.subscribe(Some(&first));
        assert_eq!(heard(&mut listener).await, json(1..=KEPT as u64));
    }

    #[tokio::test]
    async fn a_listener_that_missed_more_than_is_kept_is_reset_and_goes_on() {
        let events = Events::new();
        let mut slow = events.subscribe(None);
        let first = slow.id();
        for id in 0..=KEPT as u64 {
            events.publish(&product(id));
        }
        let newest = events.subscribe(None).id();
        let others = [first.as_str(), "of-another-start-7", "", "-1"];
        let mut listeners: Vec<_> = others.iter().map(|last| events.subscribe(Some(last))).collect();
        listeners.push(events.subscribe(Some(&format!("{}-99999", events.start))));
        for listener in listeners.iter_mut().chain([&mut slow]) {
            let reset = Batch::Reset { id: newest.clone() };
            assert_eq!(listener.next().await, Some(reset));
        }
        events.publish(&product(7));
        assert_eq!(heard(&mut slow).await, json([7]));
    }

    #[tokio::test]
    async fn a_listener_ends_with_its_events() {
        let events = Events::new();
        let mut listener = events.subscribe(None);
        drop(events);
        assert_eq!(listener.next().await, None);
    }

    #[test]
    fn the_name_of_an_event_is_the_name_in_its_json() {
        let config = Event::Config {
            config: shared::api::ConfigState {
                files: vec![],
                fault: None,
            },
        };
        let order = Event::Order { ids: vec![ItemId(1)] };
        for event in [product(1), order, config] {
            let json = serde_json::to_value(&event).unwrap();
            assert_eq!(json["event"], name(&event));
        }
    }
}
