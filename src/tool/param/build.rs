//! Making parameters: `id("user_id", …).path().about("…")`.

use super::{Clear, Format, Literal, Param, Place, Relation, Role, Shape, Type};
use crate::tool::kind::Kind;

const fn param(wire: &'static str, ty: Type) -> Param {
    Param {
        wire,
        ty,
        about: "",
        required: false,
        clear: Clear::Never,
        secret: false,
        exact: false,
        sensitive: false,
        default: Literal::None,
        place: Place::Body,
        role: Role::None,
        matches: &[],
    }
}

/// An id of one kind.
pub(crate) const fn id(wire: &'static str, kinds: &'static [Kind], relation: Relation) -> Param {
    param(wire, Type::Id { kinds, relation })
}

/// An email address.
pub(crate) const fn email(wire: &'static str, relation: Relation) -> Param {
    param(wire, Type::Email { relation })
}

/// A phone number.
pub(crate) const fn phone(wire: &'static str, relation: Relation) -> Param {
    param(wire, Type::Phone { relation })
}

/// An email address, a domain, a phone number, a wallet or a username.
pub(crate) const fn identifier(wire: &'static str, relation: Relation) -> Param {
    param(wire, Type::Identifier { relation })
}

/// What a person signs in with: an email address, a phone number or a username.
pub(crate) const fn login(wire: &'static str, relation: Relation) -> Param {
    param(wire, Type::Login { relation })
}

/// A string.
pub(crate) const fn text(wire: &'static str) -> Param {
    param(wire, TEXT)
}

/// The key of a role in organizations.
pub(crate) const fn role_key(wire: &'static str) -> Param {
    param(wire, ROLE_KEY)
}

