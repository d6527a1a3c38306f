//! Which operations a query means, the best first.
//!
//! A name that is spelled out comes first, then what has most of the query's words: a word counts
//! by where an operation has it, and the more, the fewer operations have it.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap, HashSet},
    ops::Bound,
    sync::LazyLock,
};

use super::terms::{of_query, terms};
use crate::{
    catalog::{
        all,
        words::{letters, words},
    },
    tool::{
        Exec, Flag, Local, Tool,
        param::{Param, Place, Type},
    },
};

// What a word counts by where an operation has it: in its name, in people's words for it, in the
// first sentence of its description, in the rest of that, in its arguments.
const NAME: f64 = 5.0;
const SAID: f64 = 4.0;
const FIRST: f64 = 3.0;
const REST: f64 = 1.5;
const ARGUMENT: f64 = 1.0;
/// What a word of the name costs that the query has not: of two operations with the same words, the
/// one with the shorter name is nearer.
const UNASKED: f64 = 0.4;
/// The least part of the best score at which an operation still counts as found.
const LEAST: f64 = 0.3;

/// What a query found.
pub(super) struct Found {
    /// The operations, the best first.
    pub(super) tools: Vec<&'static Tool>,
    /// How many of them the query names exactly; they come first.
    pub(super) named: usize,
}

/// An operation as it is searched.
struct Document {
    tool: &'static Tool,
    /// Its names, as [`letters`] writes them: its own, Clerk's, and its title.
    names: [String; 3],
    /// The words of its name.
    name: HashSet<String>,
    /// What each of its words counts, in their order: words with one beginning are together.
    weights: BTreeMap<String, f64>,
}

struct Index {
    documents: Vec<Document>,
    /// How much a word tells, by how few operations have it.
    rarity: HashMap<String, f64>,
}

static INDEX: LazyLock<Index> = LazyLock::new(Index::new);

impl Index {
    fn new() -> Self {
        let searched = |tool: &Tool| {
            !matches!(tool.exec, Exec::Local(Local::Search | Local::Run | Local::RunApproved))
        };
        let tools = all().map(|(_, tool)| tool).filter(|tool| searched(tool));
        let documents: Vec<Document> = tools.map(Document::new).collect();
        let mut counts: HashMap<&String, u32> = HashMap::new();
        let mut total = 0_u32;
        for document in &documents {
            total += 1;
            for (word, _) in document.weights.iter().filter(|(_, weight)| **weight >= FIRST) {
                *counts.entry(word).or_default() += 1;
            }
        }
        let rarity = |count: u32| (1.0 + f64::from(total) / f64::from(count)).ln();
        let rarity = counts.into_iter().map(|(word, count)| (word.clone(), rarity(count)));
        Self { rarity: rarity.collect(), documents }
    }
}

impl Document {
    fn new(tool: &'static Tool) -> Self {
        let called = words(tool.name);
        let name: Vec<String> = terms(tool.name).into_iter().skip(1).collect();
        // It is about this operation, and not about those that it refers to.
        let about: Vec<&str> =
            tool.about.split(' ').filter(|word| !word.starts_with("clerk_")).collect();
        let about = about.join(" ");
        let (first, rest) = about.split_once(". ").unwrap_or((&about, ""));
        let mut weights = BTreeMap::new();
        let mut add = |words: Vec<String>, weight: f64| {
            for word in words {
                let known = weights.entry(word).or_insert(weight);
                *known = weight.max(*known);
            }
        };
        add(name.clone(), NAME);
        add(terms(called.said), SAID);
        add(terms(first), FIRST);
        add(terms(rest), REST);
        add(words_of(tool.arguments()), ARGUMENT);
        Self {
            tool,
            names: [tool.name, called.operation_id, tool.title].map(letters),
            name: name.into_iter().collect(),
            weights,
        }
    }

    /// What a word counts for this operation. The beginning of a word counts half.
    fn weight(&self, word: &str) -> f64 {
        if let Some(weight) = self.weights.get(word) {
            return *weight;
        }
        if word.len() <= 3 {
            return 0.0;
        }
        let from = self.weights.range::<str, _>((Bound::Included(word), Bound::Unbounded));
        let begun = from.take_while(|(known, _)| known.starts_with(word));
        begun.map(|(_, weight)| weight / 2.0).fold(0.0, f64::max)
    }

    /// Which of its names one of the spellings is, from 0 for its own, if it is one.
    fn named(&self, spelled: &[String]) -> Option<usize> {
        self.names.iter().position(|name| spelled.contains(name))
    }
}

/// The words of the arguments that are Clerk's, at any depth.
fn words_of(params: impl Iterator<Item = &'static Param>) -> Vec<String> {
    let mut found = Vec::new();
    for param in params.filter(|param| param.place != Place::Local) {
        found.extend(terms(param.wire));
        found.extend(terms(param.about));
        if let Type::Object(shape) | Type::Objects { shape, .. } = param.ty {
            found.extend(words_of(shape.params()));
        }
    }
    found
}

/// An operation that has words of the query.
struct Match {
    document: &'static Document,
    named: Option<usize>,
    score: f64,
    /// Whether it has all the words that any operation has, other than in its arguments.
    is_full: bool,
}

impl Match {
    fn is_deprecated(&self) -> bool {
        self.document.tool.flags.contains(&Flag::Deprecated)
    }
}

/// The operations that a query means.
pub(super) fn ranked(query: &str, is_offered: impl Fn(&'static Tool) -> bool) -> Found {
    // Several names may be given.
    let spelled = query.split([',', ';']).map(letters).filter(|name| !name.is_empty());
    let spelled: Vec<String> = spelled.collect();
    let words = of_query(query);
    let rarity = |word: &String| INDEX.rarity.get(word).copied().unwrap_or_default();
    let offered = INDEX.documents.iter().filter(|document| is_offered(document.tool));
    let matches = offered.map(|document| {
        let unasked = document.name.iter().filter(|word| !words.contains(word)).count();
        let unasked = UNASKED * f64::from(u32::try_from(unasked).unwrap_or(u32::MAX));
        let has = |word: &&String| rarity(word) == 0.0 || document.weight(word) >= FIRST;
        let score: f64 = words.iter().map(|word| rarity(word) * document.weight(word)).sum();
        Match {
            document,
            named: document.named(&spelled),
            score: score - unasked,
            is_full: words.iter().filter(|word| !has(word)).count() == 0,
        }
    });
    let mut matches: Vec<Match> = matches.collect();
    let best = matches.iter().map(|found| found.score).fold(0.0, f64::max);
    matches.retain(|found| found.named.is_some() || found.score > best * LEAST);
    // What Clerk advises against comes last, unless nothing else has all the words.
    let has_current = matches.iter().any(|found| found.is_full && !found.is_deprecated());
    let is_last = |found: &Match| {
        found.named.is_none() && found.is_deprecated() && (has_current || !found.is_full)
    };
    matches.sort_by(|one, other| {
        let name = |found: &Match| Reverse(found.named.map(Reverse));
        name(one)
            .cmp(&name(other))
            .then(is_last(one).cmp(&is_last(other)))
            .then(other.score.total_cmp(&one.score))
    });
    Found {
        named: matches.iter().filter(|found| found.named.is_some()).count(),
        tools: matches.iter().map(|found| found.document.tool).collect(),
    }
}
