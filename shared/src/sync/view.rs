//! What a connection is to show of an item, in the connection's own values.

use super::price::{self, NoRate};
use crate::{
    content::{Content, Field, Leaf, Path, Value},
    issue::{Code, Issue, Severity},
    money::Decimal,
    policy::{Policy, Stock},
    time::Time,
};

/// The item's content under the policy's rules: prices converted, stock held back, what is not written left out.
///
/// `fields` are those that the platform can hold. A price without an exchange rate is left out, with an issue.
pub fn view(item: &Content, policy: &Policy, fields: &[Field], now: Time) -> (Content, Vec<Issue>) {
    let mut issues = Vec::new();
    let mut entries: Vec<(Path, Value)> = Vec::with_capacity(item.len());
    // The only variant of a simple product is there without any option.
    let simple = item.variants().count() == 1;
    for (path, value) in item.iter() {
        let field = path.governed_by();
        let written = fields.contains(&field) && policy.products.fields.of(field).writes();
        let comes_along = simple && *value == Value::Present;
        if !(written || comes_along) {
            continue;
        }
        match (field, value) {
            (Field::Price | Field::CompareAtPrice, Value::Number(amount)) => {
                match price::shown_price(*amount, policy) {
                    Ok(shown) => entries.push((path.clone(), Value::Number(shown))),
                    Err(missing) => issues.push(no_rate(missing, path, now)),
                }
            }
            (Field::Stock, Value::Number(quantity)) => {
                if let Some(shown) = shown_location(path, &policy.stock) {
                    add_stock(&mut entries, shown, *quantity);
                }
            }
            _ => entries.push((path.clone(), value.clone())),
        }
    }
    if holds_back(&policy.stock) {
        for (path, value) in &mut entries {
            if let (Field::Stock, Value::Number(quantity)) = (path.governed_by(), value) {
                *quantity = held_back(*quantity, &policy.stock);
            }
        }
    }
    (entries.into_iter().collect(), issues)
}

/// What [`view`] shows at one path, without the rest.
pub fn view_at(item: &Content, path: &Path, policy: &Policy, fields: &[Field]) -> Option<Value> {
    let field = path.governed_by();
    let written = fields.contains(&field) && policy.products.fields.of(field).writes();
    if let (true, Leaf::Stock(location)) = (written, &path.leaf) {
        let at = |hub: &str| item.number(&Path::of(path.part, Leaf::Stock(hub.into())));
        let mut held = hub_locations(location, &policy.stock)
            .into_iter()
            .filter(|hub| {
                shown_location(&Path::of(path.part, Leaf::Stock((*hub).into())), &policy.stock).as_ref()
                    == Some(path)
            })
            .filter_map(at)
            .peekable();
        held.peek()?;
        let sum = held.map(|quantity| quantity.0).sum();
        return Some(Value::Number(held_back(Decimal(sum), &policy.stock)));
    }
    let value = item.get(path)?;
    let comes_along = || *value == Value::Present && item.variants().count() == 1;
    match (field, value) {
        _ if !(written || comes_along()) => None,
        (Field::Price | Field::CompareAtPrice, Value::Number(amount)) => {
            price::shown_price(*amount, policy).ok().map(Value::Number)
        }
        _ => Some(value.clone()),
    }
}

/// Where the platform shows what the hub has at a location. `None`: nowhere.
fn shown_location(path: &Path, stock: &Stock) -> Option<Path> {
    let Leaf::Stock(location) = &path.leaf else {
        return None;
    };
    if stock.locations.is_empty() {
        return Some(path.clone());
    }
    let shows = |(_, hubs): &(&String, &Vec<String>)| hubs.iter().any(|hub| location == hub);
    let (theirs, _) = stock.locations.iter().find(shows)?;
    Some(Path {
        part: path.part,
        leaf: Leaf::Stock(theirs.into()),
    })
}

/// The hub's locations that a platform's location shows the sum of.
pub fn hub_locations<'a>(shown: &'a str, stock: &'a Stock) -> Vec<&'a str> {
    match stock.locations.get(shown) {
        Some(hubs) => hubs.iter().map(String::as_str).collect(),
        None => vec![shown],
    }
}

fn add_stock(entries: &mut Vec<(Path, Value)>, path: Path, quantity: Decimal) {
    let before = entries
        .iter_mut()
        .rev()
        .take_while(|(shown, _)| shown.part == path.part)
        .find(|(shown, _)| *shown == path);
    match before {
        Some((_, Value::Number(sum))) => sum.0 += quantity.0,
        _ => entries.push((path, Value::Number(quantity))),
    }
}

/// What is shown of a quantity: less the buffer, at most the maximum, never less than nothing.
///
/// Without a rule the quantity is shown as it is, since some platforms count oversold units below zero.
fn held_back(quantity: Decimal, stock: &Stock) -> Decimal {
    let Stock {
        buffer,
        max,
        locations: _,
    } = stock;
    if !holds_back(stock) {
        return quantity;
    }
    let kept = (quantity.0 - buffer.0).max(Decimal::ZERO.0);
    Decimal(max.map_or(kept, |max| kept.min(max.0)))
}

