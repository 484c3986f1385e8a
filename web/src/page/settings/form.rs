//! A form over the JSON of a settings file: each input is one path, and saving sends only what changed.

use crate::{
    client::Failure,
    words::{self, Word},
};
use leptos::prelude::*;
use serde_json::{Map, Value};
use std::fmt::Display;

/// Handles to the form's state.
#[derive(Clone, Copy)]
pub(super) struct Form {
    draft: RwSignal<Value>,
    saved: RwSignal<Value>,
    /// What the daemon refused: the setting, if it named one, and why.
    refused: RwSignal<Option<(Option<String>, String)>>,
}

/// What a switch is when the file says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum On {
    ByDefault,
}

const CLONE: &str = "products.clone";

impl Form {
    pub(super) fn new() -> Self {
        Self {
            draft: RwSignal::new(Value::Null),
            saved: RwSignal::new(Value::Null),
            refused: RwSignal::new(None),
        }
    }

    pub(super) fn fill(self, settings: Value) {
        self.saved.set(settings.clone());
        self.draft.set(settings);
    }

    /// What changed, as an RFC 7396 merge patch.
    pub(super) fn patch(self) -> Option<Value> {
        difference(&self.saved.read_untracked(), &self.draft.read_untracked())
    }

    pub(super) fn is_changed(self) -> bool {
        *self.saved.read() != *self.draft.read()
    }

    /// Shows why saving failed, at its setting where one is named. Returns that setting.
    pub(super) fn refuse(self, failure: &Failure) -> Option<String> {
        let setting = match failure {
            Failure::Refused(problem) => problem
                .field
                .as_ref()
                .map(|field| field.trim_start_matches('/').replace('/', ".")),
            Failure::Unreachable | Failure::Unexpected => None,
        };
        self.refused.set(Some((setting.clone(), failure.message())));
        setting
    }

    /// What is wrong, where no single input shows it.
    pub(super) fn general(self) -> Option<String> {
        match self.refused.get()? {
            (Some(setting), _) if is_shown(&setting) => None,
            (_, message) => Some(message),
        }
    }

    /// A text; left blank, it is not in the file.
    pub(super) fn text(
        self,
        path: impl Into<String>,
        name: impl Into<String>,
        about: impl Into<String>,
        example: impl Into<String>,
    ) -> AnyView {
        let read = |text: &str| Value::String(text.to_owned());
        self.input(path.into(), name.into(), about.into(), example.into(), read)
    }

    /// Several texts with commas between them; left blank, it is not in the file.
    pub(super) fn list(
        self,
        path: impl Into<String>,
        name: impl Into<String>,
        about: impl Into<String>,
        example: impl Into<String>,
    ) -> AnyView {
        let read = |text: &str| {
            let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
            Value::Array(parts.map(|part| Value::String(part.to_owned())).collect())
        };
        self.input(path.into(), name.into(), about.into(), example.into(), read)
    }

    /// A text that is never shown. Typing replaces it; taking back what was typed leaves it as it is.
    pub(super) fn secret(
        self,
        path: impl Into<String>,
        name: impl Into<String>,
        about: impl Into<String>,
    ) -> AnyView {
        let path: String = path.into();
        let saved = self.get_untracked(&path);
        let told = words::secret(saved.as_ref());
        let own = path.clone();
        let change = move |event| {
            let text = event_target_value(&event);
            let typed = (!text.is_empty()).then_some(Value::String(text));
            self.put(&own, typed.or_else(|| saved.clone()));
        };
        let control = view! {
            <input
                type="password"
                name=path.clone()
                placeholder=told
                autocomplete="new-password"
                aria-invalid=self.wrong(path.clone())
                on:input=change
            />
        };
        self.row(path, name.into(), about.into(), control.into_any())
    }

    /// A whole number; left blank, it is not in the file.
    pub(super) fn number(
        self,
        path: impl Into<String>,
        name: impl Into<String>,
        about: impl Into<String>,
        example: impl Into<String>,
    ) -> AnyView {
        // What is no number is sent as it was typed: the daemon says what is wrong with it.
        let read = |text: &str| {
            text.parse::<i64>()
                .map_or_else(|_| Value::String(text.to_owned()), Value::from)
        };
        self.input(path.into(), name.into(), about.into(), example.into(), read)
    }

