//! Finding products by words of their titles, brands, SKUs and barcodes.

use crate::{
    content::{Field, Leaf, Value},
    item::Item,
};

/// Words that must all be there, each anywhere and in any case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search(Vec<String>);

impl Search {
    /// `None`: the text has no word, so everything is found.
    pub fn parse(text: &str) -> Option<Self> {
        let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        (!words.is_empty()).then_some(Self(words))
    }

    /// Whether a text that [`text`] made, or any other in lower case, holds every word.
    pub fn finds(&self, text: &str) -> bool {
        self.0.iter().all(|word| text.contains(word.as_str()))
    }
}

/// A text for comparing as people do who type in a hurry: in lower case, and without the accents of Latin letters.
pub fn folded(text: &str) -> String {
    let plain = |letter: char| match letter {
        'á' | 'à' | 'â' | 'ä' | 'ã' | 'å' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'ö' | 'õ' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ñ' => 'n',
        'ç' => 'c',
        other => other,
    };
    text.chars().flat_map(char::to_lowercase).map(plain).collect()
}

/// What is searched of an item, in lower case, a line each: its title first, so that titles sort by it.
pub fn text(item: &Item) -> String {
    let mut title = "";
    let mut rest: Vec<&str> = Vec::new();
    for (path, value) in item.content.iter() {
        match (&path.leaf, value) {
            (Leaf::Field(Field::Title), Value::Text(text)) => title = text,
            (Leaf::Field(Field::Brand | Field::Sku | Field::Barcode), Value::Text(text)) => rest.push(text),
            _ => {}
        }
    }
    let lines = std::iter::once(title).chain(rest);
    lines.collect::<Vec<_>>().join("\n").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        content::Path,
        ids::{ItemId, Key},
        time::Time,
    };

    fn check(words: &str, text: &str, wanted: bool) {
        let found = Search::parse(words).is_none_or(|search| search.finds(text));
        assert_eq!(found, wanted, "{words:?} in {text:?}");
    }

    #[test]
    fn every_word_has_to_be_there_in_any_case_and_order() {
        let text = "linen shirt – straße\nnordic\nns-100-m";
        for words in ["", "  ", "SHIRT", "nordic shirt", "ns-100", "lin ORD", "straße"] {
            check(words, text, true);
        }
        for words in ["shirts", "shirt wool", "ns 200"] {
            check(words, text, false);
        }
    }

    #[test]
    fn case_and_accents_do_not_matter_where_texts_are_folded() {
        assert_eq!(folded("CÓDIGO de Año"), "codigo de ano");
        assert_eq!(folded("Straße 7"), "straße 7");
    }

    #[test]
    fn an_item_is_searched_by_its_title_first_then_by_what_else_people_know_it_by() {
        let of = |field| Path::variant(Key(1), Leaf::Field(field));
        let said = [
            (Path::field(Field::Brand), "Nordic"),
            (Path::field(Field::Title), "Linen SHIRT"),
            (Path::field(Field::Description), "Soft"),
            (of(Field::Sku), "NS-100"),
            (of(Field::Barcode), "7501031311309"),
        ];
        let item = Item {
            id: ItemId(1),
            content: said
                .into_iter()
                .map(|(path, text)| (path, Value::Text(text.into())))
                .collect(),
            next_key: Key(2),
            stamps: Vec::new(),
            created_at: Time(0),
            updated_at: Time(0),
        };
        let found = text(&item);
        let mut lines: Vec<&str> = found.lines().collect();
        assert_eq!(lines.remove(0), "linen shirt");
        lines.sort_unstable();
        assert_eq!(lines, ["7501031311309", "nordic", "ns-100"]);
    }
}