fn holds_back(stock: &Stock) -> bool {
    !stock.buffer.is_zero() || stock.max.is_some()
}

fn no_rate(missing: NoRate, path: &Path, now: Time) -> Issue {
    Issue {
        code: Code::NoExchangeRate,
        severity: Severity::Error,
        path: Some(path.clone()),
        message: format!("The price is not sent: {missing}."),
        at: now,
    }
}

/// Why a path is shown as it is, in words: the rule that made it.
pub fn why(item: &Content, path: &Path, policy: &Policy) -> String {
    match &path.leaf {
        Leaf::Field(Field::Price | Field::CompareAtPrice) => match item.number(path) {
            Some(amount) => price::explain(amount, policy),
            None => String::from(super::why::NO_PRICE),
        },
        Leaf::Stock(location) => why_stock(item, path, location, &policy.stock),
        _ => String::from(super::why::AS_HUB),
    }
}

fn why_stock(item: &Content, path: &Path, location: &str, stock: &Stock) -> String {
    let hubs = hub_locations(location, stock);
    let counts = hubs.iter().filter_map(|hub| {
        let at = Path {
            part: path.part,
            leaf: Leaf::Stock((*hub).into()),
        };
        item.number(&at)
            .map(|quantity| format!("{} at {hub}", quantity.plain()))
    });
    let mut words = counts.collect::<Vec<_>>().join(" + ");
    if !stock.buffer.is_zero() {
        words.extend([" − ", &stock.buffer.plain(), " held back"]);
    }
    if let Some(max) = stock.max {
        words.extend([", at most ", &max.plain()]);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{ConnectionId, Key};

    fn check(stock: Stock, hub: &[(&str, i64)], wanted: &[(&str, i64)]) {
        let mut policy = Policy::new(ConnectionId::parse("shop").unwrap(), "demo");
        policy.stock = stock;
        let content = |quantities: &[(&str, i64)]| -> Content {
            quantities
                .iter()
                .map(|(location, n)| (Path::stock(Key(1), *location), Value::Number(Decimal::from(*n))))
                .collect()
        };
        let (shown, issues) = view(&content(hub), &policy, &Field::PRODUCT, Time(0));
        assert_eq!(shown, content(wanted), "{hub:?}");
        assert_eq!(issues, []);
    }

    #[test]
    fn stock_is_summed_by_location_then_held_back_then_capped() {
        let rule = |buffer: i64, max: Option<i64>| Stock {
            buffer: Decimal::from(buffer),
            max: max.map(Decimal::from),
            ..Stock::default()
        };
        check(rule(0, None), &[("main", 7)], &[("main", 7)]);
        check(rule(0, None), &[("main", -3)], &[("main", -3)]);
        check(rule(2, None), &[("main", 7)], &[("main", 5)]);
        check(rule(2, None), &[("main", 1)], &[("main", 0)]);
        check(rule(0, Some(50)), &[("main", 515)], &[("main", 50)]);
        let both = [("default".to_owned(), vec!["main".to_owned(), "outlet".to_owned()])];
        let summed = Stock {
            locations: both.into(),
            ..rule(2, None)
        };
        check(
            summed,
            &[("main", 7), ("outlet", 4), ("far", 9)],
            &[("default", 9)],
        );
    }

    fn check_why(path: &Path, buffer: i64, max: Option<i64>, locations: &[&str], wanted: &str) {
        let mut policy = Policy::new(ConnectionId::parse("shop").unwrap(), "demo");
        policy.prices.margin = Decimal::from(10);
        policy.stock.buffer = Decimal::from(buffer);
        policy.stock.max = max.map(Decimal::from);
        if !locations.is_empty() {
            let hubs = locations.iter().map(|&hub| hub.to_owned()).collect();
            policy.stock.locations.insert("default".to_owned(), hubs);
        }
        let number = |path, n: i64| (path, Value::Number(Decimal::from(n)));
        let content: Content = [
            number(Path::stock(Key(1), "default"), 7),
            number(Path::stock(Key(1), "outlet"), 4),
            number(Path::variant_field(Key(1), Field::Price), 100),
        ]
        .into_iter()
        .collect();
        assert_eq!(why(&content, path, &policy), wanted);
    }

    #[test]
    fn what_is_shown_says_the_rule_that_made_it() {
        let stock = Path::stock(Key(1), "default");
        check_why(&stock, 0, None, &[], "7 at default");
        check_why(&stock, 2, None, &[], "7 at default − 2 held back");
        check_why(&stock, 0, Some(5), &[], "7 at default, at most 5");
        check_why(
            &stock,
            2,
            Some(5),
            &["default", "outlet", "far"],
            "7 at default + 4 at outlet − 2 held back, at most 5",
        );
        let price = |field| Path::variant_field(Key(1), field);
        check_why(&price(Field::Price), 0, None, &[], "100 USD + 10% → 110 USD");
        check_why(
            &price(Field::CompareAtPrice),
            0,
            None,
            &[],
            "The hub has no such price any more",
        );
        check_why(&Path::field(Field::Title), 2, None, &[], "As the hub has it");
    }
}
