//! Quick figures about what a connection holds, and its maintenance.

use crate::{
    client::{self, Failure},
    format,
    order::{list, text},
    page::job::report,
    query::encode,
    state::{Dialog, console},
    view::{empty::failed, modal::Modal},
    words::{self, Word},
};
use leptos::{prelude::*, task::spawn_local};
use serde_json::Value;
use shared::{
    content::Field,
    ids::ConnectionId,
    job::{JobKind, JobStatus, Task},
};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tab {
    Figures,
    Maintenance,
}

#[component]
pub(crate) fn Stats(id: ConnectionId) -> impl IntoView {
    let console = console();
    let stats = RwSignal::new(None::<Result<Value, Failure>>);
    let connection = console.connection(id.clone());
    let id = StoredValue::new(id);
    let read = move || {
        spawn_local(async move {
            let address = format!("/api/v1/connections/{}/stats", id.get_value());
            stats.set(Some(client::get(&address).await));
        });
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
    let tab = RwSignal::new(Tab::Figures);
    let tabs = [
        (Tab::Figures, "figures", words::FIGURES),
        (Tab::Maintenance, "maintenance", words::MAINTENANCE),
    ]
    .map(|(one, slug, name)| {
        view! {
            <button
                type="button"
                role="tab"
                data-tab=slug
                aria-selected=move || (tab.get() == one).to_string()
                on:click=move |_| tab.set(one)
            >
                {name}
            </button>
        }
    });
    let body = move || match (tab.get(), stats.get()) {
        (Tab::Maintenance, _) => maintenance(id.get_value()),
        (Tab::Figures, None) => view! { <p class="none" aria-busy="true">{words::READING}</p> }.into_any(),
        (Tab::Figures, Some(Err(failure))) => failed(&failure, read),
        (Tab::Figures, Some(Ok(stats))) => figures(&stats, &id.get_value()),
    };
    view! {
        <Modal title=title size="wide">
            <div class="body">
                <div class="tabs" role="tablist">
                    {tabs.into_iter().collect_view()}
                </div>
                <div role="tabpanel">{body}</div>
            </div>
        </Modal>
    }
}

fn figures(stats: &Value, id: &ConnectionId) -> AnyView {
    let number = |value: &Value| value.as_u64().unwrap_or(0);
    let products = number(&stats["counts"]["products"]);
    let queued = &stats["queued"];
    let waiting =
        ["products", "orders"].map(|of| number(&queued[of]["create"]) + number(&queued[of]["update"]));
    let figure = |name: Word, value: String| view! { <div><dt>{name}</dt><dd>{value}</dd></div> }.into_any();
    let units = text(&stats["stock_units"]).parse().map(format::decimal);
    let looked_at = number(&stats["looked_at"]);
    let mut facts = vec![
        figure(words::PRODUCTS, format::count(products)),
        figure(words::VARIANTS, format::count(number(&stats["variants"]))),
        figure(words::STOCK_UNITS, units.unwrap_or_default()),
        figure(words::ORDERS, format::count(number(&stats["counts"]["orders"]))),
        figure(words::WAITING, format::count(waiting[0] + waiting[1])),
        figure(words::HELD, format::count(number(&queued["products"]["held"]))),
    ];
    if let Some(vanished) = stats["vanished"].as_u64() {
        facts.push(figure(words::VANISHED, format::count(vanished)));
    }
    let speed = |name: Word, value: &Value| value.as_u64().map(|rate| figure(name, words::per_second(rate)));
    facts.extend(speed(words::READ_SPEED, &stats["speed"]["read"]));
    facts.extend(speed(words::WRITE_SPEED, &stats["speed"]["written"]));
    // What is not there is what can be mended, so each bar leads there.
    let without = |set: String| format!("/products?set=on:{id}&set={}", encode(&set));
    let coverage = Field::PRODUCT.into_iter().map(|field| Bar {
        label: words::path(field.name()),
        number: number(&stats["coverage"][field.name()]),
        of: products,
        href: Some(without(format!("without:{}", field.name()))),
    });
    let stock = [
        ("in", words::STOCK_IN),
        ("low", words::STOCK_LOW),
        ("out", words::OUT_OF_STOCK),
    ];
    let stock = stock.into_iter().map(|(name, label)| Bar {
        label: label.to_owned(),
        number: number(&stats["stock"][name]),
        of: products,
        href: Some(without(format!("stock:{name}"))),
    });
    let prices = list(&stats["prices"]).iter().map(|band| Bar {
        label: words::price_band(text(&band["from"]), text(&band["to"])),
        number: number(&band["products"]),
        of: looked_at,
        href: None,
    });
    let part = (looked_at < products).then(|| view! { <p class="quietly">{words::looked_at(looked_at)}</p> });
    view! {
        <dl class="figures">{facts}</dl>
        {part}
        {bars(words::COVERAGE, coverage.collect())}
        {bars(words::STOCK, stock.collect())}
        {bars(words::PRICES, prices.collect())}
        {over_time(list(&stats["days"]))}
    }
    .into_any()
}

/// A quantity and its share of the whole.
struct Bar {
    label: String,
    number: u64,
    of: u64,
    href: Option<String>,
}

fn bars(title: Word, bars: Vec<Bar>) -> Option<AnyView> {
    let lines = bars.into_iter().map(|bar| {
        let Bar {
            label,
            number,
            of,
            href,
        } = bar;
        let part = (number.min(of) * 100).checked_div(of).unwrap_or(0);
        view! {
            <div class="bar">
                <dt>
                    <a href=href>{label}</a>
                </dt>
                <dd>
                    <span class="track"><span style:width=format!("{part}%")></span></span>
                    <span class="number">{words::covered(number, part)}</span>
                </dd>
            </div>
        }
        .into_any()
    });
    let lines: Vec<AnyView> = lines.collect();
    (!lines.is_empty()).then(|| {
        view! {
            <h3>{title}</h3>
            <dl class="coverage">{lines}</dl>
        }
        .into_any()
    })
}

/// What jobs came to day by day, as columns; each says its numbers.
fn over_time(days: &[Value]) -> Option<AnyView> {
    let number = |day: &Value, name: &str| day[name].as_u64().unwrap_or(0);
    let rows = [
        (words::FIGURE_CHANGED, "changed", "changed"),
        (words::WRITTEN, "written", "written"),
        (words::FIGURE_REFUSED, "refused", "refused"),
        (words::FAILED_JOBS, "failed", "refused"),
    ];
    let rows = rows.map(|(name, key, class)| {
        let most = days.iter().map(|day| number(day, key)).max().unwrap_or(0);
        let total: u64 = days.iter().map(|day| number(day, key)).sum();
        let columns: Vec<AnyView> = days
            .iter()
            .enumerate()
            .map(|(at, day)| {
                let value = number(day, key);
                // In a box of 30 by 30, a day a unit wide; what is not nothing is seen.
                let height = (value * 28).checked_div(most).unwrap_or(0) + u64::from(value > 0);
                let place = [at.to_string(), (30 - height.min(30)).to_string(), height.to_string()];
                let [x, y, height] = place;
                view! {
                    <rect x=x y=y width="0.8" height=height>
                        <title>{format!("{}: {}", text(&day["day"]), format::count(value))}</title>
                    </rect>
                }
                .into_any()
            })
            .collect();
        view! {
            <div class=format!("plot {class}")>
                <dt>{name}</dt>
                <dd>
                    <svg viewBox=format!("0 0 {} 30", days.len().max(12)) preserveAspectRatio="none" role="img" aria-label=format!("{name}: {total}")>
                        {columns}
                    </svg>
                    <span class="number">{format::count(total)}</span>
                </dd>
            </div>
        }
        .into_any()
    });
    let rows: Vec<AnyView> = rows.into_iter().collect();
    let span = (days.first()?, days.last()?);
    Some(
        view! {
            <h3>{words::OVER_TIME}</h3>
            <p class="quietly">{format!("{} \u{2013} {}", text(&span.0["day"]), text(&span.1["day"]))}</p>
            <dl class="plots">{rows}</dl>
        }
        .into_any(),
    )
}

/// Buttons that help to fix what is kept, each with its progress and its report.
fn maintenance(id: ConnectionId) -> AnyView {
    let console = console();
    let id = StoredValue::new(id);
    let tasks = [
        (Task::Integrity, words::INTEGRITY, words::INTEGRITY_ABOUT),
        (Task::Reindex, words::REINDEX, words::REINDEX_ABOUT),
        (Task::Images, words::IMAGES, words::IMAGES_ABOUT),
    ];
    let tasks = tasks.map(|(task, name, about)| {
        let last = Memo::new(move |_| {
            let jobs = console.jobs.read();
            let own = |job: &&shared::job::Job| {
                job.kind == JobKind::Maintenance
                    && job.task == Some(task)
                    && id.with_value(|id| job.connection == *id)
            };
            jobs.iter().flatten().find(own).cloned()
        });
        let busy = move || last.read().as_ref().is_some_and(|job| !job.status.is_over());
        let start = move |_| {
            let address = format!(
                "/api/v1/connections/{}/maintenance/{}",
                id.get_value(),
                task.name()
            );
            console.tell_as_console(address);
        };
        let told = move || {
            let job = last.get()?;
            let over = job.status.is_over();
            let at = job.finished_at.or(job.started_at).unwrap_or(job.queued_at);
            let job_id = job.id;
            Some(view! {
                <p class="quietly" role="status">
                    <button class="plain" on:click=move |_| console.dialog.set(Some(Dialog::Job(job_id)))>
                        {words::joined([&words::job_sentence(&job), &format::ago(at, console.now.get())])}
                    </button>
                </p>
                {(job.status != JobStatus::Failed).then(|| report(&job.report, over))}
            })
        };
        view! {
            <section class="task" data-task=task.name()>
                <div class="clock">
                    <div>
                        <b>{name}</b>
                        <span>{about}</span>
                    </div>
                    <button type="button" class="small button" disabled=busy on:click=start>
                        {words::RUN}
                    </button>
                </div>
                {told}
            </section>
        }
        .into_any()
    });
    Vec::from(tasks).into_any()
}
