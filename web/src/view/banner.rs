//! Faults of the config files, where nobody can miss them.

use crate::{
    state::console,
    view::icon::{Icon, icon},
    words,
};
use leptos::prelude::*;
use shared::api::ConfigFault;

/// There while any file is faulty; says where, why, and what to write instead.
#[component]
pub(crate) fn FaultBanner() -> impl IntoView {
    let console = console();
    let faults = Memo::new(move |_| {
        let config = console.config.read();
        let Some(config) = config.as_ref() else {
            return Vec::new();
        };
        let of_files: Vec<ConfigFault> = config.files.iter().flat_map(|file| file.faults.clone()).collect();
        if of_files.is_empty() {
            config.fault.iter().cloned().collect()
        } else {
            of_files
        }
    });
    move || {
        let faults = faults.get();
        (!faults.is_empty()).then(|| {
            view! {
                <section class="fault" role="alert">
                    {icon(Icon::Alert)}
                    <div>
                        <h2>{words::faults(faults.len())}</h2>
                        {faults.into_iter().map(fault).collect_view()}
                    </div>
                </section>
            }
        })
    }
}

fn fault(fault: ConfigFault) -> impl IntoView {
    let ConfigFault {
        file,
        line,
        column,
        message,
        hint,
        excerpt,
        field: _,
    } = fault;
    let caret = " ".repeat(column.saturating_sub(1));
    view! {
        <div class="one">
            <code>{format!("{file}:{line}:{column}")}</code>
            <p class="message" lang=words::told_in()>{message}</p>
            <pre>{format!("{excerpt}\n{caret}^")}</pre>
            {hint.map(|hint| view! { <p class="hint" lang=words::told_in()>{hint}</p> })}
        </div>
    }
}
