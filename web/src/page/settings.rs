//! A connection's settings: the same as in its file, which saving writes.

mod form;
mod remote;

use crate::{
    client::{self, Failure},
    format,
    state::{Tone, console},
    view::{
        empty::failed,
        modal::{self, Modal},
    },
    words::{self, Word},
};
use form::Form;
use leptos::{prelude::*, task::spawn_local};
use remote::Remote;
use shared::{
    api::{self, ClockKind, ClockReset, Clocks},
    content::Field,
    ids::ConnectionId,
    time::Time,
};

/// The parts of the dialog, and the tables of the file that each is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tab {
    Behaviour,
    Scheduler,
    Prices,
    Stock,
    Fields,
    Guards,
    Connection,
}

impl Tab {
    const ALL: [Self; 7] = [
        Self::Behaviour,
        Self::Scheduler,
        Self::Prices,
        Self::Stock,
        Self::Fields,
        Self::Guards,
        Self::Connection,
    ];

    fn name(self) -> Word {
        match self {
            Self::Behaviour => words::BEHAVIOUR,
            Self::Scheduler => words::SCHEDULER,
            Self::Prices => words::PRICES,
            Self::Stock => words::STOCK,
            Self::Fields => words::FIELDS,
            Self::Guards => words::GUARDS,
            Self::Connection => words::CONNECTION,
        }
    }

    /// Its name in the page.
    fn slug(self) -> &'static str {
        match self {
            Self::Behaviour => "behaviour",
            Self::Scheduler => "scheduler",
            Self::Prices => "prices",
            Self::Stock => "stock",
            Self::Fields => "fields",
            Self::Guards => "guards",
            Self::Connection => "connection",
        }
    }

    /// Where a setting is shown.
    fn of(setting: &str) -> Self {
        match setting.split('.').next().unwrap_or_default() {
            "schedule" => Self::Scheduler,
            "prices" => Self::Prices,
            "stock" => Self::Stock,
            "guards" => Self::Guards,
            "name" | "platform" | "remote" => Self::Connection,
            _ if setting.starts_with("products.fields") || setting.starts_with("products.options") => {
                Self::Fields
            }
            _ => Self::Behaviour,
        }
    }
}

#[component]
pub(crate) fn Settings(id: ConnectionId) -> impl IntoView {
    let console = console();
    let connection = console.connection(id.clone());
    let id = StoredValue::new(id);
    let form = Form::new();
    let file = RwSignal::new(String::new());
    let read = RwSignal::new(None::<Result<(), Failure>>);
    let tab = RwSignal::new(Tab::Behaviour);
    let saving = RwSignal::new(false);
    let address = move || format!("/api/v1/connections/{}/settings", id.get_value());
    let load = move || {
        spawn_local(async move {
            let answer = client::get::<api::Settings>(&address()).await;
            read.set(Some(answer.map(|settings| {
                file.set(settings.file);
                form.fill(settings.settings);
            })));
        });
    };
    load();
    let save = move || {
        let Some(patch) = form.patch() else {
            return modal::close();
        };
        saving.set(true);
        spawn_local(async move {
            match client::patch::<api::Settings>(&address(), patch.to_string()).await {
                Ok(settings) => {
                    console.say(Tone::Good, words::saved_to(&settings.file));
                    // It may be closed already, and another one open.
                    if saving.try_get_untracked().is_some() {
                        modal::close();
                    }
                }
                Err(failure) => {
                    let problem = form.refuse(&failure);
                    if let Some(setting) = problem {
                        tab.set(Tab::of(&setting));
                    }
                }
            }
            saving.set(false);
        });
    };
    let title = Signal::derive(move || {
        words::settings_of(
            connection
                .read()
                .as_ref()
                .map_or("", |connection| &connection.name),
        )
    });
    let body = move || {
        match read.get() {
        None => view! { <p class="none" aria-busy="true">{words::READING}</p> }.into_any(),
        Some(Err(failure)) => failed(&failure, load),
        Some(Ok(())) => view! {
            <div class="tabs" role="tablist">{tabs(tab)}</div>
            {move || form.general().map(|message| view! { <p class="wrong" role="alert" lang=words::told_in()>{message}</p> })}
            <div class="panel" role="tabpanel">{move || panel(tab.get(), form, id.get_value())}</div>
        }
        .into_any(),
    }
    };
    view! {
        <Modal title=title size="wide">
            <form
                on:submit=move |event| {
                    event.prevent_default();
                    save();
                }
                novalidate
            >
                <div class="body">{body}</div>
                <footer>
                    <p class="told">
                        {words::WRITES_TO} " " <code>{file}</code>
                    </p>
                    <button type="button" class="button" on:click=move |_| modal::close()>
                        {words::CANCEL}
                    </button>
                    <button class="button primary" disabled=move || saving.get() || !form.is_changed()>
                        {words::SAVE}
                    </button>
                </footer>
            </form>
        </Modal>
    }
}

