//! Takes people and secrets out of JSON, and puts stand-ins in their place: the same for the same everywhere.

use serde_json::Value;
use std::collections::BTreeMap;

/// What was taken out so far.
#[derive(Debug)]
pub(super) struct Scrub {
    host: String,
    /// Stand-ins by what they stand for.
    known: BTreeMap<String, String>,
    people: usize,
}

/// What a text is, by the name of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    Name,
    Email,
    Phone,
    Place,
    Note,
    Address,
    Secret,
}

/// Words that a text has to be longer than to be looked for in other texts: shorter ones are in everything.
const SHORTEST: usize = 4;
/// So many digits behind a plus are a phone.
const DIGITS: usize = 8;

impl Scrub {
    pub(super) fn of(host: &str) -> Self {
        Self {
            host: host.to_owned(),
            known: BTreeMap::new(),
            people: 0,
        }
    }

    pub(super) fn keep_secret(&mut self, secrets: &[String]) {
        for secret in secrets {
            self.stand_in(Sort::Secret, secret);
        }
    }

    /// First everything is looked for, then it is taken out: a note may name somebody before their name comes.
    pub(super) fn clean(&mut self, value: &mut Value) {
        self.look(value, None, false);
        self.take_out(value);
    }

    /// `person`: within the address or the like of somebody, where a name is a person's.
    fn look(&mut self, value: &Value, key: Option<&str>, person: bool) {
        match value {
            Value::Object(all) => {
                for (key, value) in all {
                    let plain = plain(key);
                    self.look(
                        value,
                        Some(key),
                        (person || is_person(&plain)) && !is_thing(&plain),
                    );
                }
            }
            Value::Array(all) => {
                for value in all {
                    self.look(value, key, person);
                }
            }
            Value::String(text) if !text.trim().is_empty() => {
                if let Some(sort) = key.and_then(|key| sort(&plain(key), person)) {
                    self.stand_in(sort, text.trim());
                }
                for email in emails(text) {
                    self.stand_in(Sort::Email, email);
                }
                for phone in phones(text) {
                    self.stand_in(Sort::Phone, phone);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn stand_in(&mut self, sort: Sort, text: &str) {
        if text.is_empty() || self.known.contains_key(text) {
            return;
        }
        self.people += 1;
        let number = self.people;
        let stand_in = match sort {
            Sort::Name => format!("Name{number}"),
            Sort::Email => format!("buyer{number}@people.example"),
            Sort::Phone => format!("+1 555 0{number:03}"),
            Sort::Place => format!("Place {number}"),
            Sort::Note => format!("Note {number}."),
            Sort::Address => format!("192.0.2.{}", number % 250),
            Sort::Secret => format!("secret-{number}"),
        };
        self.known.insert(text.to_owned(), stand_in);
    }

    fn take_out(&self, value: &mut Value) {
        match value {
            Value::Object(all) => all.values_mut().for_each(|value| self.take_out(value)),
            Value::Array(all) => all.iter_mut().for_each(|value| self.take_out(value)),
            Value::String(text) => *text = self.without(text),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn without(&self, text: &str) -> String {
        if let Some(stand_in) = self.known.get(text.trim()) {
            return stand_in.clone();
        }
        // The longest first: a name may be part of a mail address.
        let mut known: Vec<_> = self
            .known
            .iter()
            .filter(|(text, _)| text.chars().count() >= SHORTEST)
            .collect();
        known.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
        let text = known.into_iter().fold(text.to_owned(), |text, (gone, stand_in)| {
            text.replace(gone, stand_in)
        });
        if self.host.is_empty() {
            text
        } else {
            text.replace(&self.host, "shop.example")
        }
    }
}

/// A key as it is told from others: `Address_1`, `address1` and `address-1` are one.
fn plain(key: &str) -> String {
    let letters = key.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|letter| letter.to_ascii_lowercase()).collect()
}

fn is_person(key: &str) -> bool {
    let whole = [
        "billing",
        "shipping",
        "customer",
        "buyer",
        "user",
        "recipient",
        "author",
        "administrator",
    ];
    whole.contains(&key) || key.ends_with("address") || key.ends_with("customer")
}

/// What lies within a person's part and is a thing all the same.
fn is_thing(key: &str) -> bool {
    ["lines", "lineitems", "customfields", "metadata", "links"].contains(&key)
}

fn sort(key: &str, person: bool) -> Option<Sort> {
    let has = |word: &str| key.contains(word);
    let one_of = |words: &[&str]| words.contains(&key);
    Some(match key {
        _ if has("password") || has("secret") || has("token") || has("signature") || has("nonce") => {
            Sort::Secret
        }
        _ if has("consumerkey") || has("apikey") || has("authorization") => Sort::Secret,
        _ if has("email") || key == "emailaddress" => Sort::Email,
        _ if has("phone") || has("mobile") => Sort::Phone,
        _ if has("ipaddress") || has("useragent") => Sort::Address,
        _ if has("customernote") || has("buyernote") => Sort::Note,
        _ if one_of(&["firstname", "lastname", "fullname", "username", "displayname"]) => Sort::Name,
        _ if one_of(&[
            "address1",
            "address2",
            "streetline1",
            "streetline2",
            "street",
            "city",
        ]) =>
        {
            Sort::Place
        }
        _ if one_of(&["postcode", "postalcode", "zip", "zipcode"]) => Sort::Place,
        _ if person && one_of(&["name", "company"]) => Sort::Name,
        _ if person && one_of(&["state", "province", "region"]) => Sort::Place,
        _ => return None,
    })
}

/// Words with an at-sign and a dot behind it.
fn emails(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|letter: char| !(letter.is_alphanumeric() || "@.+-_".contains(letter)));
    words.map(|word| word.trim_matches('.')).filter(|word| {
        let parts = word.split_once('@');
        parts.is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
    })
}

/// What begins with a plus and goes on with digits, spaces and dashes.
fn phones(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('+').filter_map(|(at, _)| {
        let rest = &text[at..];
        let end = rest[1..].find(|letter: char| !(letter.is_ascii_digit() || " -()/".contains(letter)));
        let phone = rest[..end.map_or(rest.len(), |end| end + 1)].trim_end_matches([' ', '-', '(', ')', '/']);
        let digits = phone.bytes().filter(u8::is_ascii_digit).count();
        (digits >= DIGITS).then_some(phone)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn people_and_secrets_go_and_everything_else_stays() {
        let check = |before: Value, after: Value| {
            let mut value = before;
            Scrub::of("shop.tallow.example").clean(&mut value);
            assert_eq!(value, after);
        };
        // What is of the shop and not of its buyers.
        for kept in [
            json!({ "name": "Mug & Cup", "slug": "mug", "state": "PaymentSettled", "sku": "A-1", "price": "19.90" }),
            json!({ "id": 7, "note": null, "currency": "EUR", "description": "Holds 1 + 1 pints", "total": 3 }),
            json!({ "updatedAt": "2026-11-23T10:00:00.000Z", "code": "standard", "customer_id": 0, "email": "" }),
        ] {
            check(kept.clone(), kept);
        }
        // One at a time: in which order the keys of an object come is nobody's business.
        for (before, after) in [
            (
                json!({ "shippingAddress": { "fullName": "Ada Byrne" } }),
                json!({ "shippingAddress": { "fullName": "Name1" } }),
            ),
            (
                json!({ "shippingAddress": { "province": "Cork", "countryCode": "IE" } }),
                json!({ "shippingAddress": { "province": "Place 1", "countryCode": "IE" } }),
            ),
            (
                json!({ "streetLine1": "5 Quay St" }),
                json!({ "streetLine1": "Place 1" }),
            ),
            (
                json!({ "customer": { "emailAddress": "ada@byrne.example" } }),
                json!({ "customer": { "emailAddress": "buyer1@people.example" } }),
            ),
            (
                json!({ "password": "hunter22" }),
                json!({ "password": "secret-1" }),
            ),
            (
                json!({ "url": "https://shop.tallow.example/a" }),
                json!({ "url": "https://shop.example/a" }),
            ),
            (json!("Call +49 (30) 123-4567."), json!("Call +1 555 0001.")),
            (
                json!(["Mail ada@byrne.example.", "ada@byrne.example"]),
                json!(["Mail buyer1@people.example.", "buyer1@people.example"]),
            ),
        ] {
            check(before, after);
        }
    }
}
