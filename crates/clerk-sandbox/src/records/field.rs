//! The fields of a kind: what values they take, and when.

use serde_json::Value;
use url::Url;

use crate::body::{Change, Fields};
use crate::model::Record;
use crate::refusal::{
    Code, Error, FORM_PARAM_FORMAT_INVALID, FORM_PARAM_MISSING, FORM_PARAM_VALUE_INVALID,
};

/// A field of a kind's records.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    /// Whether a creation must give it.
    is_required: bool,
    /// Its value if a creation doesn't give it, as JSON.
    default: &'static str,
    /// Whether null has a meaning in an update: it removes the value.
    is_nullable: bool,
    given: Given,
    /// The error if another record has the same value.
    unique: Option<&'static Code>,
    pub(crate) shown: Shown,
}

/// Which requests give a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Given {
    Always,
    OnCreate,
    OnUpdate,
    Never,
}

/// Which responses show a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    Always,
    /// Only those to a creation or a rotation.
    Once,
    Never,
}

/// What values a field takes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    Text,
    /// A string that is not blank.
    Name,
    /// An absolute URL, of any scheme.
    Url,
    Email,
    Flag,
    Integer(i64, i64),
    Choice(&'static [&'static str]),
    Texts,
    Object,
    Any,
    /// An object with these fields.
    Group(&'static [Field]),
    /// A list of objects with these fields.
    Groups(&'static [Field]),
}

impl Field {
    pub(crate) const fn new(name: &'static str, shape: Shape) -> Self {
        Self {
            name,
            shape,
            is_required: false,
            default: "null",
            is_nullable: false,
            given: Given::Always,
            unique: None,
            shown: Shown::Always,
        }
    }

    /// A field that no request gives.
    pub(crate) const fn derived(name: &'static str) -> Self {
        Self { given: Given::Never, ..Self::new(name, Shape::Any) }
    }

    pub(crate) const fn required(self) -> Self {
        Self { is_required: true, ..self }
    }

    /// The value, as JSON, if a creation doesn't give one.
    pub(crate) const fn or(self, default: &'static str) -> Self {
        Self { default, ..self }
    }

    pub(crate) const fn nullable(self) -> Self {
        Self { is_nullable: true, ..self }
    }

    pub(crate) const fn only_created(self) -> Self {
        Self { given: Given::OnCreate, ..self }
    }

    pub(crate) const fn only_updated(self) -> Self {
        Self { given: Given::OnUpdate, ..self }
    }

    pub(crate) const fn unique(self, code: &'static Code) -> Self {
        Self { unique: Some(code), ..self }
    }

    pub(crate) const fn secret(self) -> Self {
        Self { shown: Shown::Once, ..self }
    }

    pub(crate) const fn internal(self) -> Self {
        Self { shown: Shown::Never, ..self }
    }

    /// Reads the field of a creation into a record.
    pub(super) fn create(&self, fields: &mut Fields, record: &mut Record) {
        let given = match self.given {
            Given::Always | Given::OnCreate => self.read(fields),
            Given::OnUpdate | Given::Never => Change::Keep,
        };
        if let Change::Set(value) = given {
            record.set(self.name, value);
        } else {
            if self.is_required {
                fields.refuse_missing(self.name);
            }
            record.set(self.name, serde_json::from_str::<Value>(self.default).unwrap_or_default());
        }
    }

    /// Reads the field of an update into a record. What a group doesn't give stays.
    pub(super) fn update(&self, fields: &mut Fields, record: &mut Record) {
        if matches!(self.given, Given::OnCreate | Given::Never) {
            return;
        }
        match (self.read(fields), record.0.get_mut(self.name)) {
            (Change::Clear, _) if self.is_nullable => record.set(self.name, Value::Null),
            (Change::Keep | Change::Clear, _) => {}
            (Change::Set(Value::Object(given)), Some(Value::Object(kept)))
                if matches!(self.shape, Shape::Group(_)) =>
            {
                kept.extend(given);
            }
            (Change::Set(value), _) => record.set(self.name, value),
        }
    }

    /// The error about the record if the value of this field belongs to another.
    pub(super) fn conflict<'a>(
        &self,
        record: &Record,
        mut others: impl Iterator<Item = &'a Record>,
    ) -> Option<Error> {
        let value = record.get(self.name);
        let mut is_taken = || others.any(|other| other.get(self.name) == value);
        let code = self.unique.filter(|_| !value.is_null() && is_taken())?;
        Some(code.at(self.name, format!("{} {} already exists.", self.name, plain(value))))
    }

    /// What a request gives. A wrong value is refused.
    fn read(&self, fields: &mut Fields) -> Change<Value> {
        match fields.take(self.name) {
            None => Change::Keep,
            Some(Value::Null) => Change::Clear,
            Some(value) => {
                Change::Set(self.shape.check(self.name, value).unwrap_or_else(|errors| {
                    for error in errors {
                        fields.refuse(error);
                    }
                    Value::Null
                }))
            }
        }
    }
}

