//! Numbers, money and instants as people read them.

use crate::words;
use js_sys::{Array, Date, Function, Intl, Object, Reflect};
use shared::{
    money::{Currency, Decimal, Money},
    time::Time,
};
use std::cell::RefCell;
use wasm_bindgen::JsValue;

thread_local! {
    static NUMBER: Function =
        Intl::NumberFormat::new(&locale(), &options(&[("maximumFractionDigits", 6.into())])).format();
    static EXACT: Function = Intl::DateTimeFormat::new(
        &locale(),
        &options(&[("dateStyle", "medium".into()), ("timeStyle", "medium".into())]),
    )
    .format();
    static DATE: Function =
        Intl::DateTimeFormat::new(&locale(), &options(&[("dateStyle", "medium".into())])).format();
    static DAY: Function = Intl::DateTimeFormat::new(
        &locale(),
        &options(&[("day", "numeric".into()), ("month", "short".into())]),
    )
    .format();
    static MONEY: RefCell<Vec<(Currency, Function)>> = const { RefCell::new(Vec::new()) };
}

/// Grouped: 5,310.
pub(crate) fn count(number: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "no count of records comes near 2^53")]
    NUMBER.with(|format| call(format, &JsValue::from_f64(number as f64)))
}

/// Exact and grouped, without trailing zeros.
pub(crate) fn decimal(number: Decimal) -> String {
    NUMBER.with(|format| call(format, &JsValue::from_str(&number.plain())))
}

/// Exact, with its currency. The browser's own formatter takes decimals as text, so nothing is rounded.
pub(crate) fn money(money: Money) -> String {
    let amount = JsValue::from_str(&money.amount.to_string());
    MONEY.with_borrow_mut(|known| {
        if let Some((_, format)) = known.iter().find(|(currency, _)| *currency == money.currency) {
            return call(format, &amount);
        }
        let options = options(&[
            ("style", "currency".into()),
            ("currency", money.currency.as_str().into()),
            ("maximumFractionDigits", 6.into()),
        ]);
        let format = Intl::NumberFormat::new(&locale(), &options).format();
        let text = call(&format, &amount);
        known.push((money.currency, format));
        text
    })
}

/// The instant in the reader's own time zone, to the second.
pub(crate) fn exact(time: Time) -> String {
    EXACT.with(|format| call(format, &date(time)))
}

/// How long ago, in words; after a week the day, after ten months with its year.
pub(crate) fn ago(time: Time, now: Time) -> String {
    let seconds = now.since(time).as_secs();
    match seconds {
        0..45 => words::JUST_NOW.to_owned(),
        45..604_800 => words::ago(&span(seconds)),
        604_800..26_000_000 => DAY.with(|format| call(format, &date(time))),
        _ => DATE.with(|format| call(format, &date(time))),
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

fn call(format: &Function, value: &JsValue) -> String {
    let text = format.call1(&JsValue::UNDEFINED, value);
    text.ok().and_then(|text| text.as_string()).unwrap_or_default()
}

fn locale() -> Array {
    Array::of1(&words::LOCALE.into())
}

fn options(entries: &[(&str, JsValue)]) -> Object {
    let options = Object::new();
    for (name, value) in entries {
        // A plain object takes any property.
        let _ = Reflect::set(&options, &(*name).into(), value);
    }
    options
}
