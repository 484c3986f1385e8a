//! The keyboard: `/` to search, `j` and `k` to move, `g` and a letter to go to a page, `?` for the list.

use crate::{
    here::here,
    page::{Page, items::ItemList},
    state::{Both, Console, Dialog},
};
use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement, KeyboardEvent};

/// The letter after `g`, and where it goes.
pub(crate) const PAGES: [(&str, &str); 5] = [
    ("c", "/"),
    ("p", "/products"),
    ("o", "/orders"),
    ("i", "/issues"),
    ("j", "/jobs"),
];

/// Marks what `j` and `k` move between.
pub(crate) const ROW: &str = "[data-row]";

/// Listens while the console is open.
pub(crate) fn listen(console: Console) {
    let here = here();
    let lists = expect_context::<Both<ItemList>>();
    let after_g = StoredValue::new(false);
    let handle = window_event_listener(ev::keydown, move |event: KeyboardEvent| {
        let elsewhere = event.ctrl_key() || event.meta_key() || event.alt_key();
        if elsewhere || typing(&event) || console.dialog.with_untracked(Option::is_some) {
            return;
        }
        let key = event.key();
        if after_g.get_value() {
            after_g.set_value(false);
            if let Some((_, address)) = PAGES.iter().find(|(letter, _)| *letter == key) {
                event.prevent_default();
                return here.go(address);
            }
        }
        match key.as_str() {
            "g" => after_g.set_value(true),
            "/" => {
                event.prevent_default();
                focus("#search");
            }
            "?" => console.dialog.set(Some(Dialog::Keys)),
            "j" | "ArrowDown" => step(&event, 1),
            "k" | "ArrowUp" => step(&event, -1),
            "Escape" => {
                let page = Page::of(&here.path.read_untracked());
                if let Page::Item(kind, _) = page {
                    here.go(&untrack(|| lists.of(kind).address()));
                }
            }
            _ => {}
        }
    });
    on_cleanup(move || handle.remove());
}

/// Moves the focus to what `selector` finds first.
pub(crate) fn focus(selector: &str) {
    let found = document().query_selector(selector).ok().flatten();
    if let Some(element) = found.and_then(|found| found.dyn_into::<HtmlElement>().ok()) {
        // An element that cannot take the focus leaves it where it is.
        let _ = element.focus();
    }
}

fn typing(event: &KeyboardEvent) -> bool {
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| {
        let toggle = target
            .dyn_ref::<HtmlInputElement>()
            .is_some_and(|input| input.type_() == "checkbox" || input.type_() == "radio");
        !toggle && matches!(target.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
    })
}

/// Moves the focus by `by` rows; from nowhere, to the first. Arrow keys scroll unless a row has the focus.
fn step(event: &KeyboardEvent, by: i32) {
    let Ok(rows) = document().query_selector_all(ROW) else {
        return;
    };
    let rows: Vec<HtmlElement> = (0..rows.length())
        .filter_map(|at| rows.item(at)?.dyn_into().ok())
        .collect();
    let active = document().active_element();
    let here = rows
        .iter()
        .position(|row| active.as_ref().is_some_and(|active| row.contains(Some(active))));
    if here.is_none() && event.key().starts_with("Arrow") {
        return;
    }
    let to = match here {
        None => 0,
        Some(here) if by < 0 => here.saturating_sub(1),
        Some(here) => (here + 1).min(rows.len().saturating_sub(1)),
    };
    if let Some(row) = rows.get(to) {
        event.prevent_default();
        let _ = row.focus();
    }
}