    /// One of several; the first is what holds when the file says nothing.
    pub(super) fn choice(
        self,
        path: &str,
        name: impl Into<String>,
        about: impl Into<String>,
        choices: &[(&str, impl Display)],
    ) -> AnyView {
        let path = StoredValue::new(path.to_owned());
        let chosen = move || {
            self.get(&path.get_value())
                .and_then(|value| value.as_str().map(str::to_owned))
                .unwrap_or_default()
        };
        let options = choices
            .iter()
            .map(|(value, label)| {
                let (value, label) = ((*value).to_owned(), label.to_string());
                let own = value.clone();
                view! { <option value=value selected=move || chosen() == own>{label}</option> }
            })
            .collect_view();
        let change = move |event| {
            let chosen = event_target_value(&event);
            self.put(
                &path.get_value(),
                (!chosen.is_empty()).then_some(Value::String(chosen)),
            );
        };
        let control = view! {
            <select name=path.get_value() aria-invalid=self.wrong(path.get_value()) on:change=change>
                {options}
            </select>
        };
        self.row(path.get_value(), name.into(), about.into(), control.into_any())
    }

    /// On or off.
    pub(super) fn switch(self, path: &'static str, name: Word, about: Word, default: On) -> AnyView {
        let on = move || {
            self.get(path)
                .and_then(|value| value.as_bool())
                .unwrap_or(default == On::ByDefault)
        };
        let control = view! {
            <input
                class="switch"
                type="checkbox"
                role="switch"
                name=path
                prop:checked=on
                on:change=move |event| self.put(path, Some(Value::Bool(event_target_checked(&event))))
            />
        };
        self.row(
            path.to_owned(),
            name.to_owned(),
            about.to_owned(),
            control.into_any(),
        )
    }

    /// Which products are created here: none, all, or those of some sets.
    pub(super) fn clone_which(self) -> AnyView {
        let which = move || match self.get(CLONE) {
            Some(Value::Bool(true)) => "all",
            Some(Value::String(_)) => "some",
            _ => "none",
        };
        let change = move |event| {
            let value = match event_target_value(&event).as_str() {
                "all" => Value::Bool(true),
                "some" => Value::String(String::new()),
                _ => Value::Bool(false),
            };
            self.put(CLONE, Some(value));
        };
        let options = words::CLONE_CHOICES
            .into_iter()
            .map(|(value, label)| view! { <option value=value selected=move || which() == value>{label}</option> })
            .collect_view();
        let control = view! {
            <select name=CLONE on:change=change aria-invalid=self.wrong(CLONE.to_owned())>
                {options}
            </select>
        };
        let some = Memo::new(move |_| which() == "some");
        let expression = move || {
            some.get().then(|| {
                self.text(
                    CLONE,
                    words::SET_CLONE_SETS,
                    words::SET_CLONE_SETS_ABOUT,
                    "brand:nike stock:in",
                )
            })
        };
        view! {
            {self.row(CLONE.to_owned(), words::SET_CLONE.to_owned(), words::SET_CLONE_ABOUT.to_owned(), control.into_any())}
            {expression}
        }
        .into_any()
    }

    fn input(
        self,
        path: String,
        name: String,
        about: String,
        example: String,
        read: fn(&str) -> Value,
    ) -> AnyView {
        let shown = match self.get_untracked(&path) {
            Some(Value::String(text)) => text,
            Some(Value::Number(number)) => number.to_string(),
            Some(Value::Array(list)) => {
                let parts: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
                parts.join(", ")
            }
            _ => String::new(),
        };
        let own = path.clone();
        let change = move |event| {
            let text = event_target_value(&event);
            let text = text.trim();
            let keep_blank = own == CLONE;
            self.put(&own, (keep_blank || !text.is_empty()).then(|| read(text)));
        };
        let control = view! {
            <input
                type="text"
                name=path.clone()
                value=shown
                placeholder=example
                autocomplete="off"
                spellcheck="false"
                aria-invalid=self.wrong(path.clone())
                on:input=change
            />
        };
        self.row(path, name, about, control.into_any())
    }

