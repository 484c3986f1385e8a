//! The hub's price to the price shown at a connection: convert the currency, then margin, then add, then round.

use crate::{
    money::{Currency, Decimal},
    policy::{Hub, Policy, Prices, Round, RoundMode, RoundTo},
};
use rust_decimal::{Decimal as Number, RoundingStrategy};

/// A price as the connection is to show it, in the connection's currency.
///
/// `Err` names a currency that has no rate: then there is no price, never a guess.
pub fn shown_price(price: Decimal, policy: &Policy) -> Result<Decimal, NoRate> {
    let Prices {
        currency: _,
        margin,
        add,
        round,
    } = &policy.prices;
    let converted = match rate(&policy.hub, policy.currency())? {
        None => price.0,
        Some(rate) => price.0 / rate.0,
    };
    let with_margin = converted * (Number::ONE_HUNDRED + margin.0) / Number::ONE_HUNDRED;
    let added = with_margin + add.0;
    let rounded = match round {
        None if inverts(policy) => added,
        None => to_cents(added),
        Some(round) => round_to(added, round),
    };
    Ok(Decimal(rounded))
}

/// The connection's currency has no exchange rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no exchange rate for {0}")]
pub struct NoRate(pub Currency);

/// Whether a price seen at the connection tells the hub's price exactly: only a plain addition does.
pub fn inverts(policy: &Policy) -> bool {
    let Prices {
        currency: _,
        margin,
        add: _,
        round,
    } = &policy.prices;
    margin.is_zero() && round.is_none() && policy.currency() == policy.hub.base
}

/// The hub's price for a price seen at the connection, where the rule can be undone exactly.
pub fn hub_price(shown: Decimal, policy: &Policy) -> Option<Decimal> {
    inverts(policy).then(|| Decimal(shown.0 - policy.prices.add.0))
}

/// The nearest hub price for a price seen at the connection, for a product that the hub did not have.
pub fn nearest_hub_price(shown: Decimal, policy: &Policy) -> Option<Decimal> {
    if let Some(exact) = hub_price(shown, policy) {
        return Some(exact);
    }
    let factor = (Number::ONE_HUNDRED + policy.prices.margin.0) / Number::ONE_HUNDRED;
    if factor <= Number::ZERO {
        return None;
    }
    let before_margin = (shown.0 - policy.prices.add.0) / factor;
    let in_base = match rate(&policy.hub, policy.currency()).ok()? {
        None => before_margin,
        Some(rate) => before_margin * rate.0,
    };
    Some(Decimal(to_cents(in_base)))
}

/// The rule in words, with this price put through it: "199.00 MXN + 12% → 222.99 MXN, ending x.99".
pub fn explain(price: Decimal, policy: &Policy) -> String {
    let Prices {
        currency: _,
        margin,
        add,
        round,
    } = &policy.prices;
    if inverts(policy) && add.is_zero() {
        return String::from(super::why::PLAIN_PRICE);
    }
    let mut words = format!("{price} {}", policy.hub.base);
    match rate(&policy.hub, policy.currency()) {
        Ok(None) => {}
        Ok(Some(rate)) => words.extend([" ÷ ", &rate.plain()]),
        Err(missing) => return format!("{words}: {missing}"),
    }
    if !margin.is_zero() {
        words += &signed(*margin, "%");
    }
    if !add.is_zero() {
        words += &signed(*add, "");
    }
    if let Ok(shown) = shown_price(price, policy) {
        words.extend([" → ", &shown.to_string(), " ", policy.currency().as_str()]);
    }
    if let Some(Round { to, mode }) = round {
        let direction = match mode {
            RoundMode::Nearest => "",
            RoundMode::Up => " up",
            RoundMode::Down => " down",
        };
        let ending = match to {
            RoundTo::Step(step) => format!(", rounded{direction} to {}", step.plain()),
            RoundTo::Ending { text, .. } => format!(", ending {text}{direction}"),
        };
        words.push_str(&ending);
    }
    words
}

fn signed(number: Decimal, unit: &str) -> String {
    let sign = if number.is_negative() { '−' } else { '+' };
    format!(" {sign} {}{unit}", Decimal(number.0.abs()).plain())
}

/// What one unit of `currency` is worth in the base currency; `None` where they are the same.
fn rate(hub: &Hub, currency: Currency) -> Result<Option<Decimal>, NoRate> {
    if currency == hub.base {
        return Ok(None);
    }
    let rate = hub
        .rates
        .get(&currency)
        .filter(|rate| !rate.is_zero() && !rate.is_negative());
    rate.map(|rate| Some(*rate)).ok_or(NoRate(currency))
}

fn round_to(number: Number, round: &Round) -> Number {
    let (step, offset) = match &round.to {
        RoundTo::Step(step) => (step.0, Number::ZERO),
        RoundTo::Ending {
            modulus,
            ending,
            text: _,
        } => (modulus.0, ending.0),
    };
    // What is no price gets no ending.
    if step.is_zero() || number <= Number::ZERO {
        return to_cents(number);
    }
    let steps = (number - offset) / step;
    let whole = match round.mode {
        RoundMode::Nearest => steps.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero),
        RoundMode::Up => steps.ceil(),
        RoundMode::Down => steps.floor(),
    };
    // Rounding never turns a price into nothing, or less: the lowest is the ending itself, or one step.
    let lowest = if offset.is_zero() { step } else { offset };
    (whole * step + offset).max(lowest)
}

