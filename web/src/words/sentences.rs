//! Sentences with something in them: the frame, time, and how a connection is.

use super::{language, language::word, state_name};
use crate::{format, page::connections::Totals};
use shared::{
    api::{Connection, ConnectionState, Queued},
    ids::Kind,
    job::JobStatus,
    language::Language,
    set::Set,
    show::label::label_of,
    time::Time,
};

/// `1 product`, `2 products`. Both names are in the language that is spoken.
pub(super) fn counted(number: u64, one: &str, many: &str) -> String {
    format!(
        "{} {}",
        format::count(number),
        if number == 1 { one } else { many }
    )
}

/// "a", "a and b", "a, b and c".
pub(super) fn listed(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => {
            let and = match language() {
                Language::English => "and",
                Language::Spanish => and_before(last),
            };
            format!("{} {and} {last}", first.join(", "))
        }
    }
}

/// "y" gives way to a word that sounds like it.
fn and_before(word: &str) -> &'static str {
    let word = word.to_lowercase();
    let sounds_alike = ["i", "í", "hi", "hí"].iter().any(|start| word.starts_with(start));
    // A diphthong begins with another sound: "y hielo".
    if sounds_alike && !word.starts_with("hie") {
        "e"
    } else {
        "y"
    }
}

// Time.

pub(crate) fn ago(span: &str) -> String {
    match language() {
        Language::English => format!("{span} ago"),
        Language::Spanish => format!("hace {span}"),
    }
}

pub(crate) fn within(span: &str) -> String {
    match language() {
        Language::English => format!("in {span}"),
        Language::Spanish => format!("en {span}"),
    }
}

pub(crate) fn seconds(number: u64) -> String {
    format!("{number} s")
}

pub(crate) fn minutes(number: u64) -> String {
    format!("{number} min")
}

pub(crate) fn hours(number: u64) -> String {
    format!("{number} h")
}

pub(crate) fn days(number: u64) -> String {
    match language() {
        Language::English => counted(number, "day", "days"),
        Language::Spanish => counted(number, "día", "días"),
    }
}

// The frame.

pub(crate) fn title(page: &str) -> String {
    format!("{page} \u{b7} Click2Sync")
}

pub(crate) fn theme(name: &str) -> String {
    match language() {
        Language::English => format!("Theme: {name}"),
        Language::Spanish => format!("Tema: {name}"),
    }
}

pub(crate) fn open_issues(number: u64) -> String {
    if number == 0 {
        return super::NO_ISSUES.to_owned();
    }
    match language() {
        Language::English => counted(number, "open issue", "open issues"),
        Language::Spanish => counted(number, "incidencia abierta", "incidencias abiertas"),
    }
}

/// For the bell, which has room for two digits.
pub(crate) fn at_most_99(number: u64) -> String {
    if number > 99 {
        "99+".to_owned()
    } else {
        number.to_string()
    }
}

/// For the send button's label.
pub(crate) fn at_most_9999(number: u64) -> String {
    if number > 9_999 {
        format!("{}+", format::count(9_999))
    } else {
        format::count(number)
    }
}

pub(crate) fn faults(number: usize) -> String {
    match (language(), number) {
        (Language::English, 1) => {
            "A config file has a mistake. The last good settings stay in force until it is mended.".to_owned()
        }
        (Language::English, _) => format!(
            "{number} mistakes in config files. The last good settings stay in force until they are mended."
        ),
        (Language::Spanish, 1) => {
            "Un archivo de configuración tiene un error. Los últimos ajustes válidos siguen en vigor hasta que se corrija."
                .to_owned()
        }
        (Language::Spanish, _) => format!(
            "{number} errores en archivos de configuración. Los últimos ajustes válidos siguen en vigor hasta que se corrijan."
        ),
    }
}

pub(crate) fn search_for(kind: Kind, text: &str) -> String {
    let (title, text) = (super::of(kind).title, quoted(text));
    match language() {
        Language::English => format!("{title} that mention {text}"),
        Language::Spanish => format!("{title} que mencionan {text}"),
    }
}

pub(crate) fn quoted(text: &str) -> String {
    format!("\u{201c}{text}\u{201d}")
}

/// A set's label where it is plain what it is about.
pub(crate) fn chip(label: &str) -> &str {
    let kinds = match language() {
        Language::English => ["products ", "orders "],
        Language::Spanish => ["productos ", "pedidos "],
    };
    kinds
        .into_iter()
        .find_map(|kind| label.strip_prefix(kind))
        .unwrap_or(label)
}