    /// A label, what it is about, the control, and what is wrong with it.
    fn row(self, path: String, name: String, about: String, control: AnyView) -> AnyView {
        let message = move || {
            let refused = self.refused.get()?;
            (refused.0.as_deref() == Some(&path))
                .then(|| view! { <span class="wrong" role="alert" lang=words::told_in()>{refused.1}</span> })
        };
        view! {
            <label class="setting">
                <span class="label">
                    <b>{name}</b>
                    {(!about.is_empty()).then(|| view! { <small>{about}</small> })}
                </span>
                <span class="control">{control} {message}</span>
            </label>
        }
        .into_any()
    }

    fn wrong(self, path: String) -> impl Fn() -> Option<&'static str> + Send + Clone + 'static {
        move || {
            let refused = self.refused.read();
            let (setting, _) = refused.as_ref()?;
            (setting.as_deref() == Some(&path)).then_some("true")
        }
    }

    /// Whether the file would say something at `path`.
    pub(super) fn says(self, path: &str) -> bool {
        find(&self.draft.read(), path).is_some()
    }

    fn get(self, path: &str) -> Option<Value> {
        find(&self.draft.read(), path).cloned()
    }

    fn get_untracked(self, path: &str) -> Option<Value> {
        find(&self.draft.read_untracked(), path).cloned()
    }

    fn put(self, path: &str, value: Option<Value>) {
        // Without a job there is no schedule.
        let path = if path == "schedule.job" && value.is_none() {
            "schedule"
        } else {
            path
        };
        self.draft.update(|draft| put(draft, path, value));
        let about_this = self
            .refused
            .read_untracked()
            .as_ref()
            .is_some_and(|(setting, _)| setting.as_deref().is_none_or(|setting| setting == path));
        if about_this {
            self.refused.set(None);
        }
    }
}

/// Whether the dialog has an input for a setting.
fn is_shown(setting: &str) -> bool {
    let known = [
        "name",
        "products.defaults.category",
        "products.defaults.status",
        "products.options.color",
        "products.options.size",
        "guards.zero_stock",
        "guards.price_change.by",
        "guards.price_change.of",
        "products.fetch",
        "products.absorb",
        CLONE,
        "schedule.job",
        "schedule.every",
        "schedule.cron",
        "schedule.time_zone",
        "schedule.full_rescan",
        "prices.currency",
        "prices.margin",
        "prices.add",
        "prices.round",
        "prices.mode",
        "stock.buffer",
        "stock.max",
    ];
    known.contains(&setting) || setting.starts_with("products.fields.")
}

fn find<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(value, |value, name| value.get(name))
}

/// Puts `new` at `path`. `None` takes away what is there, and the tables that it leaves empty.
fn put(value: &mut Value, path: &str, new: Option<Value>) {
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    let Some(table) = value.as_object_mut() else {
        return;
    };
    match (path.split_once('.'), new) {
        (Some((name, _)), None) if !table.contains_key(name) => {}
        (Some((name, rest)), new) => {
            let inner = table.entry(name).or_insert(Value::Null);
            put(inner, rest, new);
            if inner.as_object().is_some_and(Map::is_empty) {
                table.remove(name);
            }
        }
        (None, Some(new)) => {
            table.insert(path.to_owned(), new);
        }
        (None, None) => {
            table.remove(path);
        }
    }
}

/// The merge patch that makes `new` of `old`.
fn difference(old: &Value, new: &Value) -> Option<Value> {
    let (Value::Object(olds), Value::Object(news)) = (old, new) else {
        return (old != new).then(|| new.clone());
    };
    let gone = olds
        .keys()
        .filter(|key| !news.contains_key(*key))
        .map(|key| (key.clone(), Value::Null));
    let changed = news.iter().filter_map(|(key, new)| {
        let changed = match olds.get(key) {
            Some(old) => difference(old, new),
            None => Some(new.clone()),
        };
        changed.map(|changed| (key.clone(), changed))
    });
    let patch: Map<String, Value> = gone.chain(changed).collect();
    (!patch.is_empty()).then_some(Value::Object(patch))
}
