//! Figures about what a connection holds and what became of its jobs.

use super::{
    App, Daemon, aside,
    input::{Id, missing},
    refusal::Refusal,
};
use crate::store::{Reader, StoreError, day_of};
use axum::{Json, extract::State};
use roaring::RoaringBitmap;
use shared::{
    api::{DayStats, PriceBand, Speed, Stats},
    content::{Content, Field, Leaf, Value},
    ids::{ConnectionId, ItemId},
    item::Presence,
    job::{Job, JobStatus},
    money::Decimal,
    set::Set,
};
use std::{collections::BTreeMap, sync::Arc};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(stats))
}

/// Up to so many products are looked at one by one; of more, a part that is spread evenly.
const ALL: u64 = 20_000;
const PART: u64 = 2_000;
/// Jobs that the stats show.
const LAST_JOBS: usize = 10;
/// Days that the stats tell of.
const DAYS: usize = 30;

/// What the platform holds, as it was last read, and what became of its jobs.
///
/// Counts come from sets and are exact. What has to be looked up product by product (variants, units, prices) is added up
/// over `looked_at` products, and estimated from them where those are not all.
#[utoipa::path(get, path = "/api/v1/connections/{id}/stats", tag = "connections", params(("id" = ConnectionId, Path)),
    responses((status = OK, body = Stats)))]
async fn stats(State(app): Daemon, Id(id): Id<ConnectionId>) -> Result<Json<Stats>, Refusal> {
    let figures = aside(move || {
        let Some(connection) = app.hub.status.connection(&id)? else {
            return Err(missing::<ConnectionId>(id));
        };
        let reader = app.hub.store.read()?;
        let here = reader.members(&Set::On(id.to_string()).to_string())?;
        let within = |set: Set| Ok::<_, StoreError>((reader.members(&set.to_string())? & &here).len());
        let mut coverage = BTreeMap::new();
        for field in Field::PRODUCT {
            let name = field.name().to_owned();
            coverage.insert(name.clone(), within(Set::With(name))?);
        }
        let mut stock = BTreeMap::new();
        for what in ["in", "low", "out"] {
            stock.insert(what.to_owned(), within(Set::Stock(what.to_owned()))?);
        }
        let number = reader.connection(&id)?.unwrap_or_default().number;
        let (sums, vanished) = look_at(&reader, number, &here)?;
        let jobs = reader
            .jobs()?
            .filter(|job| job.as_ref().map_or(true, |job| job.connection == id));
        let jobs: Vec<Job> = jobs.collect::<Result<_, _>>()?;
        let (days, speed) = over_time(&jobs);
        let scaled = |sum: u64| (sum * here.len()).checked_div(sums.looked_at).unwrap_or(0);
        Ok(Stats {
            counts: connection.counts,
            queued: connection.queued,
            coverage,
            variants: scaled(sums.variants),
            stock_units: sums.units(here.len()),
            out_of_stock: stock.get("out").copied().unwrap_or(0),
            stock,
            prices: sums.bands(),
            looked_at: sums.looked_at,
            vanished,
            days,
            speed,
            jobs: jobs.into_iter().take(LAST_JOBS).collect(),
        })
    });
    Ok(Json(figures.await?))
}

/// What is added up product by product.
#[derive(Default)]
struct Sums {
    looked_at: u64,
    variants: u64,
    units: Decimal,
    /// The lowest price of each product.
    prices: Vec<Decimal>,
}

/// Looks at the products of a connection, and answers also how many vanished where all of them were looked at.
fn look_at(reader: &Reader, number: u16, here: &RoaringBitmap) -> Result<(Sums, Option<u64>), StoreError> {
    let mut sums = Sums::default();
    if here.len() <= ALL {
        let mut vanished = 0;
        for entry in reader.equivalences_at(number)? {
            let (_, there) = entry?;
            match there.presence {
                Presence::Live { .. } => sums.add(&there.acknowledged),
                Presence::Vanished { .. } => vanished += 1,
                Presence::Absent => {}
            }
        }
        return Ok((sums, Some(vanished)));
    }
    let step = here.len().div_ceil(PART);
    for nth in (0..here.len()).step_by(usize::try_from(step).unwrap_or(1)) {
        let item = here.select(u32::try_from(nth).unwrap_or(u32::MAX));
        let there = match item {
            Some(item) => reader.equivalence(ItemId(item.into()), number)?,
            None => None,
        };
        if let Some(there) = there {
            sums.add(&there.acknowledged);
        }
    }
    Ok((sums, None))
}

