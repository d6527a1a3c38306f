//! Phone numbers in E.164 form: `+`, the country code, and the number.

/// Countries whose numbers begin with a zero after the country code: Ivory Coast, Congo, Italy, San
/// Marino.
const KEEP_ZERO: [&str; 4] = ["225", "242", "39", "378"];
/// The first digits of country codes of two digits. One begins with 1 or 7, all others have three.
/// <https://www.itu.int/pub/T-SP-E.164D>
const OF_TWO: [&str; 44] = [
    "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47",
    "48", "49", "51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65",
    "66", "81", "82", "84", "86", "90", "91", "92", "93", "94", "95", "98",
];

/// The digits of a number, which begin with its country code, without the zero that some countries
/// write before an area code and that is left out after the country code; `None` if there is none, or
/// its country keeps it.
pub(super) fn without_trunk_zero(digits: &str) -> Option<String> {
    let code = digits.get(..country_code(digits))?;
    let rest = digits.strip_prefix(code)?.strip_prefix('0')?;
    (!KEEP_ZERO.contains(&code)).then(|| format!("{code}{rest}"))
}

/// How many digits of a number are the country code.
fn country_code(digits: &str) -> usize {
    match digits.get(..2) {
        _ if digits.starts_with(['1', '7']) => 1,
        Some(two) if OF_TWO.contains(&two) => 2,
        _ => 3,
    }
}
