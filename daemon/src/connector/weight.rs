//! Units that platforms and files keep weights in; the hub's is the kilogram.

use shared::money::Decimal;

/// The unit that a platform or a file keeps weights in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WeightUnit {
    Kilogram,
    Gram,
    Pound,
    Ounce,
}

impl WeightUnit {
    /// As the header of a column says: `weight (lbs)`.
    pub(super) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "kg" => Self::Kilogram,
            "g" => Self::Gram,
            "lbs" | "lb" => Self::Pound,
            "oz" => Self::Ounce,
            _ => return None,
        })
    }

    /// One of it in kilograms, exactly: the pound is defined so.
    fn in_kilograms(self) -> Decimal {
        match self {
            Self::Kilogram => Decimal::ONE,
            Self::Gram => Decimal::new(1, 3),
            Self::Pound => Decimal::new(45_359_237, 8),
            Self::Ounce => Decimal::new(28_349_523_125, 12),
        }
    }

    /// `None` when the number is too long to be a weight.
    pub(super) fn to_kilograms(self, amount: Decimal) -> Option<Decimal> {
        let kilograms = amount.0.checked_mul(self.in_kilograms().0)?;
        Some(Decimal(kilograms.normalize()))
    }

    /// Exact for kilograms and grams; to a millionth for the units that kilograms do not divide into.
    pub(super) fn of_kilograms(self, kilograms: Decimal) -> Option<Decimal> {
        let amount = kilograms.0.checked_div(self.in_kilograms().0)?;
        let amount = match self {
            Self::Kilogram | Self::Gram => amount,
            Self::Pound | Self::Ounce => amount.round_dp(6),
        };
        Some(Decimal(amount.normalize()))
    }
}
