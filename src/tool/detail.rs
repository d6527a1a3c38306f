//! How much of an object is shown.

/// A level of detail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Detail {
    /// What identifies an object: id, name, email or slug, status, flags that are set, dates.
    Concise,
    /// Without what is null, images, the ids of nested things and the payloads of events.
    Standard,
    /// All that the tool promises.
    Full,
}

/// Who reads a result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reader {
    /// A program or a model.
    #[default]
    Agent,
    /// A person at a terminal, who sees what identifies each object unless they ask for more.
    Person,
}

impl Detail {
    /// The names of the levels, the most detailed first.
    pub(crate) const NAMES: &[&str] = &["full", "standard", "concise"];

    /// The level's name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Concise => "concise",
            Self::Standard => "standard",
            Self::Full => "full",
        }
    }

    /// The level of a name.
    pub(crate) fn of(name: &str) -> Option<Self> {
        [Self::Full, Self::Standard, Self::Concise].into_iter().find(|level| level.name() == name)
    }

    /// The next lower level.
    pub(crate) const fn lower(self) -> Option<Self> {
        match self {
            Self::Full => Some(Self::Standard),
            Self::Standard => Some(Self::Concise),
            Self::Concise => None,
        }
    }

    /// What a result of this level lacks.
    pub(crate) const fn lacks(self) -> &'static str {
        match self {
            Self::Full => "nothing",
            Self::Standard => "nulls, images, nested ids and payloads",
            Self::Concise => "all but ids, names, flags that are set and dates",
        }
    }
}
