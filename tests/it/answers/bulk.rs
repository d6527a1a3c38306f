//! Work on many.
