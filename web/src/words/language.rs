//! The language that the console speaks, and words in every language.

use leptos::{
    prelude::{Signal, document, window},
    tachys::{html::attribute::IntoAttributeValue, view::IntoRender},
};
use shared::language::Language;
use std::{cell::Cell, fmt, ops::Deref};

thread_local! {
    static SPOKEN: Cell<Language> = const { Cell::new(Language::English) };
}

/// The language that is spoken now.
pub(crate) fn language() -> Language {
    SPOKEN.get()
}

/// The first of the reader's languages that the console speaks.
pub(crate) fn readers_language() -> Language {
    let known = preferred().find_map(|tag| Language::parse(&tag));
    known.unwrap_or(Language::English)
}

/// How the reader's country writes numbers and dates in a language: `es-MX`, or else `es`.
pub(crate) fn locale(language: Language) -> String {
    preferred()
        .find(|tag| Language::parse(tag) == Some(language))
        .unwrap_or_else(|| language.tag().to_owned())
}

/// Lets all words be said in this language from now on, and the page tell readers aloud so.
pub(crate) fn speak(language: Language) {
    SPOKEN.set(language);
    crate::format::follow(language);
    if let Some(root) = document().document_element() {
        // The attribute's name is a constant and valid.
        let _ = root.set_attribute("lang", language.tag());
    }
}

/// The browser's languages, the dearest first.
fn preferred() -> impl Iterator<Item = String> {
    window()
        .navigator()
        .languages()
        .into_iter()
        .filter_map(|tag| tag.as_string())
}

/// A text in every language. On the page it is said in the language that is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    english: &'static str,
    spanish: &'static str,
}

pub(crate) const fn word(english: &'static str, spanish: &'static str) -> Word {
    Word { english, spanish }
}

impl Word {
    pub(crate) fn text(self) -> &'static str {
        match language() {
            Language::English => self.english,
            Language::Spanish => self.spanish,
        }
    }

    /// As of any other text.
    pub(crate) fn to_owned(self) -> String {
        self.text().to_owned()
    }
}

/// A sentence in the language that is spoken; each `{}` of it is the next of `parts`.
pub(crate) fn fill(sentence: Word, parts: &[&str]) -> String {
    let mut pieces = sentence.text().split("{}");
    let mut filled = pieces.next().unwrap_or_default().to_owned();
    for (piece, part) in pieces.zip(parts) {
        filled.push_str(part);
        filled.push_str(piece);
    }
    filled
}

impl Deref for Word {
    type Target = str;

    fn deref(&self) -> &str {
        self.text()
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl IntoRender for Word {
    type Output = &'static str;

    fn into_render(self) -> &'static str {
        self.text()
    }
}

impl IntoAttributeValue for Word {
    type Output = &'static str;

    fn into_attribute_value(self) -> &'static str {
        self.text()
    }
}

impl From<Word> for String {
    fn from(word: Word) -> Self {
        word.to_owned()
    }
}

impl From<Word> for Signal<String> {
    fn from(word: Word) -> Self {
        Signal::stored(word.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words;
    use shared::{
        policy::{Schedule, ScheduledJob, Times},
        sync::{schedule::in_words, why},
    };
    use std::time::Duration;

    #[test]
    fn what_the_daemon_always_says_alike_is_said_in_spanish() {
        SPOKEN.set(Language::Spanish);
        for told in why::ALL {
            assert_ne!(words::why(told), told);
        }
        let check = |job: ScheduledJob, minutes: u64, wanted: &str| {
            let schedule = Schedule {
                job,
                times: Times::Every(Duration::from_mins(minutes)),
                full_rescan: None,
            };
            assert_eq!(words::schedule(&in_words(&schedule)), wanted);
        };
        check(ScheduledJob::Sync, 15, "Sincronizar cada 15 min");
        check(ScheduledJob::Fetch, 60, "Traer cambios cada 1 hora");
        check(ScheduledJob::Send, 2_880, "Enviar cambios cada 2 días");
    }

    #[test]
    fn lists_are_read_as_in_their_language() {
        let check = |language: Language, parts: &[&str], wanted: &str| {
            SPOKEN.set(language);
            let parts: Vec<String> = parts.iter().map(ToString::to_string).collect();
            assert_eq!(words::listed(&parts), wanted);
        };
        check(Language::English, &["price", "images"], "price and images");
        check(
            Language::Spanish,
            &["precio", "marca", "nota"],
            "precio, marca y nota",
        );
        check(Language::Spanish, &["precio", "imágenes"], "precio e imágenes");
        check(Language::Spanish, &["agua", "hielo"], "agua y hielo");
    }
}
