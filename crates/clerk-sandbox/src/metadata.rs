//! Replacing and merging metadata.

use serde_json::Value;

use crate::body::{Change, Fields};
use crate::model::Metadata;

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

    pub(crate) fn apply(self, public: &mut Metadata, private: &mut Metadata, combine: Combine) {
        for (kept, given) in [(public, self.public), (private, self.private)] {
            if let Change::Set(given) = given {
                combine(kept, given);
            }
        }
    }
}