fn tabs(tab: RwSignal<Tab>) -> impl IntoView {
    Tab::ALL
        .map(|one| {
            let selected = move || (tab.get() == one).to_string();
            view! {
                <button type="button" role="tab" data-tab=one.slug() aria-selected=selected on:click=move |_| tab.set(one)>
                    {one.name()}
                </button>
            }
        })
        .collect_view()
}

fn panel(tab: Tab, form: Form, id: ConnectionId) -> AnyView {
    match tab {
        Tab::Behaviour => behaviour(form).into_any(),
        Tab::Scheduler => view! { {schedule(form)} <ClockList id=id /> }.into_any(),
        Tab::Prices => prices(form).into_any(),
        Tab::Stock => stock(form).into_any(),
        Tab::Fields => fields(form).into_any(),
        Tab::Guards => guards(form).into_any(),
        Tab::Connection => view! { <Remote id=id form=form /> }.into_any(),
    }
}

fn behaviour(form: Form) -> impl IntoView {
    view! {
        {form.switch("products.fetch", words::SET_FETCH, words::SET_FETCH_ABOUT, form::On::ByDefault)}
        {form.switch("products.absorb", words::SET_ABSORB, words::SET_ABSORB_ABOUT, form::On::ByDefault)}
        {form.clone_which()}
        {form.text("products.defaults.category", words::SET_CATEGORY, words::SET_CATEGORY_ABOUT, "Clothing")}
        {form.choice("products.defaults.status", words::SET_STATUS, words::SET_STATUS_ABOUT, &words::STATUSES)}
    }
}

fn schedule(form: Form) -> impl IntoView {
    let automatic = Memo::new(move |_| form.says("schedule.job"));
    let times = move || {
        automatic.get().then(|| {
            // A file with a cron line has no `every`; the two cannot both hold.
            let cron = form.says("schedule.cron").then(|| {
                (
                    form.text(
                        "schedule.cron",
                        words::SET_CRON,
                        words::SET_CRON_ABOUT,
                        "*/10 8-20 * * *",
                    ),
                    form.text(
                        "schedule.time_zone",
                        words::SET_TIME_ZONE,
                        words::SET_TIME_ZONE_ABOUT,
                        "UTC",
                    ),
                )
            });
            let every = cron
                .is_none()
                .then(|| form.text("schedule.every", words::SET_EVERY, words::SET_EVERY_ABOUT, "15m"));
            let rescan = form.text(
                "schedule.full_rescan",
                words::SET_FULL_RESCAN,
                words::SET_FULL_RESCAN_ABOUT,
                "7d",
            );
            view! { {every} {cron} {rescan} }
        })
    };
    view! {
        {form.choice("schedule.job", words::SET_JOB, words::SET_JOB_ABOUT, &words::SCHEDULE_JOBS)}
        {times}
    }
}

