//! What settings are made of: texts, numbers, percentages, durations and the like, each with its example.

use super::source::{Setting, Wrong, nearest_hint};
use jiff::{Span, SpanRelativeTo, tz::TimeZone};
use shared::{
    content::Field,
    money::{Currency, Decimal},
    policy::RoundTo,
    time::Time,
};
use std::{str::FromStr, time::Duration};
use toml_edit::Value;

/// A text that is not blank.
pub(super) fn text(setting: &Setting) -> Result<String, Wrong> {
    let text = string(setting, "a text in quotes", "\"...\"")?;
    if text.trim().is_empty() {
        return Err(Wrong::new(
            format!("`{}` is blank", setting.key()),
            "Give it a value, or remove the line.",
        ));
    }
    Ok(text.to_owned())
}

/// true or false.
pub(super) fn flag(setting: &Setting) -> Result<bool, Wrong> {
    match setting.plain() {
        Some(Value::Boolean(flag)) => Ok(*flag.value()),
        _ => Err(setting.wrong_type("true or false", "true")),
    }
}

/// An exact number, in quotes or bare; a bare one is read as it is written, never as a float.
pub(super) fn decimal(setting: &Setting) -> Result<Decimal, Wrong> {
    const EXAMPLE: &str = "\"12.50\"";
    let parse = |text: &str| {
        Decimal::from_str(text)
            .map_err(|_| setting.wrong(format!("`{text}` is no plain decimal number"), EXAMPLE))
    };
    match setting.plain() {
        Some(Value::String(text)) => parse(text.value()),
        Some(Value::Integer(number)) => parse(&number.value().to_string()),
        Some(Value::Float(_)) => parse(setting.written()),
        _ => Err(setting.wrong_type("a number", EXAMPLE)),
    }
}

/// An exact number that is not negative.
pub(super) fn amount(setting: &Setting) -> Result<Decimal, Wrong> {
    let number = decimal(setting)?;
    if number.is_negative() {
        return Err(setting.wrong(format!("`{}` cannot be less than 0", setting.key()), "0"));
    }
    Ok(number)
}

/// An exact number above zero.
pub(super) fn positive(setting: &Setting) -> Result<Decimal, Wrong> {
    let number = decimal(setting)?;
    if number.is_negative() || number.is_zero() {
        return Err(setting.wrong(format!("`{}` has to be more than 0", setting.key()), "\"17.10\""));
    }
    Ok(number)
}

/// A whole number that is not negative.
pub(super) fn whole(setting: &Setting) -> Result<u64, Wrong> {
    let Some(Value::Integer(number)) = setting.plain() else {
        return Err(setting.wrong_type("a whole number", "100"));
    };
    u64::try_from(*number.value())
        .map_err(|_| setting.wrong(format!("`{}` cannot be less than 0", setting.key()), "0"))
}

/// "12%" as 12.
pub(super) fn percent(setting: &Setting) -> Result<Decimal, Wrong> {
    const EXAMPLE: &str = "\"12%\"";
    let written = string(setting, "a percentage in quotes", EXAMPLE)?;
    written
        .strip_suffix('%')
        .and_then(|number| number.parse().ok())
        .ok_or_else(|| setting.wrong(format!("`{written}` is no percentage"), EXAMPLE))
}

/// A percentage that is not negative.
pub(super) fn distance(setting: &Setting) -> Result<Decimal, Wrong> {
    let percent = percent(setting)?;
    if percent.is_negative() {
        return Err(setting.wrong(format!("`{}` cannot be less than 0%", setting.key()), "\"50%\""));
    }
    Ok(percent)
}

/// A percentage from 0% to 100%.
pub(super) fn share(setting: &Setting) -> Result<Decimal, Wrong> {
    let percent = percent(setting)?;
    if percent.is_negative() || percent > Decimal::from(100) {
        let message = format!("`{}` goes from 0% to 100%", setting.key());
        return Err(setting.wrong(message, "\"30%\""));
    }
    Ok(percent)
}

/// "20ms", "15m", "1h 30m", "7d": longer than nothing and shorter than ten years.
pub(super) fn duration(setting: &Setting) -> Result<Duration, Wrong> {
    const EXAMPLE: &str = "\"15m\" (ms, s, m, h, d and w are known)";
    const LONGEST: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);
    let written = string(setting, "a duration in quotes", EXAMPLE)?;
    let duration = parse_duration(written)
        .ok_or_else(|| setting.wrong(format!("`{written}` is no duration"), EXAMPLE))?;
    if duration > LONGEST {
        return Err(setting.wrong(format!("`{written}` is longer than ten years"), EXAMPLE));
    }
    Ok(duration)
}

/// "15m" as people write it; a day has 24 hours. `None`: it is no duration, or of months, or negative.
pub(super) fn parse_duration(written: &str) -> Option<Duration> {
    let span = Span::from_str(written).ok()?;
    let duration = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    Duration::try_from(duration).ok()
}

/// How long to wait between two runs: a tenth of a second or more, so that no platform is hammered.
pub(super) fn interval(setting: &Setting) -> Result<Duration, Wrong> {
    let interval = duration(setting)?;
    if interval < Duration::from_millis(100) {
        let message = format!("`{}` is too short: 100ms is the least", setting.key());
        return Err(setting.wrong(message, "\"15m\""));
    }
    Ok(interval)
}

