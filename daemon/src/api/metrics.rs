//! Figures for Prometheus. Names stay as they are: people draw charts and set alarms by them.

use super::{App, Daemon, aside, issues, items::View, refusal::Refusal};
use crate::{
    figures::{Figures, Records},
    store::{ConnectionState as Kept, Place, StoreError},
};
use axum::{extract::State, http::header, response::IntoResponse};
use shared::{
    api::{Connection, ConnectionState, QueuedOf},
    ids::ConnectionId,
    issue::Severity,
    set::{Pending, Set},
    time::Time,
};
use std::{fmt::Write, fs};

/// Figures for Prometheus.
///
/// Ages are in seconds since something last went well; what never did has none, so alarm on `absent` as well.
#[utoipa::path(get, path = "/metrics", tag = "daemon",
    responses((status = OK, description = "Prometheus' text format.", body = str, content_type = "text/plain")))]
pub(super) async fn metrics(State(app): Daemon) -> Result<impl IntoResponse, Refusal> {
    let text = aside(move || Ok(figures(&app)?)).await?;
    let mime = "text/plain; version=0.0.4; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, mime)], text))
}

/// Prometheus' text format as it grows.
#[derive(Default)]
struct Text(String);

type Sample = (Vec<(&'static str, String)>, u64);

impl Text {
    /// One figure with its samples; `name` without what all names begin with.
    fn figure(&mut self, name: &str, kind: &str, help: &str, samples: impl IntoIterator<Item = Sample>) {
        const TAKES: &str = "a string takes everything";
        let text = &mut self.0;
        write!(
            text,
            "# HELP click2sync_{name} {help}\n# TYPE click2sync_{name} {kind}\n"
        )
        .expect(TAKES);
        for (labels, number) in samples {
            // Ids, marks and states: nothing in them has to be escaped.
            let labels: Vec<String> = labels
                .into_iter()
                .map(|(label, value)| format!("{label}=\"{value}\""))
                .collect();
            match labels.as_slice() {
                [] => writeln!(text, "click2sync_{name} {number}"),
                _ => writeln!(text, "click2sync_{name}{{{}}} {number}", labels.join(",")),
            }
            .expect(TAKES);
        }
    }

    fn gauge(&mut self, name: &str, help: &str, samples: impl IntoIterator<Item = Sample>) {
        self.figure(name, "gauge", help, samples);
    }

    fn counter(&mut self, name: &str, help: &str, samples: impl IntoIterator<Item = Sample>) {
        self.figure(name, "counter", help, samples);
    }
}

/// The only sample of a figure.
fn plain(number: u64) -> [Sample; 1] {
    [(Vec::new(), number)]
}

/// A connection with what only the store knows of it.
struct Seen {
    shown: Connection,
    kept: Kept,
    issues: [(Severity, u64); 3],
    oversell: u64,
}

fn figures(app: &App) -> Result<String, StoreError> {
    let mut text = Text::default();
    of_daemon(app, &mut text)?;
    let seen = look(app)?;
    of_connections(&seen, app.hub.clock.now(), &mut text);
    of_platforms(app, &seen, &mut text);
    of_work(&app.events.figures(), &mut text);
    Ok(text.0)
}

fn of_daemon(app: &App, text: &mut Text) -> Result<(), StoreError> {
    let reader = app.hub.store.read()?;
    let asked = reader.jobs()?.next().transpose()?.map_or(0, |newest| newest.id.0);
    let version = vec![("version", env!("CARGO_PKG_VERSION").to_owned())];
    let started = u64::try_from(app.hub.started.0 / 1000).unwrap_or(0);
    let faults = app
        .config
        .state
        .borrow()
        .files
        .iter()
        .map(|file| file.faults.len() as u64)
        .sum();
    text.gauge("build_info", "The version that runs.", [(version, 1)]);
    text.gauge(
        "start_time_seconds",
        "When the daemon started, since 1970.",
        plain(started),
    );
    let uptime = app.hub.clock.now().since(app.hub.started).as_secs();
    text.gauge("uptime_seconds", "How long the daemon runs.", plain(uptime));
    text.gauge(
        "store_bytes",
        "What the store takes on disk.",
        plain(app.hub.store.file_bytes()),
    );
    text.gauge(
        "store_stuck",
        "Whether the disk takes nothing at present, so that jobs wait.",
        plain(u64::from(app.hub.store.trouble().is_some())),
    );
    text.gauge(
        "resident_memory_bytes",
        "Memory of the daemon that is in use; not told where the system does not.",
        resident_memory().into_iter().flat_map(plain),
    );
    text.gauge(
        "config_faults",
        "Faults in config files; the last good settings stay.",
        plain(faults),
    );
    text.gauge("products", "Products of the hub.", plain(reader.count_all()?));
    text.gauge(
        "orders",
        "Sales orders of the hub.",
        plain(reader.all_orders()?.len()),
    );
    text.counter("jobs_total", "Jobs that were ever asked for.", plain(asked));
    Ok(())
}

fn look(app: &App) -> Result<Vec<Seen>, StoreError> {
    let view = View::of(app)?;
    let mut all = Vec::new();
    for shown in app.hub.status.connections()? {
        let Some(place) = view.places.of(&shown.id) else {
            // It was only just configured.
            continue;
        };
        let mut issues = [Severity::Notice, Severity::Warning, Severity::Error].map(|each| (each, 0));
        issues::each(&view, place, |_, issue| {
            let same = issues
                .iter_mut()
                .find(|(severity, _)| *severity == issue.severity);
            same.expect("every severity is counted").1 += 1;
            Ok(())
        })?;
        all.push(Seen {
            kept: view.reader.connection(&shown.id)?.unwrap_or_default(),
            oversell: oversell(&view, place)?,
            issues,
            shown,
        });
    }
    Ok(all)
}

/// Products that are out of stock or nearly so, and whose connection has not heard the last of it: what may be sold
/// there although it is gone.
fn oversell(view: &View, place: &Place) -> Result<u64, StoreError> {
    let id = &place.policy.connection;
    let members = |set: Set| view.reader.members(&set.to_string());
    let untold = members(Set::Pending {
        what: Pending::Updates,
        at: id.to_string(),
    })?;
    let scarce = members(Set::Stock("out".to_owned()))? | members(Set::Stock("low".to_owned()))?;
    Ok((untold & scarce).len())
}

fn of_connections(all: &[Seen], now: Time, text: &mut Text) {
    let here = |id: &ConnectionId| ("connection", id.to_string());
    let each = |figure: &dyn Fn(&Seen) -> Option<u64>| -> Vec<Sample> {
        let told = all
            .iter()
            .filter_map(|seen| Some((vec![here(&seen.shown.id)], figure(seen)?)));
        told.collect()
    };
    let age = |at: Option<Time>| at.map(|at| now.since(at).as_secs());
    let states = [
        ("idle", ConnectionState::Idle),
        ("running", ConnectionState::Running),
        ("paused", ConnectionState::Paused),
        ("halted", ConnectionState::Halted),
        ("error", ConnectionState::Error),
    ];
    let state = all.iter().flat_map(|seen| {
        states.iter().map(move |(name, state)| {
            let labels = vec![here(&seen.shown.id), ("state", (*name).to_owned())];
            (labels, u64::from(seen.shown.state == *state))
        })
    });
    text.gauge(
        "connection_state",
        "1 for the state that the connection is in.",
        state,
    );
    text.gauge(
        "connection_needs_you",
        "Whether its last job failed or a guard halted it.",
        each(&|seen| {
            let state = seen.shown.state;
            Some(u64::from(matches!(
                state,
                ConnectionState::Halted | ConnectionState::Error
            )))
        }),
    );
    text.gauge(
        "fetch_age_seconds",
        "Staleness: since the last fetch that succeeded.",
        each(&|seen| age(seen.shown.last_fetch)),
    );
    text.gauge(
        "send_age_seconds",
        "Since the last send that succeeded.",
        each(&|seen| age(seen.shown.last_send)),
    );
    text.gauge(
        "full_fetch_age_seconds",
        "Since every product was last read, which finds what vanished or never said that it changed.",
        each(&|seen| age(seen.kept.products.last_full)),
    );
    text.gauge(
        "connection_products",
        "Live products.",
        each(&|seen| Some(seen.shown.counts.products)),
    );
    text.gauge(
        "connection_orders",
        "Live sales orders.",
        each(&|seen| Some(seen.shown.counts.orders)),
    );
    let pending = |queued: &dyn Fn(&Seen) -> QueuedOf| -> Vec<Sample> {
        let told = all.iter().flat_map(|seen| {
            let QueuedOf { create, update, held } = queued(seen);
            [("create", create), ("update", update), ("held", held)]
                .map(|(mark, count)| (vec![here(&seen.shown.id), ("mark", mark.to_owned())], count))
        });
        told.collect()
    };
    text.gauge(
        "pending_products",
        "Drift: products that wait to be sent, or for a choice.",
        pending(&|seen| seen.shown.queued.products),
    );
    text.gauge(
        "pending_orders",
        "Drift: sales orders that wait to be sent, or for a choice.",
        pending(&|seen| seen.shown.queued.orders),
    );
    text.gauge(
        "oversell_risk_products",
        "Products that are out of stock or low while a change of theirs waits to be sent.",
        each(&|seen| Some(seen.oversell)),
    );
    let issues = all.iter().flat_map(|seen| {
        seen.issues.map(|(severity, count)| {
            let name = match severity {
                Severity::Notice => "notice",
                Severity::Warning => "warning",
                Severity::Error => "error",
            };
            (vec![here(&seen.shown.id), ("severity", name.to_owned())], count)
        })
    });
    text.gauge("issues", "Open issues.", issues);
}

/// What went to platforms that are spoken to over HTTP, and came back.
fn of_platforms(app: &App, all: &[Seen], text: &mut Text) {
    let spoken: Vec<_> = all
        .iter()
        .filter_map(|seen| {
            let traffic = app.hub.runners().get(&seen.shown.id)?.traffic.counted();
            (traffic.at_once > 0 || traffic.calls() > 0).then(|| (seen.shown.id.to_string(), traffic))
        })
        .collect();
    let requests = spoken.iter().flat_map(|(id, traffic)| {
        let answered = ["1xx", "2xx", "3xx", "4xx", "5xx"]
            .into_iter()
            .zip(traffic.answered);
        answered
            .chain([("none", traffic.unanswered)])
            .map(|(status, count)| {
                let labels = vec![("connection", id.clone()), ("status", status.to_owned())];
                (labels, count)
            })
    });
    text.counter(
        "platform_requests_total",
        "Requests to platforms since the daemon started, by what they were answered; none: by nothing that was complete.",
        requests,
    );
    let here = |id: &String| vec![("connection", id.clone())];
    let waited = |time: std::time::Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    text.counter(
        "platform_wait_milliseconds_total",
        "How long requests waited for their turn, so that the platform is not asked faster than it takes.",
        spoken
            .iter()
            .map(|(id, traffic)| (here(id), waited(traffic.waited))),
    );
    text.gauge(
        "platform_requests_at_once",
        "How many requests are made at once at present, as far as the platform was found to take.",
        spoken.iter().map(|(id, traffic)| (here(id), traffic.at_once)),
    );
}

fn of_work(figures: &Figures, text: &mut Text) {
    let Figures { jobs, records, .. } = figures;
    let ended = jobs.iter().map(|((connection, kind, status), count)| {
        let labels = [
            ("connection", connection.to_string()),
            ("kind", (*kind).to_owned()),
            ("status", (*status).to_owned()),
        ];
        (labels.to_vec(), *count)
    });
    text.counter(
        "jobs_ended_total",
        "Jobs that ended, or that a guard halted, since the daemon started.",
        ended,
    );
    let done = records.iter().flat_map(|(connection, records)| {
        let Records {
            scanned,
            new,
            changed,
            vanished,
            created,
            updated,
            failed,
        } = *records;
        [
            ("scanned", scanned),
            ("new", new),
            ("changed", changed),
            ("vanished", vanished),
            ("created", created),
            ("updated", updated),
            ("failed", failed),
        ]
        .map(|(what, count)| {
            (
                vec![("connection", connection.to_string()), ("what", what.to_owned())],
                count,
            )
        })
    });
    text.counter(
        "records_total",
        "Records that jobs read (scanned, new, changed, vanished) or wrote (created, updated, failed) since the daemon \
         started.",
        done,
    );
}

/// As Linux tells it.
fn resident_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}
