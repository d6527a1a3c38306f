//! Runs one task: a world, a solver whose calls are carried out, and the checks.

use std::time::{Duration, Instant};

use serde_json::json;
use tiktoken_rs::o200k_base_singleton;

use crate::{
    Fallible, answer,
    report::{Made, Report},
    solver::{Solver, Wish},
    state::{self, Snapshot},
    task::Task,
    world::World,
};

/// What a solver may use for a task.
#[derive(Debug)]
pub(crate) struct Limits {
    pub(crate) calls: usize,
    pub(crate) time: Duration,
}

/// Runs one task. Whatever goes wrong is in the report.
pub(crate) async fn run(task: &Task, solver: Solver, limits: &Limits) -> Report {
    let mut report = Report::of(task);
    if let Err(error) = attempt(task, solver, limits, &mut report).await {
        report.faults.push(error.to_string());
    }
    report
}

async fn attempt(
    task: &Task,
    mut solver: Solver,
    limits: &Limits,
    report: &mut Report,
) -> Fallible<()> {
    let world = World::of(task).await?;
    let before = Snapshot::of(&world).await?;
    let began = Instant::now();
    let mut read = vec![task.words.clone()];
    let solving = solve(task, &world, &mut solver, limits.calls, report, &mut read);
    let answer = tokio::time::timeout(limits.time, solving).await;
    report.seconds = began.elapsed().as_secs_f64();
    // Changes are checked even if there is no answer.
    let after = Snapshot::of(&world).await?;
    report.faults.extend(before.unwanted(&after, &task.changes));
    report.faults.extend(state::faults(&world, &task.state).await?);
    if let Some(most) = task.max_tokens.filter(|most| report.tokens() > *most) {
        report.faults.push(format!("{} tokens were read, more than {most}", report.tokens()));
    }
    let answer = answer.map_err(|_| "no answer within the time limit")??;
    report.faults.extend(answer::faults(&answer, &task.answer)?);
    let invented = answer::invented(&answer, &read)?;
    if !invented.is_empty() {
        report
            .faults
            .push(format!("the answer has {invented:?}, which the solver has read nowhere"));
    }
    report.answer = answer;
    Ok(())
}

/// Carries out the solver's calls until it answers.
async fn solve(
    task: &Task,
    world: &World,
    solver: &mut Solver,
    calls: usize,
    report: &mut Report,
    read: &mut Vec<String>,
) -> Fallible<String> {
    let (instructions, tools) = world.introduction().await?;
    let mut message = json!({ "task": task.words, "instructions": instructions, "tools": tools });
    loop {
        let (name, arguments) = match solver.next(&message).await? {
            Wish::Answer(answer) => return Ok(answer),
            Wish::Call { name, arguments } => (name, arguments),
        };
        if report.calls.len() == calls {
            return Err(format!("more than {calls} calls").into());
        }
        let answered = world.call(&name, arguments.as_object().cloned().unwrap_or_default()).await;
        let tokens = o200k_base_singleton().encode_ordinary(&answered.text).len();
        let is_error = answered.is_error;
        report.calls.push(Made { name, arguments, tokens, is_error });
        message = json!({ "result": answered.text, "isError": is_error });
        read.push(answered.text);
    }
}