fn to_cents(number: Number) -> Number {
    number.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::ConnectionId;

    fn policy(prices: Prices) -> Policy {
        let mut policy = Policy::new(ConnectionId::parse("shop").unwrap(), "demo");
        policy.hub.base = "MXN".parse().unwrap();
        policy.hub.rates = [("USD".parse().unwrap(), "17.10".parse().unwrap())].into();
        policy.prices = prices;
        policy
    }

    fn ending(text: &str, modulus: &str, ending: &str, mode: RoundMode) -> Round {
        let (modulus, ending) = (modulus.parse().unwrap(), ending.parse().unwrap());
        Round {
            to: RoundTo::Ending {
                modulus,
                ending,
                text: text.to_owned(),
            },
            mode,
        }
    }

    fn step(text: &str, mode: RoundMode) -> Round {
        Round {
            to: RoundTo::Step(text.parse().unwrap()),
            mode,
        }
    }

    fn check(price: &str, prices: Prices, wanted: &str) {
        let policy = policy(prices);
        let price: Decimal = price.parse().unwrap();
        let shown = shown_price(price, &policy).unwrap();
        assert_eq!(shown, wanted.parse().unwrap(), "{}", explain(price, &policy));
    }

    #[test]
    fn a_price_is_converted_then_margin_then_addition_then_rounding() {
        let margin = Decimal::from(12);
        let usd = Some("USD".parse().unwrap());
        let none = Prices::default;
        check("199.00", none(), "199.00");
        check("19.999", none(), "19.999");
        check("199.00", Prices { margin, ..none() }, "222.88");
        check("19.99", Prices { margin, ..none() }, "22.39");
        let x99 = |mode| ending("x.99", "1", "0.99", mode);
        check(
            "199.00",
            Prices {
                margin,
                round: Some(x99(RoundMode::Nearest)),
                ..none()
            },
            "222.99",
        );
        check(
            "199.00",
            Prices {
                margin,
                round: Some(x99(RoundMode::Down)),
                ..none()
            },
            "221.99",
        );
        check(
            "0.10",
            Prices {
                round: Some(x99(RoundMode::Down)),
                ..none()
            },
            "0.99",
        );
        check(
            "199.00",
            Prices {
                margin,
                round: Some(ending("x9.90", "10", "9.90", RoundMode::Up)),
                ..none()
            },
            "229.90",
        );
        check(
            "199.00",
            Prices {
                add: Decimal::from(-9),
                ..none()
            },
            "190.00",
        );
        check(
            "199.00",
            Prices {
                round: Some(step("0.05", RoundMode::Nearest)),
                ..none()
            },
            "199.00",
        );
        check(
            "199.03",
            Prices {
                round: Some(step("0.05", RoundMode::Nearest)),
                ..none()
            },
            "199.05",
        );
        check(
            "199.01",
            Prices {
                round: Some(step("10", RoundMode::Up)),
                ..none()
            },
            "200",
        );
        check(
            "1710",
            Prices {
                currency: usd,
                ..none()
            },
            "100",
        );
        check(
            "1710",
            Prices {
                currency: usd,
                margin,
                add: Decimal::from(1),
                ..none()
            },
            "113",
        );
    }

    #[test]
    fn rounding_makes_no_price_nothing_and_nothing_no_price() {
        let rounded = |round| Prices {
            round: Some(round),
            ..Prices::default()
        };
        for mode in [RoundMode::Nearest, RoundMode::Down] {
            check("4.00", rounded(step("10", mode)), "10");
            check("0.10", rounded(ending("x.99", "1", "0.99", mode)), "0.99");
            check("0", rounded(step("10", mode)), "0");
            check("0", rounded(ending("x.99", "1", "0.99", mode)), "0");
        }
        check("0", rounded(ending("x.99", "1", "0.99", RoundMode::Up)), "0");
    }

    #[test]
    fn the_rule_is_spelled_out() {
        let round = Some(ending("x.99", "1", "0.99", RoundMode::Up));
        let policy = policy(Prices {
            margin: Decimal::from(12),
            round,
            ..Prices::default()
        });
        let words = explain("199.00".parse().unwrap(), &policy);
        assert_eq!(words, "199.00 MXN + 12% → 222.99 MXN, ending x.99 up");
    }

    #[test]
    fn a_currency_without_a_rate_is_no_price() {
        let policy = policy(Prices {
            currency: Some("EUR".parse().unwrap()),
            ..Prices::default()
        });
        assert_eq!(
            shown_price(Decimal::ONE, &policy),
            Err(NoRate("EUR".parse().unwrap()))
        );
        assert_eq!(nearest_hub_price(Decimal::ONE, &policy), None);
        for rate in [0, -2] {
            let mut policy = policy.clone();
            policy.hub.rates = [("EUR".parse().unwrap(), Decimal::from(rate))].into();
            assert!(shown_price(Decimal::ONE, &policy).is_err(), "{rate}");
        }
    }

    #[test]
    fn only_an_addition_is_undone_exactly() {
        let added = policy(Prices {
            add: Decimal::from(5),
            ..Prices::default()
        });
        assert_eq!(hub_price(Decimal::from(15), &added), Some(Decimal::from(10)));
        let with_margin = policy(Prices {
            margin: Decimal::from(12),
            ..Prices::default()
        });
        assert_eq!(hub_price(Decimal::from(112), &with_margin), None);
        assert_eq!(
            nearest_hub_price(Decimal::from(112), &with_margin),
            Some(Decimal::from(100))
        );
        let in_dollars = policy(Prices {
            currency: Some("USD".parse().unwrap()),
            margin: Decimal::from(12),
            add: Decimal::from(1),
            ..Prices::default()
        });
        assert_eq!(
            nearest_hub_price(Decimal::from(113), &in_dollars),
            Some(Decimal::from(1710))
        );
    }
}