pub(crate) fn remove_from_search(label: &str) -> String {
    match language() {
        Language::English => format!("Remove from the search: {label}"),
        Language::Spanish => format!("Quitar de la búsqueda: {label}"),
    }
}

/// A set's wording, where the daemon has not told it yet.
pub(crate) fn set_label(kind: Kind, set: &str, name: impl Fn(&str) -> String) -> String {
    match set.parse::<Set>() {
        Ok(set) => label_of(language(), kind, &set, name, None),
        Err(_) => set.to_owned(),
    }
}

// Connections.

/// Is everything in step, and if not, what and why?
pub(crate) fn verdict(totals: &Totals) -> String {
    let Totals {
        orders: _,
        waiting,
        held,
        issues,
        stuck,
        running,
    } = totals;
    if let [(name, state)] = stuck.as_slice() {
        return match (language(), state) {
            (Language::English, ConnectionState::Halted) => format!("{name} stopped and waits for you."),
            (Language::English, _) => format!("{name} could not finish its last job."),
            (Language::Spanish, ConnectionState::Halted) => {
                format!("{name} se detuvo y espera una decisión.")
            }
            (Language::Spanish, _) => format!("{name} no pudo terminar su última tarea."),
        };
    }
    if !stuck.is_empty() {
        let stuck = stuck.len();
        return match language() {
            Language::English => format!("{stuck} connections need you."),
            Language::Spanish => format!("{stuck} conexiones necesitan atención."),
        };
    }
    if *running > 0 {
        return match language() {
            Language::English => counted(*running, "connection is at work.", "connections are at work."),
            Language::Spanish => counted(
                *running,
                "conexión está trabajando.",
                "conexiones están trabajando.",
            ),
        };
    }
    let waits = [
        (*waiting > 0).then(|| match language() {
            Language::English => counted(*waiting, "change waits to be sent", "changes wait to be sent"),
            Language::Spanish => counted(*waiting, "cambio espera su envío", "cambios esperan su envío"),
        }),
        (*held > 0).then(|| match language() {
            Language::English => counted(
                *held,
                "product waits for your choice",
                "products wait for your choice",
            ),
            Language::Spanish => counted(
                *held,
                "producto espera una decisión",
                "productos esperan una decisión",
            ),
        }),
    ];
    let waits: Vec<String> = waits.into_iter().flatten().collect();
    if !waits.is_empty() {
        return format!("{}.", listed(&waits));
    }
    match (language(), issues) {
        (Language::English, 0) => "Everything is in step.".to_owned(),
        (Language::English, _) => format!("Everything is in step, with {}.", open_issues(*issues)),
        (Language::Spanish, 0) => "Todo está al día.".to_owned(),
        (Language::Spanish, _) => format!("Todo está al día, con {}.", open_issues(*issues)),
    }
}

/// One name for one, another for none or several.
fn number_of(number: u64, [one, many]: [super::Word; 2]) -> &'static str {
    if number == 1 { one.text() } else { many.text() }
}

pub(crate) fn products(number: u64) -> &'static str {
    number_of(
        number,
        [word("product", "producto"), word("products", "productos")],
    )
}

pub(crate) fn orders(number: u64) -> &'static str {
    number_of(number, [word("order", "pedido"), word("orders", "pedidos")])
}

pub(crate) fn waiting_changes(number: u64) -> &'static str {
    number_of(
        number,
        [
            word("waiting change", "cambio en espera"),
            word("waiting changes", "cambios en espera"),
        ],
    )
}

pub(crate) fn issues(number: u64) -> &'static str {
    number_of(
        number,
        [word("issue", "incidencia"), word("issues", "incidencias")],
    )
}

pub(crate) fn new_ones(number: u64) -> &'static str {
    number_of(number, [word("new", "nuevo"), word("new", "nuevos")])
}

pub(crate) fn updates(number: u64) -> &'static str {
    number_of(number, [word("update", "cambio"), word("updates", "cambios")])
}

pub(crate) fn held_ones(_: u64) -> &'static str {
    word("held", "por decidir").text()
}

