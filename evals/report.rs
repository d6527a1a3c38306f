//! The results of the tasks.

use std::{
    error::Error,
    io::{Write, stdout},
};

use serde::Serialize;
use serde_json::Value;

use crate::{Fallible, task::Task};

/// The result of one task.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    task: String,
    persona: String,
    /// The checks that failed, a sentence each.
    pub(crate) faults: Vec<String>,
    pub(crate) calls: Vec<Made>,
    /// How long the solver took.
    pub(crate) seconds: f64,
    pub(crate) answer: String,
    /// The result with the plain tools, for a task that has such a scripted solution.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) plain: Option<Box<Report>>,
}

/// A call that the solver made.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Made {
    pub(crate) name: String,
    pub(crate) arguments: Value,
    /// The size of the result in tokens.
    pub(crate) tokens: usize,
    pub(crate) is_error: bool,
}

impl Report {
    pub(crate) fn of(task: &Task) -> Self {
        Self { task: task.id.clone(), persona: task.persona.clone(), ..Self::default() }
    }

    /// The report of a task that couldn't start.
    pub(crate) fn broken(task: &Task, error: &dyn Error) -> Self {
        Self { faults: vec![error.to_string()], ..Self::of(task) }
    }

    pub(crate) fn is_passed(&self) -> bool {
        self.faults.is_empty() && self.plain.as_ref().is_none_or(|plain| plain.is_passed())
    }

    /// How many tokens of results were read.
    pub(crate) fn tokens(&self) -> usize {
        self.calls.iter().map(|call| call.tokens).sum()
    }

    fn errors(&self) -> usize {
        self.calls.iter().filter(|call| call.is_error).count()
    }

    /// Prints a line, and one for each check that failed.
    pub(crate) fn print(&self) -> Fallible<()> {
        self.print_as(&self.task)?;
        self.plain.as_ref().map_or(Ok(()), |plain| plain.print_as("  with the plain tools"))
    }

    fn print_as(&self, name: &str) -> Fallible<()> {
        let mut out = stdout().lock();
        let word = if self.is_passed() { "pass" } else { "FAIL" };
        let (calls, tokens, seconds) = (self.calls.len(), self.tokens(), self.seconds);
        write!(out, "{word}  {name:<34} {calls:>3} calls {tokens:>7} tokens {seconds:>6.1} s")?;
        match self.errors() {
            0 => writeln!(out)?,
            errors => writeln!(out, ", {errors} refused")?,
        }
        for fault in &self.faults {
            writeln!(out, "      {fault}")?;
        }
        if !self.is_passed() && !self.answer.is_empty() {
            writeln!(out, "      answer: {}", self.answer)?;
        }
        Ok(())
    }
}

/// Prints the totals of all tasks.
pub(crate) fn totals(reports: &[Report]) -> Fallible<()> {
    let passed = reports.iter().filter(|report| report.is_passed()).count();
    let calls: usize = reports.iter().map(|report| report.calls.len()).sum();
    let tokens: usize = reports.iter().map(Report::tokens).sum();
    let all = reports.len();
    writeln!(stdout(), "{passed} of {all} passed, {calls} calls, {tokens} tokens of results")?;
    Ok(())
}

pub(crate) fn json(reports: &[Report]) -> Fallible<()> {
    writeln!(stdout(), "{}", serde_json::to_string_pretty(reports)?)?;
    Ok(())
}

pub(crate) fn markdown(reports: &[Report]) -> Fallible<()> {
    let mut out = stdout().lock();
    writeln!(out, "| Task | Who | Calls | Tokens | Passed |\n|---|---|--:|--:|---|")?;
    for report in reports {
        let (task, persona, calls, tokens) =
            (&report.task, &report.persona, report.calls.len(), report.tokens());
        let passed = if report.is_passed() { "yes" } else { "**no**" };
        writeln!(out, "| {task} | {persona} | {calls} | {tokens} | {passed} |")?;
    }
    let calls: usize = reports.iter().map(|report| report.calls.len()).sum();
    let tokens: usize = reports.iter().map(Report::tokens).sum();
    let passed = reports.iter().filter(|report| report.is_passed()).count();
    writeln!(out, "| **{} tasks** | | {calls} | {tokens} | {passed} |", reports.len())?;
    side_by_side(&mut out, reports)
}

/// The tasks that were also solved with the plain tools.
fn side_by_side(out: &mut impl Write, reports: &[Report]) -> Fallible<()> {
    let pairs = reports.iter().filter_map(|report| Some((report, report.plain.as_deref()?)));
    let pairs: Vec<_> = pairs.collect();
    if pairs.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n| Task | Calls | Tokens | Calls, plain tools | Tokens, plain tools |")?;
    writeln!(out, "|---|--:|--:|--:|--:|")?;
    let mut sums = [0; 4];
    for (report, plain) in &pairs {
        let row = [report.calls.len(), report.tokens(), plain.calls.len(), plain.tokens()];
        let [calls, tokens, plain_calls, plain_tokens] = row;
        writeln!(out, "| {} | {calls} | {tokens} | {plain_calls} | {plain_tokens} |", report.task)?;
        for (sum, cell) in sums.iter_mut().zip(row) {
            *sum += cell;
        }
    }
    let [calls, tokens, plain_calls, plain_tokens] = sums;
    writeln!(
        out,
        "| **{} tasks** | {calls} | {tokens} | {plain_calls} | {plain_tokens} |",
        pairs.len()
    )?;
    Ok(())
}

/// Prints the words of the tasks.
pub(crate) fn list(tasks: &[Task]) -> Fallible<()> {
    let mut out = stdout().lock();
    for task in tasks {
        writeln!(out, "{} ({})\n  {}", task.id, task.persona, task.words)?;
    }
    Ok(())
}
