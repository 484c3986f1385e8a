//! What all pages share, as signals that the live stream patches.

use crate::{
    client::{self, Failure},
    format, words,
};
use leptos::{prelude::*, task::spawn_local};
use shared::{
    api::{self, ConfigState, Connection, Event, JobAnswer, List},
    ids::{ConnectionId, ItemId, JobId, Kind},
    job::{Job, JobKind},
    time::Time,
};
use std::time::Duration;

/// Handles to the shared signals; a copy is the same state.
#[derive(Clone, Copy)]
pub(crate) struct Console {
    /// In the order of their ids. `None`: not read yet.
    pub(crate) connections: RwSignal<Option<Vec<Connection>>>,
    /// The newest jobs, newest first. `None`: not read yet.
    pub(crate) jobs: RwSignal<Option<Vec<Job>>>,
    pub(crate) config: RwSignal<Option<ConfigState>>,
    /// Products of the hub.
    pub(crate) products: RwSignal<Option<u64>>,
    /// Why the last reading came to nothing.
    pub(crate) failure: RwSignal<Option<Failure>>,
    /// The daemon wants its token before it says anything.
    pub(crate) locked: RwSignal<bool>,
    pub(crate) live: RwSignal<Live>,
    /// The time that sentences such as "4 min ago" are about.
    pub(crate) now: RwSignal<Time>,
    pub(crate) touched: Both<RwSignal<Touched>>,
    /// Counts up when issues change.
    pub(crate) issues_changed: RwSignal<u64>,
    pub(crate) dialog: RwSignal<Option<Dialog>>,
    pub(crate) toasts: RwSignal<Vec<Toast>>,
    /// Jobs that this page asked for: their outcome is told.
    asked: StoredValue<Vec<JobId>>,
    next_toast: StoredValue<u64>,
    /// A count of the products is on its way.
    counting: StoredValue<bool>,
}

/// Whether what is shown follows the daemon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Live {
    Connecting,
    Connected,
    Lost,
}

/// The same for products and for orders.
#[derive(Clone, Copy)]
pub(crate) struct Both<T> {
    pub(crate) products: T,
    pub(crate) orders: T,
}

impl<T: Copy> Both<T> {
    pub(crate) fn of(self, kind: Kind) -> T {
        match kind {
            Kind::Products => self.products,
            Kind::Orders => self.orders,
        }
    }
}

/// Which items changed last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Touched {
    pub(crate) times: u64,
    /// Empty: too many to name.
    pub(crate) ids: Vec<ItemId>,
}

impl Touched {
    pub(crate) fn concerns(&self, id: ItemId) -> bool {
        self.ids.is_empty() || self.ids.contains(&id)
    }
}

/// The dialog that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Dialog {
    Send(ConnectionId),
    Settings(ConnectionId),
    Stats(ConnectionId),
    Job(JobId),
    Keys,
}

/// A short message about something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Toast {
    pub(crate) id: u64,
    pub(crate) tone: Tone,
    pub(crate) text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Good,
    Bad,
}

/// How many jobs are kept at hand.
const JOBS: usize = 100;
const TOAST: Duration = Duration::from_secs(8);
const TICK: Duration = Duration::from_secs(5);

/// The shared state. Only within `App`, which provides it.
pub(crate) fn console() -> Console {
    expect_context()
}

impl Console {
    pub(crate) fn new() -> Self {
        let console = Self {
            connections: RwSignal::new(None),
            jobs: RwSignal::new(None),
            config: RwSignal::new(None),
            products: RwSignal::new(None),
            failure: RwSignal::new(None),
            locked: RwSignal::new(false),
            live: RwSignal::new(Live::Connecting),
            now: RwSignal::new(format::now()),
            touched: Both {
                products: RwSignal::default(),
                orders: RwSignal::default(),
            },
            issues_changed: RwSignal::new(0),
            dialog: RwSignal::new(None),
            toasts: RwSignal::default(),
            asked: StoredValue::default(),
            next_toast: StoredValue::new(0),
            counting: StoredValue::new(false),
        };
        set_interval(move || console.now.set(format::now()), TICK);
        console
    }

    /// One connection, as long as it exists; afterwards, as it last was.
    pub(crate) fn connection(self, id: ConnectionId) -> Memo<Option<Connection>> {
        Memo::new(move |last: Option<&Option<Connection>>| {
            let connections = self.connections.read();
            let found = connections
                .iter()
                .flatten()
                .find(|connection| connection.id == id);
            found.cloned().or_else(|| last.cloned().flatten())
        })
    }

    /// What people call a connection.
    pub(crate) fn name_of(self, id: &ConnectionId) -> String {
        let connections = self.connections.read();
        let found = connections
            .iter()
            .flatten()
            .find(|connection| connection.id == *id);
        found.map_or_else(|| id.to_string(), |connection| connection.name.clone())
    }

    /// The same for an id that comes from an address.
    pub(crate) fn name_of_text(self, id: &str) -> String {
        ConnectionId::parse(id).map_or_else(|_| id.to_owned(), |id| self.name_of(&id))
    }

    /// Reads everything again. What is shown stays until the answers are there.
    pub(crate) fn reload(self) {
        self.read_connections();
        spawn_local(async move {
            if let Ok(config) = client::get::<ConfigState>("/api/v1/config").await {
                self.config.set(Some(config));
            }
        });
        spawn_local(async move {
            let address = format!("/api/v1/jobs?limit={JOBS}");
            if let Ok(list) = client::get::<List<Job>>(&address).await {
                self.jobs.set(Some(list.items));
            }
        });
        self.recount();
        self.touch(Kind::Products, Vec::new());
        self.touch(Kind::Orders, Vec::new());
        self.issues_changed.update(|times| *times += 1);
    }