/// One of some strings.
pub(crate) const fn choice(wire: &'static str, choices: &'static [&'static str]) -> Param {
    param(wire, Type::Choice(choices))
}

/// The order of a list, by one of these fields.
pub(crate) const fn order(wire: &'static str, fields: &'static [&'static str]) -> Param {
    Param { role: Role::Order, place: Place::Query, ..param(wire, Type::Order(fields)) }
}

/// A whole number.
pub(crate) const fn integer(wire: &'static str) -> Param {
    param(wire, Type::Integer { min: i64::MIN, max: i64::MAX })
}

/// A price in cents: 0, or at least so many.
pub(crate) const fn price(wire: &'static str, least: i64) -> Param {
    param(wire, Type::Price { least })
}

/// True or false.
pub(crate) const fn boolean(wire: &'static str) -> Param {
    param(wire, Type::Bool)
}

/// A point in time.
pub(crate) const fn time(wire: &'static str) -> Param {
    param(wire, Type::Time)
}

/// A point in time of which Clerk is sent an RFC 3339 timestamp.
pub(crate) const fn timestamp(wire: &'static str) -> Param {
    param(wire, Type::Timestamp { future: false })
}

/// The same, which must be in the future.
pub(crate) const fn deadline(wire: &'static str) -> Param {
    param(wire, Type::Timestamp { future: true })
}

/// Several values, at most 100.
pub(crate) const fn list(wire: &'static str, of: &'static Type) -> Param {
    param(wire, Type::List { of, max: 100 })
}

/// An object of Clerk's.
pub(crate) const fn object(wire: &'static str, shape: &'static Shape) -> Param {
    param(wire, Type::Object(shape))
}

/// An array of objects of Clerk's.
pub(crate) const fn objects(wire: &'static str, shape: &'static Shape) -> Param {
    param(wire, Type::Objects { shape, min: 0, max: u32::MAX })
}

/// A user's or an organization's metadata.
pub(crate) const fn metadata(wire: &'static str) -> Param {
    param(wire, Type::Metadata { merges: false })
}

/// An object whose form is the caller's.
pub(crate) const fn json(wire: &'static str) -> Param {
    param(wire, Type::Json)
}

/// An object whose names are the caller's, with values of one type.
pub(crate) const fn map(wire: &'static str, of: &'static Type) -> Param {
    param(wire, Type::Map { of, nulls: false, max: u32::MAX })
}

/// Texts by names, of which null removes one.
pub(crate) const fn mapping(wire: &'static str) -> Param {
    param(wire, Type::Map { of: &TEXT, nulls: true, max: u32::MAX })
}

/// True.
pub(crate) const fn only_true(wire: &'static str) -> Param {
    param(wire, Type::True)
}

/// A string of any form and length.
pub(crate) const TEXT: Type = Type::Text { min: 0, max: u32::MAX, format: Format::Any };

/// The key of a role in organizations.
pub(crate) const ROLE_KEY: Type = Type::Text { min: 0, max: u32::MAX, format: Format::RoleKey };
/// The domain of email addresses.
pub(crate) const EMAIL_DOMAIN: Type = Type::Text { min: 0, max: u32::MAX, format: Format::Domain };
/// A full URL, with http, https or an app's own scheme.
pub(crate) const URL: Type = Type::Text { min: 0, max: u32::MAX, format: Format::Url };
/// A country's code.
pub(crate) const COUNTRY: Type = Type::Text { min: 0, max: u32::MAX, format: Format::Country };

/// How many rows a page has, and how many are skipped.
pub(crate) const PAGE: &[Param] = &[LIMIT, OFFSET];
/// How many rows a page has.
pub(crate) const LIMIT: Param = integer("limit")
    .between(1, 500)
    .about("Rows on the page; default 10.")
    .query()
    .role(Role::Limit);
/// How many rows are skipped.
pub(crate) const OFFSET: Param = integer("offset")
    .between(0, i64::MAX)
    .about("Rows to skip; default 0.")
    .query()
    .role(Role::Offset);

impl Param {
    /// What a model reads of it.
    pub(crate) const fn about(self, about: &'static str) -> Self {
        Self { about, ..self }
    }

    /// A call without it is refused.
    pub(crate) const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// It can be cleared: a list or metadata is emptied, all else becomes null.
    pub(crate) const fn clearable(self) -> Self {
        let clear = match self.ty {
            Type::List { .. } | Type::Objects { .. } | Type::Metadata { .. } => Clear::Empty,
            _ => Clear::Null,
        };
        Self { clear, ..self }
    }

    /// It can be cleared, and is an empty object or text then.
    pub(crate) const fn clears_to_empty(self) -> Self {
        Self { clear: Clear::Empty, ..self }
    }

    /// It can be cleared, and becomes null though it is a list.
    pub(crate) const fn clears_to_null(self) -> Self {
        Self { clear: Clear::Null, ..self }
    }

    /// It is a password, a key or the like: never shown and never logged.
    pub(crate) const fn secret(self) -> Self {
        Self { secret: true, ..self }
    }

    /// Its id has the whole form of its kind, which Clerk checks.
    pub(crate) const fn exact(self) -> Self {
        Self { exact: true, ..self }
    }

    /// A call that gives it needs a person's approval.
    pub(crate) const fn sensitive(self) -> Self {
        Self { sensitive: true, ..self }
    }

    /// What Clerk takes if it is not given.
    pub(crate) const fn default(self, default: Literal) -> Self {
        Self { default, ..self }
    }

    /// It goes into the path.
    pub(crate) const fn path(self) -> Self {
        Self { place: Place::Path, required: true, ..self }
    }

    /// It goes into the query.
    pub(crate) const fn query(self) -> Self {
        Self { place: Place::Query, ..self }
    }

    /// It goes into the query, a list as one value with commas.
    pub(crate) const fn query_comma(self) -> Self {
        Self { place: Place::QueryComma, ..self }
    }

    /// It narrows the list: each of its members goes into the query, as `name[key]=value`.
    pub(crate) const fn filter_members(self) -> Self {
        Self { place: Place::QueryMembers, role: Role::Filter, ..self }
    }

    /// It goes into the query and narrows the list.
    pub(crate) const fn filter(self) -> Self {
        Self { place: Place::Query, role: Role::Filter, ..self }
    }

    /// It narrows the list to rows that have one of its values here.
    pub(crate) const fn matches(self, path: &'static [&'static str]) -> Self {
        Self { matches: path, ..self }
    }

    /// It is the whole body of the request.
    pub(crate) const fn whole_body(self) -> Self {
        Self { place: Place::WholeBody, ..self }
    }

    /// It is this server's own and never sent.
    pub(crate) const fn local(self) -> Self {
        Self { place: Place::Local, ..self }
    }

    /// What this server itself does with it.
    pub(crate) const fn role(self, role: Role) -> Self {
        Self { role, ..self }
    }

    /// The least and the greatest number, or how many characters or values there may be.
    pub(crate) const fn between(self, least: i64, most: i64) -> Self {
        let ty = match self.ty {
            Type::Integer { .. } => Type::Integer { min: least, max: most },
            Type::Text { format, .. } => Type::Text { min: size(least), max: size(most), format },
            Type::List { of, .. } => Type::List { of, max: size(most) },
            Type::Map { of, nulls, .. } => Type::Map { of, nulls, max: size(most) },
            Type::Objects { shape, .. } => {
                Type::Objects { shape, min: size(least), max: size(most) }
            }
            other => other,
        };
        Self { ty, ..self }
    }

    /// The least number, or the fewest characters or values.
    pub(crate) const fn at_least(self, least: i64) -> Self {
        self.between(least, i64::MAX)
    }

    /// The greatest number, or the most characters or values.
    pub(crate) const fn at_most(self, most: i64) -> Self {
        let least = match self.ty {
            Type::Integer { .. } => i64::MIN,
            _ => 0,
        };
        self.between(least, most)
    }

    /// Metadata is merged into what is there.
    pub(crate) const fn merged(self) -> Self {
        Self { ty: Type::Metadata { merges: true }, ..self }
    }

    /// What its string must look like.
    pub(crate) const fn format(self, format: Format) -> Self {
        let ty = match self.ty {
            Type::Text { min, max, .. } => Type::Text { min, max, format },
            other => other,
        };
        Self { ty, ..self }
    }
}

/// A limit as a size; `None` if it is out of range.
const fn size(limit: i64) -> u32 {
    if limit < 0 {
        0
    } else if limit > u32::MAX as i64 {
        u32::MAX
    } else {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range")]
        {
            limit as u32
        }
    }
}
