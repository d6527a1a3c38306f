//! Fields of results, as data: what Clerk sends, under which name it is shown, and when.

/// One field of a result.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field {
    /// Clerk's name, in snake_case.
    pub(crate) wire: &'static str,
    /// The name in results, in snake_case as well, if it is another one; shown in camelCase.
    pub(crate) shown_as: &'static str,
    /// What it holds.
    pub(crate) ty: FieldType,
    /// From which level of detail on it is shown.
    pub(crate) level: Level,
    /// What it is, where its name does not say it.
    pub(crate) about: &'static str,
    /// What a missing one is.
    pub(crate) presence: Presence,
    /// Whether it is a key, a token or a link that acts for a person. It is shown only if the
    /// operator names the tool.
    pub(crate) secret: bool,
}

/// What a field holds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum FieldType {
    /// An id, an address, a URL or a word of Clerk's: code relies on it, so it is never cut. Hidden
    /// characters in it are made visible.
    Code,
    /// A string that people write: hidden characters in it are made visible, and it is cut.
    Text,
    Integer,
    Number,
    Bool,
    /// A time of Clerk's: Unix milliseconds, which a concise result shows as ISO 8601 in UTC.
    Time,
    /// A time in what this server composed: ISO 8601 in UTC, at every level of detail.
    Utc,
    /// Several strings, of the first kind or the second.
    Codes,
    Texts,
    /// An object.
    Object(&'static Fields),
    /// A list of objects.
    Objects(&'static Fields),
    /// An object whose fields are shown as fields of this one.
    Inline(&'static Fields),
    /// An object with a `status`: whether that is `verified`.
    Verified,
    /// A user's or an organization's metadata: all in it is someone's own text.
    Metadata,
    /// An object with whatever Clerk sends, under camelCase names.
    Any,
    /// The same, with the names as they are: claims, headers, attributes.
    Json,
}

/// From which level of detail on a field is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// The object's own id: always, but of a nested object at `full` only.
    Identity,
    /// Always: it identifies the object.
    Concise,
    /// Always, but at `concise` only if it is true, or a number that is there.
    Flag,
    /// At `standard` and `full`, and at `concise` if the other field, by its name at Clerk, is no
    /// number.
    Unless(&'static str),
    /// At `standard` and `full`.
    Standard,
    /// At `full` only.
    Full,
}

/// What becomes of a field that Clerk does not send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    /// It is left out.
    Optional,
    /// It is null.
    Always,
    /// Without it, the object isn't one: an object without it is unreadable, a row is left out.
    Required,
}

/// The fields of an object.
#[derive(Debug)]
pub(crate) struct Fields {
    /// The fields, in groups that objects may share.
    pub(crate) groups: &'static [&'static [Field]],
    /// What becomes of fields that are not declared.
    pub(crate) rest: Rest,
    /// The fields that only a concise result has.
    pub(crate) summary: Summary,
}

/// What becomes of fields that are not declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rest {
    /// They are shown at `full`, as someone's text.
    Keep,
    /// They are dropped: what the tool returns is fixed.
    Drop,
}

/// What a concise result says of an object in place of several fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Summary {
    /// Nothing.
    None,
    /// Of a person: the name and, without a primary email address, the identifier that they are
    /// known by best.
    Person,
}

impl Fields {
    /// An object without declared fields, whose fields are all shown.
    pub(crate) const OPEN: Self = Self { groups: &[], rest: Rest::Keep, summary: Summary::None };

    /// An object of these fields, and of others that are shown at `full`.
    pub(crate) const fn open(groups: &'static [&'static [Field]]) -> Self {
        Self { groups, rest: Rest::Keep, summary: Summary::None }
    }

    /// An object of these fields only.
    pub(crate) const fn closed(groups: &'static [&'static [Field]]) -> Self {
        Self { groups, rest: Rest::Drop, summary: Summary::None }
    }

    /// A person's object.
    pub(crate) const fn person(self) -> Self {
        Self { summary: Summary::Person, ..self }
    }

    /// The fields, in their order.
    pub(crate) fn iter(&'static self) -> impl Iterator<Item = &'static Field> + Clone {
        self.groups.iter().copied().flatten()
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.groups.iter().map(|group| group.len()).sum()
    }
}

const fn field(wire: &'static str, ty: FieldType, level: Level) -> Field {
    Field {
        wire,
        shown_as: wire,
        ty,
        level,
        about: "",
        presence: Presence::Optional,
        secret: false,
    }
}

