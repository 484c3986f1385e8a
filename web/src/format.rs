//! Numbers, money and instants as people read them.

use crate::words;
use js_sys::{Array, Date, Function, Intl, Object, Reflect};
use shared::{
    language::Language,
    money::{Currency, Decimal, Money},
    time::Time,
};
use std::cell::RefCell;
use wasm_bindgen::JsValue;

thread_local! {
    static FORMATS: RefCell<Option<Formats>> = const { RefCell::new(None) };
}

/// The browser's own formatters, made once a language.
struct Formats {
    locale: Array,
    number: Function,
    /// A date with the time, to the second.
    exact: Function,
    date: Function,
    /// A date without its year.
    day: Function,
    money: Vec<(Currency, Function)>,
}

/// Writes numbers and dates as readers of this language do from now on.
pub(crate) fn follow(language: Language) {
    let locale = Array::of1(&words::locale(language).into());
    let date = |entries: &[(&str, JsValue)]| Intl::DateTimeFormat::new(&locale, &options(entries)).format();
    let formats = Formats {
        number: Intl::NumberFormat::new(&locale, &options(&[("maximumFractionDigits", 6.into())])).format(),
        exact: date(&[("dateStyle", "medium".into()), ("timeStyle", "medium".into())]),
        date: date(&[("dateStyle", "medium".into())]),
        day: date(&[("day", "numeric".into()), ("month", "short".into())]),
        money: Vec::new(),
        locale,
    };
    FORMATS.set(Some(formats));
}

/// Grouped: 5,310.
pub(crate) fn count(number: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "no count of records comes near 2^53")]
    let number = JsValue::from_f64(number as f64);
    with(|formats| &formats.number, &number)
}

/// Exact and grouped, without trailing zeros.
pub(crate) fn decimal(number: Decimal) -> String {
    with(|formats| &formats.number, &JsValue::from_str(&number.plain()))
}

/// Exact, with its currency. The browser's own formatter takes decimals as text, so nothing is rounded.
pub(crate) fn money(money: Money) -> String {
    let Money { amount, currency } = money;
    let amount = JsValue::from_str(&amount.to_string());
    FORMATS.with_borrow_mut(|formats| {
        let Some(Formats { locale, money, .. }) = formats else {
            return String::new();
        };
        if let Some((_, format)) = money.iter().find(|(known, _)| *known == currency) {
            return call(format, &amount);
        }
        let options = options(&[
            ("style", "currency".into()),
            ("currency", currency.as_str().into()),
            ("maximumFractionDigits", 6.into()),
        ]);
        let format = Intl::NumberFormat::new(locale, &options).format();
        let text = call(&format, &amount);
        money.push((currency, format));
        text
    })
}

/// The instant in the reader's own time zone, to the second.
pub(crate) fn exact(time: Time) -> String {
    with(|formats| &formats.exact, &date(time))
}

/// How long ago, in words; after a week the day, after ten months with its year.
pub(crate) fn ago(time: Time, now: Time) -> String {
    let seconds = now.since(time).as_secs();
    match seconds {
        0..45 => words::JUST_NOW.to_owned(),
        45..604_800 => words::ago(&span(seconds)),
        604_800..26_000_000 => with(|formats| &formats.day, &date(time)),
        _ => with(|formats| &formats.date, &date(time)),
    }
}

/// How long until then, in words.
pub(crate) fn until(time: Time, now: Time) -> String {
    let seconds = time.since(now).as_secs();
    match seconds {
        0..60 => words::ANY_MOMENT.to_owned(),
        _ => words::within(&span(seconds)),
    }
}

/// A length of time in its largest unit: 43 s, 4 min, 2 h, 3 days.
pub(crate) fn span(seconds: u64) -> String {
    match seconds {
        0..60 => words::seconds(seconds),
        60..3_570 => words::minutes((seconds + 30) / 60),
        3_570..84_600 => words::hours((seconds + 1_800) / 3_600),
        _ => words::days((seconds + 43_200) / 86_400),
    }
}

/// The browser's clock.
pub(crate) fn now() -> Time {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "milliseconds of any real date fit"
    )]
    Time(Date::now() as i64)
}

fn date(time: Time) -> JsValue {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of any real date fit")]
    Date::new(&JsValue::from_f64(time.0 as f64)).into()
}

/// Nothing is written before the console speaks a language.
fn with(of: fn(&Formats) -> &Function, value: &JsValue) -> String {
    FORMATS.with_borrow(|formats| {
        formats
            .as_ref()
            .map(|formats| call(of(formats), value))
            .unwrap_or_default()
    })
}

fn call(format: &Function, value: &JsValue) -> String {
    let text = format.call1(&JsValue::UNDEFINED, value);
    text.ok().and_then(|text| text.as_string()).unwrap_or_default()
}

fn options(entries: &[(&str, JsValue)]) -> Object {
    let options = Object::new();
    for (name, value) in entries {
        // A plain object takes any property.
        let _ = Reflect::set(&options, &(*name).into(), value);
    }
    options
}
