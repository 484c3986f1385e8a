//! Quick figures about what a connection holds.

use crate::{
    client::{self, Failure},
    format,
    state::console,
    view::{empty::failed, modal::Modal},
    words::{self, Word},
};
use leptos::{prelude::*, task::spawn_local};
use shared::{api, content::Field, ids::ConnectionId};

#[component]
pub(crate) fn Stats(id: ConnectionId) -> impl IntoView {
    let console = console();
    let stats = RwSignal::new(None::<Result<api::Stats, Failure>>);
    let address = format!("/api/v1/connections/{id}/stats");
    let connection = console.connection(id);
    let read = move || {
        let address = address.clone();
        spawn_local(async move { stats.set(Some(client::get(&address).await)) });
    };
    read();
    let title = Signal::derive(move || {
        words::stats_of(
            connection
                .read()
                .as_ref()
                .map_or("", |connection| &connection.name),
        )
    });
    let body = move || match stats.get() {
        None => view! { <p class="none" aria-busy="true">{words::READING}</p> }.into_any(),
        Some(Err(failure)) => {
            let read = read.clone();
            failed(&failure, read)
        }
        Some(Ok(stats)) => known(stats).into_any(),
    };
    view! {
        <Modal title=title size="wide">
            <div class="body">{body}</div>
        </Modal>
    }
}

fn known(stats: api::Stats) -> impl IntoView {
    let console = console();
    let api::Stats {
        counts,
        queued,
        coverage,
        variants,
        stock_units,
        out_of_stock,
        vanished,
        jobs,
    } = stats;
    let figure = |name: Word, value: String| view! { <div><dt>{name}</dt><dd>{value}</dd></div> };
    let waiting = queued.total();
    let bars = Field::PRODUCT.into_iter().filter_map(|field| {
        let with = *coverage.get(field.name())?;
        let part = (with.min(counts.products) * 100)
            .checked_div(counts.products)
            .unwrap_or(0);
        Some(view! {
            <div class="bar">
                <dt>{words::path(field.name())}</dt>
                <dd>
                    <span class="track"><span style:width=format!("{part}%")></span></span>
                    <span class="number">{words::covered(with, part)}</span>
                </dd>
            </div>
        })
    });
    let past = jobs.into_iter().map(move |job| {
        let at = job.finished_at.or(job.started_at).unwrap_or(job.queued_at);
        view! {
            <li>
                {super::jobs::kind_icon(job.kind)}
                <span class="outcome">{words::job_sentence(&job)}</span>
                <time title=format::exact(at)>{move || format::ago(at, console.now.get())}</time>
            </li>
        }
    });
    view! {
        <dl class="figures">
            {figure(words::PRODUCTS, format::count(counts.products))}
            {figure(words::VARIANTS, format::count(variants))}
            {figure(words::STOCK_UNITS, format::decimal(stock_units))}
            {figure(words::OUT_OF_STOCK, format::count(out_of_stock))}
            {figure(words::WAITING, format::count(waiting))}
            {figure(words::HELD, format::count(queued.products.held))}
            {figure(words::VANISHED, format::count(vanished))}
            {figure(words::ORDERS, format::count(counts.orders))}
        </dl>
        <h3>{words::COVERAGE}</h3>
        <p class="quietly">{words::COVERAGE_ABOUT}</p>
        <dl class="coverage">{bars.collect_view()}</dl>
        <h3>{words::LAST_JOBS}</h3>
        <ul class="last-jobs">{past.collect_view()}</ul>
    }
}
