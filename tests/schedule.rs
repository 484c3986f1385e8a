//! Automatic jobs, through the real scheduler and runners, with clocks that are given to them.

use crate::support::daemon::{Answer, Daemon};
use daemon::{
    clock::{Clock, Hands},
    config::{Config, ConnectionConfig},
    events::Events,
    hub::{self, Hub, Tasks},
    store::Store,
};
use hmac::{Hmac, Mac};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;
use shared::{
    ids::ConnectionId,
    job::{Job, Trigger},
    policy::{Hub as Base, Pace, Policy, Schedule, ScheduledJob, SetLimits, Times},
    sync::schedule::jitter,
    time::Time,
};
use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};
use tempfile::TempDir;
use tokio::sync::watch;

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

/// A daemon without its sockets, with one small shop, whose clock goes as fast as the test lets it.
struct World {
    hub: Hub,
    hands: Hands,
    clock: Clock,
    config: watch::Sender<Arc<Config>>,
    _stop: watch::Sender<bool>,
    _tasks: Tasks,
    _data: TempDir,
}

impl World {
    fn begin(at: &str, times: Times) -> Self {
        let (clock, hands) = Clock::simulated(time(at));
        let data = tempfile::tempdir().unwrap();
        let (config, follow) = watch::channel(Arc::new(config(times)));
        let (stop, stopping) = watch::channel(false);
        let store = Store::in_memory().unwrap();
        let started = hub::start_on(store, data.path(), clock.clone(), follow, Events::new(), stopping);
        let (hub, tasks) = started.unwrap();
        Self {
            hub,
            hands,
            clock,
            config,
            _stop: stop,
            _tasks: tasks,
            _data: data,
        }
    }

    /// Lets time pass, for the clock too.
    async fn pass(&self, millis: i64) {
        for _ in 0..millis / SECOND {
            tokio::time::sleep(Duration::from_secs(1)).await;
            self.hands.turn(SECOND);
        }
    }

    /// When automatic jobs were asked for, the oldest first.
    fn runs(&self) -> Vec<Time> {
        let jobs = self.hub.store.read().unwrap().jobs().unwrap();
        let jobs: Vec<Job> = jobs.map(Result::unwrap).collect();
        assert!(
            jobs.iter().all(|job| job.trigger == Trigger::Schedule),
            "{jobs:?}"
        );
        jobs.iter().rev().map(|job| job.queued_at).collect()
    }
}

fn config(times: Times) -> Config {
    let mut policy = Policy::new(shop(), "demo");
    policy.schedule = Some(Schedule {
        job: ScheduledJob::Fetch,
        times,
        full_rescan: None,
    });
    let remote = json!({ "products": 2, "latency": 0, "failures": { "image": 1.0 } });
    let connection = ConnectionConfig {
        policy,
        remote: remote.as_object().unwrap().clone(),
        pace: Pace::default(),
        file: PathBuf::from("shop.toml"),
    };
    Config {
        listen: ([127, 0, 0, 1], 0).into(),
        hosts: Vec::new(),
        token: None,
        hub: Base::default(),
        sets: SetLimits::default(),
        connections: BTreeMap::from([(shop(), connection)]),
    }
}

fn shop() -> ConnectionId {
    ConnectionId::parse("shop").unwrap()
}

fn time(text: &str) -> Time {
    serde_json::from_value(json!(text)).unwrap()
}

fn every(minutes: u64) -> Times {
    Times::Every(Duration::from_secs(60 * minutes))
}

fn cron(expression: &str, time_zone: &str) -> Times {
    Times::Cron {
        expression: expression.to_owned(),
        time_zone: time_zone.to_owned(),
    }
}