/// A day, which begins at midnight in the daemon's time zone, or an instant with its offset; in quotes or as TOML's own.
pub(super) fn instant(setting: &Setting) -> Result<Time, Wrong> {
    const EXAMPLE: &str = "\"2026-11-01\" or \"2026-11-01T08:00:00Z\"";
    let written = match setting.plain() {
        Some(Value::String(text)) => text.value().clone(),
        Some(Value::Datetime(time)) => time.value().to_string(),
        _ => return Err(setting.wrong_type("a day or an instant", EXAMPLE)),
    };
    parse_instant(&written, TimeZone::system())
        .ok_or_else(|| setting.wrong(format!("`{written}` is no day and no instant"), EXAMPLE))
}

/// `None`: it is neither a day nor an instant with an offset, or before 1970.
pub(super) fn parse_instant(written: &str, zone: TimeZone) -> Option<Time> {
    let instant = match written.parse::<jiff::Timestamp>() {
        Ok(instant) => instant,
        // A time without an offset is nobody's.
        Err(_) if written.len() > "2026-11-01".len() => return None,
        Err(_) => written
            .parse::<jiff::civil::Date>()
            .ok()?
            .to_zoned(zone)
            .ok()?
            .timestamp(),
    };
    let instant = instant.as_millisecond();
    (instant >= 0).then_some(Time(instant))
}

/// "MXN".
pub(super) fn currency(setting: &Setting) -> Result<Currency, Wrong> {
    let written = string(setting, "a currency's three-letter code", "\"USD\"")?;
    parse_currency(written)
}

/// A currency that is written as a key or a value.
pub(super) fn parse_currency(written: &str) -> Result<Currency, Wrong> {
    written.parse().map_err(|_| {
        let upper = written.trim().to_uppercase();
        let hint = match upper.parse::<Currency>() {
            Ok(currency) => format!("Write {currency}."),
            Err(_) => "Write its three-letter ISO code, such as USD, EUR or MXN.".to_owned(),
        };
        Wrong::new(format!("`{written}` is no currency"), hint)
    })
}

/// A step ("0.05", "10") or an ending ("x.99", "x9.90").
pub(super) fn round_to(setting: &Setting) -> Result<RoundTo, Wrong> {
    const EXAMPLE: &str = "\"0.01\", \"10\", \"x.99\" or \"x9.90\"";
    if let Some(Value::String(text)) = setting.plain()
        && let Some(ending) = text.value().strip_prefix('x')
    {
        let written = text.value();
        return parse_ending(ending)
            .map(|(modulus, ending)| RoundTo::Ending {
                modulus,
                ending,
                text: written.clone(),
            })
            .ok_or_else(|| setting.wrong(format!("`{written}` is no ending of a price"), EXAMPLE));
    }
    let step = decimal(setting).map_err(|wrong| setting.wrong(wrong.message, EXAMPLE))?;
    if step.is_negative() || step.is_zero() {
        return Err(setting.wrong("a step has to be more than 0", EXAMPLE));
    }
    Ok(RoundTo::Step(step))
}

/// What follows the `x`: "9.90" says that prices end on 9.90 within each ten.
fn parse_ending(ending: &str) -> Option<(Decimal, Decimal)> {
    let whole = ending.split('.').next()?;
    let plain = ending.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    // Beyond nine digits nobody means a price.
    if !plain || whole.len() > 9 || ending.ends_with('.') {
        return None;
    }
    let modulus = 10_i64.pow(u32::try_from(whole.len()).ok()?);
    Some((Decimal::from(modulus), ending.parse().ok()?))
}

/// One of these words.
pub(super) fn one_of<T: Clone>(setting: &Setting, choices: &[(&str, T)]) -> Result<T, Wrong> {
    let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
    let written = string(setting, "a word in quotes", &format!("\"{}\"", names[0]))?;
    choices
        .iter()
        .find(|(name, _)| *name == written)
        .map(|(_, value)| value.clone())
        .ok_or_else(|| {
            let message = format!("`{written}` is not known for `{}`", setting.key());
            Wrong::new(message, nearest_hint(written, &names))
        })
}

/// A list whose elements are taken one by one; what is wrong with one is noted and leaves it out. Twice the same
/// is a fault as well.
pub(super) fn list<'a, T: PartialEq>(
    setting: &Setting<'a>,
    example: &str,
    parse: impl Fn(&Setting<'a>) -> Result<T, Wrong>,
) -> Result<Vec<T>, Wrong> {
    let elements = setting
        .elements()
        .ok_or_else(|| setting.wrong_type("a list", example))?;
    let mut values = Vec::with_capacity(elements.len());
    for element in elements {
        let Some(value) = element.parse(&parse) else {
            continue;
        };
        if values.contains(&value) {
            element.note(Wrong::new(
                format!("this is twice in `{}`", setting.key()),
                "Remove one of the two.",
            ));
        } else {
            values.push(value);
        }
    }
    Ok(values)
}

/// A product's field, written as a key.
pub(super) fn field(name: &str) -> Result<Field, Wrong> {
    Field::parse(name).ok_or_else(|| {
        let names = Field::PRODUCT.map(Field::name);
        Wrong::new(format!("there is no field `{name}`"), nearest_hint(name, &names))
    })
}

/// A text, blank or not.
pub(super) fn string<'a>(setting: &Setting<'a>, wanted: &str, example: &str) -> Result<&'a str, Wrong> {
    match setting.plain() {
        Some(Value::String(text)) => Ok(text.value()),
        _ => Err(setting.wrong_type(wanted, example)),
    }
}
