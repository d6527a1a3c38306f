//! Amounts of money.

use serde_json::{Value, json};

/// An amount in cents of a US dollar, as responses show it.
pub(crate) fn money(amount: i64) -> Value {
    let sign = if amount < 0 { "-" } else { "" };
    let (dollars, cents) = (amount.unsigned_abs() / 100, amount.unsigned_abs() % 100);
    json!({
        "amount": amount,
        "amount_formatted": format!("{sign}{dollars}.{cents:02}"),
        "currency": "USD",
        "currency_symbol": "$",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_two_decimals() {
        for (amount, text) in [(0, "0.00"), (5, "0.05"), (1_234, "12.34"), (-250, "-2.50")] {
            assert_eq!(money(amount).get("amount_formatted"), Some(&json!(text)));
        }
    }
}
