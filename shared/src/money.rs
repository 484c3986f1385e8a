//! Exact amounts. No float ever touches a price or a quantity.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// An exact decimal number: a price, a quantity, a weight, a rate.
///
/// JSON shows it as a string (`"199.00"`); the store keeps mantissa and scale.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String, examples("199.00")))]
pub struct Decimal(pub rust_decimal::Decimal);

impl Decimal {
    pub const ZERO: Self = Self(rust_decimal::Decimal::ZERO);
    pub const ONE: Self = Self(rust_decimal::Decimal::ONE);

    /// `mantissa / 10^scale`, so `new(19900, 2)` is 199.00.
    pub fn new(mantissa: i64, scale: u32) -> Self {
        Self(rust_decimal::Decimal::new(mantissa, scale))
    }

    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    pub fn is_negative(self) -> bool {
        self.0 < rust_decimal::Decimal::ZERO
    }

    /// Without trailing zeros, so that 10, 10.0 and 10.00 are written alike.
    pub fn plain(self) -> String {
        self.0.normalize().to_string()
    }
}

impl From<i64> for Decimal {
    fn from(whole: i64) -> Self {
        Self(whole.into())
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Why a text is no number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a plain decimal number such as 1234.56")]
pub struct InvalidDecimal(String);

impl FromStr for Decimal {
    type Err = InvalidDecimal;
    /// Plain notation only: an optional sign, digits and a point (`-12.50`, `.5`).
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let plain = text
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+'));
        let parsed = if plain {
            rust_decimal::Decimal::from_str(text).ok()
        } else {
            None
        };
        parsed.map(Self).ok_or_else(|| InvalidDecimal(text.to_owned()))
    }
}

impl Serialize for Decimal {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if to.is_human_readable() {
            to.collect_str(&self.0)
        } else {
            (self.0.mantissa(), self.0.scale()).serialize(to)
        }
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        if from.is_human_readable() {
            return String::deserialize(from)?.parse().map_err(Error::custom);
        }
        let (mantissa, scale) = <(i128, u32)>::deserialize(from)?;
        rust_decimal::Decimal::try_from_i128_with_scale(mantissa, scale)
            .map(Self)
            .map_err(Error::custom)
    }
}

/// An ISO 4217 code: three capital letters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String, examples("MXN")))]
pub struct Currency([u8; 3]);

/// Why a text is no currency.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no currency: use its three-letter ISO code, such as USD or MXN")]
pub struct InvalidCurrency(String);

impl Currency {
    pub const USD: Self = Self(*b"USD");

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a currency is made of ASCII capitals")
    }
}

impl FromStr for Currency {
    type Err = InvalidCurrency;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        <[u8; 3]>::try_from(text.as_bytes())
            .ok()
            .filter(|code| code.iter().all(u8::is_ascii_uppercase))
            .map(Self)
            .ok_or_else(|| InvalidCurrency(text.to_owned()))
    }
}

impl TryFrom<String> for Currency {
    type Error = InvalidCurrency;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.as_str().to_owned()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An amount in a currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Money {
    pub amount: Decimal,
    pub currency: Currency,
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount, self.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_numbers_are_numbers() {
        for (text, wanted) in [
            ("199.00", Some("199.00")),
            (" .5 ", Some("0.5")),
            ("-3", Some("-3")),
        ] {
            assert_eq!(
                text.parse::<Decimal>().ok().map(|d| d.to_string()).as_deref(),
                wanted,
                "{text}"
            );
        }
        for text in ["", "19,99", "1e3", "abc", "1_000", "$5", "."] {
            assert!(text.parse::<Decimal>().is_err(), "{text} was taken for a number");
        }
    }
}
