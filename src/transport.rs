//! The ways in. A transport knows no tool.

mod stdio;

pub use stdio::serve as serve_stdio;
