//! The language that the console speaks, and words in every language.

use leptos::{
    prelude::{Signal, document, window},
    tachys::{html::attribute::IntoAttributeValue, view::IntoRender},
};
use std::{cell::Cell, fmt, ops::Deref};

/// What the console can speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    Spanish,
}

thread_local! {
    static SPOKEN: Cell<Language> = const { Cell::new(Language::English) };
}

/// The language that is spoken now.
pub(crate) fn language() -> Language {
    SPOKEN.get()
}

impl Language {
    const ALL: [Self; 2] = [Self::English, Self::Spanish];

    /// The language of a tag such as `es-MX`.
    pub(crate) fn parse(tag: &str) -> Option<Self> {
        let name = tag.split('-').next().unwrap_or_default();
        Self::ALL
            .into_iter()
            .find(|language| language.tag().eq_ignore_ascii_case(name))
    }

    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Spanish => "es",
        }
    }

    /// What the language is called by those who speak it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Spanish => "Español",
        }
    }

    pub(crate) fn other(self) -> Self {
        match self {
            Self::English => Self::Spanish,
            Self::Spanish => Self::English,
        }
    }

    /// The first of the reader's languages that the console speaks.
    pub(crate) fn of_reader() -> Self {
        preferred()
            .find_map(|tag| Self::parse(&tag))
            .unwrap_or(Self::English)
    }

    /// How the reader's country writes numbers and dates in this language: `es-MX`, or else `es`.
    pub(crate) fn locale(self) -> String {
        preferred()
            .find(|tag| Self::parse(tag) == Some(self))
            .unwrap_or_else(|| self.tag().to_owned())
    }

    /// Lets all words be said in this language from now on, and the page tell readers aloud so.
    pub(crate) fn speak(self) {
        SPOKEN.set(self);
        crate::format::follow(self);
        if let Some(root) = document().document_element() {
            // The attribute's name is a constant and valid.
            let _ = root.set_attribute("lang", self.tag());
        }
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
