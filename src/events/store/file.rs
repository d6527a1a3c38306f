//! The form of the file of events.

use crate::sqlite::Form;

/// One row an event; `seq` is never used twice, so that a reader that remembers one misses none.
pub(super) static EVENTS: Form =
    Form { holds: "the events", application: 0x636c_6b45, tables: TABLE, upgrades: &[] };

const TABLE: &str = "
    CREATE TABLE IF NOT EXISTS events (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        family TEXT NOT NULL,
        type TEXT NOT NULL,
        at INTEGER NOT NULL,
        received_at INTEGER NOT NULL,
        user_id TEXT,
        organization_id TEXT,
        session_id TEXT,
        object_id TEXT,
        body TEXT NOT NULL
    ) STRICT;
    CREATE INDEX IF NOT EXISTS events_at ON events (at);
    CREATE INDEX IF NOT EXISTS events_received ON events (received_at);
    CREATE INDEX IF NOT EXISTS events_family ON events (family, at);
    CREATE INDEX IF NOT EXISTS events_type ON events (type, at);
    CREATE INDEX IF NOT EXISTS events_user ON events (user_id, at) WHERE user_id IS NOT NULL;
    CREATE INDEX IF NOT EXISTS events_organization ON events (organization_id, at)
        WHERE organization_id IS NOT NULL;
    CREATE INDEX IF NOT EXISTS events_session ON events (session_id, at)
        WHERE session_id IS NOT NULL;
    CREATE INDEX IF NOT EXISTS events_object ON events (object_id, at)
        WHERE object_id IS NOT NULL;
";