    /// Reads the connections again; so it also learns whether the daemon wants its token.
    pub(crate) fn read_connections(self) {
        spawn_local(async move {
            let answer = client::get::<List<Connection>>("/api/v1/connections").await;
            let locked = matches!(&answer, Err(failure) if failure.wants_token());
            if self.locked.get_untracked() != locked {
                self.locked.set(locked);
            }
            match answer {
                Ok(list) => {
                    self.failure.set(None);
                    self.connections.set(Some(list.items));
                }
                Err(failure) => self.failure.set(Some(failure)),
            }
        });
    }

    /// Puts an event of the live stream where it belongs.
    pub(crate) fn apply(self, event: Event) {
        match event {
            Event::Connection { connection } => self.connections.update(|all| {
                let Some(all) = all else { return };
                match all.binary_search_by(|known| known.id.cmp(&connection.id)) {
                    Ok(at) => all[at] = *connection,
                    Err(at) => all.insert(at, *connection),
                }
            }),
            Event::Gone { id } => self.connections.update(|all| {
                if let Some(all) = all {
                    all.retain(|connection| connection.id != id);
                }
            }),
            Event::Job { job } => self.take_job(*job),
            Event::Product { ids } => {
                self.recount();
                self.touch(Kind::Products, ids);
            }
            Event::Order { ids } => self.touch(Kind::Orders, ids),
            Event::Issue { connection, open } => {
                self.connections.update(|all| {
                    let known = all
                        .iter_mut()
                        .flatten()
                        .find(|known| connection.as_ref() == Some(&known.id));
                    if let Some(known) = known {
                        known.issues = open;
                    }
                });
                self.issues_changed.update(|times| *times += 1);
            }
            Event::Config { config } => self.config.set(Some(config)),
        }
    }

    /// Asks for a job.
    pub(crate) fn request(self, connection: ConnectionId, kind: JobKind) {
        spawn_local(async move {
            self.run(&connection, kind).await;
        });
    }

    /// Asks for a job and says which one it became.
    pub(crate) async fn run(self, connection: &ConnectionId, kind: JobKind) -> Option<JobId> {
        let body = Some(r#"{"trigger":"console"}"#.to_owned());
        match client::post::<JobAnswer>(&api::job_path(connection, kind), body).await {
            Ok(JobAnswer { job }) => {
                let id = job.id;
                self.asked.update_value(|asked| asked.push(id));
                self.take_job(job);
                Some(id)
            }
            Err(failure) => {
                self.say(Tone::Bad, failure.message());
                None
            }
        }
    }

    /// Posts to `address` and tells when that failed.
    pub(crate) fn tell(self, address: String) {
        spawn_local(async move {
            if let Err(failure) = client::tell(&address, None).await {
                self.say(Tone::Bad, failure.message());
            }
        });
    }

    /// Asks for a job at an address of its own and tells what became of it.
    pub(crate) fn tell_as_console(self, address: String) {
        spawn_local(async move {
            let body = Some(r#"{"trigger":"console"}"#.to_owned());
            match client::post::<JobAnswer>(&address, body).await {
                Ok(JobAnswer { job }) => self.take_job(job),
                Err(failure) => self.say(Tone::Bad, failure.message()),
            }
        });
    }

    pub(crate) fn job(self, id: JobId) -> Memo<Option<Job>> {
        Memo::new(move |_| {
            self.jobs
                .read()
                .iter()
                .flatten()
                .find(|job| job.id == id)
                .cloned()
        })
    }

    /// Shows a message for a while.
    pub(crate) fn say(self, tone: Tone, text: String) {
        let id = self.next_toast.get_value();
        self.next_toast.set_value(id + 1);
        self.toasts.update(|toasts| toasts.push(Toast { id, tone, text }));
        set_timeout(move || self.unsay(id), TOAST);
    }

    pub(crate) fn unsay(self, id: u64) {
        self.toasts.update(|toasts| toasts.retain(|toast| toast.id != id));
    }

    /// Keeps a job's newest state; the answer to a request may come after the event that it ended.
    fn take_job(self, job: Job) {
        let over = job.status.is_over();
        let known = self.jobs.with_untracked(|jobs| {
            jobs.iter()
                .flatten()
                .any(|known| known.id == job.id && known.status.is_over())
        });
        if known && !over {
            return;
        }
        let asked = self.asked.with_value(|asked| asked.contains(&job.id));
        if over && asked {
            self.asked.update_value(|asked| asked.retain(|id| *id != job.id));
            let (tone, text) = words::job_ended(&job, &untrack(|| self.name_of(&job.connection)));
            self.say(tone, text);
        }
        self.jobs.update(|jobs| {
            let Some(jobs) = jobs else { return };
            // The newest first.
            match jobs.binary_search_by(|known| job.id.cmp(&known.id)) {
                Ok(at) => jobs[at] = job,
                Err(at) => {
                    jobs.insert(at, job);
                    jobs.truncate(JOBS);
                }
            }
        });
    }

    fn touch(self, kind: Kind, ids: Vec<ItemId>) {
        self.touched.of(kind).update(|touched| {
            touched.times += 1;
            touched.ids = ids;
        });
    }

    /// Counts the hub's products again; a burst of changes is counted once.
    fn recount(self) {
        if self.counting.get_value() {
            return;
        }
        self.counting.set_value(true);
        let count = move || {
            self.counting.set_value(false);
            spawn_local(async move {
                if let Ok(list) = client::get::<List<api::Product>>("/api/v1/products?limit=1").await {
                    self.products.set(Some(list.total));
                }
            });
        };
        let wait = if self.products.with_untracked(Option::is_none) {
            0
        } else {
            500
        };
        set_timeout(count, Duration::from_millis(wait));
    }
}