/// How far apart runs are, in minutes.
fn gaps(runs: &[Time]) -> Vec<i64> {
    let minutes = |pair: &[Time]| (pair[1].0 - pair[0].0 + MINUTE / 2) / MINUTE;
    runs.windows(2).map(minutes).collect()
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_slept_makes_up_for_what_it_missed_once() {
    let world = World::begin("2026-05-04T08:00:00Z", every(15));
    world.pass(32 * MINUTE).await;
    assert_eq!(gaps(&world.runs()), [15, 15]);
    world.hands.turn(8 * HOUR);
    world.pass(2 * MINUTE).await;
    assert_eq!(world.runs().len(), 4, "{:?}", world.runs());
    world.pass(20 * MINUTE).await;
    assert_eq!(gaps(&world.runs())[3..], [15], "{:?}", world.runs());
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_put_back_or_forward_stops_no_schedule() {
    for (times, longest) in [(every(15), 15), (cron("*/10 * * * *", "UTC"), 10)] {
        for step in [-HOUR, 24 * HOUR, -400 * 24 * HOUR] {
            let world = World::begin("2026-05-04T08:00:00Z", times.clone());
            world.pass(40 * MINUTE).await;
            let before = world.runs().len();
            world.hands.turn(step);
            world.pass((longest + 2) * MINUTE).await;
            let runs = world.runs();
            assert!(
                (before + 1..=before + 2).contains(&runs.len()),
                "{times:?} {step}: {runs:?}"
            );
            let stored = world.hub.store.read().unwrap().connection(&shop()).unwrap();
            assert!(stored.unwrap().last_scheduled <= Some(world.clock.now()));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_nightly_job_runs_once_in_the_nights_when_clocks_change() {
    for (evening, wanted) in [
        (
            "2026-03-28T20:00:00Z",
            ["2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z"],
        ),
        (
            "2026-10-24T20:00:00Z",
            ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"],
        ),
    ] {
        let times = cron("30 2 * * *", "Europe/Berlin");
        let later = jitter(&shop(), &times);
        let world = World::begin(evening, times);
        world.pass(30 * HOUR).await;
        let runs = world.runs();
        assert_eq!(runs.len(), 2, "{runs:?}");
        for (run, wanted) in runs.iter().zip(wanted) {
            let late = run.since(time(wanted).plus(later));
            assert!(late < Duration::from_secs(3), "{run} instead of {wanted}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn another_schedule_counts_at_once_and_what_it_names_was_not_missed() {
    let world = World::begin("2026-05-04T08:00:00Z", every(600));
    world.pass(3 * MINUTE).await;
    assert_eq!(world.runs().len(), 1);
    world.pass(3 * HOUR).await;
    world
        .config
        .send_replace(Arc::new(config(cron("0 10 * * *", "UTC"))));
    world.pass(3 * MINUTE).await;
    assert_eq!(
        world.runs().len(),
        1,
        "10 o'clock was over before anybody named it"
    );
    world.config.send_replace(Arc::new(config(every(15))));
    world.pass(17 * MINUTE).await;
    assert_eq!(world.runs().len(), 2, "{:?}", world.runs());
}

#[tokio::test]
async fn a_webhook_brings_a_fetch_forward_where_its_platform_signed_it() {
    let signing =
        "platform = \"demo\"\n[remote]\nproducts = 5\nlatency = \"0ms\"\nwebhook_secret = \"s3cret\"\n";
    let daemon = Daemon::start(&[
        ("click2sync.toml", "[auth]\ntoken = \"only-for-people\"\n"),
        ("connections/signing.toml", signing),
        ("connections/silent.toml", "platform = \"demo\"\n"),
        (
            "connections/sheet.toml",
            "platform = \"csv\"\n[remote]\npath = \"sheet.csv\"\n",
        ),
    ])
    .await;
    let body = "{\"changed\":17}";
    let call = async |path: &str, secret: Option<&str>| {
        let request = daemon.request(Method::POST, path).body(body);
        let request = match secret {
            Some(secret) => request.header("x-demo-signature", signature(secret, body)),
            None => request,
        };
        Answer::to(request).await
    };
    for (path, secret, status) in [
        ("/hooks/signing", None, 401),
        ("/hooks/signing", Some("another"), 401),
        ("/hooks/silent", Some("s3cret"), 401),
        ("/hooks/silent", Some(""), 401),
        ("/hooks/sheet", Some("s3cret"), 404),
        ("/hooks/nobody", Some("s3cret"), 404),
        ("/hooks/signing", Some("s3cret"), 202),
    ] {
        let answer = call(path, secret).await;
        assert_eq!(answer.status, status, "{path} {secret:?}: {:?}", answer.json());
    }
    let people = async |path: &str| {
        let request = daemon.request(Method::GET, path).bearer_auth("only-for-people");
        Answer::to(request).await.json()
    };
    let is_done = |jobs: &Value| jobs["items"][0]["status"] == "done";
    let jobs = crate::support::wait_until(
        "the fetch is done",
        async || people("/api/v1/jobs?connection=signing").await,
        is_done,
    )
    .await;
    assert_eq!(
        (
            &jobs["total"],
            &jobs["items"][0]["trigger"],
            &jobs["items"][0]["kind"]
        ),
        (&json!(1), &json!("webhook"), &json!("fetch")),
        "{jobs}"
    );

    // However often it calls, one fetch runs and one waits; and a pause keeps it in mind.
    let pause = daemon.request(Method::POST, "/api/v1/connections/signing/pause");
    assert_eq!(Answer::to(pause.bearer_auth("only-for-people")).await.status, 200);
    for _ in 0..5 {
        assert_eq!(call("/hooks/signing", Some("s3cret")).await.status, 202);
    }
    assert_eq!(people("/api/v1/jobs?connection=signing").await["total"], 1);
    let play = daemon.request(Method::POST, "/api/v1/connections/signing/play");
    assert_eq!(Answer::to(play.bearer_auth("only-for-people")).await.status, 200);
    let jobs = crate::support::wait_until(
        "it is made up for",
        async || people("/api/v1/jobs?connection=signing").await,
        |jobs| jobs["total"] == 2 && is_done(jobs),
    )
    .await;
    assert_eq!(jobs["items"][0]["trigger"], "webhook", "{jobs}");
    assert!(!daemon.log().contains("s3cret"));
}

fn signature(secret: &str, body: &str) -> String {
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body.as_bytes());
    let bytes = mac.finalize().into_bytes();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={hex}")
}