impl Shape {
    /// The value, or what is wrong with it.
    fn check(self, name: &str, value: Value) -> Result<Value, Vec<Error>> {
        let strings =
            || -> Option<Vec<&str>> { value.as_array()?.iter().map(Value::as_str).collect() };
        let fault = match self {
            Self::Text | Self::Choice(_) => value.is_string().then_some(()).ok_or("a string"),
            Self::Name => {
                value.as_str().filter(|text| !text.trim().is_empty()).map(drop).ok_or("a string")
            }
            Self::Url => {
                value.as_str().and_then(|text| Url::parse(text).ok()).map(drop).ok_or("a valid URL")
            }
            Self::Email => value
                .as_str()
                .filter(|text| text.contains('@'))
                .map(drop)
                .ok_or("a valid email address"),
            Self::Flag => value.is_boolean().then_some(()).ok_or("a boolean"),
            Self::Texts => strings().map(drop).ok_or("an array of strings"),
            Self::Integer(..) => whole(&value).map(drop).ok_or("an integer"),
            Self::Object | Self::Group(_) => value.is_object().then_some(()).ok_or("an object"),
            Self::Groups(_) => value.is_array().then_some(()).ok_or("an array of objects"),
            Self::Any => Ok(()),
        };
        if let Err(expected) = fault {
            let sentence = format!("{name} must be {expected}.");
            return Err(vec![FORM_PARAM_FORMAT_INVALID.at(name, sentence)]);
        }
        match (self, value) {
            (Self::Choice(choices), value) => among(name, choices, value),
            (Self::Integer(least, most), value) => {
                let number = whole(&value).filter(|number| (least..=most).contains(number));
                number.map(Value::from).ok_or_else(|| {
                    let sentence = format!("{name} must be from {least} to {most}.");
                    vec![FORM_PARAM_VALUE_INVALID.at(name, sentence)]
                })
            }
            (Self::Group(inner), Value::Object(given)) => group(name, inner, given.into()),
            (Self::Groups(inner), Value::Array(items)) => items
                .into_iter()
                .enumerate()
                .map(|(index, item)| match item {
                    Value::Object(given) => group(&format!("{name}[{index}]"), inner, given.into()),
                    _ => Err(vec![
                        FORM_PARAM_FORMAT_INVALID
                            .at(name, format!("{name}[{index}] must be an object.")),
                    ]),
                })
                .collect(),
            (_, value) => Ok(value),
        }
    }
}

/// A whole number, as such or with a fraction of 0.
fn whole(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| {
        let number = value.as_f64().filter(|number| number.fract() == 0.0)?;
        format!("{number:.0}").parse().ok()
    })
}

fn among(name: &str, choices: &[&str], value: Value) -> Result<Value, Vec<Error>> {
    if value.as_str().is_some_and(|text| choices.contains(&text)) {
        return Ok(value);
    }
    let sentence =
        format!("{} does not match one of the allowed values for parameter {name}", plain(&value));
    Err(vec![FORM_PARAM_VALUE_INVALID.at(name, sentence)])
}

/// An object's fields as far as they are given; null is kept. `name` is that of the object.
fn group(name: &str, inner: &[Field], mut given: Fields) -> Result<Value, Vec<Error>> {
    let mut record = Record::default();
    let mut errors = Vec::new();
    for field in inner {
        match given.take(field.name) {
            Some(Value::Null) => record.set(field.name, Value::Null),
            Some(value) => match field.shape.check(&format!("{name}.{}", field.name), value) {
                Ok(value) => record.set(field.name, value),
                Err(wrong) => errors.extend(wrong),
            },
            None if field.is_required => {
                let path = format!("{name}.{}", field.name);
                errors.push(FORM_PARAM_MISSING.at(&path, format!("{path} must be included.")));
            }
            None => {}
        }
    }
    errors.extend(given.errors_within(name));
    if errors.is_empty() { Ok(Value::Object(record.0)) } else { Err(errors) }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
