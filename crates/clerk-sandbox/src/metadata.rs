//! Replacing and merging metadata.

use serde_json::Value;

use crate::body::{Change, Fields, size_error};
use crate::model::Metadata;
use crate::refusal::Refusal;

/// What a metadata field becomes by a request.
pub(crate) fn combined(
    name: &str,
    kept: &Metadata,
    given: Metadata,
    combine: Combine,
) -> Result<Metadata, Refusal> {
    let mut result = kept.clone();
    combine(&mut result, given);
    match size_error(name, &result) {
        Some(error) => Err(error.into()),
        None => Ok(result),
    }
}

/// How the metadata of a request changes that of a resource.
pub(crate) type Combine = fn(&mut Metadata, Metadata);

/// The given metadata replaces the kept.
pub(crate) fn replace(kept: &mut Metadata, given: Metadata) {
    *kept = given;
}

/// The given metadata is merged into the kept, at all depths; null removes a key.
pub(crate) fn merge(kept: &mut Metadata, given: Metadata) {
    for (key, value) in given {
        match value {
            Value::Null => {
                kept.shift_remove(&key);
            }
            Value::Object(given) => {
                let kept = kept.entry(key).or_insert(Value::Null);
                if !kept.is_object() {
                    *kept = Value::Object(Metadata::new());
                }
                if let Value::Object(kept) = kept {
                    merge(kept, given);
                }
            }
            value => {
                kept.insert(key, value);
            }
        }
    }
}

/// The metadata of an organization or a membership that a request gives; null means the same as its
/// absence.
#[derive(Debug)]
pub(crate) struct TwoMetadata {
    public: Change<Metadata>,
    private: Change<Metadata>,
}

impl TwoMetadata {
    pub(crate) fn read(fields: &mut Fields) -> Self {
        Self {
            public: fields.nullable_metadata("public_metadata"),
            private: fields.nullable_metadata("private_metadata"),
        }
    }

    /// Changes both, or none if one becomes too long.
    pub(crate) fn apply(
        self,
        public: &mut Metadata,
        private: &mut Metadata,
        combine: Combine,
    ) -> Result<(), Refusal> {
        let change = |name, kept: &Metadata, given: Change<Metadata>| match given.value() {
            Some(given) => combined(name, kept, given, combine).map(Some),
            None => Ok(None),
        };
        let new_public = change("public_metadata", public, self.public)?;
        let new_private = change("private_metadata", private, self.private)?;
        *public = new_public.unwrap_or_else(|| std::mem::take(public));
        *private = new_private.unwrap_or_else(|| std::mem::take(private));
        Ok(())
    }
}
