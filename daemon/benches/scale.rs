//! What catalogues of several sizes cost: the real binary with three demo shops, driven as a person would drive it.
//!
//! `make bench`. `BENCH_PRODUCTS=1000000` measures that size only; several sizes are separated by commas. Beside the
//! figures of the first fetch stands what redb alone needs for the same rows, and one core to hash them.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and says what went wrong by panicking"
)]

#[path = "scale/daemon.rs"]
mod daemon;
#[path = "scale/rows.rs"]
mod rows;

use daemon::Daemon;
use std::time::{Duration, Instant};

/// Sizes of catalogues where nobody says which: the growth is seen, and it takes a few minutes.
const SIZES: [u64; 2] = [10_000, 50_000];
/// Shops with the same catalogue.
const SHOPS: [&str; 3] = ["shop", "market", "outlet"];
/// Updates that are sent, at most.
const UPDATES: u64 = 100_000;

fn main() {
    let asked = std::env::var("BENCH_PRODUCTS").ok();
    let sizes = match &asked {
        Some(asked) => asked
            .split(',')
            .map(|size| size.trim().parse().expect("BENCH_PRODUCTS is numbers"))
            .collect(),
        None => SIZES.to_vec(),
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let measured: Vec<Figures> = sizes
        .into_iter()
        .map(|products| runtime.block_on(measure(products)))
        .collect();
    table(&measured);
}

/// What one size of catalogue cost.
struct Figures {
    products: u64,
    first: Duration,
    joined: Duration,
    unchanged: Duration,
    /// Updates that were sent, and in what time.
    sent: (u64, Duration),
    ready: Duration,
    /// In bytes: after a restart, and the most before it.
    resident: (u64, u64),
    rows: rows::Cost,
    /// Bytes in the file of the store, after all that was measured.
    file: u64,
}

async fn measure(products: u64) -> Figures {
    let mut daemon = Daemon::start(&SHOPS, products).await;
    let first = daemon.run("shop", "fetch").await.took;
    println!("{products}: the first shop is read");
    let mut joined = Duration::ZERO;
    for shop in &SHOPS[1..] {
        joined += daemon.run(shop, "fetch").await.took;
    }
    println!("{products}: the other shops are read");
    daemon.reset_clocks("shop").await;
    let unchanged = daemon.run("shop", "fetch").await.took;
    daemon.margin("market", "12%", products).await;
    let job = daemon.send("market", UPDATES).await;
    println!("{products}: updates are sent");
    let most = daemon.memory("VmHWM");
    daemon.stop().await;
    let file = daemon.store().metadata().unwrap().len();
    let began = Instant::now();
    daemon.restart().await;
    let ready = began.elapsed();
    daemon.look_around().await;
    let steady = daemon.memory("VmRSS");
    daemon.stop().await;
    let rows = rows::cost(&daemon.store());
    Figures {
        products,
        first,
        joined: joined / 2,
        unchanged,
        sent: (job.updated, job.took),
        ready,
        resident: (steady, most),
        rows,
        file,
    }
}

fn table(measured: &[Figures]) {
    let line = |what: &str, cell: &dyn Fn(&Figures) -> String, aim: &str| {
        print!("{what:<44}");
        for figures in measured {
            print!("{:>16}", cell(figures));
        }
        println!("   {aim}");
    };
    let rate = |count: u64, time: Duration| {
        let micros = time.as_micros().max(1);
        format!("{}/s", u128::from(count) * 1_000_000 / micros)
    };
    let megabytes = |bytes: u64| format!("{} MB", bytes / 1_000_000);
    println!();
    line("products, at 3 demo shops", &|it| it.products.to_string(), "");
    line(
        "first fetch, all new",
        &|it| rate(it.products, it.first),
        "15,000/s",
    );
    line(
        "first fetch, all known from another shop",
        &|it| rate(it.products, it.joined),
        "",
    );
    line(
        "fetch again, nothing changed",
        &|it| rate(it.products, it.unchanged),
        "250,000/s",
    );
    line("updates sent", &|it| rate(it.sent.0, it.sent.1), "20,000/s");
    line(
        "redb alone, the rows of a first fetch",
        &|it| rate(it.products, it.rows.redb),
        "",
    );
    line(
        "first fetch, times redb alone",
        &|it| format!("{:.1}", it.first.as_secs_f64() / it.rows.redb.as_secs_f64()),
        "2.5",
    );
    line(
        "one core hashes these rows",
        &|it| rate(it.products, it.rows.hashing),
        "",
    );
    line(
        "ready after start",
        &|it| format!("{:.2} s", it.ready.as_secs_f64()),
        "2 s",
    );
    line(
        "resident memory, steady",
        &|it| megabytes(it.resident.0),
        "300 MB",
    );
    line(
        "resident memory, at most",
        &|it| megabytes(it.resident.1),
        "600 MB",
    );
    line("file of the store", &|it| megabytes(it.file), "");
    let counterparts = |it: &Figures| it.products * SHOPS.len() as u64;
    line(
        "file, bytes a product and connection",
        &|it| (it.file / counterparts(it)).to_string(),
        "1,000",
    );
    line(
        "rows, bytes a product and connection",
        &|it| (it.rows.bytes / counterparts(it)).to_string(),
        "",
    );
    println!();
    for figures in measured {
        println!("{} products: bytes a product by table", figures.products);
        for (table, bytes) in &figures.rows.tables {
            println!("    {table:<14} {:>6}", bytes / figures.products);
        }
    }
}
