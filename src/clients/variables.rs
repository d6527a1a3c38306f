//! How clients spell variables in the values of their configuration.

/// What a client replaces in a value.
#[derive(Debug)]
pub(super) struct Variables {
    /// What stands before and behind the name of a variable of its environment.
    pub(super) environment: &'static [(&'static str, &'static str)],
    /// How the names begin that the client itself knows a value for.
    pub(super) own: &'static [&'static str],
    /// What stands between a variable's name and the value it has by default.
    pub(super) default: Option<&'static str>,
}

/// What looks like a reference to a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// A variable of the client's environment.
    Environment {
        /// Its name.
        name: String,
        /// Whether the value says what holds if it isn't set.
        has_default: bool,
    },
    /// Something that the client knows or asks for, such as `${input:key}`.
    Client(String),
    /// Something that this client doesn't replace, such as `${VAR}` where it must be `${env:VAR}`.
    Literal(String),
}

impl Variables {
    /// The client takes values as they are.
    pub(super) const NONE: Self = Self { environment: &[], own: &[], default: None };

    pub(super) fn references(&self, value: &str) -> Vec<Reference> {
        let mut found = Vec::new();
        let mut rest = value;
        while let Some(at) = rest.find('{') {
            // `${…}` begins one character earlier.
            let start = at - usize::from(rest.get(..at).is_some_and(|text| text.ends_with('$')));
            let Some(text) = rest.get(start..) else { break };
            let Some(end) = text.find('}') else { break };
            let Some(text) = text.get(..=end) else { break };
            found.extend(self.reference(text));
            rest = rest.get(start + text.len()..).unwrap_or_default();
        }
        found
    }

    fn reference(&self, text: &str) -> Option<Reference> {
        if self.own.iter().any(|own| text.starts_with(own)) {
            return Some(Reference::Client(text.to_owned()));
        }
        let name = self
            .environment
            .iter()
            .find_map(|(before, behind)| text.strip_prefix(before)?.strip_suffix(behind));
        if let Some(name) = name {
            let parts = self.default.and_then(|default| name.split_once(default));
            let (name, has_default) = parts.map_or((name, false), |(name, _)| (name, true));
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
            if !name.is_empty() && name.chars().all(is_name) {
                return Some(Reference::Environment { name: name.to_owned(), has_default });
            }
        }
        // Braces alone are no reference, such as those of JSON.
        let is_like = text.starts_with("${") || text.starts_with("{env:");
        is_like.then(|| Reference::Literal(text.to_owned()))
    }
}
