//! Reading a demo shop of 100,000 products through the whole daemon: its runner, its job, its store on disk.
//!
//! `make bench`. The figures to reach: 15,000 records a second where everything is new, 250,000 where nothing changed.

#![allow(clippy::unwrap_used, reason = "a benchmark says what went wrong by panicking")]

use criterion::{BatchSize, Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use daemon::{
    config::{
        Listen,
        watch::{self, ConfigHandle},
    },
    events::Events,
    hub::{self, Hub, Tasks},
    store::{ConnectionState, Durability, Reading, StoreError},
};
use shared::{
    ids::ConnectionId,
    job::{Job, JobKind, JobStatus, Trigger},
};
use std::{fs, time::Duration};
use tempfile::TempDir;
use tokio::{runtime::Runtime, sync::watch::Sender, task::JoinHandle};

const PRODUCTS: u64 = 100_000;

/// A hub with one demo shop, and folders of its own.
struct World {
    hub: Hub,
    tasks: Tasks,
    follower: JoinHandle<()>,
    config: ConfigHandle,
    stop: Sender<bool>,
    _folder: TempDir,
}

impl World {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let connections = folder.path().join("config/connections");
        fs::create_dir_all(&connections).unwrap();
        fs::write(folder.path().join("config/click2sync.toml"), "").unwrap();
        let remote = format!("products = {PRODUCTS}\nlatency = \"0ms\"\npage = 500");
        let file = format!("name = \"Shop\"\nplatform = \"demo\"\n[remote]\n{remote}\n");
        fs::write(connections.join("shop.toml"), file).unwrap();
        let (config, follower) = watch::follow(&folder.path().join("config"), Listen::File).unwrap();
        let (stop, stopping) = tokio::sync::watch::channel(false);
        let data = folder.path().join("data");
        let (hub, tasks) = hub::start(&data, config.config.clone(), Events::new(), stopping).unwrap();
        Self {
            hub,
            tasks,
            follower,
            config,
            stop,
            _folder: folder,
        }
    }

    async fn fetch(&self) -> Job {
        let runner = self.hub.runners().started(&shop()).await.unwrap();
        let job = runner.request(JobKind::Fetch, Trigger::Api).await.unwrap();
        runner.ended(job.id).await;
        let job = self.hub.store.read().unwrap().job(job.id).unwrap().unwrap();
        assert_eq!(
            (job.status, job.outcome.scanned),
            (JobStatus::Done, PRODUCTS),
            "{job:?}"
        );
        job
    }

    /// The next fetch reads everything again.
    fn reset_clock(&self) {
        let reset = |state: &mut ConnectionState| state.products = Reading::default();
        let written = self
            .hub
            .store
            .write(Durability::Now, |writer| writer.update_connection(&shop(), reset));
        let written: Result<(), StoreError> = written;
        written.unwrap();
    }

    async fn end(self) {
        let Self {
            hub,
            tasks,
            follower,
            config,
            stop,
            _folder,
        } = self;
        stop.send_replace(true);
        drop((hub, config));
        tasks.ended().await;
        follower.await.unwrap();
    }
}

fn shop() -> ConnectionId {
    ConnectionId::parse("shop").unwrap()
}

fn fetch(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let _inside = runtime.enter();
    let mut group = criterion.benchmark_group("fetch 100,000 products");
    group
        .sampling_mode(SamplingMode::Flat)
        .sample_size(10)
        .measurement_time(Duration::from_secs(30))
        .throughput(Throughput::Elements(PRODUCTS));
    group.bench_function("all new", |bencher| {
        bencher.iter_batched(
            World::start,
            |world| {
                runtime.block_on(world.fetch());
                world
            },
            BatchSize::PerIteration,
        );
    });
    let world = World::start();
    runtime.block_on(world.fetch());
    group.bench_function("unchanged", |bencher| {
        bencher.iter_batched(
            || world.reset_clock(),
            |()| runtime.block_on(world.fetch()),
            BatchSize::PerIteration,
        );
    });
    group.finish();
    runtime.block_on(world.end());
}

criterion_group!(benches, fetch);
criterion_main!(benches);
