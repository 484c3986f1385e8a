//! Watches over the store's disk: tells of its trouble once, and tries again and again whether it is over.

use crate::{apart::apart, changed::Changed, clock::Clock, events::Events, server::stopped, store::Store};
use shared::{
    api::Event,
    issue::{Code, Issue, Severity},
};
use std::{pin::pin, sync::Arc, time::Duration};
use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{Instant, sleep},
};

/// Between two tries, at first and at most: each is twice as long after the one before.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));
/// A disk that fails again so soon after it worked was never well, so that is nothing new.
const RELAPSE: Duration = Duration::from_secs(60);

/// Starts watching. The answer follows what is wrong at present, as an issue of the daemon as a whole.
pub fn watch(
    store: Arc<Store>,
    clock: Clock,
    events: Events,
    changed: Changed,
    stop: watch::Receiver<bool>,
) -> (watch::Receiver<Option<Issue>>, JoinHandle<()>) {
    let (tell, told) = watch::channel(None);
    let mending = Mending {
        store,
        clock,
        events,
        changed,
        tell,
    };
    let task = tokio::spawn(async move {
        let mut stopping = pin!(stopped(stop));
        tokio::select! {
            () = &mut stopping => {}
            () = mending.go_on() => {}
        }
    });
    (told, task)
}

struct Mending {
    store: Arc<Store>,
    clock: Clock,
    events: Events,
    changed: Changed,
    tell: watch::Sender<Option<Issue>>,
}

impl Mending {
    async fn go_on(self) {
        let mut watched = self.store.watch_trouble();
        let mut pause = PAUSES.0;
        let mut worked_since: Option<Instant> = None;
        loop {
            let trouble = match watched.wait_for(Option::is_some).await {
                Ok(trouble) => trouble.clone(),
                // The store is gone, and we hold it: it never is.
                Err(_) => return,
            };
            let message = trouble.map(|trouble| trouble.message).unwrap_or_default();
            if worked_since.is_none_or(|since| since.elapsed() > RELAPSE) {
                pause = PAUSES.0;
                tracing::error!(
                    reason = message,
                    "Nothing can be stored; jobs wait until the disk works again"
                );
            } else {
                tracing::info!(reason = message, "The disk failed again");
            }
            self.show(Some(Issue {
                code: Code::Disk,
                severity: Severity::Error,
                path: None,
                message,
                at: self.clock.now(),
            }));
            while self.store.trouble().is_some() {
                sleep(pause).await;
                pause = (pause * 2).min(PAUSES.1);
                let store = Arc::clone(&self.store);
                if let Ok(Err(error)) = apart(move || store.mend()).await {
                    tracing::debug!(reason = %error, "The disk still does not work");
                }
            }
            worked_since = Some(Instant::now());
            tracing::info!("The disk works again; jobs go on");
            self.show(None);
        }
    }

    fn show(&self, issue: Option<Issue>) {
        let open = u64::from(issue.is_some());
        self.tell.send_replace(issue);
        self.events.publish(&Event::Issue {
            connection: None,
            open,
        });
        self.changed.connections();
    }
}