fn prices(form: Form) -> impl IntoView {
    view! {
        <p class="quietly">{words::PRICES_ABOUT}</p>
        {form.text("prices.currency", words::SET_CURRENCY, words::SET_CURRENCY_ABOUT, "MXN")}
        {form.text("prices.margin", words::SET_MARGIN, words::SET_MARGIN_ABOUT, "12%")}
        {form.text("prices.add", words::SET_ADD, words::SET_ADD_ABOUT, "0")}
        {form.text("prices.round", words::SET_ROUND, words::SET_ROUND_ABOUT, "x.99")}
        {form.choice("prices.mode", words::SET_MODE, words::SET_MODE_ABOUT, &words::ROUND_MODES)}
    }
}

fn stock(form: Form) -> impl IntoView {
    view! {
        {form.number("stock.buffer", words::SET_BUFFER, words::SET_BUFFER_ABOUT, "0")}
        {form.number("stock.max", words::SET_MAX, words::SET_MAX_ABOUT, "")}
    }
}

fn fields(form: Form) -> impl IntoView {
    let rows = Field::PRODUCT.map(|field| {
        form.choice(
            &format!("products.fields.{}", field.name()),
            words::path(field.name()),
            "",
            &words::MUTABILITIES,
        )
    });
    view! {
        <p class="quietly">{words::FIELDS_ABOUT}</p>
        {form.choice("products.fields.default", words::SET_DEFAULT, words::SET_DEFAULT_ABOUT, &words::MUTABILITIES_DEFAULT)}
        <div class="mutabilities">{rows.collect_view()}</div>
        <h3>{words::OPTIONS}</h3>
        {form.list("products.options.color", words::SET_COLOR, words::SET_COLOR_ABOUT, "Color, Colour, pa_color")}
        {form.list("products.options.size", words::SET_SIZE, words::SET_SIZE_ABOUT, "Size, Talla")}
    }
}

fn guards(form: Form) -> impl IntoView {
    view! {
        <p class="quietly">{words::GUARDS_ABOUT}</p>
        {form.text("guards.zero_stock", words::SET_ZERO_STOCK, words::SET_ZERO_STOCK_ABOUT, "30%")}
        {form.text("guards.price_change.by", words::SET_PRICE_BY, words::SET_PRICE_BY_ABOUT, "50%")}
        {form.text("guards.price_change.of", words::SET_PRICE_OF, words::SET_PRICE_OF_ABOUT, "20%")}
    }
}

/// How far the connection has been read, and the buttons that make the next fetch read everything.
#[component]
fn ClockList(id: ConnectionId) -> impl IntoView {
    let console = console();
    let connection = console.connection(id.clone());
    let id = StoredValue::new(id);
    let reset = move |kind: ClockKind| {
        spawn_local(async move {
            let address = format!("/api/v1/connections/{}/clocks/reset", id.get_value());
            let body = serde_json::to_string(&ClockReset { kind }).ok();
            match client::post::<serde::de::IgnoredAny>(&address, body).await {
                Ok(_) => console.say(Tone::Good, words::CLOCK_WAS_RESET.to_owned()),
                Err(failure) => console.say(Tone::Bad, failure.message()),
            }
        });
    };
    let clock = move |name: Word, kind: ClockKind, of: fn(&Clocks) -> Option<Time>| {
        let time = Memo::new(move |_| {
            connection
                .read()
                .as_ref()
                .and_then(|connection| of(&connection.clocks))
        });
        let said = move || match time.get() {
            Some(time) => words::clock_at(&format::ago(time, console.now.get())),
            None => words::CLOCK_UNSET.to_owned(),
        };
        view! {
            <div class="clock">
                <div>
                    <b>{name}</b>
                    <span title=move || time.get().map(format::exact)>{said}</span>
                </div>
                <button
                    type="button"
                    class="small button"
                    disabled=move || time.get().is_none()
                    on:click=move |_| reset(kind)
                >
                    {words::CLOCK_RESET}
                </button>
            </div>
        }
    };
    view! {
        <h3>{words::CLOCKS}</h3>
        <p class="quietly">{words::CLOCKS_ABOUT}</p>
        {clock(words::PRODUCTS, ClockKind::Products, |clocks| clocks.products)}
        {clock(words::ORDERS, ClockKind::Orders, |clocks| clocks.orders)}
    }
}
