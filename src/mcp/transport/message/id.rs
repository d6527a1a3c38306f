//! The id of a message that can't be read as JSON.

use std::mem;

use serde_json::Value;

/// The longest id that is looked for, in bytes.
const LONGEST: usize = 256;

/// Finds the id at the top level of a message by its quotes and brackets alone, in as many pieces as
/// it comes. Clients' SDKs write it last, so what is broken mostly stands before it.
#[derive(Debug, Default)]
pub(crate) struct IdFinder {
    depth: usize,
    in_string: bool,
    is_escaped: bool,
    /// The key or value at the top level that is being read.
    token: Vec<u8>,
    is_id: bool,
    ids: Vec<Value>,
}

impl IdFinder {
    /// The id in a whole message; null if there is none, or more than one.
    pub(crate) fn find(message: &[u8]) -> Value {
        let mut finder = Self::default();
        finder.feed(message);
        finder.id()
    }

    pub(crate) fn feed(&mut self, piece: &[u8]) {
        for byte in piece {
            self.take(*byte);
        }
    }

    pub(crate) fn id(mut self) -> Value {
        let id = self.ids.pop().filter(|_| self.ids.is_empty());
        id.filter(|id| id.is_string() || id.is_number()).unwrap_or_default()
    }

    fn take(&mut self, byte: u8) {
        if self.in_string {
            self.in_string = self.is_escaped || byte != b'"';
            self.is_escaped = !self.is_escaped && byte == b'\\';
            return self.keep(byte);
        }
        match byte {
            b'"' => {
                self.in_string = true;
                self.keep(byte);
            }
            b'{' | b'[' => {
                self.depth += 1;
                self.token.clear();
            }
            b'}' | b']' => {
                self.end_value();
                self.depth = self.depth.saturating_sub(1);
            }
            b',' => self.end_value(),
            b':' if self.depth == 1 => {
                self.is_id = self.token.trim_ascii() == b"\"id\"";
                self.token.clear();
            }
            _ => self.keep(byte),
        }
    }

    fn keep(&mut self, byte: u8) {
        if self.depth == 1 && self.token.len() <= LONGEST {
            self.token.push(byte);
        }
    }

    /// An id that was cut off before its end is not used: its rest is missing.
    fn end_value(&mut self) {
        if self.depth != 1 {
            return;
        }
        let token = mem::take(&mut self.token);
        if mem::take(&mut self.is_id) && self.ids.len() < 2 {
            let is_whole = token.len() <= LONGEST;
            let id = serde_json::from_slice(&token).ok().filter(|_| is_whole);
            self.ids.push(id.unwrap_or_default());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_id_of_a_broken_message_is_the_one_at_its_top_level() {
        let found = [
            (r#"{"id":7,"method":"#, json!(7)),
            (r#"{ "id" : "a" , "params":{"#, json!("a")),
            (r#"{"params":{"id":1,"limit":NaN},"id":7}"#, json!(7)),
            (r#"{"params":{"name":"a\"},{\"id\":1"},"id":"\"7\""}"#, json!("\"7\"")),
            (r#"{"params":[1,],"id":1.5}"#, json!(1.5)),
            (r#"{"method":"id","id":-7}"#, json!(-7)),
            // Cut off, twice, nested, or no id at all.
            (r#"{"id":7"#, Value::Null),
            (r#"{"id":"a"#, Value::Null),
            (r#"{"id":7,"id":8,"#, Value::Null),
            (r#"{"id":{"a":1},"#, Value::Null),
            (r#"{"id":null,"#, Value::Null),
            (r#"{"id":7 8,"#, Value::Null),
            (r#"{"params":[1,}],"id":7}"#, Value::Null),
            (r#"[{"id":7},"#, Value::Null),
            (r#"{"params":{"id":7}"#, Value::Null),
            (r#""id":7,"#, Value::Null),
            ("", Value::Null),
        ];
        for (message, id) in found {
            assert_eq!(IdFinder::find(message.as_bytes()), id, "{message}");
            let mut by_bytes = IdFinder::default();
            for byte in message.bytes() {
                by_bytes.feed(&[byte]);
            }
            assert_eq!(by_bytes.id(), id, "{message}");
        }
        let long = |length: usize| format!(r#"{{"id":"{}","#, "x".repeat(length));
        assert!(IdFinder::find(long(LONGEST - 2).as_bytes()).is_string());
        assert_eq!(IdFinder::find(long(LONGEST - 1).as_bytes()), Value::Null);
        assert_eq!(
            IdFinder::find(format!("{{\"id\":{},", "1".repeat(999)).as_bytes()),
            Value::Null
        );
    }
}
