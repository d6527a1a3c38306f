//! What the tests of all members share. Never published.