impl Sums {
    /// Adds one live product.
    fn add(&mut self, shown: &Content) {
        self.looked_at += 1;
        self.variants += shown.variants().count() as u64;
        let mut lowest: Option<Decimal> = None;
        for (path, value) in shown.iter() {
            match (&path.leaf, value) {
                (Leaf::Stock(_), Value::Number(quantity)) => {
                    self.units = Decimal(self.units.0 + quantity.0.max(Decimal::ZERO.0));
                }
                (Leaf::Field(Field::Price), Value::Number(price)) => {
                    lowest = Some(lowest.map_or(*price, |lowest| Decimal(lowest.0.min(price.0))));
                }
                _ => {}
            }
        }
        self.prices.extend(lowest);
    }

    /// The units of all `products`, estimated where not all were looked at.
    fn units(&self, products: u64) -> Decimal {
        if self.looked_at == 0 || self.looked_at == products {
            return self.units;
        }
        let whole = |number: u64| Decimal::from(i64::try_from(number).unwrap_or(i64::MAX)).0;
        Decimal((self.units.0 * whole(products) / whole(self.looked_at)).round())
    }

    /// How many of the products that were looked at have their price in each band; bands at the ends hold something.
    fn bands(&self) -> Vec<PriceBand> {
        let mut edges = vec![0_i64];
        for power in 0..9_u32 {
            edges.extend([1, 2, 5].map(|first| first * 10_i64.pow(power)));
        }
        let bands = edges.iter().zip(edges.iter().skip(1).map(Some).chain([None]));
        let bands: Vec<PriceBand> = bands
            .map(|(from, to)| {
                let (from, to) = (Decimal::from(*from), to.map(|to| Decimal::from(*to)));
                let within = |price: &&Decimal| {
                    (price.0 >= from.0 || from.is_zero()) && to.is_none_or(|to| price.0 < to.0)
                };
                PriceBand {
                    from,
                    to,
                    products: self.prices.iter().filter(within).count() as u64,
                }
            })
            .collect();
        let first = bands
            .iter()
            .position(|band| band.products > 0)
            .unwrap_or(bands.len());
        let end = bands
            .iter()
            .rposition(|band| band.products > 0)
            .map_or(first, |last| last + 1);
        bands[first..end].to_vec()
    }
}

/// What became of jobs day by day, the latest day last, and how fast the platform was.
fn over_time(jobs: &[Job]) -> (Vec<DayStats>, Speed) {
    let mut days: BTreeMap<String, DayStats> = BTreeMap::new();
    let (mut read, mut written, mut reading, mut writing) = (0_u64, 0_u64, 0_u64, 0_u64);
    for job in jobs {
        let began = job.started_at.unwrap_or(job.queued_at);
        if let Some(day) = day_of(began) {
            let day = day.to_string();
            let of = days.entry(day.clone()).or_insert_with(|| DayStats {
                day,
                ..DayStats::default()
            });
            of.jobs += 1;
            of.failed += u64::from(job.status == JobStatus::Failed);
            of.read += job.outcome.scanned;
            of.changed += job.outcome.new + job.outcome.changed;
            of.written += job.outcome.created + job.outcome.updated;
            of.refused += job.outcome.failed;
        }
        let took = match (job.started_at, job.finished_at) {
            (Some(began), Some(ended)) => u64::try_from(ended.since(began).as_millis()).unwrap_or(u64::MAX),
            _ => continue,
        };
        // A sync does both; what it does more of is taken for all of it.
        let (scanned, sent) = (job.outcome.scanned, job.outcome.created + job.outcome.updated);
        if scanned > sent {
            (read, reading) = (read + scanned, reading.saturating_add(took));
        } else if sent > 0 {
            (written, writing) = (written + sent, writing.saturating_add(took));
        }
    }
    let per_second = |records: u64, took: u64| (took > 0).then(|| records * 1000 / took);
    let skipped = days.len().saturating_sub(DAYS);
    (
        days.into_values().skip(skipped).collect(),
        Speed {
            read: per_second(read, reading),
            written: per_second(written, writing),
        },
    )
}
