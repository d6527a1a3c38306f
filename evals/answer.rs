//! Checks of the final answer.

use std::collections::BTreeSet;

use regex_lite::{Regex, escape};

use crate::{Fallible, task::AnswerCheck};

/// IDs and email addresses: a solver that hasn't read them has made them up.
const IDENTIFIERS: &str = r"\b(?:user|org|sess)_\w+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+";

/// The checks that an answer fails, a sentence each.
pub(crate) fn faults(answer: &str, checks: &[AnswerCheck]) -> Fallible<Vec<String>> {
    let mut faults = Vec::new();
    for check in checks {
        faults.extend(fault(answer, check)?);
    }
    Ok(faults)
}

fn fault(answer: &str, check: &AnswerCheck) -> Fallible<Option<String>> {
    let has = |text: &str| answer.to_lowercase().contains(&text.to_lowercase());
    let said = |is_wrong: bool, text: String| Ok(is_wrong.then_some(text));
    match check {
        AnswerCheck::Contains(text) => said(!has(text), format!("the answer lacks {text:?}")),
        AnswerCheck::Lacks(text) => said(has(text), format!("the answer has {text:?}")),
        AnswerCheck::Matches(pattern) => said(
            !Regex::new(pattern)?.is_match(answer),
            format!("the answer doesn't match /{pattern}/"),
        ),
        AnswerCheck::Number(number) => {
            let pattern = format!(r"(?:^|[^\w.-]){}", whole(*number));
            let is_there = Regex::new(&pattern)?.is_match(&plain(answer)?);
            said(!is_there, format!("the answer lacks the number {number}"))
        }
        AnswerCheck::Rows(rows) => {
            let text = plain(answer)?;
            let mut wrong = Vec::new();
            for (key, number) in rows {
                // The key must not be the end of a longer name.
                let pattern = format!(
                    r"(?i)(?:^|[^\w.-]){}[^\w.-][^\d\n]{{0,40}}{}",
                    escape(key),
                    whole(*number)
                );
                if !Regex::new(&pattern)?.is_match(&text) {
                    wrong.push(format!("{key}: {number}"));
                }
            }
            said(!wrong.is_empty(), format!("the answer lacks {}", wrong.join("; ")))
        }
        AnswerCheck::Exactly { pattern, values } => {
            let found: BTreeSet<&str> = every(&Regex::new(pattern)?, answer).into_iter().collect();
            let wanted: BTreeSet<&str> = values.iter().map(String::as_str).collect();
            let missing: Vec<_> = wanted.difference(&found).collect();
            let extra: Vec<_> = found.difference(&wanted).collect();
            let text = format!("the answer lacks {missing:?} and shouldn't have {extra:?}");
            said(found != wanted, text)
        }
    }
}

/// A pattern for a whole number. A full stop behind it may end a sentence.
fn whole(number: u64) -> String {
    format!(r"{number}(?:$|[^\w.]|\.(?:\D|$))")
}

/// The text without thousands separators.
fn plain(answer: &str) -> Fallible<String> {
    Ok(Regex::new(r"(\d)[,\u{202f}'](\d{3})\b")?.replace_all(answer, "$1$2").into_owned())
}

fn every<'a>(pattern: &Regex, text: &'a str) -> Vec<&'a str> {
    pattern.find_iter(text).map(|found| found.as_str()).collect()
}

/// IDs and addresses in the answer that the solver has read nowhere.
pub(crate) fn invented<'a>(answer: &'a str, read: &[String]) -> Fallible<Vec<&'a str>> {
    let found = every(&Regex::new(IDENTIFIERS)?, answer).into_iter();
    Ok(found.filter(|identifier| !read.iter().any(|text| text.contains(identifier))).collect())
}
