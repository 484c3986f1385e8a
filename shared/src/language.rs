//! The languages that people are spoken to in.

/// A language that Click2Sync speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    English,
    Spanish,
}

impl Language {
    pub const ALL: [Self; 2] = [Self::English, Self::Spanish];

    /// As pages and browsers write it (BCP 47).
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Spanish => "es",
        }
    }

    /// What those who speak it call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Spanish => "Español",
        }
    }

    pub fn other(self) -> Self {
        match self {
            Self::English => Self::Spanish,
            Self::Spanish => Self::English,
        }
    }

    /// The language of a tag, wherever it is spoken: `es-MX` is Spanish.
    pub fn parse(tag: &str) -> Option<Self> {
        let name = tag.trim().split('-').next().unwrap_or_default();
        let spoken = |language: &Self| language.tag().eq_ignore_ascii_case(name);
        Self::ALL.into_iter().find(spoken)
    }

    /// The dearest language of an `Accept-Language` header (RFC 9110, 12.5.4) that is spoken here; English where none is.
    pub fn accepted(header: &str) -> Self {
        let asked = header.split(',').filter_map(|entry| {
            let (tag, weight) = match entry.split_once(';') {
                None => (entry, 1.0),
                Some((tag, weight)) => (tag, weight.trim().strip_prefix("q=")?.parse::<f32>().ok()?),
            };
            Some((Self::parse(tag)?, weight)).filter(|(_, weight)| *weight > 0.0)
        });
        // Of those that are as dear, the first.
        let dearest = asked.reduce(|best, next| if next.1 > best.1 { next } else { best });
        dearest.map_or(Self::English, |(language, _)| language)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(header: &str, wanted: Language) {
        assert_eq!(Language::accepted(header), wanted, "{header:?}");
    }

    #[test]
    fn the_dearest_language_that_is_spoken_here_is_accepted() {
        for header in [
            "es",
            "es-MX,es;q=0.9,en;q=0.8",
            "de, ES-419;q=0.5",
            "en;q=0.3, es;q=0.7",
        ] {
            check(header, Language::Spanish);
        }
        for header in [
            "",
            "en-GB,es;q=0.9",
            "de,fr;q=0.5",
            "*",
            "es;q=0, en;q=0.1",
            "es;q=much",
            "est",
        ] {
            check(header, Language::English);
        }
    }
}