/// What kind of connection it is and what it does by itself.
pub(crate) fn about(connection: &Connection) -> String {
    let platform = match connection.platform.as_str() {
        "csv" => "CSV",
        "woocommerce" => "WooCommerce",
        "shopify" => "Shopify",
        "vendure" => "Vendure",
        "medusa" => "Medusa",
        "demo" => word("Demo store", "Tienda de demostración").text(),
        other => other,
    };
    match &connection.schedule {
        Some(schedule) => format!("{platform} \u{b7} {}", super::schedule(schedule)),
        None => format!("{platform} \u{b7} {}", word("by hand", "a mano")),
    }
}

/// One sentence about a connection's state.
pub(crate) fn state(connection: &Connection, now: Time) -> String {
    if let Some(at) = connection.paused_at {
        let ago = format::ago(at, now);
        return match language() {
            Language::English => {
                format!("Paused {ago}. Nothing is read or written here until you press play.")
            }
            Language::Spanish => {
                format!("En pausa desde {ago}. Aquí no se lee ni se escribe nada hasta reanudar.")
            }
        };
    }
    if let Some(job) = &connection.job {
        match job.status {
            JobStatus::Running => return super::progress(job),
            JobStatus::Queued => return super::waiting_to(job.kind).to_owned(),
            JobStatus::Halted => {
                return job
                    .error
                    .clone()
                    .unwrap_or_else(|| state_name(ConnectionState::Halted).to_owned());
            }
            JobStatus::Done | JobStatus::Failed | JobStatus::Cancelled => {}
        }
    }
    if !connection.detail.is_empty() {
        return connection.detail.clone();
    }
    match (connection.state, connection.next_run) {
        (ConnectionState::Idle, Some(next)) => {
            let next = format::until(next, now);
            match language() {
                Language::English => format!("Idle. Next run {next}."),
                Language::Spanish => format!("Sin actividad. Próxima tarea {next}."),
            }
        }
        (ConnectionState::Idle, None) => word(
            "Idle. It runs when you press a button.",
            "Sin actividad. Trabaja cuando se pulsa un botón.",
        )
        .to_owned(),
        (state, _) => state_name(state).to_owned(),
    }
}

pub(crate) fn with_changes(button: &str, waiting: u64) -> String {
    let changes = match language() {
        Language::English => counted(waiting, "change waits", "changes wait"),
        Language::Spanish => counted(waiting, "cambio espera", "cambios esperan"),
    };
    format!("{button}: {changes}")
}

// Sending.

pub(crate) fn send_title(queued: &Queued, connection: &str) -> String {
    let Queued { products, orders } = queued;
    let parts: Vec<String> = [
        (
            products.update,
            word("update", "cambio"),
            word("updates", "cambios"),
        ),
        (
            products.create,
            word("new product", "producto nuevo"),
            word("new products", "productos nuevos"),
        ),
        (
            orders.update,
            word("order update", "cambio de pedido"),
            word("order updates", "cambios de pedidos"),
        ),
        (
            orders.create,
            word("new order", "pedido nuevo"),
            word("new orders", "pedidos nuevos"),
        ),
    ]
    .into_iter()
    .filter(|(number, ..)| *number > 0)
    .map(|(number, one, many)| counted(number, &one, &many))
    .collect();
    match (language(), parts.is_empty()) {
        (Language::English, true) => format!("Nothing to send to {connection}"),
        (Language::English, false) => format!("Send {} to {connection}", listed(&parts)),
        (Language::Spanish, true) => format!("Nada que enviar a {connection}"),
        (Language::Spanish, false) => format!("Enviar {} a {connection}", listed(&parts)),
    }
}

pub(crate) fn send_button(number: u64) -> String {
    match (language(), number) {
        (Language::English, 0) => "Send".to_owned(),
        (Language::English, _) => format!("Send {}", counted(number, "change", "changes")),
        (Language::Spanish, 0) => "Enviar".to_owned(),
        (Language::Spanish, _) => format!("Enviar {}", counted(number, "cambio", "cambios")),
    }
}

/// The same change of so many variants.
pub(crate) fn times(number: usize) -> String {
    format!("\u{d7} {number}")
}

pub(crate) fn and_more(number: u64) -> String {
    let number = format::count(number);
    match language() {
        Language::English => format!("and {number} more"),
        Language::Spanish => format!("y {number} más"),
    }
}

// Stats.

pub(crate) fn stats_of(connection: &str) -> String {
    match language() {
        Language::English => format!("Stats of {connection}"),
        Language::Spanish => format!("Estadísticas de {connection}"),
    }
}

pub(crate) fn covered(number: u64, per_cent: u64) -> String {
    format!("{} \u{b7} {per_cent}%", format::count(number))
}
