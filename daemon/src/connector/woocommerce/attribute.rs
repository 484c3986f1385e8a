//! The attributes of a product as a whole list, since what a write leaves out is gone: the flags of an attribute too.

use super::{
    shapes::{Attribute, Term},
    term::global,
    text::{escape, same, unescape},
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The attributes of a product being changed.
#[derive(Debug)]
pub(super) struct Attributes<'a> {
    list: Vec<Attribute>,
    /// Those of the whole shop.
    shop: &'a [Term],
    touched: Touched,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Touched {
    Yes,
    No,
}

impl<'a> Attributes<'a> {
    pub(super) fn new(list: &[Attribute], shop: &'a [Term]) -> Self {
        Self {
            list: list.to_vec(),
            shop,
            touched: Touched::No,
        }
    }

    /// Sets attributes that describe the product; a blank value takes one away. Answers what cannot be set.
    pub(super) fn describe(&mut self, wanted: &BTreeMap<String, String>) -> Vec<String> {
        let mut faults = Vec::new();
        for (name, value) in wanted {
            let value = value.trim();
            let at = self.position(name);
            match at.map(|at| &mut self.list[at]) {
                Some(attribute) if attribute.variation => faults.push(format!(
                    "“{name}” tells the variations of this product apart, so it cannot be an attribute as well"
                )),
                Some(_) if value.is_empty() => {
                    self.list.retain(|attribute| !same(&unescape(&attribute.name), name));
                    self.touched = Touched::Yes;
                }
                Some(attribute) => {
                    attribute.options = if attribute.options.len() > 1 {
                        value.split(", ").map(escape).collect()
                    } else {
                        vec![escape(value)]
                    };
                    self.touched = Touched::Yes;
                }
                None if value.is_empty() => {}
                None => self.add(name, value, false),
            }
        }
        faults
    }

    /// Offers a value of an option, without which no variation can have it.
    pub(super) fn offer(&mut self, name: &str, value: &str) {
        if value.trim().is_empty() {
            return;
        }
        let Some(at) = self.position(name) else {
            self.add(name, value, true);
            return;
        };
        let attribute = &mut self.list[at];
        if !attribute.variation {
            attribute.variation = true;
            self.touched = Touched::Yes;
        }
        if !attribute
            .options
            .iter()
            .any(|option| same(&unescape(option), value))
        {
            attribute.options.push(escape(value));
            self.touched = Touched::Yes;
        }
    }

    /// What a variation says of this option.
    pub(super) fn chosen(&self, name: &str, value: &str) -> Value {
        match self.position(name).map(|at| &self.list[at]) {
            Some(attribute) if attribute.id != 0 => json!({ "id": attribute.id, "option": value }),
            Some(attribute) => json!({ "name": attribute.name, "option": value }),
            None => json!({ "name": name, "option": value }),
        }
    }

    /// The whole list, if anything of it changed.
    pub(super) fn changed(&self) -> Option<Value> {
        (self.touched == Touched::Yes).then(|| self.list.iter().map(written).collect())
    }

    /// Of the shop where it has one of this name: a name alone would make another of the product's own.
    fn add(&mut self, name: &str, value: &str, variation: bool) {
        let shop = global(self.shop, name);
        self.list.push(Attribute {
            id: shop.map_or(0, |term| term.id),
            name: shop.map_or_else(|| escape(name.trim()), |term| term.name.clone()),
            position: self
                .list
                .iter()
                .map(|known| known.position + 1)
                .max()
                .unwrap_or(0),
            visible: true,
            variation,
            options: vec![escape(value)],
        });
        self.touched = Touched::Yes;
    }

    /// By its name, or by what the shop calls it within.
    fn position(&self, name: &str) -> Option<usize> {
        let by_name = |name: &str| {
            let mut all = self.list.iter();
            all.position(|known| same(&unescape(&known.name), name))
        };
        by_name(name).or_else(|| {
            let term = global(self.shop, name)?;
            self.list.iter().position(|known| known.id == term.id)
        })
    }
}

fn written(attribute: &Attribute) -> Value {
    let Attribute {
        id,
        name,
        position,
        visible,
        variation,
        options,
    } = attribute;
    let mut written = json!({
        "position": position, "visible": visible, "variation": variation, "options": options,
    });
    if *id == 0 {
        written["name"] = name.as_str().into();
    } else {
        written["id"] = (*id).into();
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shop() -> Vec<Term> {
        serde_json::from_value(json!([
            {"id": 1, "name": "Color", "slug": "pa_color", "type": "select", "order_by": "menu_order", "has_archives": false},
            {"id": 2, "name": "Size", "slug": "pa_size", "type": "select", "order_by": "menu_order", "has_archives": false},
        ]))
        .unwrap()
    }

    fn there() -> Vec<Attribute> {
        serde_json::from_value(json!([
            {"id": 1, "name": "Color", "slug": "pa_color", "position": 0, "visible": true, "variation": true,
                "options": ["Black &amp; White", "Red"]},
            {"id": 0, "name": "Fabric &amp; care", "slug": "Fabric & care", "position": 1, "visible": false, "variation": false,
                "options": ["Cotton", "Cold"]},
        ]))
        .unwrap()
    }

    #[test]
    fn the_whole_list_is_written_with_every_flag() {
        let shop = shop();
        let mut attributes = Attributes::new(&there(), &shop);
        assert_eq!(attributes.changed(), None);
        attributes.offer("color", "black & white");
        assert_eq!(attributes.changed(), None);
        attributes.offer("pa_color", "Blue");
        attributes.offer("Size", "M");
        let faults = attributes.describe(&BTreeMap::from([
            ("Color".to_owned(), "Red".to_owned()),
            ("Fabric & Care".to_owned(), "Wool, Warm".to_owned()),
            ("Cut".to_owned(), "Slim".to_owned()),
            ("Gone".to_owned(), String::new()),
        ]));
        assert_eq!(faults.len(), 1);
        assert!(faults[0].contains("“Color”"), "{faults:?}");
        let wanted = json!([
            {"id": 1, "position": 0, "visible": true, "variation": true, "options": ["Black &amp; White", "Red", "Blue"]},
            {"name": "Fabric &amp; care", "position": 1, "visible": false, "variation": false, "options": ["Wool", "Warm"]},
            {"id": 2, "position": 2, "visible": true, "variation": true, "options": ["M"]},
            {"name": "Cut", "position": 3, "visible": true, "variation": false, "options": ["Slim"]},
        ]);
        assert_eq!(attributes.changed(), Some(wanted));
        assert_eq!(
            attributes.chosen("pa_color", "Blue"),
            json!({"id": 1, "option": "Blue"})
        );
        assert_eq!(
            attributes.chosen("Cut", "Slim"),
            json!({"name": "Cut", "option": "Slim"})
        );
    }

    #[test]
    fn a_blank_value_takes_an_attribute_away() {
        let mut attributes = Attributes::new(&there(), &[]);
        let blank = BTreeMap::from([("fabric & care".to_owned(), " ".to_owned())]);
        assert_eq!(attributes.describe(&blank), Vec::<String>::new());
        let left = attributes.changed().unwrap();
        assert_eq!(left.as_array().unwrap().len(), 1);
    }
}