/// An id, an address, a URL or a word of Clerk's.
pub(crate) const fn code(wire: &'static str) -> Field {
    field(wire, FieldType::Code, Level::Standard)
}

/// A string that people write.
pub(crate) const fn text(wire: &'static str) -> Field {
    field(wire, FieldType::Text, Level::Standard)
}

/// A whole number.
pub(crate) const fn integer(wire: &'static str) -> Field {
    field(wire, FieldType::Integer, Level::Flag)
}

/// A number.
pub(crate) const fn number(wire: &'static str) -> Field {
    field(wire, FieldType::Number, Level::Flag)
}

/// True or false.
pub(crate) const fn boolean(wire: &'static str) -> Field {
    field(wire, FieldType::Bool, Level::Flag)
}

/// A time of Clerk's, in Unix milliseconds.
pub(crate) const fn time(wire: &'static str) -> Field {
    field(wire, FieldType::Time, Level::Flag)
}

/// A time in what this server composed, as ISO 8601 in UTC.
pub(crate) const fn utc(wire: &'static str) -> Field {
    field(wire, FieldType::Utc, Level::Concise)
}

/// Several words of Clerk's, ids or addresses.
pub(crate) const fn codes(wire: &'static str) -> Field {
    field(wire, FieldType::Codes, Level::Standard)
}

/// Several strings that people write.
pub(crate) const fn texts(wire: &'static str) -> Field {
    field(wire, FieldType::Texts, Level::Standard)
}

/// An object.
pub(crate) const fn object(wire: &'static str, fields: &'static Fields) -> Field {
    field(wire, FieldType::Object(fields), Level::Standard)
}

/// A list of objects.
pub(crate) const fn objects(wire: &'static str, fields: &'static Fields) -> Field {
    field(wire, FieldType::Objects(fields), Level::Standard)
}

/// An object whose fields are shown as fields of the object around it.
pub(crate) const fn inline(wire: &'static str, fields: &'static Fields) -> Field {
    field(wire, FieldType::Inline(fields), Level::Standard)
}

/// Whether the status of a `verification` is `verified`.
pub(crate) const fn verified(wire: &'static str) -> Field {
    Field {
        shown_as: "verified",
        presence: Presence::Always,
        ..field(wire, FieldType::Verified, Level::Flag)
    }
}

/// A user's or an organization's metadata.
pub(crate) const fn metadata(wire: &'static str) -> Field {
    field(wire, FieldType::Metadata, Level::Standard)
}

/// Whatever Clerk sends.
pub(crate) const fn any(wire: &'static str) -> Field {
    field(wire, FieldType::Any, Level::Standard)
}

/// Whatever Clerk sends, with its names as they are.
pub(crate) const fn json(wire: &'static str) -> Field {
    field(wire, FieldType::Json, Level::Standard)
}

impl Field {
    /// What it is, where its name does not say it.
    pub(crate) const fn about(self, about: &'static str) -> Self {
        Self { about, ..self }
    }

    /// It identifies the object, so it is always shown.
    pub(crate) const fn concise(self) -> Self {
        Self { level: Level::Concise, ..self }
    }

    /// It is the object's own id.
    pub(crate) const fn identity(self) -> Self {
        Self { level: Level::Identity, ..self }
    }

    /// It is concise only if the other field isn't a number.
    pub(crate) const fn unless(self, wire: &'static str) -> Self {
        Self { level: Level::Unless(wire), ..self }
    }

    /// It is shown from `standard` on.
    pub(crate) const fn standard(self) -> Self {
        Self { level: Level::Standard, ..self }
    }

    /// It is shown at `full` only.
    pub(crate) const fn full(self) -> Self {
        Self { level: Level::Full, ..self }
    }

    /// It is a key, a token or a link that acts for a person.
    pub(crate) const fn secret(self) -> Self {
        Self { secret: true, ..self }
    }

    /// It is null where Clerk does not send it.
    pub(crate) const fn always(self) -> Self {
        Self { presence: Presence::Always, ..self }
    }

    /// Without it the object isn't one.
    pub(crate) const fn required(self) -> Self {
        Self { presence: Presence::Required, ..self }
    }

    /// The name in results, in snake_case.
    pub(crate) const fn shown_as(self, name: &'static str) -> Self {
        Self { shown_as: name, ..self }
    }

    /// The name in results.
    pub(crate) fn name(&self) -> String {
        super::camel_case(self.shown_as)
    }
}
